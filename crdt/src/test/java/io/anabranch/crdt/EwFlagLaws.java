// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.laws.CrdtLaws;
import io.anabranch.crdt.laws.Event;
import io.anabranch.crdt.laws.Past;
import java.util.List;

class EwFlagLaws extends CrdtLaws<EwFlag, String> {
    @Override
    protected EwFlag merge(EwFlag a, EwFlag b) {
        return a.merge(b);
    }

    @Override
    protected EwFlag empty() {
        return EwFlag.OFF;
    }

    @Override
    protected Codec<EwFlag> codec() {
        return EwFlag.codec();
    }

    @Override
    protected List<String> actions() {
        return List.of("on", "off");
    }

    @Override
    protected EwFlag edit(EwFlag state, Event<String> event) {
        return event.action().equals("on") ? state.enable(event.origin()) : state.disable();
    }

    @Override
    protected EwFlag delta(EwFlag state, Event<String> event) {
        return event.action().equals("on") ? state.enableDelta(event.origin()) : state.disableDelta();
    }

    @Override
    protected Object value(EwFlag state) {
        return state.isEnabled();
    }

    /** On if there is an "on" that nothing saw. */
    @Override
    protected Object expected(Past<String> past) {
        return !past.standing("on"::equals, any -> true).isEmpty();
    }

    @Override
    protected List<String> beforeTheTable() {
        return List.of("on");
    }
}
