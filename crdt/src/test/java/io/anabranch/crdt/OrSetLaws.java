// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.codec.Codecs;
import io.anabranch.crdt.laws.CrdtLaws;
import io.anabranch.crdt.laws.Event;
import io.anabranch.crdt.laws.Past;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

class OrSetLaws extends CrdtLaws<OrSet<String>, String> {
    @Override
    protected OrSet<String> merge(OrSet<String> a, OrSet<String> b) {
        return a.merge(b);
    }

    @Override
    protected OrSet<String> empty() {
        return OrSet.empty();
    }

    @Override
    protected Codec<OrSet<String>> codec() {
        return OrSet.codec(Codecs.text());
    }

    @Override
    protected List<String> actions() {
        return List.of("+x", "-x", "+y");
    }

    @Override
    protected OrSet<String> edit(OrSet<String> state, Event<String> event) {
        return isAdd(event) ? state.add(event.origin(), element(event)) : state.remove(element(event));
    }

    @Override
    protected OrSet<String> delta(OrSet<String> state, Event<String> event) {
        return isAdd(event) ? state.addDelta(event.origin(), element(event)) : state.removeDelta(element(event));
    }

    @Override
    protected Object value(OrSet<String> state) {
        return state.elements();
    }

    private static String element(Event<String> event) {
        return event.action().substring(1);
    }

    private static boolean isAdd(Event<String> event) {
        return event.action().startsWith("+");
    }

    /** Elements with an add that no edit of the element saw. */
    @Override
    protected Object expected(Past<String> past) {
        Set<String> elements = new HashSet<>();
        for (String element : List.of("x", "y")) {
            if (!past.standing(("+" + element)::equals, action -> action.endsWith(element))
                    .isEmpty()) {
                elements.add(element);
            }
        }
        return elements;
    }

    @Override
    protected List<String> beforeTheTable() {
        return List.of("+x");
    }
}
