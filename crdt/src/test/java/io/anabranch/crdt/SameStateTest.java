// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What counts as the same state: the laws compare states, so a type that calls all of them equal would obey them. */
class SameStateTest {
    private static final Origin A = Origin.of(0, 1);
    private static final Origin B = Origin.of(0, 2);

    @Test
    void statesThatDifferAreNotEqual() {
        assertDiffer(GCounter.ZERO.add(A, 1), GCounter.ZERO.add(A, 2));
        assertDiffer(PnCounter.ZERO.add(A, 1), PnCounter.ZERO.add(A, 2).add(A, -1));
        assertDiffer(
                ResettableCounter.ZERO.add(A, 1),
                ResettableCounter.ZERO.add(A, 1).reset());
        assertDiffer(
                BoundedCounter.atLeast(0).add(A, 1), BoundedCounter.atLeast(0).add(B, 1));
        assertDiffer(BoundedCounter.atLeast(0), BoundedCounter.atLeast(1));
        assertDiffer(MvRegister.empty().write(A, 1, "x"), MvRegister.empty().write(A, 1, "y"));
        assertDiffer(GSet.empty().add("x"), GSet.empty().add("y"));
        assertDiffer(TwoPhaseSet.empty().add("x"), TwoPhaseSet.empty().add("x").remove("x"));
        assertDiffer(TwoPhaseSet.empty().add("x"), TwoPhaseSet.empty().add("y"));
        assertDiffer(OrSet.empty().add(A, "x"), OrSet.empty().add(B, "x"));
        assertDiffer(OrSet.empty(), OrSet.empty().add(A, "x").remove("x"));
        assertDiffer(RwSet.empty().add(A, "x"), RwSet.empty().remove(A, "x"));
        assertDiffer(EwFlag.OFF, EwFlag.OFF.enable(A).disable());
        assertDiffer(DwFlag.OFF, DwFlag.OFF.disable(A));
        assertDiffer(map(1), map(2));
        assertDiffer(Sequence.empty().insert(A, 0, "x"), Sequence.empty().insert(A, 0, "y"));
        assertDiffer(row("x"), row("y"));
    }

    private static void assertDiffer(Object one, Object other) {
        assertThat(one).isNotEqualTo(other).isNotEqualTo("a value of another type");
        assertThat(other).isNotEqualTo(one);
    }

    /** So that a caller sees cheaply that there is nothing to store or to send on. */
    @Test
    void mergingWhatIsHereGivesTheSameObject() {
        GCounter grow = GCounter.ZERO.add(A, 1000);
        assertThat(grow.merge(GCounter.ZERO.add(A, 1000))).isSameAs(grow);
        PnCounter both = PnCounter.ZERO.add(A, 5).add(A, -7);
        assertThat(both.merge(PnCounter.ZERO.add(A, 5).add(A, -7))).isSameAs(both);
        assertThat(both.merge(PnCounter.ZERO.add(A, 5))).isSameAs(both);
        GSet<String> set = GSet.<String>empty().add("x");
        assertThat(set.add("x")).isSameAs(set);
        assertThat(set.merge(GSet.<String>empty().add("x"))).isSameAs(set);
        BoundedCounter stock =
                BoundedCounter.atLeast(0).add(A, 1000).transfer(A, B, 300).take(A, 5);
        BoundedCounter again =
                BoundedCounter.atLeast(0).add(A, 1000).transfer(A, B, 300).take(A, 5);
        assertThat(stock.merge(again)).isSameAs(stock);
        FirstWriteRegister<String> first = new FirstWriteRegister<>(new Dot(A, 1), 0, "x");
        assertThat(first.merge(new FirstWriteRegister<>(new Dot(A, 1), 0, "x"))).isSameAs(first);
        LwwRegister<String> last = new LwwRegister<>(new Dot(A, 1), 0, "x");
        assertThat(last.merge(new LwwRegister<>(new Dot(A, 1), 0, "x"))).isSameAs(last);
        MaxRegister<Long> most = new MaxRegister<>(new Dot(A, 1), 9L);
        assertThat(most.merge(new MaxRegister<>(new Dot(A, 1), 9L))).isSameAs(most);
        MinRegister<Long> least = new MinRegister<>(new Dot(A, 1), 9L);
        assertThat(least.merge(new MinRegister<>(new Dot(A, 1), 9L))).isSameAs(least);
    }

    @Test
    void theLowestAndTheHighestValueStayWhoeverWritesNext() {
        MinRegister<Long> least = new MinRegister<>(new Dot(A, 1), 9L);
        assertThat(least.write(new Dot(B, 1), 4L).value()).isEqualTo(4);
        assertThat(least.write(new Dot(B, 1), 10L)).isEqualTo(least);
        assertThat(least.write(new Dot(B, 1), 9L).dot()).isEqualTo(new Dot(B, 1));
        MaxRegister<Long> most = new MaxRegister<>(new Dot(A, 1), 9L);
        assertThat(most.write(new Dot(B, 1), 4L)).isEqualTo(most);
        assertThat(most.write(new Dot(B, 1), 10L).value()).isEqualTo(10);
        assertThat(most.write(new Dot(B, 1), 9L).dot()).isEqualTo(new Dot(B, 1));
    }

    @Test
    void membersAndSizesAreWhatTheyWere() {
        TwoPhaseSet<String> set = TwoPhaseSet.<String>empty().add("x").add("y").remove("y");
        assertThat(set.contains("x")).isTrue();
        assertThat(set.contains("y")).isFalse();
        assertThat(set.contains("z")).isFalse();
        assertThat(OrSet.empty().isEmpty()).isTrue();
        assertThat(OrSet.empty().add(A, "x").isEmpty()).isFalse();
        assertThat(map(1).size()).isEqualTo(1);
        assertThat(OrMap.empty().size()).isZero();
    }

    @Test
    void aDeltaIsRefusedWhereTheEditIs() {
        assertThatThrownBy(() -> BoundedCounter.atLeast(0).addDelta(A, 0)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> BoundedCounter.atLeast(0).addDelta(A, -1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static OrMap<String, PnCounter> map(long amount) {
        return OrMap.<String, PnCounter>empty().update(A, "k", (counter, self) -> PnCounter.ZERO.add(self, amount));
    }

    private static RowLives<String, String> row(String title) {
        RowLives<String, String> none = RowLives.none();
        return none.apply(
                none.insert(new Dot(A, 1), 1, DeletePolicy.EDIT_WINS, Map.of("title", new CellWrite.Assign<>(title))));
    }
}
