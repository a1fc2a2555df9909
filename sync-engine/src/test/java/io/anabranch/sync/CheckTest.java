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

/** Counterexample 6: merged rows that fail a CHECK or a NOT NULL, and what is told of them. */
class CheckTest {
    private static final String SPAN = "CREATE TABLE span(id TEXT PRIMARY KEY, a INTEGER, b INTEGER,"
            + " CONSTRAINT ordered CHECK (a <= b), CHECK (a <> 13))";

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

    private void shareSpan() {
        for (TestReplica replica : List.of(a, b)) {
            replica.sql(SPAN);
            replica.enrol("span", TableRules.defaults());
        }
        a.sql("INSERT INTO span VALUES ('s', 3, 6)");
        world.settle(a, b);
    }

    private static List<String> violations(TestReplica replica) {
        return replica.column("SELECT reason FROM _ab_violation");
    }

    @Test
    void aCheckBrokenByTwoLegalWritesIsShownAndReported() {
        shareSpan();
        a.sql("UPDATE span SET a = 5");
        b.sql("UPDATE span SET b = 4");
        world.settle(a, b);
        for (TestReplica replica : List.of(a, b)) {
            assertThat(replica.rows("span")).containsExactly("s|5|4");
            assertThat(replica.file().reports().violations())
                    .containsExactly(new Violation("span", List.of(Value.of("s")), "CHECK constraint failed: ordered"));
        }
        world.assertConverged(a, b);
        assertThatThrownBy(() -> a.sql("UPDATE span SET a = 13"))
                .as("the application's own writes are still checked")
                .hasMessageContaining("CHECK");
    }

    @Test
    void theReportGoesWhereverTheRowIsMended() {
        aCheckBrokenByTwoLegalWritesIsShownAndReported();
        a.sql("UPDATE span SET b = 9");
        a.seal();
        assertThat(violations(a)).isEmpty();
        world.settle(a, b);
        assertThat(violations(b)).isEmpty();
    }

    @Test
    void theReportGoesByTheNameThatTheApplicationHasForTheTable() {
        aCheckBrokenByTwoLegalWritesIsShownAndReported();
        b.sql("ALTER TABLE span RENAME TO stretch");
        b.seal();
        assertThat(b.file().reports().violations()).extracting(Violation::table).containsExactly("stretch");
    }

    @Test
    void theReportGoesWithTheRow() {
        aCheckBrokenByTwoLegalWritesIsShownAndReported();
        b.sql("DELETE FROM span");
        world.settle(a, b);
        assertThat(violations(a)).isEmpty();
        assertThat(violations(b)).isEmpty();
    }

    /** SQLite asks only the CHECKs of columns that are written, and the row that is put right is written whole. */
    @Test
    void aRowThatFailsACheckShowsItsStateAgainAfterAValueThatIsNoWrite() {
        for (TestReplica replica : List.of(a, b)) {
            replica.sql("CREATE TABLE t(id TEXT PRIMARY KEY, a INTEGER, b INTEGER, low INTEGER, CHECK (a <= b))");
            replica.enrol("t", TableRules.defaults().min("low"));
        }
        a.sql("INSERT INTO t VALUES ('s', 3, 6, 1)");
        world.settle(a, b);
        a.sql("UPDATE t SET a = 5");
        b.sql("UPDATE t SET b = 4");
        world.settle(a, b);

        a.sql("UPDATE t SET low = 2");
        world.settle(a, b);

        assertThat(a.rows("t")).containsExactly("s|5|4|1");
        assertThat(b.rows("t")).containsExactly("s|5|4|1");
    }

