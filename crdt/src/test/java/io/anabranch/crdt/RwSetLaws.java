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

class RwSetLaws extends CrdtLaws<RwSet<String>, String> {
    @Override
    protected RwSet<String> merge(RwSet<String> a, RwSet<String> b) {
        return a.merge(b);
    }

    @Override
    protected RwSet<String> empty() {
        return RwSet.empty();
    }

    @Override
    protected Codec<RwSet<String>> codec() {
        return RwSet.codec(Codecs.text());
    }

    @Override
    protected List<String> actions() {
        return List.of("+x", "-x", "+y");
    }

    @Override
    protected RwSet<String> edit(RwSet<String> state, Event<String> event) {
        return isAdd(event) ? state.add(event.origin(), element(event)) : state.remove(event.origin(), element(event));
    }

    @Override
    protected RwSet<String> delta(RwSet<String> state, Event<String> event) {
        return isAdd(event)
                ? state.addDelta(event.origin(), element(event))
                : state.removeDelta(event.origin(), element(event));
    }

    @Override
    protected Object value(RwSet<String> state) {
        return state.elements();
    }

    private static String element(Event<String> event) {
        return event.action().substring(1);
    }

    private static boolean isAdd(Event<String> event) {
        return event.action().startsWith("+");
    }

    /** Elements with an edit that no edit of the element saw, all of those being adds. */
    @Override
    protected Object expected(Past<String> past) {
        Set<String> elements = new HashSet<>();
        for (String element : List.of("x", "y")) {
            List<Event<String>> standing =
                    past.standing(action -> action.endsWith(element), action -> action.endsWith(element));
            if (!standing.isEmpty() && standing.stream().allMatch(RwSetLaws::isAdd)) {
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
