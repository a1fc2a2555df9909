// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.session.SyncOutcome;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Wrong clocks rank concurrent writes at most, and not even that once a relay has answered. */
class ClockTest {
    private static final Hash128 EPOCH = new Hash128(1, 2);
    private static final long TEN_YEARS = 10L * 365 * 24 * 3600 * 1000;

    @TempDir
    Path folder;

    private World world;
    private TestReplica relay;
    private TestReplica right;
    private final AtomicLong off = new AtomicLong();
    private TestReplica wrong;

    @BeforeEach
    void world() {
        world = new World(folder);
        relay = world.replica("relay");
        relay.sql("CREATE TABLE item(id TEXT PRIMARY KEY, title TEXT)");
        relay.enrol("item", TableRules.defaults());
        relay.sql("INSERT INTO item VALUES ('cup', 'Cup')");
        relay.seal();
        right = world.replica("right");
        wrong = world.replica("wrong", () -> world.now() + off.get());
    }

    @AfterEach
    void close() {
        world.close();
    }

    private void exchange(TestReplica client) {
        World.Direct transport = new World.Direct(relay.file(), EPOCH, world::now);
        assertThat(new Exchange(client.file(), transport, "relay").run()).isInstanceOf(SyncOutcome.Settled.class);
    }

    /** Writes, as captured by the clock of the replica itself. */
    private void write(TestReplica replica, long clockMillis, String title) {
        replica.sql("UPDATE item SET title = '" + title + "' WHERE id = 'cup'");
        replica.sql("UPDATE _ab_pending SET at = " + clockMillis);
        replica.seal();
    }

    private static long lastStampMillis(TestReplica replica) {
        List<EncodedChangeSet> all = replica.changeSets();
        return new HybridTime(all.get(all.size() - 1).header().stamp()).millis();
    }

    @ParameterizedTest
    @ValueSource(longs = {TEN_YEARS, -TEN_YEARS, 90_000, -90_000})
    void writesAreStampedByTheRelaysClock(long wrongBy) {
        off.set(wrongBy);
        exchange(wrong);
        exchange(right);
        world.pass(60_000);
        write(wrong, world.now() + wrongBy, "earlier");
        assertThat(lastStampMillis(wrong)).isEqualTo(world.now());
        world.pass(1_000);
        write(right, world.now(), "later");
        for (int i = 0; i < 2; i++) {
            exchange(wrong);
            exchange(right);
        }

        assertThat(wrong.rows("item")).containsExactly("cup|later");
        assertThat(right.rows("item")).containsExactly("cup|later");
        world.assertConverged(right, wrong);
    }

    @Test
    void whatWasWrittenInTheApplicationsTransactionIsStampedSoToo() {
        off.set(TEN_YEARS);
        exchange(wrong);
        world.pass(60_000);
        wrong.file().transaction(db -> {
            db.execute("UPDATE item SET title = 'x' WHERE id = 'cup'");
            db.execute("UPDATE _ab_pending SET at = " + (world.now() + TEN_YEARS));
        });
        assertThat(lastStampMillis(wrong)).isEqualTo(world.now());
    }

    @Test
    void stampsNeverGoBackThoughTheCorrectionDoes() {
        off.set(TEN_YEARS);
        exchange(wrong);
        write(wrong, world.now() + TEN_YEARS, "one");
        long before =
                wrong.changeSets().get(wrong.changeSets().size() - 1).header().stamp();
        off.set(0);
        write(wrong, world.now(), "two");
        long after =
                wrong.changeSets().get(wrong.changeSets().size() - 1).header().stamp();

        assertThat(after).isGreaterThan(before);
    }

    @Test
    void aClockThatWasMendedIsBelievedAfterSomeAnswers() {
        off.set(TEN_YEARS);
        for (int i = 0; i < 8; i++) {
            exchange(wrong);
        }
        off.set(0);
        for (int i = 0; i < 8; i++) {
            exchange(wrong);
        }
        world.pass(60_000);
        write(wrong, world.now(), "x");
        assertThat(lastStampMillis(wrong)).isEqualTo(world.now());
    }

    @Test
    void aReplicaThatIsServedIsNoClockToGoBy() {
        off.set(TEN_YEARS);
        assertThat(new Exchange(wrong.file(), new World.Direct(relay.file(), Hash128.ZERO, world::now), "peer").run())
                .isInstanceOf(SyncOutcome.Settled.class);
        write(wrong, world.now() + TEN_YEARS, "x");
        assertThat(lastStampMillis(wrong)).isEqualTo(world.now() + TEN_YEARS);
    }

    /** Counterexample 29: another program writes while the clock is wrong, and it is mended before the write is sealed. */
    @Test
    void aClockThatWasWrongWhenAnotherProgramWroteDoesNotMoveTheStampsThatFollow() {
        exchange(wrong);
        write(wrong, world.now() + TEN_YEARS, "captured in ten years");

        assertThat(lastStampMillis(wrong)).isEqualTo(world.now());
    }

    /** DESIGN §6: such a stamp is reported, and moves nobody's clock by more than five minutes. */
    @Test
    void aStampFarAheadIsNotAdopted() {
        off.set(TEN_YEARS);
        world.settle(relay, wrong);
        write(wrong, world.now() + TEN_YEARS, "of the future");
        world.settle(relay, wrong, right);
        write(right, world.now(), "now");

        assertThat(lastStampMillis(right)).isBetween(world.now(), world.now() + HybridTime.MAX_DRIFT_MILLIS + 1);
        world.settle(relay, right, wrong);
        assertThat(wrong.rows("item"))
                .as("who saw a value beats it all the same")
                .containsExactly("cup|now");
    }

    private static List<ClockAhead> clocksAhead(TestReplica replica) {
        return replica.file().reports().moment().clocksAhead();
    }

    @Test
    void whoseClockIsAheadIsToldUntilTimeHasCaughtUp() {
        long hour = Duration.ofHours(1).toMillis();
        off.set(hour);
        world.settle(relay, wrong, right);
        assertThat(clocksAhead(right)).isEmpty();
        write(wrong, world.now() + hour, "in an hour");
        world.settle(relay, wrong, right);

        Instant stamp = Instant.ofEpochMilli(world.now() + hour);
        ClockAhead ahead = new ClockAhead(wrong.file().self(), stamp, Duration.ofHours(1));
        assertThat(clocksAhead(right)).containsExactly(ahead);
        assertThat(clocksAhead(relay)).containsExactly(ahead);
        off.set(0);
        assertThat(clocksAhead(wrong)).as("its own, once it is mended").containsExactly(ahead);

        world.pass(Duration.ofMinutes(56).toMillis());
        assertThat(clocksAhead(right)).isEmpty();
    }
}