    @Test
    void oneRowOfManyThatIsRefusedKeepsNoOtherFromShowing() {
        a.sql("CREATE TABLE t(id TEXT PRIMARY KEY, v TEXT)");
        a.enrol("t", TableRules.defaults());
        b.sql("CREATE TABLE t(id TEXT PRIMARY KEY, v TEXT NOT NULL)");
        b.enrol("t", TableRules.defaults());
        a.sql("WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 25)"
                + " INSERT INTO t SELECT 'k' || i, nullif('v' || i, 'v14') FROM c");

        world.settle(a, b);

        assertThat(b.sqlValue("SELECT count(*) FROM t")).isEqualTo("24");
        assertThat(b.sqlValue("SELECT count(*) FROM _ab_hidden WHERE kind = 'not null'"))
                .isEqualTo("1");
        assertThat(b.sqlValue("SELECT count(*) FROM t WHERE v = 'v' || substr(id, 2)"))
                .isEqualTo("24");
    }

    @Test
    void aRowWithoutAValueThatMayNotBeNullIsHiddenUntilItHasOne() {
        a.sql("CREATE TABLE t(id TEXT PRIMARY KEY, v TEXT)");
        b.sql("CREATE TABLE t(id TEXT PRIMARY KEY, v TEXT NOT NULL)");
        a.enrol("t", TableRules.defaults());
        b.enrol("t", TableRules.defaults());
        a.sql("INSERT INTO t VALUES ('x', NULL)");
        world.settle(a, b);
        assertThat(b.rows("t")).isEmpty();
        HiddenRow hidden = b.file().reports().hidden().get(0);
        assertThat(hidden.kind()).isEqualTo("not null");
        assertThat(hidden.waitsFor()).isNull();
        assertThat(hidden.remedy()).isEqualTo("insert the row's key again with values that the table takes");
        a.sql("UPDATE t SET v = 'now'");
        world.settle(a, b);
        assertThat(b.rows("t")).containsExactly("x|now");
        assertThat(b.file().reports().hidden()).isEmpty();
    }

    /** An older row that is refused for its own sake is nobody's rival. */
    @Test
    void aRowThatTheTableRefusesGivesWayToItsRival() {
        a.sql("CREATE TABLE t(id TEXT PRIMARY KEY, u TEXT UNIQUE, v TEXT)");
        b.sql("CREATE TABLE t(id TEXT PRIMARY KEY, u TEXT UNIQUE, v TEXT NOT NULL)");
        a.enrol("t", TableRules.defaults());
        b.enrol("t", TableRules.defaults());
        a.sql("INSERT INTO t VALUES ('old', 'x', NULL)");
        a.seal();
        world.pass(10);
        b.sql("INSERT INTO t VALUES ('young', 'x', 'v')");
        world.settle(a, b);
        assertThat(a.rows("t")).containsExactly("old|x|null");
        assertThat(b.rows("t")).containsExactly("young|x|v");
        assertThat(b.file().reports().hidden()).hasSize(1);
        a.sql("UPDATE t SET v = 'w'");
        world.settle(a, b);
        assertThat(b.rows("t")).containsExactly("old|x|w");
        assertThat(b.file().reports().hidden()).extracting(HiddenRow::kind).containsExactly("unique");
    }

    @Test
    void aHiddenRowIsToldWithItsValuesAndWhatWouldShowIt() {
        for (TestReplica replica : List.of(a, b)) {
            replica.sql("CREATE TABLE user(id TEXT PRIMARY KEY, email TEXT UNIQUE, name TEXT)");
            replica.enrol("user", TableRules.defaults());
        }
        a.sql("INSERT INTO user VALUES ('r1', 'x', 'Ann')");
        a.seal();
        world.pass(10);
        b.sql("INSERT INTO user VALUES ('r2', 'x', 'Bob')");
        world.settle(a, b);
        HiddenRow hidden = a.file().reports().hidden().get(0);
        assertThat(hidden.table()).isEqualTo("user");
        assertThat(hidden.key()).containsExactly(Value.of("r2"));
        assertThat(hidden.values()).isEqualTo(Map.of("email", Value.of("x"), "name", Value.of("Bob")));
        assertThat(hidden.waitsFor()).isEqualTo(new HiddenRow.Awaited("user", Map.of("id", Value.of("r1"))));
        assertThat(hidden.remedy())
                .isEqualTo("delete the row of user with id = r1, or give one of the two another value: this one by"
                        + " inserting its key again");
    }
}
