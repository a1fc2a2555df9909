// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.causality.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PositionsTest {
    private static final Origin ANN = Origin.parse("a0000000000000000000000000000001");
    private static final Origin BOB = Origin.parse("b0000000000000000000000000000002");

    private final Positions ann = new Positions(ANN, new Random(1));
    private final Positions bob = new Positions(BOB, new Random(2));

    @Test
    void whatIsInsertedAnywhereSortsThere() {
        Random random = new Random(5);
        List<String> list = new ArrayList<>();
        for (int i = 0; i < 5_000; i++) {
            int at = random.nextInt(4) == 0 ? list.size() : random.nextInt(list.size() + 1);
            Positions who = random.nextBoolean() ? ann : bob;
            list.add(at, who.between(at == 0 ? null : list.get(at - 1), at == list.size() ? null : list.get(at)));
        }

        assertThat(list).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void aRunThatGoesOnStaysShort() {
        String last = ann.between(null, null);
        String first = last;
        for (int i = 0; i < 10_000; i++) {
            String next = ann.between(last, null);
            assertThat(next).isGreaterThan(last);
            last = next;
            String previous = ann.between(null, first);
            assertThat(previous).isLessThan(first);
            first = previous;
        }
        assertThat(last).hasSizeLessThan(30);
        assertThat(first).hasSizeLessThan(30);
    }

    @Test
    void runsThatTwoInsertAtOnePlaceDoNotInterleave() {
        String top = ann.between(null, null);
        String end = ann.between(top, null);
        for (boolean annForwards : new boolean[] {true, false}) {
            for (boolean bobForwards : new boolean[] {true, false}) {
                TreeMap<String, String> list = new TreeMap<>();
                run(ann, annForwards, top, end).forEach(position -> list.put(position, "a"));
                run(bob, bobForwards, top, end).forEach(position -> list.put(position, "b"));
                assertThat(String.join("", list.values())).isIn("aaaaabbbbb", "bbbbbaaaaa");
            }
        }
    }

    private static List<String> run(Positions who, boolean forwards, String top, String end) {
        List<String> run = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            String last = run.isEmpty() ? null : run.get(i - 1);
            run.add(
                    forwards
                            ? who.between(last == null ? top : last, end)
                            : who.between(top, last == null ? end : last));
        }
        return run;
    }

    @Test
    void textsThatAreNoPositionsHaveRoomBetweenThem() {
        String a = Positions.complete("a", ANN);
        String again = Positions.complete("a", BOB);
        String b = Positions.complete("ab", ANN);

        assertThat(List.of(a, again, b)).isSorted();
        assertThat(ann.between(a, again)).isBetween(a, again);
        assertThat(bob.between(again, b)).isBetween(again, b);
        assertThat(Positions.complete(a, BOB)).isEqualTo(a);
    }

    @Test
    void neighboursInTheWrongOrderAreAnError() {
        assertThatThrownBy(() -> ann.between("b=", "a="))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("not in order: b=, a=");
    }
}
