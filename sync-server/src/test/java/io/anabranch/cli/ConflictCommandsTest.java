// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** conflicts and resolve. */
class ConflictCommandsTest extends WithRelay {
    @Test
    void conflictsNameWhatLostAndWhatIsKept() throws IOException {
        Cli.execute(ann, PRODUCTS, "INSERT INTO products VALUES ('lamp', 'Lamp', 5)");
        Cli.good("init", ann, "--space", space, "--table", "products");
        Cli.good("sync", ann, relay.url());
        Cli.good("init", bob, "--space", space);
        Cli.good("sync", bob, relay.url());
        Cli.execute(ann, "UPDATE products SET title = 'Brass lamp'");
        Cli.execute(bob, "UPDATE products SET title = 'Desk lamp'");
        Cli.good("sync", ann, relay.url());
        Cli.good("sync", bob, relay.url());

        JsonNode conflicts = Cli.good("conflicts", bob, "--json").json();

        assertThat(conflicts).hasSize(1);
        JsonNode conflict = conflicts.get(0);
        assertThat(conflict.get("table").asText()).isEqualTo("products");
        assertThat(conflict.get("key").get(0).asText()).isEqualTo("lamp");
        assertThat(conflict.get("column").asText()).isEqualTo("title");
        assertThat(List.of(
                        conflict.get("kept").get("value").asText(),
                        conflict.get("lost").get("value").asText()))
                .containsExactlyInAnyOrder("Brass lamp", "Desk lamp");
        assertThat(conflict.get("lost").get("origin").asText()).hasSize(32);
        assertThat(Instant.parse(conflict.get("lost").get("time").asText())).isAfter(Instant.EPOCH);
        assertThat(conflict.get("kind").asText()).isEqualTo("value");
        assertThat(conflict.get("rule").asText()).isEqualTo("lww");
        assertThat(Cli.good("conflicts", bob).out()).contains("products (lamp) title  lww", "kept  ", "lost  ");
    }

    @Test
    void resolveKeepsTheOtherValueEverywhere() throws IOException {
        long id = conflict();
        Cli.good("sync", ann, relay.url());
        assertThat(Cli.good("conflicts", ann, "--json").json()).hasSize(1);
        String lost = Cli.good("conflicts", bob, "--json")
                .json()
                .get(0)
                .get("lost")
                .get("value")
                .asText();

        JsonNode resolved = Cli.good("resolve", bob, id, "keep-other", "--json").json();
        Cli.good("sync", bob, relay.url());
        Cli.good("sync", ann, relay.url());

        assertThat(resolved.get("resolution").asText()).isEqualTo("keep-other");
        assertThat(resolved.get("id").asLong()).isEqualTo(id);
        assertThat(Cli.query(ann, "SELECT title FROM products")).containsExactly(lost);
        assertThat(Cli.good("conflicts", ann, "--json").json()).isEmpty();
        assertThat(Cli.good("conflicts", bob).out()).isEmpty();
    }

    @Test
    void resolveSetsAndAccepts() throws IOException {
        long id = conflict();
        assertThat(Cli.good("resolve", bob, id, "set=Reading lamp").out())
                .isEqualTo("resolved " + id + ": set=Reading lamp\n");
        assertThat(Cli.query(bob, "SELECT title FROM products")).containsExactly("Reading lamp");
        Cli.execute(bob, "UPDATE products SET stock = 'many'");
        Cli.good("sync", bob, relay.url());
        JsonNode rejected = Cli.good("conflicts", bob, "--json").json().get(0);
        assertThat(rejected.get("kind").asText()).isEqualTo("rejected");
        assertThat(rejected.get("reason").asText()).isEqualTo("a counter holds integers");
        assertThat(Cli.good("conflicts", bob).out()).contains("rejected  many");

        Cli.good("resolve", bob, rejected.get("id").asLong(), "accept");

        assertThat(Cli.good("conflicts", bob, "--json").json()).isEmpty();
    }

    @Test
    void resolveRefusesWhatTheRuleCannotTake() throws IOException {
        conflict();
        Cli.execute(bob, "UPDATE products SET stock = 'many'");
        Cli.good("sync", bob, relay.url());
        long rejected = 0;
        for (JsonNode each : Cli.good("conflicts", bob, "--json").json()) {
            rejected = each.get("kind").asText().equals("rejected")
                    ? each.get("id").asLong()
                    : rejected;
        }

        Cli.run("resolve", bob, rejected, "set=abc")
                .assertFailed(1, "rule counter of products.stock cannot take abc: a counter holds integers");

        assertThat(Cli.good("conflicts", bob, "--json").json()).hasSize(2);
        Cli.good("resolve", bob, rejected, "set=6");
        assertThat(Cli.query(bob, "SELECT stock FROM products")).containsExactly("6");
    }

    @Test
    void resolveSetsNull() throws IOException {
        long id = conflict();

        assertThat(Cli.good("resolve", bob, id, "set-null").out()).isEqualTo("resolved " + id + ": set-null\n");

        assertThat(Cli.query(bob, "SELECT title IS NULL FROM products")).containsExactly("1");
        Cli.good("sync", bob, relay.url());
        Cli.good("sync", ann, relay.url());
        assertThat(Cli.query(ann, "SELECT title IS NULL FROM products")).containsExactly("1");
        assertThat(Cli.good("conflicts", ann, "--json").json()).isEmpty();
    }

    @Test
    void resolveSaysWhatItCannotDo() throws IOException {
        long id = conflict();

        Cli.run("resolve", bob, id, "perhaps").assertFailed(2, "it is keep-other, accept, set=VALUE or set-null");
        Cli.run("resolve", bob, "x", "accept").assertFailed(2, "ID");
        Cli.run("resolve", bob, 999, "accept").assertFailed(1, "there is no conflict 999", "anabranch conflicts");
        assertThat(Cli.good("conflicts", bob, "--json").json()).hasSize(1);
    }
}
