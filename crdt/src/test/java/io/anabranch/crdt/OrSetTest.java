// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import io.anabranch.crdt.causality.CausalContext;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.Codecs;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Tag;
import net.jqwik.api.constraints.Size;

class OrSetTest {
    private static final Origin A = Origin.of(0, 1);
    private static final Origin B = Origin.of(0, 2);
    private static final OrSet<String> NONE = OrSet.empty();

    @Example
    void theKnownSequenceOfAddsAndRemovesEndsEmpty() {
        OrSet<String> a = NONE.add(A, "x");
        OrSet<String> b = NONE.add(B, "x");
        OrSet<String> c = NONE.merge(a);
        a = a.remove("x");
        a = a.merge(b);
        b = b.remove("x");

        assertThat(b.merge(a.merge(c)).elements()).isEmpty();
        assertThat(c.merge(a).merge(b).elements()).isEmpty();
    }

    @Example
    void anElementThatBothHaveAndOneRemovedAndAddedAgainStays() {
        OrSet<String> a = NONE.add(A, "x");
        OrSet<String> b = a.remove("x").add(B, "x");

        assertThat(a.merge(b).elements()).containsExactly("x");
        assertThat(a.merge(b)).isEqualTo(b);
        assertThat(b.merge(a.remove("x")).elements()).containsExactly("x");
    }

    @Example
    void theDeltaOfAnAddSupersedesTheDotsThatItSaw() {
        OrSet<String> old = NONE.add(A, "x");
        OrSet<String> delta = old.addDelta(B, "x");
        OrSet<String> received = old.merge(delta);

        assertThat(received.merge(old.add(B, "x").removeDelta("x")).elements()).isEmpty();
        assertThat(delta.context()).isEqualTo(CausalContext.of(List.of(new Dot(A, 1), new Dot(B, 1))));
        assertThat(delta.merge(old)).isEqualTo(received);
    }

    @Example
    void anAddWinsOverAConcurrentRemove() {
        OrSet<String> start = NONE.add(A, "x");

        assertThat(start.add(B, "x").merge(start.remove("x")).contains("x")).isTrue();
    }

    @Example
    void aRemovedElementLeavesNothingButTheDotsSeen() {
        OrSet<String> set = NONE;
        for (int i = 0; i < 1000; i++) {
            set = set.add(A, "x" + i).remove("x" + i);
        }

        assertThat(set.isEmpty()).isTrue();
        assertThat(OrSet.codec(Codecs.text()).encode(set)).hasSize(2 + 2 + 1 + 16 + 1 + 1 + 2 + 1);
    }

    @Example
    void clearRemovesWhatIsHereAndNothingElse() {
        OrSet<String> start = NONE.add(A, "x").add(A, "y");

        assertThat(start.clear().elements()).isEmpty();
        assertThat(start.clear().merge(start.add(B, "y")).elements()).containsExactly("y");
    }

    @Example
    @Tag("large")
    void aMillionOperationsOnOneElementStaySmall() {
        OrSet<String> set = NONE;
        for (int i = 0; i < 1_000_000; i++) {
            set = set.add(A, "x");
        }

        assertThat(set.size()).isEqualTo(1);
        assertThat(set.context().seqs(A).rangeCount()).isEqualTo(1);
    }

    @Example
    void aSetThatWasReadKnowsItsElementsAndTheirDots() {
        OrSet<String> start =
                OrSet.<String>empty().add(A, "x").merge(OrSet.<String>empty().add(B, "x"));
        OrSet<String> set =
                OrSet.codec(Codecs.text()).decode(OrSet.codec(Codecs.text()).encode(start.add(A, "y")));

        assertThat(set.contains("x")).isTrue();
        assertThat(set.contains("z")).isFalse();
        assertThat(set.size()).isEqualTo(2);
        assertThat(set.remove("x").elements()).containsExactly("y");
        assertThat(start.merge(set.removeDelta("x")).isEmpty()).isTrue();
    }

