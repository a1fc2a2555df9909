// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.causality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;

class CausalityTest {
    private static final Origin A = Origin.parse("000102030405060708090a0b0c0d0e0f");
    private static final Origin B = Origin.parse("FF0102030405060708090a0b0c0d0e0f");
    private static final VersionVector A1 = VersionVector.EMPTY.with(A, 1);

    @Test
    void originsCompareAsUnsignedBytes() {
        assertThat(A).isLessThan(B);
        assertThat(B).hasToString("ff0102030405060708090a0b0c0d0e0f");
        assertThat(Origin.of(B.bytes())).isEqualTo(B);
    }

    @Test
    void onlyHexadecimalDigitsNameAnOrigin() {
        assertThatThrownBy(() -> Origin.parse("00")).hasMessage("an origin has 32 hexadecimal digits: '00'");
        assertThatThrownBy(() -> Origin.parse("g00102030405060708090a0b0c0d0e0f"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Origin.parse("\u06630102030405060708090a0b0c0d0e0f"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Origin.of(new byte[15])).hasMessage("an origin has 16 bytes, not 15");
    }

    @Test
    void dotsCountFromOne() {
        assertThatThrownBy(() -> new Dot(A, 0)).hasMessage("seq < 1: 0");
        assertThat(new Dot(A, 2)).isGreaterThan(new Dot(A, 1)).isLessThan(new Dot(B, 1));
    }

    @Test
    void vectorsTellBeforeFromConcurrent() {
        VersionVector a2 = A1.with(A, 2);
        VersionVector b1 = VersionVector.EMPTY.with(B, 1);

        assertThat(A1.compare(a2)).isEqualTo(Causality.BEFORE);
        assertThat(a2.compare(A1)).isEqualTo(Causality.AFTER);
        assertThat(a2.compare(b1)).isEqualTo(Causality.CONCURRENT);
        assertThat(A1.compare(VersionVector.of(Map.of(A, 1L, B, 0L)))).isEqualTo(Causality.EQUAL);
        assertThat(A1.union(b1).dominates(b1)).isTrue();
        assertThat(A1.contains(new Dot(A, 1))).isTrue();
        assertThat(A1.contains(new Dot(A, 2))).isFalse();
    }

    @Test
    void theDifferenceOfVectorsIsRanges() {
        VersionVector mine = VersionVector.of(Map.of(A, 7L, B, 2L));

        assertThat(mine.minus(A1.with(A, 4)))
                .containsExactly(new VersionVector.Range(A, 5, 7), new VersionVector.Range(B, 1, 2));
        assertThat(mine.countMinus(A1.with(A, 4))).isEqualTo(5);
        assertThat(A1.minus(mine)).isEmpty();
        assertThat(VersionVector.of(Map.of(A, Long.MAX_VALUE, B, 1L)).countMinus(VersionVector.EMPTY))
                .isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void badVectorsAreRefused() {
        assertThatThrownBy(() -> VersionVector.of(Map.of(A, -1L))).hasMessageContaining("seq < 0");
        assertThatThrownBy(() -> new VersionVector.Range(A, 3, 2)).hasMessage("not a range: 3 to 2");
    }

    @Test
    void aClockTicksAboveItselfAndNeverBeforeTheWall() {
        HybridTime time = HybridTime.of(1000, 65_535);

        assertThat(time.tick(900)).isEqualTo(HybridTime.of(1001, 0));
        assertThat(time.tick(2000)).isEqualTo(HybridTime.of(2000, 0));
        assertThat(time).hasToString("1000.65535");
    }

    @Test
    void aStampFromTheFutureMovesTheClockByTheDriftGuardAtMost() {
        HybridTime now = HybridTime.of(1_000_000, 0);

        assertThat(now.observe(HybridTime.of(1_000_500, 3), 1_000_000)).isEqualTo(HybridTime.of(1_000_500, 3));
        assertThat(now.observe(HybridTime.of(1_300_001, 0), 1_000_000)).isEqualTo(HybridTime.of(1_300_000, 0));
        assertThat(now.observe(HybridTime.of(5, 0), 1_000_000)).isEqualTo(now);
        assertThat(HybridTime.of(1_300_001, 0).isAheadOf(1_000_000)).isTrue();
        assertThat(HybridTime.of(1_300_000, 0).isAheadOf(1_000_000)).isFalse();
    }

    @Test
    void theRankOfAWriteIsAboveWhatItSaw() {
        assertThat(HybridTime.rank(7, 2036)).isEqualTo(2037);
        assertThat(HybridTime.rank(3000, 2036)).isEqualTo(3000);
    }

    @Test
    void badTimesAreRefused() {
        assertThatThrownBy(() -> new HybridTime(-1)).hasMessage("bits < 0: -1");
        assertThatThrownBy(() -> HybridTime.of(-1, 0)).hasMessage("millis outside 0..2^47: -1");
        assertThatThrownBy(() -> HybridTime.of(0, 65_536)).hasMessage("counter outside 0..65535: 65536");
    }
}
