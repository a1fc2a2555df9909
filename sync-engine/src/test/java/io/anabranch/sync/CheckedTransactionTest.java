// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.sync.change.ForeignKeyRule;
import io.anabranch.sync.store.ReplicaFile;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Transactions of an application, whose connection checks foreign keys, that have other rows show and hide. */
class CheckedTransactionTest {
    private static final TableRules HIDE = TableRules.defaults().foreignKey("parent", ForeignKeyRule.HIDE);

    @TempDir
    Path folder;

    private World world;
    private TestReplica a;
    private TestReplica b;

    @BeforeEach
    void open() {
        world = new World(folder);
        a = world.replica("a");
        b = world.replica("b");
    }

    @AfterEach
    void close() {
        world.close();
    }

    private void share(String ddl, TableRules rules) {
        for (TestReplica replica : List.of(a, b)) {
            replica.sql(ddl);
            replica.enrol(ddl.replaceAll("CREATE TABLE (\\w+).*", "$1"), rules);
        }
    }

    private void assertBothShow(String table, String... rows) {
        world.settle(a, b);
        assertThat(b.rows(table)).as(table + " of b").containsExactly(rows);
        assertThat(a.rows(table)).as(table + " of a").containsExactly(rows);
    }

    @Test
    void aHiddenParentAndItsChildShowTogetherWhateverTheirOrder() {
        share("CREATE TABLE child(id TEXT PRIMARY KEY, parent TEXT REFERENCES parent)", HIDE);
        share("CREATE TABLE parent(id TEXT PRIMARY KEY, name TEXT UNIQUE)", TableRules.defaults());
        a.sql("INSERT INTO parent VALUES ('1', 'x')");
        a.seal();
        world.pass(1000);
        b.sqls("INSERT INTO parent VALUES ('2', 'x')", "INSERT INTO child VALUES ('c', '2')");
        world.settle(a, b);
        assertThat(a.rows("parent")).containsExactly("1|x");
        assertThat(a.rows("child")).isEmpty();

        a.transaction("DELETE FROM parent WHERE id = '1'");

        assertBothShow("parent", "2|x");
        assertBothShow("child", "c|2");
    }

    private void hideAParentWithAChild(String action) {
        share("CREATE TABLE parent(id TEXT PRIMARY KEY, name TEXT UNIQUE)", TableRules.defaults());
        share(
                "CREATE TABLE child(id TEXT PRIMARY KEY, parent TEXT REFERENCES parent " + action + ")",
                TableRules.defaults());
        a.sql("INSERT INTO parent VALUES ('1', 'x')");
        a.seal();
        world.pass(1000);
        b.sqls("INSERT INTO parent VALUES ('2', 'x')");
        world.settle(a, b);
        world.pass(1000);

        a.transaction(
                "DELETE FROM parent WHERE id = '1'",
                "INSERT INTO parent VALUES ('3', 'x')",
                "INSERT INTO child VALUES ('c', '3')");

        assertBothShow("parent", "2|x");
        assertBothShow("child", "c|3");
    }

    @Test
    void aParentThatLosesItsUniqueKeyLeavesItsChild() {
        hideAParentWithAChild("");
    }

    @Test
    void aParentThatLosesItsUniqueKeyDoesNotDeleteItsChild() {
        hideAParentWithAChild("ON DELETE CASCADE");
    }

    @Test
    void aParentThatLosesItsUniqueKeyDoesNotAlterItsChild() {
        hideAParentWithAChild("ON DELETE SET NULL");
    }

    @Test
    void aParentThatLosesItsUniqueKeyMayBeRestricted() {
        hideAParentWithAChild("ON DELETE RESTRICT");
    }

    /** Seed 530100624 of the simulator. */
    @Test
    void aHiddenRowShowsThoughAnotherOfItsParentsIsGone() {
        share("CREATE TABLE home(id TEXT PRIMARY KEY)", TableRules.defaults());
        share("CREATE TABLE keeper(id TEXT PRIMARY KEY)", TableRules.defaults());
        share(
                "CREATE TABLE child(id TEXT PRIMARY KEY, parent TEXT REFERENCES home,"
                        + " keeper TEXT REFERENCES keeper ON DELETE SET NULL)",
                HIDE);
        a.sqls(
                "INSERT INTO home VALUES ('h')",
                "INSERT INTO keeper VALUES ('k')",
                "INSERT INTO child VALUES ('c', 'h', 'k')");
        world.settle(a, b);
        b.sql("DELETE FROM home");
        b.seal();
        b.sql("DELETE FROM keeper");
        world.settle(a, b);
        assertThat(a.rows("child")).isEmpty();

        a.transaction("INSERT INTO home VALUES ('h')");

        assertThat(a.rows("child")).containsExactly("c|h|k");
        assertBothShow("child", "c|h|k");
    }

    @Test
    void whatAProcessDiedBeforeShowingShowsAtTheNextExchange() {
        share("CREATE TABLE parent(id TEXT PRIMARY KEY, name TEXT UNIQUE)", TableRules.defaults());
        share("CREATE TABLE child(id TEXT PRIMARY KEY, parent TEXT REFERENCES parent)", TableRules.defaults());
        b.sql("INSERT INTO parent VALUES ('old', 'x')");
        b.seal();
        world.pass(1000);
        a.sql("INSERT INTO parent VALUES ('new', 'x')");
        world.settle(a, b);
        a.sql("INSERT INTO child VALUES ('c', 'old')");
        a.seal();
        for (int statements = 0; !a.rows("parent").contains("later|x"); statements++) {
            world.pass(1000);
            try (CrashingDriver driver = new CrashingDriver()) {
                ReplicaFile application = ReplicaFile.openForApplication(a.file(), driver);
                driver.dieAfter(statements);
                application.transaction(db -> {
                    db.execute("UPDATE child SET parent = NULL");
                    db.execute("DELETE FROM parent WHERE id = 'old'");
                    db.execute("INSERT INTO parent VALUES ('later', 'x')");
                    db.execute("UPDATE child SET parent = 'later'");
                });
                throw new AssertionError("it never died between the two");
            } catch (CrashingDriver.Crash died) {
                assertThat(died).hasMessageStartingWith("died");
            }
        }
        assertBothShow("parent", "new|x");
        assertBothShow("child", "c|later");
    }
}
