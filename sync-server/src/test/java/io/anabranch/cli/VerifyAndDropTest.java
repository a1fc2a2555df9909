// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** verify and drop. */
class VerifyAndDropTest extends WithRelay {
    @Test
    void verifySaysSoundOrNamesWhatIsNot() {
        Cli.execute(ann, PRODUCTS, "INSERT INTO products VALUES ('lamp', 'Lamp', 5)");
        Cli.good("init", ann, "--space", space, "--table", "products");
        assertThat(Cli.good("verify", ann).out()).contains("sound: 1 change set and 1 row agree");

        Cli.execute(
                ann,
                "UPDATE _ab_mode SET mode = 2",
                "UPDATE products SET title = 'forged'",
                "UPDATE _ab_mode SET mode = 0");

        Cli.Result found = Cli.run("verify", ann);
        assertThat(found.exitCode()).isEqualTo(1);
        assertThat(found.out())
                .contains("projection: products.title, row lamp: the table shows forged, and the log says Lamp");
        Cli.Result json = Cli.run("verify", ann, "--json");
        assertThat(json.exitCode()).isEqualTo(1);
        assertThat(json.out()).contains("\"sound\" : false", "\"column\" : \"title\"");
        assertThat(Cli.good("verify", ann, "--repair").out()).contains("sound");
        assertThat(Cli.query(ann, "SELECT title FROM products")).containsExactly("Lamp");
    }

    @Test
    void dropLeavesThePlainTable() {
        Cli.execute(ann, PRODUCTS, "INSERT INTO products VALUES ('lamp', 'Lamp', 5)");
        Cli.good("init", ann, "--space", space, "--table", "products");

        assertThat(Cli.good("drop", ann, "products").out()).contains("is a plain table of this file now");
        assertThat(Cli.query(ann, "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'"))
                .containsExactly("0");
        assertThat(Cli.query(ann, "SELECT title FROM products")).containsExactly("Lamp");
        Cli.run("drop", ann, "products").assertFailed(1, "cannot drop products: it is not enrolled");
    }

    @Test
    void dropEndsTheReplicationOfATableThatIsGone() {
        Cli.execute(ann, PRODUCTS, "INSERT INTO products VALUES ('lamp', 'Lamp', 5)");
        Cli.good("init", ann, "--space", space, "--table", "products");
        Cli.execute(ann, "DROP TABLE products");

        assertThat(Cli.good("drop", ann, "Products").out())
                .isEqualTo("table Products does not replicate in this file any more; other replicas keep theirs\n");
        Cli.run("drop", ann, "products").assertFailed(1, "cannot drop products: it is not enrolled");
    }
}
