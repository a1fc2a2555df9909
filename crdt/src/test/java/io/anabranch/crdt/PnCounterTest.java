// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.causality.Origin;
import java.math.BigInteger;
import org.junit.jupiter.api.Test;

class PnCounterTest {
    private static final Origin A = Origin.of(0, 1);
    private static final Origin B = Origin.of(0, 2);

    @Test
    void concurrentIncrementsAllCount() {
        PnCounter start = PnCounter.ZERO.add(A, 5);

        assertThat(start.add(A, 1).merge(start.add(B, -2)).value()).isEqualTo(4);
    }

    @Test
    void overflowIsAnErrorAndNotAWrap() {
        PnCounter full = PnCounter.ZERO.add(A, Long.MAX_VALUE);

        assertThat(full.canAdd(A, 1)).isFalse();
        assertThat(full.canAdd(A, -1)).isTrue();
        assertThatThrownBy(() -> full.add(A, 1)).isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() -> full.addDelta(A, 1)).isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() -> full.add(B, Long.MIN_VALUE)).isInstanceOf(ArithmeticException.class);
        assertThat(full.add(B, 1).value()).isEqualTo(new BigInteger("9223372036854775808"));
        assertThat(full.add(A, -Long.MAX_VALUE).value()).isZero();
    }

    @Test
    void addingNothingChangesNothing() {
        assertThat(PnCounter.ZERO.add(A, 0)).isSameAs(PnCounter.ZERO);
        assertThat(PnCounter.ZERO.addDelta(A, 0)).isEqualTo(PnCounter.ZERO);
    }

    @Test
    void aTallyBelowZeroIsRefused() {
        assertThatThrownBy(() -> new PnCounter.Tally(-1, 0)).hasMessage("a tally below 0: -1, 0");
    }

    @Test
    void aTotalMayReachItsLimitAndNotPassIt() {
        PnCounter counter = PnCounter.ZERO.add(A, 10).add(A, -20);

        assertThat(counter.canAdd(A, Long.MAX_VALUE - 10)).isTrue();
        assertThat(counter.canAdd(A, Long.MAX_VALUE - 9)).isFalse();
        assertThat(counter.canAdd(A, 20 - Long.MAX_VALUE)).isTrue();
        assertThat(counter.canAdd(A, 19 - Long.MAX_VALUE)).isFalse();
        assertThat(counter.canAdd(B, Long.MIN_VALUE)).isFalse();
    }

    @Test
    void sumsBeyond64BitsAreExact() {
        PnCounter counter = PnCounter.ZERO;
        for (int i = 1; i <= 4; i++) {
            counter = counter.add(Origin.of(0, i), Long.MAX_VALUE);
        }
        assertThat(counter.value()).isEqualTo(new BigInteger("36893488147419103228"));
        for (int i = 5; i <= 12; i++) {
            counter = counter.add(Origin.of(0, i), -Long.MAX_VALUE);
        }
        assertThat(counter.value()).isEqualTo(new BigInteger("-36893488147419103228"));
    }
}
