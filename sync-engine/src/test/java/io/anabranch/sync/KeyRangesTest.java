// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows that replicas insert apart without a key, by plain SQL of any program, and never under one number. */
class KeyRangesTest {
    private static final String INVOICE =
            "CREATE TABLE invoice(id INTEGER PRIMARY KEY AUTOINCREMENT, customer TEXT NOT NULL)";

    @TempDir
    Path folder;

    private World world;
    private TestReplica a;
    private TestReplica b;
    private TestReplica c;

    @BeforeEach
    void open() {
        world = new World(folder);
        a = world.replica("a");
        b = world.replica("b");
        c = world.replica("c");
    }

    @AfterEach
    void close() {
        world.close();
    }

    private void share() {
        a.sql(INVOICE);
        a.sql("INSERT INTO invoice(customer) VALUES ('before')");
        a.enrol("invoice", TableRules.defaults().ranges("id"));
        world.settle(a, b, c);
    }

    private static String insert(TestReplica replica, String customer) {
        replica.sql("INSERT INTO invoice(customer) VALUES ('" + customer + "')");
        String id = replica.sqlValue("SELECT last_insert_rowid()");
        assertThat(replica.sqlValue("SELECT customer FROM invoice WHERE id = " + id))
                .isEqualTo(customer);
        return id;
    }

    @Test
    void rowsThatReplicasInsertApartWithoutAKeyNeverShareANumber() {
        share();
        Set<String> ids = new HashSet<>();
        int inserted = 0;
        for (int round = 0; round < 5; round++) {
            for (TestReplica replica : List.of(a, b, c)) {
                for (int i = 0; i < 3; i++) {
                    ids.add(insert(replica, replica.name() + " " + ++inserted));
                }
            }
            world.settle(a, b, c);
            world.assertConverged(a, b, c);
        }
        assertThat(ids).hasSize(inserted);
        assertThat(a.rows("invoice")).hasSize(inserted + 1).isEqualTo(b.rows("invoice"));
        assertThat(a.sqlValue("SELECT count(*) FROM _ab_conflict")).isEqualTo("0");
    }

    @Test
    void aStatementOfManyRowsStaysInOneRangeAndTheNextBeginsAnother() {
        share();
        b.sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 33000)"
                + " INSERT INTO invoice(customer) SELECT 'bulk' FROM n");
        b.seal();
        long last = Long.parseLong(b.sqlValue("SELECT max(id) FROM invoice"));
        long next = Long.parseLong(insert(b, "after"));
        assertThat(next).isGreaterThan(last + 1);
        assertThat(next & (1 << 15) - 1).isZero();
        world.settle(a, b, c);
        assertThat(a.sqlValue("SELECT count(*) FROM invoice")).isEqualTo("33002");
    }

    @Test
    void aKeyThatIsGivenIsTakenAsItIsAndOneNumberGivenTwiceIsReported() {
        share();
        a.sql("INSERT INTO invoice VALUES (77, 'from a')");
        b.sql("INSERT INTO invoice VALUES (77, 'from b')");
        world.settle(a, b, c);
        assertThat(a.sqlValue("SELECT count(*) FROM invoice WHERE id = 77")).isEqualTo("1");
        assertThat(a.sqlValue("SELECT count(*) FROM _ab_conflict")).isNotEqualTo("0");
    }

    @Test
    void theRuleNeedsAKeyThatSqliteNumbersFromASequence() {
        a.sql("CREATE TABLE plain(id INTEGER PRIMARY KEY, x)");
        a.sql("CREATE TABLE text(id TEXT PRIMARY KEY, x)");
        assertThatThrownBy(() -> a.enrol("plain", TableRules.defaults().ranges("id")))
                .isInstanceOf(SyncException.CannotEnrol.class)
                .hasMessageContaining("INTEGER PRIMARY KEY AUTOINCREMENT");
        assertThatThrownBy(() -> a.enrol("text", TableRules.defaults().ranges("id")))
                .hasMessageContaining("INTEGER PRIMARY KEY AUTOINCREMENT");
        a.sql(INVOICE);
        assertThatThrownBy(() -> a.enrol("invoice", TableRules.defaults().ranges("customer")))
                .hasMessageContaining("rule ranges is for an integer primary key");
    }

    @Test
    void aFileThatWasEnrolledApartTakesTheRuleFromTheSpace() {
        TestReplica d = world.replica("d");
        share();
        d.sql(INVOICE);
        world.exchange(d, a);
        d.enrol("invoice", TableRules.defaults());
        world.settle(a, d);
        assertThat(insert(a, "x")).isNotEqualTo(insert(d, "y"));
    }
}