    /** Anybody can choose texts of one hash code; read one against all others, these would take half a minute. */
    @Example
    @Tag("large")
    void bytesWhoseTextsAllCollideAreReadInGoodTime() {
        OrSet<String> set = OrSet.empty();
        for (int i = 0; i < 1 << 16; i++) {
            StringBuilder text = new StringBuilder();
            for (int bit = 0; bit < 16; bit++) {
                text.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            set = set.add(A, text.toString());
        }
        byte[] bytes = OrSet.codec(Codecs.text()).encode(set);

        OrSet<String> read = assertTimeout(
                Duration.ofSeconds(10), () -> OrSet.codec(Codecs.text()).decode(bytes));
        assertThat(read).isEqualTo(set);
    }

    /** Large states with many gaps, against a set that keeps every dot in plain maps. */
    @Property(tries = 200)
    void largeSetsMergeLikePlainOnes(@ForAll @Size(max = 600) List<Short> edits) {
        List<OrSet<Integer>> sets = new ArrayList<>(List.of(OrSet.empty(), OrSet.empty(), OrSet.empty()));
        List<Plain> plain = new ArrayList<>(List.of(new Plain(), new Plain(), new Plain()));
        for (int i = 0; i < edits.size(); i++) {
            int code = edits.get(i) & 0xffff;
            int replica = code % 3;
            int element = code / 3 % 97;
            Origin self = Origin.of(0, replica + 1);
            if (code % 41 == 0) {
                int from = code / 41 % 3;
                sets.set(replica, sets.get(replica).merge(sets.get(from)));
                plain.set(replica, plain.get(replica).merged(plain.get(from)));
            } else if (code % 5 == 0) {
                sets.set(replica, sets.get(replica).remove(element));
                plain.get(replica).live.values().removeIf(value -> value == element);
            } else if (code % 7 == 0) {
                int to = code / 7 % 3;
                OrSet<Integer> delta = sets.get(replica).addDelta(self, element);
                plain.get(replica).add(self, element);
                sets.set(replica, sets.get(replica).merge(delta));
                sets.set(to, sets.get(to).merge(delta));
                plain.set(to, plain.get(to).merged(Plain.of(delta)));
            } else {
                sets.set(replica, sets.get(replica).add(self, element));
                plain.get(replica).add(self, element);
            }
        }
        for (int i = 0; i < 3; i++) {
            assertThat(Plain.of(sets.get(i))).isEqualTo(plain.get(i));
            OrSet<Integer> merged = sets.get(i).merge(sets.get((i + 1) % 3));
            assertThat(Plain.of(merged)).isEqualTo(plain.get(i).merged(plain.get((i + 1) % 3)));
            assertThat(merged).isEqualTo(sets.get((i + 1) % 3).merge(sets.get(i)));
            assertThat(merged.size()).isEqualTo(new HashSet<>(merged.elements()).size());
            merged.elements()
                    .forEach(element -> assertThat(merged.contains(element)).isTrue());
        }
    }

    /** The definition, without any structure. */
    private static final class Plain {
        private final Map<Dot, Integer> live = new HashMap<>();
        private final Set<Dot> seen = new HashSet<>();

        static Plain of(OrSet<Integer> set) {
            Plain plain = new Plain();
            set.store().store().forEach(plain.live::put);
            set.context().forEach((origin, ranges) -> {
                for (int i = 0; i < ranges.rangeCount(); i++) {
                    for (long seq = ranges.first(i); seq <= ranges.last(i); seq++) {
                        plain.seen.add(new Dot(origin, seq));
                    }
                }
            });
            return plain;
        }

        void add(Origin self, int element) {
            long last = seen.stream()
                    .filter(dot -> dot.origin().equals(self))
                    .mapToLong(Dot::seq)
                    .max()
                    .orElse(0);
            live.values().removeIf(value -> value == element);
            live.put(new Dot(self, last + 1), element);
            seen.add(new Dot(self, last + 1));
        }

        Plain merged(Plain other) {
            Plain merged = new Plain();
            live.forEach((dot, element) -> {
                if (other.live.containsKey(dot) || !other.seen.contains(dot)) {
                    merged.live.put(dot, element);
                }
            });
            other.live.forEach((dot, element) -> {
                if (!seen.contains(dot)) {
                    merged.live.put(dot, element);
                }
            });
            merged.seen.addAll(seen);
            merged.seen.addAll(other.seen);
            return merged;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Plain that && live.equals(that.live) && seen.equals(that.seen);
        }

        @Override
        public int hashCode() {
            return live.hashCode();
        }

        @Override
        public String toString() {
            return live + " of " + seen;
        }
    }
}
