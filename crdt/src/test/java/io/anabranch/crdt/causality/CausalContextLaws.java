// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.causality;

import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.codec.Codecs;
import io.anabranch.crdt.laws.CrdtLaws;
import io.anabranch.crdt.laws.Event;
import io.anabranch.crdt.laws.Past;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

class CausalContextLaws extends CrdtLaws<CausalContext, Integer> {
    @Override
    protected CausalContext empty() {
        return CausalContext.EMPTY;
    }

    /** How far the next dot is from the last: 2 leaves a gap. */
    @Override
    protected List<Integer> actions() {
        return List.of(1, 2);
    }

    @Override
    protected CausalContext edit(CausalContext state, Event<Integer> event) {
        return state.with(dot(state, event));
    }

    @Override
    protected CausalContext delta(CausalContext state, Event<Integer> event) {
        return CausalContext.of(dot(state, event));
    }

    private static Dot dot(CausalContext state, Event<Integer> event) {
        return new Dot(event.origin(), state.next(event.origin()).seq() + event.action() - 1);
    }

    @Override
    protected CausalContext merge(CausalContext a, CausalContext b) {
        return a.union(b);
    }

    @Override
    protected Object value(CausalContext state) {
        Set<Dot> dots = new TreeSet<>();
        state.vector().entries().forEach((origin, seq) -> {
            for (long i = 1; i <= seq; i++) {
                dots.add(new Dot(origin, i));
            }
        });
        state.cloud().forEach(range -> {
            for (long i = range.first(); i <= range.last(); i++) {
                dots.add(new Dot(range.origin(), i));
            }
        });
        return dots;
    }

    @Override
    protected Object expected(Past<Integer> past) {
        Map<Origin, Integer> last = new HashMap<>();
        Set<Dot> dots = new TreeSet<>();
        past.events()
                .forEach(event ->
                        dots.add(new Dot(event.origin(), last.merge(event.origin(), event.action(), Integer::sum))));
        return dots;
    }

    @Override
    protected Codec<CausalContext> codec() {
        return Codecs.causalContext();
    }
}
