// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Which address is used when, on a clock that the test moves. */
class FailoverTest {
    private static final long SECOND = 1_000_000_000L;
    /** Draws the whole of what may be waited. */
    private static final Random LONGEST = new Random() {
        private static final long serialVersionUID = 1;

        @Override
        public double nextDouble() {
            return Math.nextDown(1.0);
        }
    };

    private final Failover failover = new Failover(3, new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60)));
    private long now = 5 * SECOND;

    @Test
    void beginsWithTheOneLikedBest() {
        assertThat(failover.best(now)).isZero();
        assertThat(failover.rest(now)).isZero();
    }

    @Test
    void goesOnToTheNextAtOnce() {
        fail(0);

        assertThat(failover.best(now)).isEqualTo(1);
        fail(1);
        assertThat(failover.best(now)).isEqualTo(2);
    }

    @Test
    void restsOnlyWhileAllFail() {
        fail(0);
        fail(1);
        fail(2);

        assertThat(failover.best(now)).isEqualTo(-1);
        assertThat(failover.rest(now)).isBetween(Duration.ofMillis(990), Duration.ofMillis(1_001));
        now += failover.rest(now).toNanos();
        assertThat(failover.best(now)).isZero();
    }

    @Test
    void triesABetterOneOnceItHasRestedAndComesBackWhenItWorks() {
        fail(0);
        failover.worked(1);

        assertThat(failover.toTry(1, now)).as("it rests").isEqualTo(-1);
        now += 2 * SECOND;
        assertThat(failover.toTry(1, now)).isZero();
        assertThat(failover.best(now)).as("no more than a trial").isEqualTo(1);

        failover.worked(0);
        assertThat(failover.best(now)).isZero();
    }

    @Test
    void restsLongerWithEachFailureUpToTheCap() {
        failover.worked(1);
        long[] rests = new long[9];
        for (int i = 0; i < rests.length; i++) {
            fail(0);
            long began = now;
            while (failover.toTry(1, now) < 0) {
                now += SECOND / 1_000;
            }
            rests[i] = (now - began + SECOND / 2) / SECOND;
        }
        assertThat(rests).containsExactly(1, 2, 4, 8, 16, 32, 60, 60, 60);
    }

    @Test
    void aSuccessForgetsThatItFailed() {
        fail(0);
        fail(0);
        fail(0);
        failover.worked(0);
        fail(0);

        assertThat(failover.failures(0)).isEqualTo(1);
        now += 2 * SECOND;
        assertThat(failover.toTry(1, now)).isZero();
    }

    @Test
    void aReasonToHurryEndsRestsButNotThoseThatWereAskedFor() {
        Failover two = new Failover(2, new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60)));
        two.failed(0, now, Duration.ofSeconds(30), LONGEST);
        two.failed(1, now, Duration.ZERO, LONGEST);

        two.hurry(now);

        assertThat(two.isAskedToRest()).isFalse();
        assertThat(two.best(now)).isEqualTo(1);
        two.failed(1, now, Duration.ofSeconds(10), LONGEST);
        two.hurry(now);
        assertThat(two.isAskedToRest()).isTrue();
        assertThat(two.best(now)).isEqualTo(-1);
        assertThat(two.rest(now))
                .as("ten seconds asked for, and two drawn")
                .isBetween(Duration.ofSeconds(11), Duration.ofSeconds(13));
    }

    @Test
    void clientsOfARelayThatWasGoneDoNotComeBackTogether() {
        Random random = new Random(1);
        long first = Long.MAX_VALUE;
        long last = 0;
        for (int client = 0; client < 1_000; client++) {
            Failover each = new Failover(1, new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60)));
            for (int failures = 0; failures < 6; failures++) {
                each.failed(0, 0, Duration.ZERO, random);
            }
            first = Math.min(first, each.rest(0).toMillis());
            last = Math.max(last, each.rest(0).toMillis());
        }
        assertThat(first).isLessThan(1_000);
        assertThat(last).isBetween(30_000L, 32_000L);
    }

    @Test
    void thereIsAnAddress() {
        assertThatThrownBy(() -> new Failover(0, Backoff.DEFAULT)).hasMessageContaining("addresses < 1");
    }

    private void fail(int address) {
        failover.failed(address, now, Duration.ZERO, LONGEST);
    }
}
