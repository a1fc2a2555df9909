// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.sync.change.EncodedChangeSet;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No transaction, however large, may leave a change set behind that cannot travel. */
class LargeTransactionTest {
    private static final String FILL = "WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < %d)"
            + " INSERT INTO t SELECT i, randomblob(4000000) FROM c";

    @TempDir
    Path folder;

    private World world;
    private TestReplica replica;

    @BeforeEach
    void open() {
        world = new World(folder);
        replica = world.replica("a");
        replica.sql("CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB)");
        replica.enrol("t", TableRules.defaults());
    }

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void whatAnotherProgramWroteAtOnceIsSealedInSeveralChangeSetsThatFitIntoAMessage() {
        replica.sql(FILL.formatted(12));
        replica.seal();

        List<Integer> sizes = new ArrayList<>();
        replica.file().forEachChangeSet((EncodedChangeSet set) -> sizes.add(set.bytes().length / 1_000_000));
        assertThat(sizes).containsExactly(0, 12, 12, 12, 12);
        TestReplica other = world.replica("b");
        world.settle(replica, other);
        world.assertConverged(replica, other);
    }

    @Test
    void aTransactionThatWouldNotFitIntoAMessageIsRolledBack() {
        assertThatThrownBy(() -> replica.file().transaction(db -> db.execute(FILL.formatted(12))))
                .isInstanceOf(SyncException.TransactionTooLarge.class)
                .hasMessageContaining("writes more than 40 MiB");

        assertThat(replica.sqlValue("SELECT count(*) FROM t")).isEqualTo("0");
        assertThat(replica.file().unsealed()).isZero();
    }

    /** The value to show again was once read from the change set that was rolled back under the same dot. */
    @Test
    void whatWasRolledBackIsNotShownAgainLater() {
        replica.sql("INSERT INTO t VALUES (1, 'first')");
        assertThatThrownBy(() -> replica.file().transaction(db -> {
                    db.execute("UPDATE t SET b = zeroblob(8388609) WHERE id = 1");
                    db.execute("WITH RECURSIVE c(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM c WHERE i < 9)"
                            + " INSERT INTO t SELECT i, zeroblob(8388608) FROM c");
                }))
                .isInstanceOf(SyncException.TransactionTooLarge.class);
        replica.sql("UPDATE t SET b = 'second' WHERE id = 1");
        replica.seal();

        replica.sql("UPDATE t SET b = zeroblob(8388609) WHERE id = 1");
        replica.seal();

        assertThat(replica.sqlValue("SELECT b FROM t")).isEqualTo("second");
    }

    @Test
    void aRowOfMoreThan16MiBLosesWhatIsTooMuch() {
        replica.sql("CREATE TABLE wide(id INTEGER PRIMARY KEY, a BLOB, b BLOB, c BLOB)");
        replica.enrol("wide", TableRules.defaults());
        replica.sql("INSERT INTO wide VALUES (1, zeroblob(8388608), zeroblob(8388608), x'01')");
        replica.seal();

        assertThat(replica.sqlValue("SELECT name || ': ' || reason FROM _ab_rejected"))
                .isEqualTo("c: a row of more than 16 MiB");
        assertThat(replica.sqlValue("SELECT length(a) || ' ' || length(b) || ' ' || ifnull(c, 'null') FROM wide"))
                .isEqualTo("8388608 8388608 null");
    }
}
