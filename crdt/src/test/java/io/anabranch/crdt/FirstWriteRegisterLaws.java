// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.codec.Codecs;
import io.anabranch.crdt.laws.CrdtLaws;
import io.anabranch.crdt.laws.Event;
import io.anabranch.crdt.laws.Past;
import java.util.Comparator;
import java.util.List;

class FirstWriteRegisterLaws extends CrdtLaws<FirstWriteRegister<String>, String> {
    @Override
    protected FirstWriteRegister<String> merge(FirstWriteRegister<String> a, FirstWriteRegister<String> b) {
        return a.merge(b);
    }

    @Override
    protected FirstWriteRegister<String> empty() {
        return new FirstWriteRegister<>(new Dot(Origin.of(-1, -1), 1), Long.MAX_VALUE, "unset");
    }

    @Override
    protected Codec<FirstWriteRegister<String>> codec() {
        return FirstWriteRegister.codec(Codecs.text());
    }

    @Override
    protected List<String> actions() {
        return List.of("x", "y");
    }

    @Override
    protected FirstWriteRegister<String> edit(FirstWriteRegister<String> state, Event<String> event) {
        return state.merge(delta(state, event));
    }

    /** Who sees a value does not write. */
    @Override
    protected FirstWriteRegister<String> delta(FirstWriteRegister<String> state, Event<String> event) {
        return state.equals(empty()) ? new FirstWriteRegister<>(event.dot(), event.stamp(), event.action()) : empty();
    }

    @Override
    protected Object value(FirstWriteRegister<String> state) {
        return state.value();
    }

    /** Of those that had seen none that wrote, the one of the lowest clock, then origin. */
    @Override
    protected Object expected(Past<String> past) {
        return past.events().stream()
                .filter(event -> writes(event, past))
                .min(Comparator.<Event<String>>comparingLong(Event::stamp).thenComparing(Event::origin))
                .map(Event::action)
                .orElse("unset");
    }

    private static boolean writes(Event<String> event, Past<String> past) {
        return past.history().stream().noneMatch(earlier -> event.saw(earlier) && writes(earlier, past));
    }
}
