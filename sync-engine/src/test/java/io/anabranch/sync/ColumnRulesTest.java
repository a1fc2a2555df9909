// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.sync.sql.SqlException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every column rule, written with plain SQL by a program that knows nothing of Anabranch. */
class ColumnRulesTest {
    @TempDir
    Path folder;

    private World world;
    private TestReplica a;
    private TestReplica b;
    private TestReplica c;

    @BeforeEach
    void world() {
        world = new World(folder);
    }

    @AfterEach
    void close() {
        world.close();
    }

    /** Makes a table {@code t(id, v, w)} with one row, known to three replicas. */
    private void three(String type, TableRules rules, String first) {
        a = world.replica("a");
        a.sql("CREATE TABLE t(id TEXT PRIMARY KEY, v " + type + ", w TEXT)");
        a.enrol("t", rules);
        if (!first.isEmpty()) {
            write(a, "INSERT INTO t(id, v) VALUES ('x', " + first + ")");
        }
        b = world.replica("b");
        c = world.replica("c");
        world.settle(a, b, c);
    }

    private void write(TestReplica replica, String sql) {
        world.pass(10);
        replica.sql(sql);
        replica.seal();
    }

    private void set(TestReplica replica, String value) {
        write(replica, "UPDATE t SET v = " + value);
    }

    private void assertAll(String value) {
        world.settle(a, b, c);
        for (TestReplica replica : List.of(a, b, c)) {
            assertThat(shown(replica)).as(replica.name()).isEqualTo(value);
        }
        world.assertConverged(a, b, c);
    }

    private static String shown(TestReplica replica) {
        return replica.sqlValue("SELECT v FROM t");
    }

    private static String rejected(TestReplica replica) {
        return replica.sqlValue("SELECT reason FROM _ab_rejected ORDER BY id DESC");
    }

    // ---- gcounter

    @Test
    void whatEverybodyAddsToAGrowingCounterCounts() {
        three("INTEGER", TableRules.defaults().gcounter("v"), "5");
        set(a, "v + 1");
        set(b, "v + 10");
        set(c, "8");
        assertAll("19");
    }

    @Test
    void aWriteThatLowersAGrowingCounterIsRefusedWhileItsWriterIsThere() {
        three("INTEGER", TableRules.defaults().gcounter("v"), "5");

        assertThatThrownBy(() -> a.sql("UPDATE t SET v = v - 1"))
                .isInstanceOf(SqlException.class)
                .hasMessageContaining("anabranch: t.v only grows: its rule is gcounter, and a lower value is refused");
        assertThatThrownBy(() -> a.sql("UPDATE t SET v = NULL")).isInstanceOf(SqlException.class);
        assertAll("5");
    }

    @Test
    void aRowReplacedByOneWithALowerGrowingCounterShowsItsCountAgain() {
        three("INTEGER", TableRules.defaults().gcounter("v"), "5");
        write(a, "INSERT OR REPLACE INTO t VALUES ('x', 2, 'new')");

        assertThat(rejected(a)).isEqualTo("a gcounter never falls, and this is 3 less than it shows");
        assertAll("5");
        assertThat(b.rows("t")).containsExactly("x|5|new");
    }

    // ---- max, min

    @Test
    void theHighestValueEverWrittenShows() {
        three("", TableRules.defaults().max("v"), "5");
        set(a, "9");
        set(b, "7");
        set(c, "3");
        assertThat(shown(c)).isEqualTo("5");
        assertAll("9");
        set(b, "NULL");
        assertAll("9");
        set(b, "'text is above numbers'");
        assertAll("text is above numbers");
    }

    @Test
    void theLowestValueEverWrittenShows() {
        three("", TableRules.defaults().min("v"), "5");
        set(a, "4.5");
        set(b, "4");
        set(c, "x'00'");
        assertAll("4");
        set(a, "NULL");
        assertAll("4");
    }

