// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.sync.change.TableOp;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Applications that change their schema, each replica when it likes, through whatever program. */
class SchemaTest {
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
        for (TestReplica replica : new TestReplica[] {a, b}) {
            replica.sql("CREATE TABLE t(id TEXT PRIMARY KEY, title TEXT, likes INTEGER)");
            replica.enrol("t", TableRules.defaults().counter("likes"));
        }
        a.sql("INSERT INTO t VALUES ('one', 'One', 1)");
        world.settle(a, b);
    }

    @AfterEach
    void close() {
        world.close();
    }

    private void assertSame(String... rows) {
        world.settle(a, b);
        assertThat(a.rows("t")).containsExactly(rows);
        assertThat(b.rows("t")).containsExactly(rows);
        world.assertConverged(a, b);
    }

    // ---- ADD COLUMN

    @Test
    void anAddedColumnSendsItsDefinitionAndNoRow() {
        a.sql("ALTER TABLE t ADD COLUMN colour TEXT DEFAULT 'none'");

        assertThat(a.lastOps()).hasSize(1);
        TableOp.Declare declare = (TableOp.Declare) a.lastOps().get(0);
        assertThat(declare.definition().columns()).extracting("name").containsExactly("id", "colour");
        assertThat(declare.definition().column("colour"))
                .hasValueSatisfying(
                        column -> assertThat(column.defaultValue().toString()).isEqualTo("none"));
        a.sql("UPDATE t SET title = 'Eins'");
        assertThat(a.lastOps()).hasSize(1).first().isInstanceOf(TableOp.Change.class);
    }

    @Test
    void anAddedColumnAltersNoOtherReplicasTable() {
        a.sql("ALTER TABLE t ADD COLUMN colour TEXT DEFAULT 'none'");
        a.sql("UPDATE t SET colour = 'red'");
        world.settle(a, b);

        assertThat(b.rows("t")).containsExactly("one|One|1");
        b.sql("ALTER TABLE t ADD COLUMN colour TEXT DEFAULT 'none'");
        assertSame("one|One|1|red");
    }

    @Test
    void anEmptyFileThatJoinsTakesTheAddedColumn() {
        a.sql("ALTER TABLE t ADD COLUMN colour TEXT DEFAULT 'none'");
        a.sql("UPDATE t SET colour = 'red'");
        a.sql("INSERT INTO t(id) VALUES ('two')");
        TestReplica c = world.replica("c");
        world.settle(a, c);

        assertThat(c.rows("t")).containsExactly("one|One|1|red", "two|null|0|none");
        c.sql("UPDATE t SET colour = 'blue'");
        world.settle(a, c);
        assertThat(a.rows("t")).containsExactly("one|One|1|blue", "two|null|0|blue");
        world.assertConverged(a, c);
    }

    @Test
    void aFileThatHasJoinedIsAlteredNoMore() {
        TestReplica c = world.replica("c");
        world.settle(a, c);
        a.sql("ALTER TABLE t ADD COLUMN colour TEXT");
        world.settle(a, c);

        assertThat(c.rows("t")).containsExactly("one|One|1");
        c.sql("ALTER TABLE t ADD COLUMN colour TEXT");
        c.sql("UPDATE t SET colour = 'red'");
        world.settle(a, c);
        assertThat(a.rows("t")).containsExactly("one|One|1|red");
    }

    @Test
    void whatIsWrittenToAnAddedColumnBeforeAnybodyLooksIsFound() {
        a.sql("ALTER TABLE t ADD COLUMN colour TEXT DEFAULT 'none'");
        a.sql("INSERT INTO t VALUES ('two', 'Two', 2, 'blue'), ('three', 'Three', 3, 'none')");
        a.sql("UPDATE t SET colour = 'red' WHERE id = 'one'");
        b.sql("ALTER TABLE t ADD COLUMN colour TEXT DEFAULT 'none'");

        assertSame("one|One|1|red", "three|Three|3|none", "two|Two|2|blue");
    }

    /** Counterexample 14b: a default written by a migration must not beat what others have written. */
    @Test
    void whatOthersWroteToAColumnBeatsWhatTheMigrationFilledIn() {
        a.sql("ALTER TABLE t ADD COLUMN x INTEGER");
        a.sql("INSERT INTO t VALUES ('two', 'Two', 2, 7)");
        a.seal();
        a.sql("UPDATE t SET x = 5 WHERE id = 'one'");
        a.seal();
        world.settle(a, b);

        b.sql("ALTER TABLE t ADD COLUMN x INTEGER DEFAULT 0");
        b.sql("UPDATE t SET x = -1");
        b.sql("INSERT INTO t VALUES ('three', 'Three', 3, 9)");

        assertSame("one|One|1|5", "three|Three|3|9", "two|Two|2|7");
    }

    @Test
    void aColumnAddedOnBothSidesIsOneColumn() {
        a.sql("ALTER TABLE t ADD COLUMN x INTEGER");
        b.sql("ALTER TABLE t ADD COLUMN x INTEGER");
        a.sql("UPDATE t SET x = 1");
        world.settle(a, b);
        b.sql("UPDATE t SET x = 2");

        assertSame("one|One|1|2");
    }

    @Test
    void defaultsThatDifferAreThoseOfTheFirstDeclaration() {
        a.sql("ALTER TABLE t ADD COLUMN x INTEGER DEFAULT 1");
        a.seal();
        world.pass(1_000);
        b.sql("ALTER TABLE t ADD COLUMN x INTEGER DEFAULT 2");
        b.seal();

        assertSame("one|One|1|1");
    }

    @Test
    void anAddedColumnIsACounterIfItsRuleIsGivenBeforeItIsDeclared() {
        for (TestReplica replica : new TestReplica[] {a, b}) {
            replica.sql("ALTER TABLE t ADD COLUMN views INTEGER DEFAULT 0");
            replica.enrol("t", TableRules.defaults().counter("views"));
        }
        a.sql("UPDATE t SET views = views + 1");
        b.sql("UPDATE t SET views = views + 2");

        assertSame("one|One|1|3");
    }

    @Test
    void aRuleThatWasDeclaredIsNotChangedSilently() {
        assertThatThrownBy(() -> a.enrol("t", TableRules.defaults().counter("title")))
                .isInstanceOf(SyncException.CannotEnrol.class)
                .hasMessageContaining("the space has declared it as lww");
        assertThatThrownBy(() -> a.enrol("t", TableRules.defaults().rule("likes", io.anabranch.sync.change.Rule.LWW)))
                .isInstanceOf(SyncException.CannotEnrol.class)
                .hasMessageContaining("the space has declared it as counter");
    }

    @Test
    void seventyColumnsAddedOneByOneAreCaptured() {
        for (TestReplica replica : new TestReplica[] {a, b}) {
            for (int i = 0; i < 70; i++) {
                replica.sql("ALTER TABLE t ADD COLUMN c" + i + " INTEGER");
                if (i % 20 == 0) {
                    replica.seal();
                }
            }
        }
        a.sql("UPDATE t SET c0 = 1, c69 = 2");
        world.settle(a, b);

        assertThat(b.sqlValue("SELECT c0 || ' ' || c69 FROM t")).isEqualTo("1 2");
        world.assertConverged(a, b);
    }

    // ---- RENAME

    @Test
    void aRenamedColumnKeepsItsClocks() {
        a.sql("UPDATE t SET title = 'before'");
        a.sql("ALTER TABLE t RENAME COLUMN title TO \"head\"\"ing\"");
        assertSame("one|before|1");
        world.pass(1_000);
        a.sql("UPDATE t SET \"head\"\"ing\" = 'after', likes = likes + 1");
        b.sql("UPDATE t SET likes = likes + 1");

        assertSame("one|after|3");
        b.sql("ALTER TABLE t RENAME COLUMN title TO name");
        b.sql("UPDATE t SET name = 'end'");
        assertSame("one|end|3");
    }

    @Test
    void aRenamedKeyAndARenamedTableStayWhatTheyAre() {
        a.sql("ALTER TABLE t RENAME COLUMN id TO \"key\"");
        a.sql("ALTER TABLE t RENAME TO notes");
        a.sql("INSERT INTO notes VALUES ('two', 'Two', 2)");
        a.sql("UPDATE notes SET likes = likes + 1 WHERE \"key\" = 'one'");
        b.sql("UPDATE t SET likes = likes + 1");
        world.settle(a, b);

        assertThat(a.rows("notes")).containsExactly("one|One|3", "two|Two|2");
        assertThat(b.rows("t")).containsExactly("one|One|3", "two|Two|2");
        world.assertConverged(a, b);
    }

    @Test
    void aNewColumnMayTakeTheNameOfARenamedOne() {
        for (TestReplica replica : new TestReplica[] {a, b}) {
            replica.sql("ALTER TABLE t RENAME COLUMN title TO old");
            replica.sql("ALTER TABLE t ADD COLUMN title TEXT");
        }
        a.sql("UPDATE t SET title = 'new'");
        b.sql("UPDATE t SET old = 'old'");

        assertSame("one|old|1|new");
    }

    @Test
    void aNewTableMayNotTakeTheNameOfARenamedOne() {
        a.sql("ALTER TABLE t RENAME TO old");
        a.sql("CREATE TABLE t(id TEXT PRIMARY KEY)");
        a.seal();

        assertThatThrownBy(() -> a.enrol("t", TableRules.defaults()))
                .isInstanceOf(SyncException.CannotEnrol.class)
                .hasMessageContaining("called old in this file");
        assertThat(a.enrol("old", TableRules.defaults()).alreadyEnrolled()).isTrue();
    }

    // ---- DROP COLUMN

    /** Counterexample 46: SQLite refuses it while a trigger names the column. */
    @Test
    void aColumnIsDroppedThroughTheLibraryAndItsValuesAreKeptForOthers() {
        a.file().transaction(sql -> {
            sql.prepare("UPDATE t SET title = 'last'").run();
            sql.prepare("ALTER TABLE t ADD COLUMN x INTEGER").run();
            sql.prepare("ALTER TABLE \"t\" DROP COLUMN title").run();
            sql.prepare("UPDATE t SET likes = likes + 1, x = 7").run();
        });
        b.sql("UPDATE t SET likes = likes + 1");
        world.settle(a, b);

        assertThat(a.rows("t")).containsExactly("one|3|7");
        assertThat(b.rows("t")).hasSize(1).first().asString().endsWith("|3");
        b.sql("UPDATE t SET title = 'of b'");
        world.settle(a, b);
        assertThat(a.file().verify().problems()).isEmpty();
        a.sql("ALTER TABLE t ADD COLUMN title TEXT");
        world.settle(a, b);
        assertThat(a.rows("t")).containsExactly("one|3|7|of b");
        world.assertConverged(a, b);
    }

    @Test
    void withoutTheLibraryAColumnIsDroppedOnceTheTriggersAre() {
        assertThatThrownBy(() -> a.sql("ALTER TABLE t DROP COLUMN title"))
                .hasMessageContaining("error in trigger _ab_");
        for (String kind : new String[] {"ins", "del", "upd", "key", "map"}) {
            a.sql("DROP TRIGGER IF EXISTS _ab_" + kind + "_1");
        }
        a.sql("ALTER TABLE t DROP COLUMN title");
        a.sql("UPDATE t SET likes = likes + 1");
        world.settle(a, b);

        assertThat(a.rows("t")).containsExactly("one|2");
        assertThat(b.rows("t")).containsExactly("one|One|2");
        world.assertConverged(a, b);
    }

    // ---- Tables made anew

    private static void rebuild(TestReplica replica, String columns, String select) {
        replica.sql("BEGIN");
        replica.sql("CREATE TABLE new_t(" + columns + ")");
        replica.sql("INSERT INTO new_t SELECT " + select + " FROM t");
        replica.sql("DROP TABLE t");
        replica.sql("ALTER TABLE new_t RENAME TO t");
        replica.sql("COMMIT");
    }

    @Test
    void aTableMadeAnewGetsItsTriggersBackAndSendsNothing() {
        rebuild(a, "id TEXT PRIMARY KEY, title TEXT NOT NULL, likes INTEGER", "*");
        long before = a.ownSeq();
        a.seal();

        assertThat(a.ownSeq()).isEqualTo(before);
        a.sql("UPDATE t SET title = 'after', likes = likes + 1");
        assertSame("one|after|2");
    }

    /** The seal of what was captured before must not take the rest of the row for known. */
    @Test
    void whatIsWrittenPastTheTriggersIsFoundInARowThatIsCapturedToo() {
        a.sql("UPDATE t SET likes = likes + 1");
        rebuild(a, "id TEXT PRIMARY KEY, title TEXT, likes INTEGER", "*");
        a.sql("UPDATE t SET title = 'past', likes = likes + 1");

        assertSame("one|past|3");
        assertThat(a.file().verify().problems()).isEmpty();
    }

    /** Only a trigger knows what was renamed, and it goes with the old table. */
    @Test
    void whatIsWrittenPastTheTriggersIsFoundWhenAnotherTableIsEnrolledToo() {
        a.sql("UPDATE t SET likes = likes + 1");
        rebuild(a, "id TEXT PRIMARY KEY, title TEXT, likes INTEGER", "*");
        a.sql("UPDATE t SET title = 'past', likes = likes + 1");
        a.sql("CREATE TABLE other(id TEXT PRIMARY KEY)");
        a.enrol("other", TableRules.defaults());

        assertSame("one|past|3");
        assertThat(a.file().verify().problems()).isEmpty();
    }

    @Test
    void whatARebuildWritesToACapturedRowIsFoundInOneTransactionToo() {
        a.file().transaction(sql -> {
            sql.execute("UPDATE t SET title = 'captured' WHERE id = 'one'");
            sql.execute("CREATE TABLE t2(id TEXT PRIMARY KEY, title TEXT, likes INTEGER)");
            sql.execute("INSERT INTO t2 SELECT id, title, likes + 4 FROM t");
            sql.execute("DROP TABLE t");
            sql.execute("ALTER TABLE t2 RENAME TO t");
        });

        assertSame("one|captured|5");
    }

    @Test
    void aTableMadeAnewUnderNewNamesIsTheSameStill() {
        a.sql("ALTER TABLE t RENAME COLUMN title TO caption");
        a.sql("ALTER TABLE t RENAME COLUMN id TO \"key\"");
        a.sql("ALTER TABLE t RENAME TO notes");
        long before = a.ownSeq();
        a.seal();
        a.sqls(
                "CREATE TABLE new_t(\"key\" TEXT PRIMARY KEY, caption TEXT NOT NULL, likes INTEGER)",
                "INSERT INTO new_t SELECT * FROM notes",
                "DROP TABLE notes",
                "ALTER TABLE new_t RENAME TO notes");
        a.seal();
        assertThat(a.ownSeq()).isEqualTo(before);
        a.sql("UPDATE notes SET caption = 'after', likes = likes + 1");
        b.sql("UPDATE t SET likes = likes + 1");
        world.settle(a, b);

        assertThat(a.rows("notes")).containsExactly("one|after|3");
        assertThat(b.rows("t")).containsExactly("one|after|3");
        world.assertConverged(a, b);
    }

    /** SQLite advises against this order, and it is a common one all the same. */
    @Test
    void aTableMadeAnewBesideItsOldSelfIsTheSameOnceThatIsDropped() {
        a.sql("ALTER TABLE t RENAME TO old");
        a.sql("CREATE TABLE t(id TEXT PRIMARY KEY, title TEXT NOT NULL, likes INTEGER)");
        a.sql("INSERT INTO t SELECT * FROM old");
        a.seal();
        a.sql("UPDATE t SET title = 'meanwhile'");
        a.sql("DROP TABLE old");
        a.sql("UPDATE t SET likes = likes + 1");

        assertSame("one|meanwhile|2");
        assertThat(a.file().verify().problems()).isEmpty();
    }

    @Test
    void anotherTableOfTheNameOnTheWireIsNotTakenForTheOneThatWasRenamedAndDropped() {
        a.sql("ALTER TABLE t RENAME TO old");
        a.sql("CREATE TABLE t(id TEXT PRIMARY KEY, colour TEXT)");
        a.sql("INSERT INTO t VALUES ('red', 'Red')");
        a.seal();
        a.sql("DROP TABLE old");
        world.settle(a, b);

        assertThat(a.rows("t")).containsExactly("red|Red");
        assertThat(b.rows("t")).containsExactly("one|One|1");
    }

    @Test
    void whatARebuildChangedIsFound() {
        a.sql("INSERT INTO t VALUES ('two', 'Two', 2)");
        world.settle(a, b);
        rebuild(
                a,
                "id TEXT PRIMARY KEY, likes INTEGER, title TEXT, size INTEGER DEFAULT 3",
                "id, likes + 1, CASE id WHEN 'one' THEN upper(title) ELSE title END, 4");
        a.sql("INSERT INTO t VALUES ('three', 3, 'Three', 5)");
        a.sql("UPDATE t SET likes = likes + 1");
        world.settle(a, b);

        assertThat(b.rows("t")).containsExactly("one|ONE|3", "three|Three|4", "two|Two|4");
        assertThat(a.rows("t")).containsExactly("one|3|ONE|4", "three|4|Three|5", "two|4|Two|4");
        b.sql("ALTER TABLE t ADD COLUMN size INTEGER DEFAULT 3");
        b.seal();
        assertThat(b.rows("t")).containsExactly("one|ONE|3|4", "three|Three|4|5", "two|Two|4|4");
        world.assertConverged(a, b);
    }

    @Test
    void aRowThatARebuildLeftOutIsShownAgain() {
        a.sql("INSERT INTO t VALUES ('two', 'Two', 2)");
        world.settle(a, b);
        rebuild(
                a,
                "id TEXT PRIMARY KEY, title TEXT, likes INTEGER",
                "id, title, likes FROM t WHERE id = 'one' UNION" + " ALL SELECT id, title, likes FROM t WHERE 0 -- ");

        assertSame("one|One|1", "two|Two|2");
    }

    @Test
    void aTableDroppedAndMadeAgainShowsItsRowsAgain() {
        a.sql("DROP TABLE t");
        b.sql("UPDATE t SET title = 'meanwhile'");
        world.settle(a, b);
        assertThat(b.rows("t")).containsExactly("one|meanwhile|1");
        a.sql("CREATE TABLE t(id TEXT PRIMARY KEY, title TEXT, likes INTEGER)");

        assertSame("one|meanwhile|1");
        a.sql("UPDATE t SET likes = likes + 1");
        assertSame("one|meanwhile|2");
    }

    @Test
    void triggersThatWereDroppedComeBackAndWhatTheyMissedIsFound() {
        for (String kind : new String[] {"ins", "del", "upd", "key", "map"}) {
            a.sql("DROP TRIGGER IF EXISTS _ab_" + kind + "_1");
        }
        a.sql("UPDATE t SET title = 'unseen'");
        a.sql("INSERT INTO t VALUES ('two', 'Two', 2)");

        assertSame("one|unseen|1", "two|Two|2");
    }

    @Test
    void aTableMadeAnewWithAnotherKeyIsKeptApart() {
        rebuild(a, "id TEXT, title TEXT, likes INTEGER, PRIMARY KEY (id, title)", "*");
        a.sql("UPDATE t SET title = 'apart'");
        world.settle(a, b);

        assertThat(b.rows("t")).containsExactly("one|One|1");
        assertThatThrownBy(() -> a.enrol("t", TableRules.defaults()))
                .isInstanceOf(SyncException.CannotEnrol.class)
                .hasMessageContaining("its primary key is (id, title) and the space has declared (id)");
        rebuild(a, "id TEXT PRIMARY KEY, title TEXT, likes INTEGER", "*");
        assertSame("one|apart|1");
    }

    // ---- Versions side by side

    /** Counterexample 15. */
    @Test
    void aRowInsertedAgainByAnOldSchemaHasTheDefaultInColumnsItDoesNotKnow() {
        a.sql("ALTER TABLE t ADD COLUMN x INTEGER DEFAULT 9");
        a.sql("UPDATE t SET x = 5");
        world.settle(a, b);
        b.sql("DELETE FROM t");
        b.seal();
        b.sql("INSERT INTO t VALUES ('one', 'Again', 0)");
        world.settle(a, b);

        assertThat(a.rows("t")).containsExactly("one|Again|0|9");
        b.sql("ALTER TABLE t ADD COLUMN x INTEGER DEFAULT 9");
        assertSame("one|Again|0|9");
    }

    @Test
    void threeVersionsSideBySideConvergeOnceAllAreUpgraded() {
        TestReplica c = world.replica("c");
        world.settle(a, b, c);
        upgradeTo2(a);
        upgradeTo2(b);
        upgradeTo3(a);
        a.sql("UPDATE t SET heading = 'of a', colour = 'red', likes = likes + 1");
        b.sql("UPDATE t SET size = size + 2, title = 'of b', likes = likes + 1");
        c.sql("UPDATE t SET title = 'of c', likes = likes + 1");
        c.sql("INSERT INTO t VALUES ('two', 'Two', 2)");
        world.pass(1_000);
        world.settle(a, b, c);
        a.sql("INSERT INTO t(id, heading, size) VALUES ('three', 'Three', 3)");
        world.settle(a, b, c);
        c.sql("UPDATE t SET title = 'last', likes = likes + 1 WHERE id = 'three'");
        c.sql("DELETE FROM t WHERE id = 'two'");
        world.settle(a, b, c);
        assertThat(c.rows("t")).hasSize(2).contains("three|last|1");

        upgradeTo3(b);
        upgradeTo2(c);
        c.sql("UPDATE t SET size = size + 1 WHERE id = 'three'");
        upgradeTo3(c);
        world.settle(a, b, c);

        assertThat(b.rows("t")).isEqualTo(a.rows("t"));
        assertThat(c.rows("t")).isEqualTo(a.rows("t"));
        assertThat(a.sqlValue("SELECT likes || colour || size FROM t WHERE id = 'one'"))
                .isEqualTo("4red2");
        assertThat(a.sqlValue("SELECT heading || likes || size FROM t WHERE id = 'three'"))
                .isEqualTo("last14");
        world.assertConverged(a, b, c);
    }

    private static void upgradeTo2(TestReplica replica) {
        replica.sql("ALTER TABLE t ADD COLUMN size INTEGER DEFAULT 0");
        replica.enrol("t", TableRules.defaults().counter("size"));
    }

    private static void upgradeTo3(TestReplica replica) {
        replica.sql("ALTER TABLE t RENAME COLUMN title TO heading");
        replica.sql("ALTER TABLE t ADD COLUMN colour TEXT");
    }
}
