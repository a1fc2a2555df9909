// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.laws.CrdtLaws;
import io.anabranch.crdt.laws.Event;
import io.anabranch.crdt.laws.Past;
import java.math.BigInteger;
import java.util.List;

class ResettableCounterLaws extends CrdtLaws<ResettableCounter, Integer> {
    @Override
    protected ResettableCounter merge(ResettableCounter a, ResettableCounter b) {
        return a.merge(b);
    }

    @Override
    protected ResettableCounter empty() {
        return ResettableCounter.ZERO;
    }

    @Override
    protected Codec<ResettableCounter> codec() {
        return ResettableCounter.codec();
    }

    @Override
    protected List<Integer> actions() {
        return List.of(1, -2, RESET);
    }

    @Override
    protected ResettableCounter edit(ResettableCounter state, Event<Integer> event) {
        return event.action() == RESET ? state.reset() : state.add(event.origin(), event.action());
    }

    @Override
    protected ResettableCounter delta(ResettableCounter state, Event<Integer> event) {
        return event.action() == RESET ? state.resetDelta() : state.addDelta(event.origin(), event.action());
    }

    @Override
    protected Object value(ResettableCounter state) {
        return state.value();
    }

    private static final int RESET = 0;

    /** The sum of what no reset saw. */
    @Override
    protected Object expected(Past<Integer> past) {
        return BigInteger.valueOf(past.standing(amount -> amount != RESET, amount -> amount == RESET).stream()
                .mapToInt(Event::action)
                .sum());
    }

    @Override
    protected List<Integer> beforeTheTable() {
        return List.of(1, 1);
    }
}