    @Test
    void aRowThatIsInsertedAnewStartsWithoutItsOldMaximum() {
        three("", TableRules.defaults().max("v"), "9");
        write(a, "DELETE FROM t");
        write(a, "INSERT INTO t(id, v) VALUES ('x', 1)");
        assertAll("1");
    }

    // ---- set

    @Test
    void elementsAreAddedAndRemovedOneByOne() {
        three("TEXT", TableRules.defaults().set("v"), "'[\"a\", \"b\"]'");
        set(a, "'[\"a\",\"b\",\"c\"]'");
        set(b, "'[\"b\"]'");
        set(c, "'[\"d\",\"b\",\"a\"]'");
        assertAll("[\"b\",\"c\",\"d\"]");
    }

    @Test
    void anAddWinsOverARemoveThatHadNotSeenIt() {
        three("TEXT", TableRules.defaults().set("v"), "'[]'");
        set(a, "'[1]'");
        set(b, "'[1]'");
        set(b, "'[]'");
        assertAll("[1]");
        set(c, "NULL");
        assertAll("[]");
    }

    @Test
    void aSetIsShownInCanonicalFormAndOrder() {
        three("TEXT", TableRules.defaults().set("v"), "NULL");
        assertAll("[]");
        set(a, "' [ 1.0, \"1\", 1, \"\\u0062\" , {\"b\":2, \"a\":[ true,null ]}, 9007199254740993, 1e2 ] '");
        assertThat(shown(a)).isEqualTo("[\"1\",\"b\",1,100,9007199254740993,{\"a\":[true,null],\"b\":2}]");
        assertAll("[\"1\",\"b\",1,100,9007199254740993,{\"a\":[true,null],\"b\":2}]");
    }

    @Test
    void whatIsNoArrayIsRejectedAndTheSetShowsAgain() {
        three("TEXT", TableRules.defaults().set("v"), "'[1]'");
        set(a, "'{\"a\":1}'");
        assertThat(rejected(a)).isEqualTo("a set holds a JSON array: '[' was expected, at character 1");
        set(b, "'[1,]'");
        assertThat(rejected(b)).isEqualTo("a set holds a JSON array: a value was expected, at character 4");
        assertAll("[1]");
    }

    // ---- mv

    @Test
    void concurrentValuesAreAllKeptUntilSomebodyWhoSawThemChooses() {
        three("TEXT", TableRules.defaults().mv("v"), "'1.00'");
        set(a, "'2.00'");
        set(b, "'3.00'");
        assertAll("3.00");
        assertThat(siblings(c)).isEqualTo(2);

        // A whole row written with what it shows settles nothing.
        write(c, "UPDATE t SET v = '3.00', w = 'other'");
        write(c, "INSERT OR REPLACE INTO t VALUES ('x', '3.00', 'another')");
        world.settle(a, b, c);
        assertThat(siblings(a)).isEqualTo(2);

        set(c, "'2.50'");
        assertAll("2.50");
        assertThat(siblings(a)).isEqualTo(1);
    }

    private static int siblings(TestReplica replica) {
        return LogModel.of(replica).row("t", "x").siblings("v").size();
    }

    // ---- groups

    @Test
    void oneWriterWinsAllColumnsOfAGroup() {
        a = world.replica("a");
        a.sql("CREATE TABLE t(id TEXT PRIMARY KEY, v INTEGER, w TEXT, x)");
        a.enrol("t", TableRules.defaults().group("v", "w"));
        write(a, "INSERT INTO t VALUES ('x', 5, 'EUR', 0)");
        b = world.replica("b");
        c = world.replica("c");
        world.settle(a, b, c);

        write(a, "UPDATE t SET w = 'USD'");
        write(b, "UPDATE t SET v = 9, x = 1");
        world.settle(a, b, c);
        assertThat(c.rows("t")).containsExactly("x|9|EUR|1");
        write(c, "UPDATE t SET w = 'CHF'");
        write(a, "UPDATE t SET v = 1");
        world.settle(a, b, c);
        assertThat(b.rows("t")).containsExactly("x|1|EUR|1");
        world.assertConverged(a, b, c);
    }

