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

class GSetLaws extends CrdtLaws<GSet<String>, String> {
    @Override
    protected GSet<String> merge(GSet<String> a, GSet<String> b) {
        return a.merge(b);
    }

    @Override
    protected GSet<String> empty() {
        return GSet.empty();
    }

    @Override
    protected Codec<GSet<String>> codec() {
        return GSet.codec(Codecs.text());
    }

    @Override
    protected List<String> actions() {
        return List.of("x", "y");
    }

    @Override
    protected GSet<String> edit(GSet<String> state, Event<String> event) {
        return state.add(event.action());
    }

    @Override
    protected GSet<String> delta(GSet<String> state, Event<String> event) {
        return state.addDelta(event.action());
    }

    @Override
    protected Object value(GSet<String> state) {
        return state.elements();
    }

    @Override
    protected Object expected(Past<String> past) {
        Set<String> all = new HashSet<>();
        past.events().forEach(event -> all.add(event.action()));
        return all;
    }
}
