// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** status, log, digest and hidden: what a replica says of itself. */
class ReportCommandsTest extends WithRelay {
    @Test
    void statusCountsWhatOthersLack() throws Exception {
        Cli.execute(ann, PRODUCTS);
        Cli.good("init", ann, "--space", space, "--table", "products");
        Cli.good("sync", ann, relay.url());
        Cli.execute(ann, "INSERT INTO products VALUES ('lamp', 'Lamp', 1), ('mug', 'Mug', 2)");

        JsonNode status = Cli.good("status", ann, "--json").json();
        assertThat(status.get("space").asText()).isEqualTo(space);
        assertThat(status.get("origin").asText()).matches("[0-9a-f]{32}");
        assertThat(status.get("pending").asLong()).isEqualTo(2);
        assertThat(status.get("peers")).hasSize(1);
        assertThat(status.get("peers").get(0).get("url").asText())
                .startsWith(relay.url().toString());
        assertThat(Instant.parse(status.get("peers").get(0).get("lastExchange").asText()))
                .isAfter(Instant.EPOCH);

        Cli.good("sync", ann, relay.url());
        status = Cli.good("status", ann, "--json").json();
        assertThat(status.get("pending").asLong()).isZero();
        assertThat(status.get("vv").get(status.get("origin").asText()).asLong()).isEqualTo(1);
        assertThat(status.get("peers").get(0).get("upToDate").asBoolean()).isTrue();
        assertThat(Cli.good("status", ann).out()).contains("space    " + space, "pending  0");
    }

    /** It said that nothing was pending, since nothing was captured: the triggers had gone with the old table. */
    @Test
    void statusDoesNotCallUpToDateWhatWasWrittenPastTheTriggers() throws Exception {
        Cli.execute(ann, PRODUCTS, "INSERT INTO products VALUES ('lamp', 'Lamp', 1)");
        Cli.good("init", ann, "--space", space, "--table", "products");
        Cli.good("sync", ann, relay.url());
        Cli.execute(
                ann,
                "CREATE TABLE anew (id TEXT NOT NULL PRIMARY KEY, title TEXT, stock INTEGER)",
                "INSERT INTO anew SELECT * FROM products",
                "DROP TABLE products",
                "ALTER TABLE anew RENAME TO products",
                "UPDATE products SET stock = 5");

        JsonNode status = Cli.good("status", ann, "--json").json();
        assertThat(status.get("schemaChanged")).extracting(JsonNode::asText).containsExactly("products");
        assertThat(status.get("peers").get(0).get("upToDate").asBoolean()).isFalse();
        assertThat(Cli.good("status", ann).out()).contains("warning  the schema of products was changed");

        assertThat(Cli.good("sync", ann, relay.url()).out()).contains("sent 1 change set,");
        status = Cli.good("status", ann, "--json").json();
        assertThat(status.get("schemaChanged")).isEmpty();
        assertThat(status.get("peers").get(0).get("upToDate").asBoolean()).isTrue();
    }

    @Test
    void logListsWhatWasWritten() throws Exception {
        Cli.execute(
                ann,
                PRODUCTS,
                "CREATE TABLE notes (id INTEGER NOT NULL, part TEXT NOT NULL, body BLOB," + " PRIMARY KEY (id, part))");
        Cli.good("init", ann, "--space", space, "--table", "products", "--table", "notes");
        Cli.execute(
                ann,
                "BEGIN",
                "INSERT INTO products VALUES ('lamp', 'Lamp', 1)",
                "INSERT INTO notes VALUES (7, 'a', x'00ff')",
                "COMMIT");
        Cli.good("sync", ann, relay.url());
        Cli.execute(ann, "UPDATE products SET title = 'Brass lamp'");
        Cli.good("sync", ann, relay.url());
        Cli.execute(ann, "DELETE FROM notes");
        Cli.good("sync", ann, relay.url());

        String own = Cli.good("status", ann, "--json").json().get("origin").asText();
        List<String> changes = new ArrayList<>();
        for (JsonNode entry : Cli.good("log", ann, "--json").json()) {
            if (entry.get("origin").asText().equals(own)) {
                assertThat(Instant.parse(entry.get("time").asText())).isAfter(Instant.EPOCH);
                entry.get("changes")
                        .forEach(change -> changes.add(change.get("kind").asText() + " "
                                + change.get("table").asText() + change.get("key")));
            }
        }
        assertThat(changes)
                .containsExactlyInAnyOrder(
                        "insert products[\"lamp\"]",
                        "insert notes[7,\"a\"]",
                        "edit products[\"lamp\"]",
                        "delete notes[7,\"a\"]");
        assertThat(Cli.good("log", ann, "--json", "--table", "notes").out()).doesNotContain("products");
        assertThat(Cli.good("log", ann).out()).contains("edit products (lamp)  title");
    }

    @Test
    void digestWritesNothingAndNamesWhatIsNotSealed() throws Exception {
        Cli.execute(ann, PRODUCTS, "INSERT INTO products VALUES ('lamp', 'Lamp', 1)");
        Cli.good("init", ann, "--space", space, "--table", "products");
        String before = Cli.good("digest", ann).out();
        assertThat(before).matches("products [0-9a-f]+\ntotal [0-9a-f]+\n");
        JsonNode json = Cli.good("digest", ann, "--json").json();
        assertThat(before)
                .isEqualTo("products " + json.get("tables").get("products").asText() + "\ntotal "
                        + json.get("total").asText() + "\n");

        Cli.execute(ann, "UPDATE products SET title = 'Brass lamp'");
        byte[] file = Files.readAllBytes(ann);
        Cli.Result unsealed = Cli.run("digest", ann);

        assertThat(unsealed.exitCode()).isZero();
        assertThat(unsealed.out()).matches("products [0-9a-f]+\ntotal [0-9a-f]+\n");
        assertThat(unsealed.err()).contains("1 captured rows are not sealed");
        assertThat(ann).hasBinaryContent(file);
        Cli.good("sync", ann, URI.create(relay.url() + "/"));
        assertThat(Cli.good("digest", ann).out()).isNotEqualTo(before);
    }
    // ---- what a newcomer met

