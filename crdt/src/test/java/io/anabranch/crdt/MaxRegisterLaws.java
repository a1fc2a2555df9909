// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.codec.Codecs;
import io.anabranch.crdt.laws.CrdtLaws;
import io.anabranch.crdt.laws.Event;
import io.anabranch.crdt.laws.Past;
import java.util.List;

class MaxRegisterLaws extends CrdtLaws<MaxRegister<Long>, Long> {
    @Override
    protected MaxRegister<Long> merge(MaxRegister<Long> a, MaxRegister<Long> b) {
        return a.merge(b);
    }

    @Override
    protected MaxRegister<Long> empty() {
        return new MaxRegister<>(new Dot(Origin.of(0, 0), 1), 0L);
    }

    @Override
    protected Codec<MaxRegister<Long>> codec() {
        return MaxRegister.codec(Codecs.integer());
    }

    @Override
    protected List<Long> actions() {
        return List.of(1L, 2L);
    }

    @Override
    protected MaxRegister<Long> edit(MaxRegister<Long> state, Event<Long> event) {
        return state.write(event.dot(), event.action());
    }

    @Override
    protected MaxRegister<Long> delta(MaxRegister<Long> state, Event<Long> event) {
        return new MaxRegister<>(event.dot(), event.action());
    }

    @Override
    protected Object value(MaxRegister<Long> state) {
        return state.value();
    }

    @Override
    protected Object expected(Past<Long> past) {
        return past.events().stream().mapToLong(Event::action).max().orElse(0);
    }
}
