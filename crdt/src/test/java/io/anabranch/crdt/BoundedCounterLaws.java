// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.laws.CrdtLaws;
import io.anabranch.crdt.laws.Event;
import io.anabranch.crdt.laws.Past;
import java.math.BigInteger;
import java.util.List;
import org.jspecify.annotations.Nullable;

class BoundedCounterLaws extends CrdtLaws<BoundedCounter, String> {
    @Override
    protected BoundedCounter merge(BoundedCounter a, BoundedCounter b) {
        return a.merge(b);
    }

    @Override
    protected BoundedCounter empty() {
        return BoundedCounter.atLeast(-1);
    }

    @Override
    protected Codec<BoundedCounter> codec() {
        return BoundedCounter.codec();
    }

    @Override
    protected List<String> actions() {
        return List.of("add 2", "take 1", "give 1");
    }

    @Override
    protected @Nullable BoundedCounter edit(BoundedCounter state, Event<String> event) {
        Origin self = event.origin();
        Origin next = Origin.of(0, self.low() % 3 + 1);
        try {
            return switch (event.action()) {
                case "add 2" -> state.add(self, 2);
                case "take 1" -> state.take(self, 1);
                default -> state.transfer(self, next, 1);
            };
        } catch (InsufficientRightsException e) {
            return null;
        }
    }

    /** Rights must not arrive after what rests on them. */
    @Override
    protected @Nullable BoundedCounter delta(BoundedCounter state, Event<String> event) {
        return edit(state, event);
    }

    @Override
    protected boolean deltaHoldsPast() {
        return true;
    }

    @Override
    protected Object value(BoundedCounter state) {
        return state.value();
    }

    /** What was added less what was taken, and never below the minimum. */
    @Override
    protected Object expected(Past<String> past) {
        int value = -1;
        for (Event<String> event : past.events()) {
            value += event.action().equals("add 2") ? 2 : event.action().equals("take 1") ? -1 : 0;
        }
        if (value < -1) {
            throw new AssertionError("below the minimum: " + past);
        }
        return BigInteger.valueOf(value);
    }

    @Override
    protected List<String> beforeTheTable() {
        return List.of("add 2", "give 1");
    }
}
