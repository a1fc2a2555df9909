// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.session.DamagedLog;
import io.anabranch.sync.transport.Transport;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Change sets that a disk has altered in a log: found, and fetched from a peer, which can put nothing else in their place. */
class HealingTest {
    private static final String ALTER_ONE =
            "UPDATE _ab_log SET bytes = CAST(substr(bytes, 1, length(bytes) - 1) || x'00'" + " AS BLOB) WHERE lsn = 3";

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
        a.sql("CREATE TABLE t(id TEXT PRIMARY KEY, title TEXT, likes INTEGER)");
        a.enrol("t", TableRules.defaults().counter("likes"));
        for (int i = 0; i < 3; i++) {
            a.sql("INSERT INTO t VALUES ('a" + i + "', 'One', 1)");
            world.settle(a, b);
            b.sql("UPDATE t SET likes = likes + 1, title = 'Two " + i + "'");
            world.settle(a, b);
        }
    }

    @AfterEach
    void close() {
        world.close();
    }

    private HealReport heal(Transport peer) {
        return new Healer(a.file().damagedLog(), a.file().self(), "shop").from(peer);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ALTER_ONE,
                "UPDATE _ab_log SET bytes = x''",
                "UPDATE _ab_log SET bytes = zeroblob(40) WHERE seq = 1",
                "UPDATE _ab_log SET bytes = zeroblob(length(bytes)) WHERE lsn IN (3, 4, 5)",
                "UPDATE _ab_log SET bytes = (SELECT bytes FROM _ab_log WHERE lsn = 5) WHERE lsn = 3",
                "UPDATE _ab_log SET hash = zeroblob(16) WHERE lsn = 3",
                "UPDATE _ab_log SET hash = zeroblob(16), bytes = zeroblob(50) WHERE seq = 2",
                "UPDATE _ab_log SET bytes = zeroblob(50) WHERE lsn = (SELECT max(lsn) FROM _ab_log)"
            })
    void whatADiskAlteredComesFromAPeer(String tampering) {
        assertThat(a.file().damagedLog().damaged()).isEmpty();
        a.sql(tampering);
        int altered = a.file().damagedLog().damaged().size();
        assertThat(altered).isPositive();

        assertThat(heal(new World.Direct(b.file()))).isEqualTo(new HealReport(altered, List.of()));

        assertThat(a.file().damagedLog().damaged()).isEmpty();
        assertThat(a.file().verify().problems()).isEmpty();
        TestReplica c = world.replica("c");
        world.settle(a, c);
        assertThat(c.rows("t")).isEqualTo(b.rows("t"));
        world.assertConverged(a, b, c);
    }

    @Test
    void aPeerThatDoesNotHaveItLeavesItNamed() {
        a.sql(ALTER_ONE);
        DamagedLog.Damaged damaged = a.file().damagedLog().damaged().get(0);

        HealReport report = heal(new World.Direct(world.replica("empty").file()));

        assertThat(report.healed()).isZero();
        assertThat(report.left().toString())
                .isEqualTo("[" + damaged.dot().origin() + ":" + damaged.dot().seq() + "]");
        assertThat(a.file().damagedLog().damaged()).containsExactly(damaged);
    }

    @Test
    void whatHashesToSomethingElseIsNotTaken() {
        a.sql(ALTER_ONE);
        DamagedLog real = a.file().damagedLog();
        DamagedLog.Damaged damaged = real.damaged().get(0);
        DamagedLog another = new DamagedLog() {
            @Override
            public List<Damaged> damaged() {
                return List.of(new Damaged(damaged.dot(), Hash128.ZERO, damaged.before()));
            }

            @Override
            public Heads heads() {
                return real.heads();
            }

            @Override
            public void replace(EncodedChangeSet whole) {
                throw new AssertionError("taken: " + whole.hash());
            }
        };

        HealReport report = new Healer(another, a.file().self(), "shop").from(new World.Direct(b.file()));

        assertThat(report.left()).hasSize(1);
    }

    @Test
    void aPeerOfWhichTheDiskAlteredTheSameHealsNothing() {
        a.sql(ALTER_ONE);
        b.sql("UPDATE _ab_log SET bytes = CAST(substr(bytes, 1, length(bytes) - 1) || x'01' AS BLOB),"
                + " hash = zeroblob(16)");

        assertThatThrownBy(() -> heal(new World.Direct(b.file()))).isInstanceOf(SyncException.class);
        assertThat(a.file().damagedLog().damaged()).hasSize(1);
    }

    @Test
    void belowWhereAPeersLogWasCutAnotherHasToHelp() {
        b.sql("UPDATE t SET likes = likes + 1");
        world.settle(a, b);
        b.file().compact();
        a.sql("UPDATE _ab_log SET bytes = zeroblob(50) WHERE seq = 1");
        int altered = a.file().damagedLog().damaged().size();

        assertThat(heal(new World.Direct(b.file())).left()).hasSize(altered);
    }
}
