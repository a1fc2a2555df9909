// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CounterAndFlagTest {
    private static final Origin A = Origin.of(0, 1);
    private static final Origin B = Origin.of(0, 2);

    @Test
    void aCounterThatOnlyRisesRefusesToFallAndToWrap() {
        GCounter counter = GCounter.ZERO.add(A, Long.MAX_VALUE);

        assertThatThrownBy(() -> counter.add(A, -1)).hasMessage("amount < 0: -1");
        assertThatThrownBy(() -> counter.addDelta(A, -1)).hasMessage("amount < 0: -1");
        assertThatThrownBy(() -> counter.add(A, 1)).isInstanceOf(ArithmeticException.class);
        assertThat(counter.add(B, 1).value()).isEqualTo(new BigInteger("9223372036854775808"));
        assertThat(counter.add(B, 0)).isSameAs(counter);
        assertThat(counter.total(B)).isZero();
    }

    @Test
    void aResetTakesAwayWhatItSawAndNoMore() {
        ResettableCounter counter = ResettableCounter.ZERO.add(A, 10);
        ResettableCounter reset = counter.reset();

        assertThat(reset.value()).isZero();
        assertThat(reset.merge(counter.add(B, 5)).value()).isEqualTo(5);
        assertThat(reset.merge(counter.add(A, 5)).value()).isEqualTo(5);
        assertThat(reset.resetDelta()).isEqualTo(ResettableCounter.ZERO);
    }

    /** Net values would give -8. */
    @Test
    void aResetOfARaiseAndOneOfItsLoweringTooAgreeOnZero() {
        ResettableCounter ten = ResettableCounter.ZERO.add(A, 10);
        ResettableCounter two = ten.add(A, -8);

        assertThat(ten.reset().merge(two.reset()).value()).isZero();
        assertThat(ten.reset().merge(two).value()).isEqualTo(-8);
        assertThatThrownBy(() -> ten.add(A, Long.MAX_VALUE)).isInstanceOf(ArithmeticException.class);
    }

    @Test
    void onWinsInOneFlagAndOffInTheOther() {
        EwFlag on = EwFlag.OFF.enable(A);
        assertThat(on.disable().merge(on.enable(B)).isEnabled()).isTrue();
        assertThat(on.disable().isEnabled()).isFalse();

        DwFlag dw = DwFlag.OFF.enable(A);
        assertThat(dw.disable(A).merge(dw.enable(B)).isEnabled()).isFalse();
        assertThat(dw.isEnabled()).isTrue();
        assertThat(DwFlag.OFF.isEnabled()).isFalse();
        assertThat(dw.disable(A).merge(dw.enable(B)).enable(A).isEnabled()).isTrue();
    }

    @Test
    void valuesThatCompareAsEqualGoToTheHigherDot() {
        MaxRegister<BigDecimal> a = new MaxRegister<>(new Dot(A, 1), new BigDecimal("1.0"));
        MaxRegister<BigDecimal> b = new MaxRegister<>(new Dot(B, 1), new BigDecimal("1.00"));

        assertThat(a.merge(b)).isEqualTo(b);
        assertThat(b.merge(a)).isEqualTo(b);
    }

    @Test
    void theFirstWriteStaysAndEqualTimesGoToTheLowerOrigin() {
        FirstWriteRegister<String> a = new FirstWriteRegister<>(new Dot(A, 1), 7, "a");
        FirstWriteRegister<String> b = new FirstWriteRegister<>(new Dot(B, 1), 7, "b");

        assertThat(a.merge(b).value()).isEqualTo("a");
        assertThat(b.merge(a).value()).isEqualTo("a");
        assertThatThrownBy(() -> new FirstWriteRegister<>(new Dot(A, 1), -1, "x"))
                .hasMessage("stamp < 0: -1");
    }

    @Test
    void whatATwoPhaseSetRemovedNeverComesBack() {
        TwoPhaseSet<String> set =
                TwoPhaseSet.<String>empty().add("x").remove("x").add("x");

        assertThat(set.contains("x")).isFalse();
        assertThat(TwoPhaseSet.<String>empty()
                        .remove("x")
                        .merge(TwoPhaseSet.<String>empty().add("x"))
                        .elements())
                .isEmpty();
    }

    @Test
    void aRemoveWinsOverAConcurrentAdd() {
        RwSet<String> set = RwSet.<String>empty().add(A, "x");

        assertThat(set.remove(A, "x").merge(set.add(B, "x")).contains("x")).isFalse();
        assertThat(set.remove(A, "x").add(A, "x").elements()).isEqualTo(Set.of("x"));
    }

    @Test
    void aSetThatOnlyGrowsUnites() {
        GSet<String> set = GSet.<String>empty().add("x");

        assertThat(set.add("x")).isSameAs(set);
        assertThat(set.merge(GSet.<String>empty().add("y")).elements()).containsExactlyInAnyOrder("x", "y");
        assertThat(set.size()).isEqualTo(1);
    }
}
