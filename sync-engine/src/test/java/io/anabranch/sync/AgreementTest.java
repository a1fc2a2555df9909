// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.sync.Divergence.State;
import io.anabranch.sync.session.SyncOutcome;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rows that are not what others' are at the same version vector: noticed within one exchange, named, made again. */
class AgreementTest {
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
        a.sql("CREATE TABLE item(id TEXT PRIMARY KEY, title TEXT, stock INTEGER)");
        a.enrol("item", TableRules.defaults().counter("stock"));
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 5), ('jug', 'Jug', 6), ('pot', 'Pot', 7)");
        world.settle(a, b);
        exchange();
        world.pass(60_000);
    }

    @AfterEach
    void close() {
        world.close();
    }

    private void exchange() {
        assertThat(world.exchange(b, a)).isInstanceOf(SyncOutcome.Settled.class);
    }

    private static Divergence last(TestReplica replica) {
        return replica.file().agreement().last();
    }

    /** As by a program that has triggers switched off. */
    private static void silently(TestReplica replica, String sql) {
        replica.sqls("UPDATE _ab_mode SET mode = 2", sql, "UPDATE _ab_mode SET mode = 0");
    }

    @Test
    void whoAgreesHasNothingToTell() {
        b.sql("UPDATE item SET stock = stock + 1");
        exchange();
        exchange();

        assertThat(last(a)).isNull();
        assertThat(last(b)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE item SET title = 'Bowl' WHERE id = 'cup'",
                "UPDATE item SET stock = 50 WHERE id = 'cup'",
                "DELETE FROM item WHERE id = 'cup'",
                "UPDATE _ab_row SET state = x'ffffff' WHERE k = (SELECT min(k) FROM _ab_row)",
                "DELETE FROM _ab_row WHERE k = (SELECT min(k) FROM _ab_row)",
                "UPDATE _ab_row SET state = (SELECT state FROM _ab_row ORDER BY k DESC LIMIT 1)"
                        + " WHERE k = (SELECT min(k) FROM _ab_row)",
            })
    void whatSomebodyChangedBehindTheEnginesBackIsMadeAgainWithinOneExchange(String tampering) {
        silently(b, tampering);

        exchange();

        assertThat(last(b).state()).isEqualTo(State.MENDED);
        assertThat(last(b).found().toEpochMilli()).isEqualTo(world.now());
        assertThat(last(b).ranges()).anySatisfy(range -> {
            assertThat(range.table()).isEqualTo("item");
            assertThat(range.firstKey()).isEqualTo("[\"cup\"]");
            assertThat(range.lastKey()).isEqualTo("[\"cup\"]");
        });
        assertThat(b.rows("item")).containsExactly("cup|Cup|5", "jug|Jug|6", "pot|Pot|7");
        world.assertConverged(a, b);
        assertThat(b.file().verify().problems()).isEmpty();
        exchange();
        assertThat(last(a)).isNull();
    }

    @Test
    void aDigestThatIsNotWhatAnothersIsMakesBothLookAtThemselves() {
        b.sql("UPDATE _ab_digest SET digest = zeroblob(16)");

        exchange();

        assertThat(last(b).state()).isEqualTo(State.MENDED);
        assertThat(last(b).noticedBy()).isNotNull();
        assertThat(last(b).ranges().get(0).table()).isEqualTo("item");
        world.assertConverged(a, b);
        exchange();
        // The one that is right has looked at itself, and seen the other come round.
        assertThat(last(a).state()).isEqualTo(State.SETTLED);
        assertThat(last(a).noticedBy()).contains(b.file().self().toString());
    }

    @Test
    void theSideThatAnswersMendsItselfToo() {
        a.sql("UPDATE _ab_digest SET digest = zeroblob(16)");
        b.sql("UPDATE item SET title = 'Bowl' WHERE id = 'cup'");
        exchange();
        exchange();

        assertThat(last(a).state()).isEqualTo(State.MENDED);
        world.assertConverged(a, b);
    }

    @Test
    void whatIsWrittenWhileNoTriggerStandsIsAWriteAndNoDamage() {
        b.sql("DROP TABLE item");
        b.sql("CREATE TABLE item(id TEXT PRIMARY KEY, title TEXT, stock INTEGER)");
        b.sql("INSERT INTO item VALUES ('cup', 'Bowl', 5), ('jug', 'Jug', 6), ('pot', 'Pot', 7)");

        exchange();

        assertThat(last(b)).isNull();
        assertThat(a.rows("item")).contains("cup|Bowl|5");
        world.assertConverged(a, b);
    }

    @Test
    void aHistoryThatIsDamagedTooIsSaidToBe() {
        b.sql("UPDATE _ab_log SET bytes = x'00' WHERE lsn = 1");
        silently(b, "UPDATE item SET title = 'Bowl' WHERE id = 'cup'");

        exchange();

        assertThat(last(b).state()).isEqualTo(State.DAMAGED);
        assertThat(last(b).isOpen()).isTrue();
        assertThat(last(b).detail()).contains("restore a backup");
    }

    @Test
    void aFileOfManyRowsIsLookedThroughBitByBit() {
        a.sqls(
                "WITH n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO item SELECT 'x' || i, 'X', i FROM n");
        exchange();
        exchange();
        silently(b, "UPDATE item SET title = 'Y' WHERE id = 'x4321'");

        for (int i = 0; i < 3; i++) {
            world.pass(60_000);
            exchange();
        }

        assertThat(last(b).ranges().get(0).firstKey()).isEqualTo("[\"x4321\"]");
        world.assertConverged(a, b);
    }
}
