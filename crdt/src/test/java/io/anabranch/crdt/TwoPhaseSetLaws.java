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

class TwoPhaseSetLaws extends CrdtLaws<TwoPhaseSet<String>, String> {
    @Override
    protected TwoPhaseSet<String> merge(TwoPhaseSet<String> a, TwoPhaseSet<String> b) {
        return a.merge(b);
    }

    @Override
    protected TwoPhaseSet<String> empty() {
        return TwoPhaseSet.empty();
    }

    @Override
    protected Codec<TwoPhaseSet<String>> codec() {
        return TwoPhaseSet.codec(Codecs.text());
    }

    @Override
    protected List<String> actions() {
        return List.of("+x", "-x", "+y");
    }

    @Override
    protected TwoPhaseSet<String> edit(TwoPhaseSet<String> state, Event<String> event) {
        return isAdd(event) ? state.add(element(event)) : state.remove(element(event));
    }

    @Override
    protected TwoPhaseSet<String> delta(TwoPhaseSet<String> state, Event<String> event) {
        return isAdd(event) ? state.addDelta(element(event)) : state.removeDelta(element(event));
    }

    @Override
    protected Object value(TwoPhaseSet<String> state) {
        return state.elements();
    }

    private static String element(Event<String> event) {
        return event.action().substring(1);
    }

    private static boolean isAdd(Event<String> event) {
        return event.action().startsWith("+");
    }

    /** The added without the removed. */
    @Override
    protected Object expected(Past<String> past) {
        Set<String> elements = new HashSet<>();
        past.events().stream().filter(TwoPhaseSetLaws::isAdd).forEach(event -> elements.add(element(event)));
        past.events().stream().filter(event -> !isAdd(event)).forEach(event -> elements.remove(element(event)));
        return elements;
    }

    @Override
    protected List<String> beforeTheTable() {
        return List.of("+x");
    }
}
