// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.sync.change.Value;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows that two replicas make apart and that one table cannot show together. */
class UniqueTest {
    private static final String USER = "CREATE TABLE user(id TEXT PRIMARY KEY, email TEXT UNIQUE, name TEXT)";

    @TempDir
    Path folder;

    private World world;
    private TestReplica a;
    private TestReplica b;
    private TestReplica c;

    @BeforeEach
    void openTwo() {
        world = new World(folder);
        a = world.replica("a");
        b = world.replica("b");
        c = world.replica("c");
    }

    @AfterEach
    void close() {
        world.close();
    }

    private void share(String ddl) {
        for (TestReplica replica : List.of(a, b, c)) {
            replica.sql(ddl);
            String table = ddl.replaceAll("CREATE TABLE (\\w+).*", "$1");
            replica.enrol(table, TableRules.defaults());
        }
    }

    private void assertAllShow(String table, String... rows) {
        for (TestReplica replica : List.of(a, b, c)) {
            assertThat(replica.rows(table)).as(replica.name()).containsExactly(rows);
        }
        world.assertConverged(a, b, c);
    }

    private static List<String> hidden(TestReplica replica) {
        return replica.column("SELECT kind || ': ' || reason FROM _ab_hidden ORDER BY tbl, k");
    }

    /** Counterexample 5. */
    @Test
    void theOlderOfTwoRowsWithOneUniqueValueShowsAtBothAndTheOtherIsHidden() {
        share(USER);
        a.sql("INSERT INTO user VALUES ('r1', 'x', 'from a')");
        a.seal();
        world.pass(10);
        b.sql("INSERT INTO user VALUES ('r2', 'x', 'from b')");
        world.settle(a, b, c);
        assertAllShow("user", "r1|x|from a");
        assertThat(hidden(a)).containsExactly("unique: an older row, [r1], has the same email");
        assertThat(hidden(b)).isEqualTo(hidden(a));
        assertThat(hidden(c)).isEqualTo(hidden(a));
    }

    /** It went by the names that the space knows, which a program here cannot write to. */
    @Test
    void aHiddenRowGoesByTheNamesThatTheApplicationHasForItsTable() {
        theOlderOfTwoRowsWithOneUniqueValueShowsAtBothAndTheOtherIsHidden();
        b.sql("ALTER TABLE user RENAME TO person");
        b.sql("ALTER TABLE person RENAME COLUMN id TO number");
        b.sql("ALTER TABLE person RENAME COLUMN email TO mail");
        b.seal();

        HiddenRow hidden = b.file().reports().hidden().get(0);

        assertThat(hidden.table()).isEqualTo("person");
        assertThat(hidden.values()).containsOnlyKeys("mail", "name");
        assertThat(hidden.waitsFor()).isEqualTo(new HiddenRow.Awaited("person", Map.of("number", Value.of("r1"))));
        assertThat(hidden.remedy()).startsWith("delete the row of person with number = r1,");
    }

    @Test
    void aHiddenRowShowsOnceItsRivalIsDeletedElsewhere() {
        theOlderOfTwoRowsWithOneUniqueValueShowsAtBothAndTheOtherIsHidden();
        b.sql("DELETE FROM user WHERE id = 'r1'");
        b.seal();
        assertThat(b.rows("user")).as("at once, where it was deleted").containsExactly("r2|x|from b");
        world.settle(a, b, c);
        assertAllShow("user", "r2|x|from b");
        assertThat(hidden(a)).isEmpty();
    }

    @Test
    void aHiddenRowShowsOnceItsRivalTakesAnotherValue() {
        theOlderOfTwoRowsWithOneUniqueValueShowsAtBothAndTheOtherIsHidden();
        a.sql("UPDATE user SET email = 'y' WHERE id = 'r1'");
        world.settle(a, b, c);
        assertAllShow("user", "r1|y|from a", "r2|x|from b");
        assertThat(hidden(b)).isEmpty();
    }

    @Test
    void aHiddenRowComesBackWhenItIsInsertedAgainWithAnotherValue() {
        theOlderOfTwoRowsWithOneUniqueValueShowsAtBothAndTheOtherIsHidden();
        c.sql("INSERT INTO user VALUES ('r2', 'z', 'from c')");
        world.settle(a, b, c);
        assertAllShow("user", "r1|x|from a", "r2|z|from c");
    }

    @Test
    void aHiddenRowTakesEditsAndADelete() {
        theOlderOfTwoRowsWithOneUniqueValueShowsAtBothAndTheOtherIsHidden();
        TestReplica d = world.replica("d");
        d.sql(USER);
        d.enrol("user", TableRules.defaults());
        world.exchange(d, c);
        d.sql("DELETE FROM user WHERE id = 'r1'");
        d.seal();
        d.sql("UPDATE user SET name = 'edited' WHERE id = 'r2'");
        d.seal();
        d.sql("DELETE FROM user WHERE id = 'r2'");
        world.exchange(d, a);
        world.settle(a, b, c);
        assertAllShow("user");
        assertThat(hidden(a)).isEmpty();
    }

