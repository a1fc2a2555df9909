// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.causality;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Random;
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

    @Test
    void everyHexadecimalDigitIsReadInEitherCase() {
        assertThat(Origin.parse("0123456789abcdef0123456789ABCDEF"))
                .isEqualTo(Origin.of(0x0123456789abcdefL, 0x0123456789abcdefL));
        assertThatThrownBy(() -> Origin.parse("0g0102030405060708090a0b0c0d0e0f"))
                .hasMessage("an origin has 32 hexadecimal digits: '0g0102030405060708090a0b0c0d0e0f'");
        assertThat(B.shortName()).isEqualTo("ff010203");
    }

    @Test
    void randomOriginsAreTheBytesOfTheirSource() {
        byte[] bytes = new byte[16];
        new Random(7).nextBytes(bytes);

        assertThat(Origin.random(new Random(7))).isEqualTo(Origin.of(bytes));
    }

    @Test
    void theNameWithinALifeIsAFixedFunctionOfBoth() {
        assertThat(A.within(new Dot(B, 1))).hasToString("c63a1a26fc5320b1744c79af072fc7d8");
        assertThat(A.within(new Dot(B, 3))).hasToString("225bc188b280ce710edc51525e35afea");
    }

    @Test
    void rangesKnowTheirEnds() {
        SeqRanges ranges = SeqRanges.ofBounds(1, 3, 5, 5, 8, 9);

        assertThat(ranges.prefix()).isEqualTo(3);
        assertThat(SeqRanges.EMPTY.prefix()).isZero();
        assertThat(SeqRanges.of(2, 9).prefix()).isZero();
        assertThat(ranges.containsAll(1, 3)).isTrue();
        assertThat(ranges.containsAll(1, 4)).isFalse();
        assertThat(ranges.containsAll(4, 5)).isFalse();
        assertThat(ranges.containsAll(8, 9)).isTrue();
        assertThat(ranges.containsAll(10, 10)).isFalse();
        assertThat(ranges.count()).isEqualTo(6);
        assertThat(SeqRanges.EMPTY.count()).isZero();
        assertThat(SeqRanges.of(1, Long.MAX_VALUE).count()).isEqualTo(Long.MAX_VALUE);
        assertThat(ranges.dominates(SeqRanges.ofBounds(2, 3, 9, 9))).isTrue();
        assertThat(ranges.dominates(SeqRanges.ofBounds(2, 4))).isFalse();
    }

    @Test
    void rangesThatAreAllHereAreTheSameObject() {
        SeqRanges ranges = SeqRanges.ofBounds(1, 3, 5, 5);

        assertThat(ranges.union(SeqRanges.ofBounds(2, 3, 5, 5))).isSameAs(ranges);
        assertThat(ranges.union(SeqRanges.of(4, 4))).isEqualTo(SeqRanges.of(1, 5));
        assertThat(ranges.union(SeqRanges.of(6, 7))).isEqualTo(SeqRanges.ofBounds(1, 3, 5, 7));
        assertThat(ranges).isNotEqualTo(SeqRanges.of(1, 3)).isNotEqualTo("1-3,5");
    }

    @Test
    void rangesThatTouchOrFallAreRefused() {
        assertThat(SeqRanges.ofBounds(1, 1, 3, 3).rangeCount()).isEqualTo(2);
        assertThat(SeqRanges.ofBounds()).isSameAs(SeqRanges.EMPTY);
        assertThatThrownBy(() -> SeqRanges.ofBounds(0, 1)).hasMessage("not ascending ranges: [0, 1]");
        assertThatThrownBy(() -> SeqRanges.ofBounds(1, 1, 2, 3)).hasMessage("not ascending ranges: [1, 1, 2, 3]");
        assertThatThrownBy(() -> SeqRanges.ofBounds(5, 5, 1, 2)).hasMessage("not ascending ranges: [5, 5, 1, 2]");
        assertThatThrownBy(() -> SeqRanges.ofBounds(2, 1)).hasMessage("not ascending ranges: [2, 1]");
        assertThatThrownBy(() -> SeqRanges.ofBounds(1)).hasMessage("a range without an end: [1]");
    }

    @Test
    void vectorsKeepWhatTheyHave() {
        assertThat(A1.with(A, 1)).isSameAs(A1);
        assertThat(A1.with(A, 0)).isSameAs(A1);
        assertThat(A1.union(VersionVector.EMPTY)).isSameAs(A1);
        assertThat(A1.isEmpty()).isFalse();
        assertThat(VersionVector.EMPTY.isEmpty()).isTrue();
        assertThat(VersionVector.of(Map.of(A, 0L))).isSameAs(VersionVector.EMPTY);
        assertThat(A1.minus(A1)).isEmpty();
        assertThat(A1.countMinus(A1)).isZero();
        assertThat(A1).isNotEqualTo(A1.with(A, 2)).isNotEqualTo("A1");
    }

    @Test
    void contextsHoldDotsBeyondGaps() {
        CausalContext context = CausalContext.of(List.of(new Dot(A, 1), new Dot(A, 3)));

        assertThat(context.contains(new Dot(A, 3))).isTrue();
        assertThat(context.contains(new Dot(A, 2))).isFalse();
        assertThat(context.contains(new Dot(B, 1))).isFalse();
        assertThat(context.vector()).isEqualTo(A1);
        assertThat(context.cloud()).containsExactly(new VersionVector.Range(A, 3, 3));
        assertThat(context.isEmpty()).isFalse();
        assertThat(CausalContext.EMPTY.isEmpty()).isTrue();
        assertThat(CausalContext.of(A1).contains(new Dot(A, 1))).isTrue();
        assertThat(context).isNotEqualTo(CausalContext.of(A1)).isNotEqualTo("A1");
    }

    @Test
    void timesAreOrderedAndReachFromZero() {
        assertThat(HybridTime.of(1, 1)).isGreaterThan(HybridTime.of(1, 0)).isLessThan(HybridTime.of(2, 0));
        assertThat(HybridTime.of(0, 0)).isEqualTo(HybridTime.ZERO);
        assertThat(HybridTime.of((1L << 47) - 1, 65_535).bits()).isEqualTo(Long.MAX_VALUE);
        assertThatThrownBy(() -> HybridTime.of(1L << 47, 0)).hasMessage("millis outside 0..2^47: 140737488355328");
    }
}
