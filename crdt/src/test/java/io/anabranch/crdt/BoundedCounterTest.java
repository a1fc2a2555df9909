// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.causality.Origin;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BoundedCounterTest {
    private static final Origin A = Origin.of(0, 1);
    private static final Origin B = Origin.of(0, 2);
    private static final Origin C = Origin.of(0, 3);

    @Test
    void twoReplicasThatTakeAtOnceCannotPassTheMinimum() {
        BoundedCounter stock = BoundedCounter.atLeast(0).add(A, 5).transfer(A, B, 2);

        BoundedCounter sold = stock.take(A, 3).merge(stock.take(B, 2));

        assertThat(sold.value()).isZero();
        assertThat(sold.holders()).isEmpty();
        assertThatThrownBy(() -> sold.take(A, 1)).isInstanceOf(InsufficientRightsException.class);
    }

    @Test
    void aRefusalSaysWhoHoldsRights() {
        BoundedCounter stock = BoundedCounter.atLeast(0).add(A, 5).transfer(A, B, 2);

        assertThatThrownBy(() -> stock.take(C, 1))
                .isInstanceOfSatisfying(
                        InsufficientRightsException.class,
                        refusal -> assertThat(refusal.holders()).isEqualTo(Map.of(A, 3L, B, 2L)))
                .hasMessage(C + " holds rights to 0 of 1; holders: {" + A + "=3, " + B + "=2}");
        assertThatThrownBy(() -> stock.transfer(A, C, 4)).isInstanceOf(InsufficientRightsException.class);
        assertThat(stock.rights(A)).isEqualTo(3);
    }

    @Test
    void rightsTravelOn() {
        BoundedCounter stock =
                BoundedCounter.atLeast(-10).add(A, 5).transfer(A, B, 5).transfer(B, C, 5);

        assertThat(stock.take(C, 5).value()).isEqualTo(-10);
        assertThat(stock.take(C, 5).add(B, 2).transfer(B, A, 2).take(A, 2).value())
                .isEqualTo(-10);
        assertThat(stock.minimum()).isEqualTo(-10);
    }

    @Test
    void anAddNeedsNothingAndItsDeltaIsSmall() {
        BoundedCounter stock = BoundedCounter.atLeast(0).add(A, 5);

        assertThat(stock.merge(stock.addDelta(B, 2))).isEqualTo(stock.add(B, 2));
        assertThat(stock.addDelta(B, 2).value()).isEqualTo(2);
    }

    @Test
    void badAmountsAreRefused() {
        BoundedCounter stock = BoundedCounter.atLeast(0).add(A, Long.MAX_VALUE);

        assertThatThrownBy(() -> stock.add(A, 0)).hasMessage("amount <= 0: 0");
        assertThatThrownBy(() -> stock.take(A, -1)).hasMessage("amount <= 0: -1");
        assertThatThrownBy(() -> stock.add(A, 1)).isInstanceOf(ArithmeticException.class);
        assertThatThrownBy(() -> stock.transfer(A, A, 1)).hasMessageStartingWith("a transfer to oneself");
        assertThatThrownBy(() -> stock.merge(BoundedCounter.atLeast(1))).hasMessage("minimums differ: 0, 1");
        assertThat(stock.add(B, 1).transfer(B, A, 1).rights(A)).isEqualTo(Long.MAX_VALUE);
    }
}