    @Test
    void aWriteThatTakesAKeyOfAnOlderHiddenRowIsHiddenAtItsSeal() {
        theOlderOfTwoRowsWithOneUniqueValueShowsAtBothAndTheOtherIsHidden();
        world.pass(10);
        a.sqls("DELETE FROM user WHERE id = 'r1'", "INSERT INTO user VALUES ('r3', 'x', 'new')");
        a.seal();
        assertThat(a.rows("user")).containsExactly("r2|x|from b");
        world.settle(a, b, c);
        assertAllShow("user", "r2|x|from b");
        assertThat(hidden(b)).containsExactly("unique: an older row, [r2], has the same email");
    }

    /** A chain: the loser of one key frees another, which shows a third row. */
    @Test
    void whatALoserGivesUpShowsTheNext() {
        share("CREATE TABLE seat(id TEXT PRIMARY KEY, row_no TEXT UNIQUE, guest TEXT UNIQUE)");
        a.sql("INSERT INTO seat VALUES ('s1', '1', 'ann')");
        a.seal();
        world.pass(10);
        b.sql("INSERT INTO seat VALUES ('s2', '1', 'bob')");
        b.seal();
        world.pass(10);
        c.sql("INSERT INTO seat VALUES ('s3', '3', 'bob')");
        world.exchange(b, c);
        assertThat(b.rows("seat")).containsExactly("s2|1|bob");
        world.settle(a, b, c);
        assertAllShow("seat", "s1|1|ann", "s3|3|bob");
    }

    /** Counterexample 20. */
    @Test
    void rowsThatSwapTheirUniqueValuesThroughATemporaryOneAreShownSwappedWithTheirRowids() {
        share(USER);
        a.sql("INSERT INTO user VALUES ('r1', 'x', '1'), ('r2', 'y', '2'), ('r3', 'z', '3')");
        world.settle(a, b, c);
        String rowids = b.sqlValue("SELECT group_concat(rowid || id) FROM (SELECT rowid, id FROM user ORDER BY id)");
        a.sqls(
                "UPDATE user SET email = 't' WHERE id = 'r1'",
                "UPDATE user SET email = 'x' WHERE id = 'r3'",
                "UPDATE user SET email = 'z' WHERE id = 'r2'",
                "UPDATE user SET email = 'y' WHERE id = 'r1'");
        world.settle(a, b, c);
        assertAllShow("user", "r1|y|1", "r2|z|2", "r3|x|3");
        assertThat(b.sqlValue("SELECT group_concat(rowid || id) FROM (SELECT rowid, id FROM user ORDER BY id)"))
                .isEqualTo(rowids);
    }

    @Test
    void valuesThatMayNotBeNullAreSwappedToo() {
        share("CREATE TABLE slot(id TEXT PRIMARY KEY, place INTEGER NOT NULL, lane TEXT NOT NULL, UNIQUE (place, lane))"
                + " STRICT");
        a.sql("INSERT INTO slot VALUES ('s1', 1, 'l'), ('s2', 2, 'l')");
        world.settle(a, b, c);
        a.sqls("UPDATE slot SET place = -place", "UPDATE slot SET place = 3 + place");
        world.settle(a, b, c);
        assertAllShow("slot", "s1|2|l", "s2|1|l");
    }

    /** Counterexample 19. */
    @Test
    void aConflictClauseInTheTablesDefinitionDoesNoHarm() {
        for (String clause : List.of("ROLLBACK", "REPLACE", "IGNORE", "FAIL")) {
            String table = "t_" + clause;
            share("CREATE TABLE " + table + "(id TEXT PRIMARY KEY, u TEXT UNIQUE ON CONFLICT " + clause + ", v TEXT)");
            a.sql("INSERT INTO " + table + " VALUES ('r1', 'x', 'a')");
            a.seal();
            world.pass(10);
            b.sql("INSERT INTO " + table + " VALUES ('r2', 'x', 'b')");
            b.seal();
            world.settle(a, b, c);
            assertAllShow(table, "r1|x|a");
            long sealed = b.ownSeq();
            b.seal();
            assertThat(b.ownSeq()).as("nothing applied is sealed again").isEqualTo(sealed);
        }
    }

