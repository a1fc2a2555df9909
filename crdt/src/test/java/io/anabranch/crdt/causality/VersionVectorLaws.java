// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.causality;

import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.codec.Codecs;
import io.anabranch.crdt.laws.CrdtLaws;
import io.anabranch.crdt.laws.Event;
import io.anabranch.crdt.laws.Past;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

class VersionVectorLaws extends CrdtLaws<VersionVector, Integer> {
    @Override
    protected VersionVector empty() {
        return VersionVector.EMPTY;
    }

    /** By how much the editor raises its own entry. */
    @Override
    protected List<Integer> actions() {
        return List.of(1, 3);
    }

    @Override
    protected VersionVector edit(VersionVector state, Event<Integer> event) {
        return state.with(event.origin(), state.get(event.origin()) + event.action());
    }

    @Override
    protected VersionVector delta(VersionVector state, Event<Integer> event) {
        return VersionVector.EMPTY.with(event.origin(), state.get(event.origin()) + event.action());
    }

    @Override
    protected VersionVector merge(VersionVector a, VersionVector b) {
        return a.union(b);
    }

    @Override
    protected Object value(VersionVector state) {
        return state.entries();
    }

    @Override
    protected Object expected(Past<Integer> past) {
        Map<Origin, Long> entries = new TreeMap<>();
        past.events().forEach(event -> entries.merge(event.origin(), (long) event.action(), Long::sum));
        return entries;
    }

    @Override
    protected Codec<VersionVector> codec() {
        return Codecs.versionVector();
    }
}
