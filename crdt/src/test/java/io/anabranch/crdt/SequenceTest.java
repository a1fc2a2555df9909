// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.Codecs;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;

class SequenceTest {
    private static final Origin A = Origin.of(0, 1);
    private static final Origin B = Origin.of(0, 2);

    /** Three replicas take turns, each going on from what the last one left. */
    @Property(tries = 300)
    void inTurnsItIsAList(@ForAll @Size(max = 60) List<@IntRange(min = 0, max = 1_000_000) Integer> edits) {
        Sequence<Integer> sequence = Sequence.empty();
        List<Integer> model = new ArrayList<>();
        for (int edit : edits) {
            Origin self = Origin.of(0, edit % 3 + 1);
            int at = edit / 12 % (model.size() + 1);
            if (edit / 3 % 4 < 2 || model.isEmpty()) {
                sequence = sequence.insert(self, at, edit);
                model.add(at, edit);
            } else if (edit / 3 % 4 == 2) {
                sequence = sequence.remove(at % model.size());
                model.remove(at % model.size());
            } else {
                int from = edit / 500 % model.size();
                sequence = sequence.move(self, 1, from, at % model.size());
                model.add(at % model.size(), model.remove(from));
            }
            assertThat(sequence.values()).isEqualTo(model);
        }
    }

    @Property(tries = 100)
    void whatTwoReplicasTypeAtOnePlaceStaysInOnePiece(
            @ForAll @IntRange(min = 1, max = 8) int a,
            @ForAll @IntRange(min = 1, max = 8) int b,
            @ForAll boolean aBackwards,
            @ForAll boolean bBackwards) {
        Sequence<String> start = Sequence.<String>empty().insert(A, 0, "(").insert(A, 1, ")");
        List<String> values = typed(start, A, "a", a, aBackwards)
                .merge(typed(start, B, "b", b, bBackwards))
                .values();

        String as = text("a", a, aBackwards);
        String bs = text("b", b, bBackwards);
        assertThat(String.join("", values)).isIn("(" + as + bs + ")", "(" + bs + as + ")");
    }

    private static Sequence<String> typed(
            Sequence<String> start, Origin self, String name, int count, boolean backwards) {
        Sequence<String> typed = start;
        for (int i = 0; i < count; i++) {
            typed = typed.insert(self, backwards ? 1 : i + 1, name + i);
        }
        return typed;
    }

    private static String text(String name, int count, boolean backwards) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < count; i++) {
            text.insert(backwards ? 0 : text.length(), name + i);
        }
        return text.toString();
    }

    @Example
    void anItemMovedTwiceAtOnceIsThereOnce() {
        Sequence<String> list = list("a", "b", "c");

        Sequence<String> moved = list.move(A, 5, 0, 2).merge(list.move(B, 6, 0, 1));

        assertThat(moved.values()).containsExactly("b", "a", "c");
    }

    @Example
    void aRemoveWinsOverAConcurrentMove() {
        Sequence<String> list = list("a", "b", "c");

        assertThat(list.remove(0).merge(list.move(B, 9, 0, 2)).values()).containsExactly("b", "c");
    }

    @Example
    void itemsKeepTheirNames() {
        Sequence<String> list = list("a", "b", "c");
        Dot a = list.idAt(0);

        assertThat(list.move(B, 9, 0, 2).indexOf(a)).isEqualTo(2);
        assertThat(list.remove(0).indexOf(a)).isEqualTo(-1);
        assertThat(list.get(1)).isEqualTo("b");
    }

    @Example
    void placesStayShortWhenOneReplicaTypesEitherWay() {
        Sequence<String> list = Sequence.empty();
        for (int i = 0; i < 500; i++) {
            list = list.insert(A, list.size(), "x").insert(A, 0, "y");
        }

        assertThat(list.size()).isEqualTo(1000);
        assertThat(Sequence.codec(Codecs.text()).encode(list)).hasSizeLessThan(16_000);
    }

    @Example
    void badIndicesAreRefused() {
        Sequence<String> list = list("a", "b", "c");

        assertThatThrownBy(() -> list.insert(A, 4, "x")).hasMessage("index outside 0 to 3: 4");
        assertThatThrownBy(() -> list.remove(3)).hasMessage("index outside 0 to 2: 3");
        assertThatThrownBy(() -> list.move(A, 1, 0, -1)).hasMessage("index outside 0 to 2: -1");
        assertThatThrownBy(() -> list.move(A, 1, 3, 0)).hasMessage("index outside 0 to 2: 3");
        assertThatThrownBy(() -> list.get(3)).hasMessage("index outside 0 to 2: 3");
        assertThatThrownBy(() -> list.idAt(-1)).hasMessage("index outside 0 to 2: -1");
    }

    private static Sequence<String> list(String... values) {
        Sequence<String> list = Sequence.empty();
        for (int i = 0; i < values.length; i++) {
            list = list.insert(A, i, values[i]);
        }
        return list;
    }
}