    @Test
    void statusSaysWhichRowsAreHiddenWhyAndWhatWouldShowThem() throws Exception {
        Cli.execute(
                ann,
                PRODUCTS,
                "CREATE TABLE part (id TEXT PRIMARY KEY, product TEXT REFERENCES products(id))",
                "INSERT INTO part VALUES ('p', 'nothing')");
        Cli.good("init", ann, "--space", space, "--all-tables", "--fk", "part.product=hide");

        assertThat(Cli.good("status", ann).out())
                .contains("hidden   1 row that")
                .contains("part (p)  foreign key: table products shows no row with id = [nothing]")
                .contains("to show it, insert a row into products with id = nothing");
        assertThat(Cli.good("status", ann, "--json").out())
                .contains("\"hidden\" : 1")
                .contains("\"remedy\" : \"insert a row into products with id = nothing");
    }

    @Test
    void hiddenListsRowsThatShowUnderAnotherName() throws Exception {
        Cli.execute(ann, "CREATE TABLE users (id TEXT PRIMARY KEY, name TEXT UNIQUE)");
        Cli.good("init", ann, "--space", space, "--all-tables", "--rule", "users.name=rename");
        Cli.good("sync", ann, relay.url().toString());
        Cli.good("init", bob, "--space", space);
        Cli.good("sync", bob, relay.url().toString());
        Cli.execute(ann, "INSERT INTO users VALUES ('u1', 'sam')");
        Cli.good("sync", ann, relay.url().toString());
        Cli.execute(bob, "INSERT INTO users VALUES ('u2', 'sam')");
        Cli.good("sync", bob, relay.url().toString());

        assertThat(Cli.good("hidden", bob).out())
                .contains("renamed: an older row, ")
                .contains("instead of sam");
        assertThat(Cli.good("hidden", bob, "--json").out())
                .contains("\"kind\" : \"renamed\"")
                .contains("\"written\" : \"sam\"");
    }

    @Test
    void hiddenListsRowsWithWhatWouldShowThem() throws Exception {
        Cli.execute(ann, PRODUCTS, "CREATE TABLE part (id TEXT PRIMARY KEY, product TEXT REFERENCES products(id))");
        Cli.good("init", ann, "--space", space, "--all-tables", "--fk", "part.product=hide");
        Cli.execute(ann, "INSERT INTO part VALUES ('p', 'nothing')");
        Cli.good("sync", ann, relay.url());

        assertThat(Cli.good("hidden", ann).out()).isEqualTo("""
                        part (p)  foreign key: table products shows no row with id = [nothing]
                          holds  product = nothing
                          to show it, insert a row into products with id = nothing, or insert this row's key again with\
                         another parent
                        """);
        JsonNode row = Cli.good("hidden", ann, "--json").json().get(0);
        assertThat(row.path("kind").asText()).isEqualTo("foreign key");
        assertThat(row.path("key").get(0).asText()).isEqualTo("p");
        assertThat(row.path("values").path("product").asText()).isEqualTo("nothing");
        assertThat(row.path("waitsFor").path("table").asText()).isEqualTo("products");
        assertThat(row.path("waitsFor").path("columns").path("id").asText()).isEqualTo("nothing");
    }

    @Test
    void statusNamesRowsThatFailACheck() throws Exception {
        Cli.execute(ann, "CREATE TABLE span (id TEXT PRIMARY KEY, a INTEGER, b INTEGER CHECK (a <= b))");
        Cli.execute(bob, "CREATE TABLE span (id TEXT PRIMARY KEY, a INTEGER, b INTEGER CHECK (a <= b))");
        Cli.execute(ann, "INSERT INTO span VALUES ('s', 3, 6)");
        Cli.run("init", ann, "--space", space, "--all-tables");
        Cli.run("init", bob, "--space", space, "--all-tables");
        Cli.good("sync", ann, relay.url());
        Cli.good("sync", bob, relay.url());
        Cli.execute(ann, "UPDATE span SET a = 5");
        Cli.execute(bob, "UPDATE span SET b = 4");
        Cli.good("sync", ann, relay.url());
        Cli.good("sync", bob, relay.url());

        assertThat(Cli.good("status", bob, "--json").json().path("violations").asInt())
                .isEqualTo(1);
        assertThat(Cli.good("status", bob).out())
                .contains("warning  span (s) merged from legal writes into one that is not: CHECK constraint failed");
    }

    @Test
    void statusCountsWhatIsRejected() throws IOException {
        Cli.execute(ann, PRODUCTS, "INSERT INTO products VALUES ('lamp', 'Lamp', 5)");
        Cli.good("init", ann, "--space", space, "--table", "products", "--rule", "products.stock=counter");
        Cli.execute(ann, "UPDATE products SET stock = 'many'");
        Cli.good("sync", ann, relay.url());

        JsonNode status = Cli.good("status", ann, "--json").json();

        assertThat(status.get("rejected").asLong()).isEqualTo(1);
        assertThat(status.get("hidden").asLong()).isZero();
        assertThat(Cli.good("status", ann).out()).contains("rejected 1 values");
    }
}