    /** Counterexample 39. */
    @Test
    void keysThatDifferInCaseAloneAreRivalsWhereTheTableTakesThemForEqual() {
        share("CREATE TABLE tag(name TEXT COLLATE NOCASE PRIMARY KEY, colour TEXT)");
        a.sql("INSERT INTO tag VALUES ('Bob', 'red')");
        a.seal();
        world.pass(10);
        b.sql("INSERT INTO tag VALUES ('bob', 'blue')");
        world.settle(a, b, c);
        assertAllShow("tag", "Bob|red");
        assertThat(hidden(b)).containsExactly("unique: an older row, [Bob], has the same name COLLATE NOCASE");
        c.sql("DELETE FROM tag WHERE name = 'bob'");
        world.settle(a, b, c);
        assertAllShow("tag", "bob|blue");
    }

    @Test
    void aKeyThatChangesItsCaseIsARowUnderAnotherKey() {
        share("CREATE TABLE tag(name TEXT COLLATE NOCASE PRIMARY KEY, colour TEXT)");
        a.sql("INSERT INTO tag VALUES ('Bob', 'red')");
        world.settle(a, b, c);
        a.sql("UPDATE tag SET name = 'BOB'");
        world.settle(a, b, c);
        assertAllShow("tag", "BOB|red");
        assertThat(hidden(b)).isEmpty();
    }

    @Test
    void nullsAreDistinctAndCollationsAreTheIndexs() {
        share("CREATE TABLE p(id TEXT PRIMARY KEY, u TEXT, n TEXT, UNIQUE (u COLLATE NOCASE, n))");
        a.sql("INSERT INTO p VALUES ('r1', 'X', NULL), ('r2', 'X', '1')");
        a.seal();
        world.pass(10);
        b.sql("INSERT INTO p VALUES ('r3', 'x', NULL), ('r4', 'x', '1'), ('r5', 'x', '2')");
        world.settle(a, b, c);
        assertAllShow("p", "r1|X|null", "r2|X|1", "r3|x|null", "r5|x|2");
    }

    @Test
    void aUniqueIndexThatIsMadeLaterCountsToo() {
        share("CREATE TABLE q(id TEXT PRIMARY KEY, u TEXT)");
        for (TestReplica replica : List.of(a, b, c)) {
            replica.sql("CREATE UNIQUE INDEX q_u ON q(u)");
        }
        a.sql("INSERT INTO q VALUES ('r1', 'x')");
        a.seal();
        world.pass(10);
        b.sql("INSERT INTO q VALUES ('r2', 'x')");
        world.settle(a, b, c);
        assertAllShow("q", "r1|x");
    }

    @Test
    void anEmptyFileThatJoinsGetsTheUniqueKeysToo() {
        share(USER);
        a.sql("INSERT INTO user VALUES ('r1', 'x', 'a')");
        a.seal();
        world.pass(10);
        b.sql("INSERT INTO user VALUES ('r2', 'x', 'b')");
        world.settle(a, b, c);
        TestReplica d = world.replica("d");
        world.exchange(d, a);
        assertThat(d.rows("user")).containsExactly("r1|x|a");
        assertThatThrownBy(() -> d.sql("INSERT INTO user VALUES ('r9', 'x', 'd')"))
                .hasMessageContaining("UNIQUE");
    }

    // ---- REPLACE

    /** Counterexample 23. */
    @Test
    void aRowThatInsertOrReplaceTakesAwayByAnotherKeyIsSealedAsDeleted() {
        share(USER);
        a.sql("INSERT INTO user VALUES ('r1', 'x', '1'), ('r2', 'y', '2')");
        world.settle(a, b, c);
        a.sql("INSERT OR REPLACE INTO user VALUES ('r3', 'x', '3')");
        assertThat(a.rows("user")).containsExactly("r2|y|2", "r3|x|3");
        world.settle(a, b, c);
        assertAllShow("user", "r2|y|2", "r3|x|3");
        assertThat(hidden(b)).isEmpty();
    }

    /** Counterexample 23. */
    @Test
    void aRowThatUpdateOrReplaceTakesAwayIsSealedAsDeleted() {
        share(USER);
        a.sql("INSERT INTO user VALUES ('r1', 'x', '1'), ('r2', 'y', '2'), ('r3', 'z', '3')");
        world.settle(a, b, c);
        a.sql("UPDATE OR REPLACE user SET email = 'x' WHERE id = 'r2'");
        a.sql("UPDATE OR REPLACE user SET id = 'r2' WHERE id = 'r3'");
        assertThat(a.rows("user")).containsExactly("r2|z|3");
        world.settle(a, b, c);
        assertAllShow("user", "r2|z|3");
        assertThat(hidden(b)).isEmpty();
    }

    @Test
    void aKeyReplacedByOneThatDiffersInCaseIsSealedAsDeleted() {
        share("CREATE TABLE tag(name TEXT COLLATE NOCASE PRIMARY KEY, colour TEXT)");
        a.sql("INSERT INTO tag VALUES ('Bob', 'red')");
        world.settle(a, b, c);
        a.sql("REPLACE INTO tag VALUES ('BOB', 'blue')");
        world.settle(a, b, c);
        assertAllShow("tag", "BOB|blue");
        assertThat(hidden(b)).isEmpty();
    }

