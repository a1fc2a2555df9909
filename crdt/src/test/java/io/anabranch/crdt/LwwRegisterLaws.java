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

class LwwRegisterLaws extends CrdtLaws<LwwRegister<String>, String> {
    @Override
    protected LwwRegister<String> empty() {
        return new LwwRegister<>(new Dot(Origin.of(0, 0), 1), 0, "unset");
    }

    @Override
    protected List<String> actions() {
        return List.of("x", "y");
    }

    @Override
    protected LwwRegister<String> edit(LwwRegister<String> state, Event<String> event) {
        return state.write(event.dot(), event.stamp(), event.action());
    }

    @Override
    protected LwwRegister<String> delta(LwwRegister<String> state, Event<String> event) {
        return edit(state, event);
    }

    @Override
    protected LwwRegister<String> merge(LwwRegister<String> a, LwwRegister<String> b) {
        return a.merge(b);
    }

    @Override
    protected Object value(LwwRegister<String> state) {
        return state.value();
    }

    /** Nothing that was seen wins over what saw it; among the rest the highest clock, then the highest origin. */
    @Override
    protected Object expected(Past<String> past) {
        return past.events().stream()
                .max(Comparator.<Event<String>>comparingLong(event -> rank(event, past))
                        .thenComparing(Event::origin))
                .map(Event::action)
                .orElse("unset");
    }

    private static long rank(Event<String> event, Past<String> past) {
        long seen = past.history().stream()
                .filter(event::saw)
                .mapToLong(earlier -> rank(earlier, past))
                .max()
                .orElse(0);
        return Math.max(event.stamp(), seen + 1);
    }

    @Override
    protected Codec<LwwRegister<String>> codec() {
        return LwwRegister.codec(Codecs.text());
    }

    @Override
    protected List<String> beforeTheTable() {
        return List.of("x");
    }
}
