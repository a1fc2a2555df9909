// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ClockOffsetTest {
    private final ClockOffset offset = new ClockOffset();

    @Test
    void nothingIsKnownBeforeTheFirstAnswer() {
        assertThat(offset.isKnown()).isFalse();
        assertThat(offset.millis()).isZero();
    }

    @Test
    void thePeerLookedAtItsClockHalfwayThrough() {
        offset.answered(1_000, 1_400, 61_200);
        assertThat(offset.millis()).isEqualTo(60_000);
    }

    @Test
    void itIsTheMedianOfTheLastEight() {
        for (int i = 0; i < 5; i++) {
            offset.answered(1_000, 1_000, 1_000 + 100);
        }
        for (int i = 0; i < 3; i++) {
            offset.answered(1_000, 1_000, 1_000_000_000);
        }
        assertThat(offset.millis()).isEqualTo(100);
        for (int i = 0; i < 2; i++) {
            offset.answered(1_000, 1_000, 1_000_000_000);
        }
        assertThat(offset.millis()).isEqualTo(999_999_000);
    }

    @Test
    void ofTwoInTheMiddleTheSmallerCounts() {
        offset.answered(1_000, 1_000, 1_000 - 700);
        offset.answered(1_000, 1_000, 1_000 + 20);
        assertThat(offset.millis()).isEqualTo(20);
    }

    @Test
    void slowAnswersAndThoseWithoutATimeSayNothing() {
        offset.answered(1_000, 20_000, 500_000);
        offset.answered(20_000, 1_000, 500_000);
        offset.answered(1_000, 1_000, 0);
        assertThat(offset.isKnown()).isFalse();
    }
}
