// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** init: what it enrols, what it warns of, and what it refuses. */
class InitCommandTest extends WithRelay {
    @Test
    void initEnrolsTheRowsThatAreThere() {
        Cli.execute(ann, PRODUCTS, "INSERT INTO products VALUES ('lamp', 'Lamp', 5), ('mug', 'Mug', 7)");

        Cli.Result init =
                Cli.good("init", ann, "--space", space, "--table", "products", "--rule", "products.stock=counter");

        assertThat(init.out())
                .contains("a replica of space " + space, "turned WAL on", "enrolled products with 2 rows");
        assertThat(Cli.query(ann, "PRAGMA journal_mode")).containsExactly("wal");
    }

    @Test
    void initTakesEveryRuleAndGroups() throws IOException {
        Cli.execute(
                ann,
                "CREATE TABLE t (id TEXT PRIMARY KEY, g INTEGER, b INTEGER, hi, lo, s TEXT, m, c, l TEXT, amount, currency)",
                "INSERT INTO t VALUES ('x', 1, 2, 3, 4, '[2,1]', 'm', 'c', 'l', 5, 'EUR')");

        Cli.Result init = Cli.run(
                "init",
                ann,
                "--space",
                space,
                "--table",
                "t",
                "--rule",
                "t.g=gcounter",
                "--rule",
                "t.b=bounded:-5",
                "--rule",
                "t.hi=max",
                "--rule",
                "t.lo=min",
                "--rule",
                "t.s=set",
                "--rule",
                "t.m=mv",
                "--rule",
                "t.c=custom:cart@2",
                "--rule",
                "t.l=list",
                "--group",
                "t:amount,currency");

        assertThat(init.exitCode()).isZero();
        assertThat(init.err())
                .isEqualTo("warning: nobody may take from b of the rows that are in t yet: on one replica, 'anabranch"
                        + " rights FILE t KEY b --claim' or ReplicaRow.claimRights() makes a row's rights its own\n");
        assertThat(Cli.query(ann, "SELECT group_concat(rule, ', ') FROM (SELECT rule FROM _ab_column ORDER BY id)"))
                .containsExactly(
                        "gcounter, bounded:-5, max, min, set, mv, custom:cart@2, list, lww amount, lww amount");
        assertThat(Cli.query(ann, "SELECT s FROM t")).containsExactly("[1,2]");
        assertThat(Cli.good("status", ann, "--json")
                        .json()
                        .get("mergeProblems")
                        .get("custom:cart@2")
                        .asText())
                .isEqualTo("it is not registered here");
        Cli.run("init", ann, "--space", space, "--table", "t", "--rule", "t.g=counter")
                .assertFailed(1, "the space has declared it as gcounter, and the first declaration holds");
    }

    @Test
    void initMakesAFileThatIsMissing() {
        assertThat(Cli.good("init", ann, "--space", space).out()).contains("made " + ann);
        assertThat(ann).exists();
    }

    @Test
    void initAgainAddsTables() {
        Cli.execute(ann, PRODUCTS, "CREATE TABLE notes (id TEXT NOT NULL PRIMARY KEY, body TEXT)");
        Cli.good("init", ann, "--space", space, "--table", "products");

        Cli.Result again = Cli.good("init", ann, "--space", space, "--table", "products", "--table", "notes");

        assertThat(again.out()).contains("table products was enrolled already", "enrolled notes with 0 rows");
        assertThat(again.out()).doesNotContain("turned WAL on");
    }

    @Test
    void initOfAnotherSpaceFails() {
        Cli.good("init", ann, "--space", space);

        Cli.run("init", ann, "--space", "another").assertFailed(1, space);
    }

    @Test
    void initNamesWhatAllTablesLeavesOut() {
        Cli.execute(ann, PRODUCTS, "CREATE TABLE visits (page TEXT)");

        Cli.Result init = Cli.run("init", ann, "--space", space, "--all-tables");

        assertThat(init.exitCode()).isZero();
        assertThat(init.out()).contains("enrolled products");
        assertThat(init.err()).contains("left out visits: it has no primary key");
    }

    @Test
    void initWarnsOfIntegerKeysAndGoesOn() {
        Cli.execute(ann, "CREATE TABLE artist (id INTEGER PRIMARY KEY, name TEXT)");

        Cli.Result init = Cli.run("init", ann, "--space", space, "--all-tables");

        assertThat(init.exitCode()).isZero();
        assertThat(init.err()).startsWith("warning: ").contains("artist");
        assertThat(init.out()).contains("enrolled artist");
    }

    @Test
    void aTableWithoutAPrimaryKeyFailsAndChangesNothing() throws IOException {
        Cli.execute(ann, PRODUCTS, "CREATE TABLE visits (page TEXT)");
        byte[] before = Files.readAllBytes(ann);

        Cli.run("init", ann, "--space", space, "--table", "products", "--table", "visits")
                .assertFailed(1, "visits", "primary key");
        assertThat(ann).hasBinaryContent(before);
    }

