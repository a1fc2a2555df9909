// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.server.net.SlowHeads.Progress;
import org.junit.jupiter.api.Test;

/** When a connection is too slow, in nanoseconds that are given; that it is ended then is tested against a running relay. */
class SlowHeadsTest {
    private static final long LIMIT = 10_000_000_000L;
    private static final long OPENED = 77;

    private final Progress progress = new Progress(OPENED, LIMIT);

    @Test
    void theFirstHeadHasTenSecondsFromTheOpening() {
        assertThat(progress.isLate(0, OPENED + LIMIT - 1)).isFalse();
        assertThat(progress.isLate(5, OPENED + LIMIT)).isFalse();
        assertThat(progress.isLate(5, OPENED + LIMIT + 1)).isTrue();
    }

    @Test
    void whatIsBeingAnsweredIsNeverLate() {
        progress.begun();
        assertThat(progress.isLate(500, OPENED + 1_000 * LIMIT)).isFalse();
    }

    @Test
    void nothingIsUnderWayBetweenTwoRequests() {
        assertThat(progress.isIdle(0)).isTrue();
        assertThat(progress.isIdle(1)).as("a head has begun").isFalse();
        progress.begun();
        assertThat(progress.isIdle(500)).isFalse();
        progress.ended(500);
        assertThat(progress.isIdle(500)).isTrue();
        assertThat(progress.isIdle(501)).as("the next head has begun").isFalse();
    }

    @Test
    void theNextHeadHasTenSecondsFromItsFirstByte() {
        progress.begun();
        progress.ended(500);
        long later = OPENED + 1_000 * LIMIT;
        assertThat(progress.isLate(500, later)).as("nothing has come").isFalse();
        assertThat(progress.isLate(501, later)).as("a byte is seen").isFalse();
        assertThat(progress.isLate(502, later + LIMIT - 1)).isFalse();
        assertThat(progress.isLate(503, later + LIMIT)).isFalse();
        assertThat(progress.isLate(504, later + LIMIT + 1)).isTrue();
    }
}
