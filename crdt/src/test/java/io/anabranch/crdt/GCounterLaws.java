// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.laws.CrdtLaws;
import io.anabranch.crdt.laws.Event;
import io.anabranch.crdt.laws.Past;
import java.math.BigInteger;
import java.util.List;

class GCounterLaws extends CrdtLaws<GCounter, Integer> {
    @Override
    protected GCounter merge(GCounter a, GCounter b) {
        return a.merge(b);
    }

    @Override
    protected GCounter empty() {
        return GCounter.ZERO;
    }

    @Override
    protected Codec<GCounter> codec() {
        return GCounter.codec();
    }

    @Override
    protected List<Integer> actions() {
        return List.of(1, 2);
    }

    @Override
    protected GCounter edit(GCounter state, Event<Integer> event) {
        return state.add(event.origin(), event.action());
    }

    @Override
    protected GCounter delta(GCounter state, Event<Integer> event) {
        return state.addDelta(event.origin(), event.action());
    }

    @Override
    protected Object value(GCounter state) {
        return state.value();
    }

    /** The sum of all. */
    @Override
    protected Object expected(Past<Integer> past) {
        return BigInteger.valueOf(past.events().stream().mapToInt(Event::action).sum());
    }
}
