// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RateLimiterTest {
    private static final long SECOND = 1_000_000_000L;

    private long now = 17;
    private final RateLimiter limiter = new RateLimiter(20, 100, () -> now);

    @Test
    void theBurstPassesAndNoMore() {
        for (int i = 0; i < 100; i++) {
            assertThat(limiter.take("ann")).isZero();
        }
        assertThat(limiter.take("ann")).isEqualTo(1);
        assertThat(limiter.take("bob")).isZero();
    }

    @Test
    void twentyPassEachSecondAfterTheBurst() {
        drain("ann");
        now += SECOND;
        for (int i = 0; i < 20; i++) {
            assertThat(limiter.take("ann")).isZero();
        }
        assertThat(limiter.take("ann")).isEqualTo(1);
    }

    @Test
    void theNextPassesATwentiethOfASecondAfterTheBurst() {
        drain("ann");
        now += SECOND / 20 - 1;
        assertThat(limiter.take("ann")).isEqualTo(1);
        now += 1;
        assertThat(limiter.take("ann")).isZero();
        assertThat(limiter.take("ann")).isEqualTo(1);
    }

    @Test
    void aPauseFillsTheBucketAndNoFurther() {
        drain("ann");
        now += 3_600 * SECOND;
        for (int i = 0; i < 100; i++) {
            assertThat(limiter.take("ann")).isZero();
        }
        assertThat(limiter.take("ann")).isEqualTo(1);
    }

    @Test
    void theWaitIsLongerWhereRequestsAreRarer() {
        RateLimiter slow = new RateLimiter(1, 1, () -> now);
        assertThat(slow.take("ann")).isZero();
        assertThat(slow.take("ann")).isEqualTo(1);
        now += SECOND - 1;
        assertThat(slow.take("ann")).isEqualTo(1);
        now += 1;
        assertThat(slow.take("ann")).isZero();
    }

    @Test
    void amongVeryManyCallersTheLatestAreRemembered() {
        drain("ann");
        for (int i = 0; i < 9_999; i++) {
            limiter.take("caller " + i);
        }
        assertThat(limiter.take("ann")).isEqualTo(1);
        for (int i = 0; i < 10_000; i++) {
            limiter.take("caller " + i);
        }
        assertThat(limiter.take("ann")).isZero();
    }

    private void drain(String caller) {
        for (int i = 0; i < 100; i++) {
            limiter.take(caller);
        }
    }
}