    // ---- bounded

    @Test
    void nobodyTakesMoreThanTheyHaveRightsTo() {
        three("INTEGER", TableRules.defaults().bounded("v", 0), "10");

        assertThatThrownBy(() -> b.sql("UPDATE t SET v = v - 1"))
                .isInstanceOf(SqlException.class)
                .hasMessageContaining(
                        "anabranch: t.v cannot take so much here: this replica's rights to it are in _ab_rights");
        assertThatThrownBy(() -> a.sql("UPDATE t SET v = v - 11"))
                .isInstanceOf(SqlException.class)
                .hasMessageContaining("anabranch: t.v may not be below 0: its rule is bounded:0");
        set(a, "v - 10");
        set(b, "v + 3");
        assertAll("3");
        set(b, "v - 3");
        assertAll("0");
    }

    /** Counterexample 38. */
    @Test
    void twoUpdatesBeforeOneSealMayNotSpendTheSameRightsTwice() {
        three("INTEGER", TableRules.defaults().bounded("v", 0), "10");
        set(b, "v + 5");
        world.settle(a, b, c);
        b.sql("UPDATE t SET v = v - 3");
        assertThatThrownBy(() -> b.sql("UPDATE t SET v = v - 3")).isInstanceOf(SqlException.class);
        b.sql("UPDATE t SET v = v - 2");
        assertAll("10");
    }

    /** Counterexample 38. */
    @Test
    void replacingOrDeletingAndInsertingARowMakesNoRights() {
        three("INTEGER", TableRules.defaults().bounded("v", 0), "10");
        write(b, "INSERT OR REPLACE INTO t VALUES ('x', 4, NULL)");
        assertThat(rejected(b))
                .startsWith("it takes or gives 6, and this replica has rights to 0; who has rights to how much: {");
        assertThat(shown(b)).isEqualTo("10");

        b.sql("DELETE FROM t");
        b.sql("INSERT INTO t VALUES ('x', 10, NULL)");
        assertThatThrownBy(() -> b.sql("UPDATE t SET v = 9")).isInstanceOf(SqlException.class);
        assertAll("10");
    }

    @Test
    void aBoundedCounterNeverStartsBelowItsMinimum() {
        three("INTEGER", TableRules.defaults().bounded("v", -5), "");
        assertThatThrownBy(() -> a.sql("INSERT INTO t(id, v) VALUES ('x', -6)")).isInstanceOf(SqlException.class);
        write(a, "INSERT INTO t(id, v) VALUES ('x', NULL)");
        assertAll("-5");
    }

    @Test
    void aCopyOfTheFileHasNoRights() {
        three("INTEGER", TableRules.defaults().bounded("v", 0), "10");
        assertThat(a.sqlValue("SELECT rights FROM _ab_rights")).isEqualTo("10");
        assertThat(b.sqlValue("SELECT rights FROM _ab_rights")).isEqualTo("0");
    }

    // ---- list

    @Test
    void textsThatAreNoPositionsBecomeSome() {
        three("TEXT", TableRules.defaults().list("v"), "'b'");
        write(a, "INSERT INTO t(id, v) VALUES ('y', 'a')");
        write(b, "INSERT INTO t(id, v) VALUES ('z', 'a')");
        world.settle(a, b, c);

        assertThat(c.sqlValue("SELECT count(DISTINCT v) FROM t")).isEqualTo("3");
        assertThat(c.sqlValue("SELECT id FROM t ORDER BY v DESC")).isEqualTo("x");
        for (TestReplica replica : List.of(a, b)) {
            assertThat(replica.sqlValue("SELECT group_concat(id) FROM (SELECT id FROM t ORDER BY v)"))
                    .isEqualTo(c.sqlValue("SELECT group_concat(id) FROM (SELECT id FROM t ORDER BY v)"));
        }
        world.assertConverged(a, b, c);
    }
}