    @Test
    void aTableThatIsMissingFailsAndChangesNothing() {
        Cli.run("init", ann, "--space", space, "--table", "ghosts").assertFailed(1, "ghosts");
        assertThat(ann).doesNotExist();
    }

    @Test
    void aRuleThatContradictsItsColumnFailsAndChangesNothing() throws IOException {
        Cli.execute(ann, PRODUCTS);
        byte[] before = Files.readAllBytes(ann);

        Cli.run("init", ann, "--space", space, "--table", "products", "--rule", "products.title=counter")
                .assertFailed(1, "title", "counter");
        Cli.run("init", ann, "--space", space, "--table", "products", "--rule", "products.price=lww")
                .assertFailed(1, "price");
        assertThat(ann).hasBinaryContent(before);
    }

    @Test
    void aRuleForATableThatIsNotEnrolledIsWrongUsage() {
        Cli.execute(ann, PRODUCTS);

        Cli.run("init", ann, "--space", space, "--rule", "products.stock=counter")
                .assertFailed(2, "add --table products");
        Cli.run("init", ann, "--space", space, "--on-delete", "products=edit-wins")
                .assertFailed(2, "add --table products");
    }

    @Test
    void aRuleForATableThatIsNotThereSaysSo() {
        Cli.execute(ann, PRODUCTS);

        Cli.run("init", ann, "--space", space, "--all-tables", "--rule", "nope.x=lww")
                .assertFailed(2, "--rule nope.x is for a table nope, and " + ann + " has none of that name");
    }

    /** It was taken where the child's name came before its parent's. */
    @Test
    void reviveContradictsDeleteWinsWhateverTheTablesAreCalled() {
        for (String child : new String[] {"a", "z"}) {
            Path file = folder.resolve(child + ".db");
            Cli.execute(
                    file,
                    "CREATE TABLE p (id TEXT PRIMARY KEY)",
                    "CREATE TABLE " + child + " (id TEXT PRIMARY KEY, p TEXT REFERENCES p(id))");

            Cli.run(
                            "init",
                            file,
                            "--space",
                            space,
                            "--all-tables",
                            "--on-delete",
                            "p=delete-wins",
                            "--fk",
                            child + ".p=revive")
                    .assertFailed(1, "p=revive would keep ", "alive", "choose hide");
        }
    }

    @Test
    void initOfAllTablesLeavesOutWhatCannotBeEnrolledAndSaysWhy() {
        Cli.execute(
                ann,
                PRODUCTS,
                "CREATE TABLE users (id TEXT PRIMARY KEY, mail TEXT)",
                "INSERT INTO users VALUES (NULL, 'ann@example.org')");

        Cli.Result init = Cli.run("init", ann, "--space", space, "--all-tables");

        assertThat(init.exitCode()).isZero();
        assertThat(init.out()).contains("enrolled products").doesNotContain("enrolled users");
        assertThat(init.err()).contains("left out: cannot enrol users: some rows have NULL in the key column id");
        Cli.run("init", ann, "--space", space, "--table", "users").assertFailed(1, "NULL in the key column id");
    }

    @Test
    void initSaysWhenThereIsNoTableToEnrol() {
        assertThat(Cli.run("init", ann, "--space", space, "--all-tables").err()).contains("has no table to enrol");
    }

    /** It said so of each, since the column was not enrolled yet when it looked. */
    @Test
    void initDoesNotSayOfAForeignKeyThatItCannotBeFollowed() {
        Cli.execute(ann, PRODUCTS, "CREATE TABLE sale (id TEXT PRIMARY KEY, product TEXT REFERENCES products(id))");
        ListAppender<ILoggingEvent> lines = new ListAppender<>();
        Logger log = (Logger) LoggerFactory.getLogger("io.anabranch");
        lines.start();
        log.addAppender(lines);
        try {
            Cli.good("init", ann, "--space", space, "--all-tables");
        } finally {
            log.detachAppender(lines);
        }

        assertThat(lines.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .noneMatch(line -> line.contains("cannot be followed"));
    }

    @Test
    void initTakesARuleForAForeignKey() throws Exception {
        Cli.execute(ann, PRODUCTS, "CREATE TABLE part (id TEXT PRIMARY KEY, product TEXT REFERENCES products(id))");
        Cli.good("init", ann, "--space", space, "--all-tables", "--fk", "part.product=hide");
        Cli.good("sync", ann, relay.url());
        Cli.execute(ann, "INSERT INTO part VALUES ('p', 'nothing')");
        Cli.good("sync", ann, relay.url());

        assertThat(Cli.good("status", ann, "--json").json().path("hidden").asInt())
                .isEqualTo(1);
        Cli.run("init", ann, "--space", space, "--table", "part", "--fk", "part.product=show")
                .assertFailed(2, "unknown foreign key rule 'show'; the rules are revive and hide");
    }
}
