// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.codec.Codecs;
import io.anabranch.crdt.laws.CrdtLaws;
import io.anabranch.crdt.laws.Event;
import io.anabranch.crdt.laws.Past;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

class OrMapLaws extends CrdtLaws<OrMap<String, PnCounter>, String> {
    @Override
    protected OrMap<String, PnCounter> merge(OrMap<String, PnCounter> a, OrMap<String, PnCounter> b) {
        return a.merge(b);
    }

    @Override
    protected OrMap<String, PnCounter> empty() {
        return OrMap.empty();
    }

    @Override
    protected Codec<OrMap<String, PnCounter>> codec() {
        return OrMap.codec(Codecs.text(), PnCounter.codec());
    }

    /** An increment of the counter at a key, or its removal. */
    @Override
    protected List<String> actions() {
        return List.of("+x", "-x", "+y");
    }

    @Override
    protected OrMap<String, PnCounter> edit(OrMap<String, PnCounter> state, Event<String> event) {
        String key = event.action().substring(1);
        return event.action().startsWith("+")
                ? state.update(event.origin(), key, OrMapLaws::increment)
                : state.remove(key);
    }

    @Override
    protected OrMap<String, PnCounter> delta(OrMap<String, PnCounter> state, Event<String> event) {
        String key = event.action().substring(1);
        return event.action().startsWith("+")
                ? state.updateDelta(event.origin(), key, OrMapLaws::increment)
                : state.removeDelta(key);
    }

    private static PnCounter increment(@Nullable PnCounter counter, Origin self) {
        return (counter == null ? PnCounter.ZERO : counter).addDelta(self, 1);
    }

    @Override
    protected Object value(OrMap<String, PnCounter> state) {
        Map<String, Integer> values = new HashMap<>();
        state.keys().forEach(key -> values.put(key, state.get(key).value().intValueExact()));
        return values;
    }

    /** The increments of lives that no remove ended. */
    @Override
    protected Object expected(Past<String> past) {
        KeyLives lives = new KeyLives(past);
        Map<String, Integer> values = new HashMap<>();
        for (Event<String> event : past.events()) {
            if (event.action().startsWith("+") && lives.isAlive(lives.lifeOf(event), past.events())) {
                values.merge(event.action().substring(1), 1, Integer::sum);
            }
        }
        return values;
    }

    @Override
    protected List<String> beforeTheTable() {
        return List.of("+x", "+x");
    }
}
