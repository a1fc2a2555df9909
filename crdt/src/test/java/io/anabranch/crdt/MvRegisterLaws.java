// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.codec.Codecs;
import io.anabranch.crdt.laws.CrdtLaws;
import io.anabranch.crdt.laws.Event;
import io.anabranch.crdt.laws.Past;
import java.util.Comparator;
import java.util.List;

class MvRegisterLaws extends CrdtLaws<MvRegister<String>, String> {
    @Override
    protected MvRegister<String> merge(MvRegister<String> a, MvRegister<String> b) {
        return a.merge(b);
    }

    @Override
    protected MvRegister<String> empty() {
        return MvRegister.empty();
    }

    @Override
    protected Codec<MvRegister<String>> codec() {
        return MvRegister.codec(Codecs.text());
    }

    @Override
    protected List<String> actions() {
        return List.of("x", "y");
    }

    @Override
    protected MvRegister<String> edit(MvRegister<String> state, Event<String> event) {
        return state.write(event.origin(), event.stamp(), event.action());
    }

    @Override
    protected MvRegister<String> delta(MvRegister<String> state, Event<String> event) {
        return state.writeDelta(event.origin(), event.stamp(), event.action());
    }

    @Override
    protected Object value(MvRegister<String> state) {
        return state.siblings().stream().map(LwwRegister::value).toList();
    }

    /** Every write that no other write saw, by origin. */
    @Override
    protected Object expected(Past<String> past) {
        return past.standing(any -> true, any -> true).stream()
                .sorted(Comparator.comparing(Event::origin))
                .map(Event::action)
                .toList();
    }

    @Override
    protected List<String> beforeTheTable() {
        return List.of("x");
    }
}
