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

class MinRegisterLaws extends CrdtLaws<MinRegister<Long>, Long> {
    @Override
    protected MinRegister<Long> merge(MinRegister<Long> a, MinRegister<Long> b) {
        return a.merge(b);
    }

    @Override
    protected MinRegister<Long> empty() {
        return new MinRegister<>(new Dot(Origin.of(0, 0), 1), 9L);
    }

    @Override
    protected Codec<MinRegister<Long>> codec() {
        return MinRegister.codec(Codecs.integer());
    }

    @Override
    protected List<Long> actions() {
        return List.of(1L, 2L);
    }

    @Override
    protected MinRegister<Long> edit(MinRegister<Long> state, Event<Long> event) {
        return state.write(event.dot(), event.action());
    }

    @Override
    protected MinRegister<Long> delta(MinRegister<Long> state, Event<Long> event) {
        return new MinRegister<>(event.dot(), event.action());
    }

    @Override
    protected Object value(MinRegister<Long> state) {
        return state.value();
    }

    @Override
    protected Object expected(Past<Long> past) {
        return past.events().stream().mapToLong(Event::action).min().orElse(9);
    }
}
