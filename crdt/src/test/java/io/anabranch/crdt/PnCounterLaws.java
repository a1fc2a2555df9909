// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.laws.CrdtLaws;
import io.anabranch.crdt.laws.Event;
import io.anabranch.crdt.laws.Past;
import java.math.BigInteger;
import java.util.List;

class PnCounterLaws extends CrdtLaws<PnCounter, Integer> {
    @Override
    protected PnCounter empty() {
        return PnCounter.ZERO;
    }

    @Override
    protected List<Integer> actions() {
        return List.of(1, -2);
    }

    @Override
    protected PnCounter edit(PnCounter state, Event<Integer> event) {
        return state.add(event.origin(), event.action());
    }

    @Override
    protected PnCounter delta(PnCounter state, Event<Integer> event) {
        return state.addDelta(event.origin(), event.action());
    }

    @Override
    protected PnCounter merge(PnCounter a, PnCounter b) {
        return a.merge(b);
    }

    @Override
    protected Object value(PnCounter state) {
        return state.value();
    }

    /** The sum of all. */
    @Override
    protected Object expected(Past<Integer> past) {
        return BigInteger.valueOf(past.events().stream().mapToInt(Event::action).sum());
    }

    @Override
    protected Codec<PnCounter> codec() {
        return PnCounter.codec();
    }
}