    @Test
    void aConflictClauseOfTheTableThatReplacesIsCapturedToo() {
        share("CREATE TABLE p(id TEXT PRIMARY KEY, u TEXT UNIQUE ON CONFLICT REPLACE)");
        a.sql("INSERT INTO p VALUES ('r1', 'x')");
        world.settle(a, b, c);
        a.sql("INSERT INTO p VALUES ('r2', 'x')");
        world.settle(a, b, c);
        assertAllShow("p", "r2|x");
    }

    /** Counterexample 24. */
    @Test
    void aRowReplacedByAnIndexThatTheTriggersDoNotKnowYetIsSealedAsDeleted() {
        share("CREATE TABLE user(id TEXT PRIMARY KEY, email TEXT, name TEXT)");
        a.sql("INSERT INTO user VALUES ('r1', 'x', 'one'), ('r2', 'y', 'two')");
        world.settle(a, b, c);
        a.sql("CREATE UNIQUE INDEX by_email ON user(email)");
        a.sql("INSERT OR REPLACE INTO user VALUES ('r3', 'x', 'three')");
        world.settle(a, b, c);
        assertAllShow("user", "r2|y|two", "r3|x|three");

        a.file().transaction(sql -> {
            sql.execute("CREATE UNIQUE INDEX by_name ON user(name)");
            sql.execute("INSERT OR REPLACE INTO user VALUES ('r4', 'z', 'two')");
        });
        world.settle(a, b, c);
        assertAllShow("user", "r3|x|three", "r4|z|two");
    }

    @Test
    void whatReplacesNothingStaysAsItWas() {
        share(USER);
        a.sql("INSERT INTO user VALUES ('r1', 'x', '1'), ('r2', 'y', '2')");
        world.settle(a, b, c);
        long sealed = a.ownSeq();
        a.sql("INSERT OR IGNORE INTO user VALUES ('r3', 'x', '3')");
        a.seal();
        assertThat(a.ownSeq()).as("nothing happened").isEqualTo(sealed);
        assertThatThrownBy(() -> a.sql("INSERT INTO user VALUES ('r3', 'x', '3')"))
                .hasMessageContaining("UNIQUE");
        assertThatThrownBy(() -> a.sql("UPDATE OR FAIL user SET email = 'z'")).hasMessageContaining("UNIQUE");
        a.sql("INSERT INTO user VALUES ('r4', 'y', '4') ON CONFLICT (email) DO UPDATE SET name = 'upserted'");
        a.sql("INSERT INTO user VALUES ('r1', 'x', '5') ON CONFLICT (id) DO UPDATE SET name = 'again'");
        world.settle(a, b, c);
        assertAllShow("user", "r1|z|again", "r2|y|upserted");
    }

    @Test
    void whatWasReplacedAndPutBackInOneSealIsAnUpdate() {
        share(USER);
        a.sql("INSERT INTO user VALUES ('r1', 'x', '1')");
        world.settle(a, b, c);
        a.sqls(
                "REPLACE INTO user VALUES ('r2', 'x', '2')",
                "DELETE FROM user WHERE id = 'r2'",
                "INSERT INTO user VALUES ('r1', 'w', '1')");
        assertThat(a.lastOps()).hasSize(1);
        world.settle(a, b, c);
        assertAllShow("user", "r1|w|1");
    }

    @Test
    void aRowWhoseOldestLifeEndsGivesWayToARivalThatIsOlderNow() {
        try (World apart = new World(folder.resolve("apart"))) {
            folder.resolve("apart").toFile().mkdirs();
            TestReplica[] all = new TestReplica[4];
            for (int i = 0; i < 4; i++) {
                all[i] = apart.replica("r" + i);
                all[i].sql("CREATE TABLE team(id TEXT PRIMARY KEY, name TEXT UNIQUE)");
                all[i].enrol("team", TableRules.defaults());
            }
            all[0].sql("INSERT INTO team VALUES ('t2', 'n0')");
            apart.settle(all[0], all[3]);
            all[3].sql("DELETE FROM team");
            all[3].seal();
            apart.pass(1_000);
            all[1].sql("INSERT INTO team VALUES ('t1', 'XY')");
            all[1].seal();
            apart.pass(1_000);
            all[2].sql("INSERT INTO team VALUES ('t2', 'XY')");
            apart.settle(all[0], all[1], all[2]);
            assertThat(all[0].rows("team")).containsExactly("t2|XY");
            apart.settle(all);

            for (TestReplica each : all) {
                assertThat(each.rows("team")).as(each.name()).containsExactly("t1|XY");
            }
        }
    }
}
