// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.schedule;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private static final Random LOWEST = always(0);
    private static final Random HIGHEST = always(Math.nextDown(1.0));

    @Test
    void theCeilingDoublesUntilFiveMinutesAndStaysThere() {
        assertThat(Backoff.DEFAULT.after(1, HIGHEST)).isEqualTo(Duration.ofMillis(500));
        assertThat(Backoff.DEFAULT.after(2, HIGHEST)).isEqualTo(Duration.ofSeconds(1));
        assertThat(Backoff.DEFAULT.after(10, HIGHEST)).isEqualTo(Duration.ofSeconds(256));
        assertThat(Backoff.DEFAULT.after(11, HIGHEST)).isEqualTo(Duration.ofMinutes(5));
        assertThat(Backoff.DEFAULT.after(Integer.MAX_VALUE, HIGHEST)).isEqualTo(Duration.ofMinutes(5));
    }

    @Test
    void anyPauseBelowTheCeilingIsPossible() {
        assertThat(Backoff.DEFAULT.after(1_000, LOWEST)).isEqualTo(Duration.ofMillis(1));
        assertThat(Backoff.DEFAULT.after(11, always(0.5))).isEqualTo(Duration.ofMillis(150_001));
    }

    @Test
    void whatCannotBeIsRefused() {
        assertThatThrownBy(() -> Backoff.DEFAULT.after(0, LOWEST)).hasMessage("failures < 1: 0");
        assertThatThrownBy(() -> new Backoff(Duration.ZERO, Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Backoff(Duration.ofSeconds(2), Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static Random always(double value) {
        return new Random() {
            private static final long serialVersionUID = 1;

            @Override
            public double nextDouble() {
                return value;
            }
        };
    }
}
