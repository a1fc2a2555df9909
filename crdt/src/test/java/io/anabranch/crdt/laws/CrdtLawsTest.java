// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.laws;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.OrSet;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.codec.Codecs;
import java.util.List;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import org.junit.jupiter.api.Test;

/** The kit finds what is wrong with types that look right. */
class CrdtLawsTest {
    @Test
    void aSumIsNoMerge() {
        assertFound(
                new Numbers() {
                    @Override
                    protected Long merge(Long a, Long b) {
                        return a + b;
                    }
                },
                "the delta of #2 A 1 saw {1} is not the edit: 1 with 1 gives 2, not 1");
    }

    @Test
    void aMergeThatForgetsObeysTheLawsAndNotTheModel() {
        assertFound(
                new Numbers() {
                    @Override
                    protected Long edit(Long state, Event<Long> event) {
                        return 0L;
                    }

                    @Override
                    protected Long delta(Long state, Event<Long> event) {
                        return 0L;
                    }
                },
                "shows 0, the model says 1");
    }

    @Test
    void aMergeThatPrefersItsOwnIsNotCommutative() {
        assertFound(
                new Numbers() {
                    @Override
                    protected Long merge(Long a, Long b) {
                        return a == 0 ? b : a;
                    }
                },
                "is not the edit");
    }

    @Test
    void aDeltaMustNameTheDotsThatItSupersedes() {
        assertFound(new ForgetfulSet(), "is not the edit");
    }

    private static void assertFound(CrdtLaws<?, ?> wrong, String message) {
        assertThatThrownBy(wrong::everySmallHistoryConverges)
                .isInstanceOf(AssertionError.class)
                .hasMessageContaining(message);
    }

    /** The larger of two numbers, but for what a test breaks. */
    private static class Numbers extends CrdtLaws<Long, Long> {
        @Override
        protected Long empty() {
            return 0L;
        }

        @Override
        protected List<Long> actions() {
            return List.of(1L, 2L);
        }

        @Override
        protected Long edit(Long state, Event<Long> event) {
            return Math.max(state, event.action());
        }

        @Override
        protected Long delta(Long state, Event<Long> event) {
            return event.action();
        }

        @Override
        protected Long merge(Long a, Long b) {
            return Math.max(a, b);
        }

        @Override
        protected Object value(Long state) {
            return state;
        }

        @Override
        protected Object expected(Past<Long> past) {
            return past.events().stream().mapToLong(Event::action).max().orElse(0);
        }

        @Override
        protected Codec<Long> codec() {
            return Codecs.integer();
        }
    }

    /** An add-wins set whose deltas bring the new dot alone. */
    private static final class ForgetfulSet extends CrdtLaws<OrSet<String>, String> {
        @Override
        protected OrSet<String> empty() {
            return OrSet.empty();
        }

        @Override
        protected List<String> actions() {
            return List.of("add", "remove");
        }

        @Override
        protected OrSet<String> edit(OrSet<String> state, Event<String> event) {
            return event.action().equals("add") ? state.add(event.origin(), "x") : state.remove("x");
        }

        @Override
        protected OrSet<String> delta(OrSet<String> state, Event<String> event) {
            long seq = state.context().next(event.origin()).seq();
            OrSet<String> fresh = OrSet.empty();
            for (long i = 1; i < seq; i++) {
                fresh = fresh.add(event.origin(), "other").remove("other");
            }
            return event.action().equals("add") ? fresh.addDelta(event.origin(), "x") : state.removeDelta("x");
        }

        @Override
        protected OrSet<String> merge(OrSet<String> a, OrSet<String> b) {
            return a.merge(b);
        }

        @Override
        protected Object value(OrSet<String> state) {
            return state.elements();
        }

        @Override
        protected Object expected(Past<String> past) {
            return past.standing("add"::equals, any -> true).isEmpty() ? Set.of() : Set.of("x");
        }

        @Override
        protected Codec<OrSet<String>> codec() {
            return OrSet.codec(Codecs.text());
        }
    }

    /** The kit works for merge functions alone too. */
    @Test
    void mergeLawsFindAMergeThatPrefersItsOwn() {
        MergeLaws<VersionVector> wrong = new MergeLaws<>() {
            @Override
            protected VersionVector merge(VersionVector a, VersionVector b) {
                return a;
            }

            @Override
            protected Arbitrary<VersionVector> states() {
                return Arbitraries.just(VersionVector.EMPTY);
            }
        };
        VersionVector one = VersionVector.EMPTY.with(Origin.of(0, 1), 1);
        assertThatThrownBy(() -> wrong.mergeIsCommutative(VersionVector.EMPTY, one))
                .isInstanceOf(AssertionError.class);
    }
}
