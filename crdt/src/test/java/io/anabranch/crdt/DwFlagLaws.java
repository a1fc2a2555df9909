// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.laws.CrdtLaws;
import io.anabranch.crdt.laws.Event;
import io.anabranch.crdt.laws.Past;
import java.util.List;

class DwFlagLaws extends CrdtLaws<DwFlag, String> {
    @Override
    protected DwFlag merge(DwFlag a, DwFlag b) {
        return a.merge(b);
    }

    @Override
    protected DwFlag empty() {
        return DwFlag.OFF;
    }

    @Override
    protected Codec<DwFlag> codec() {
        return DwFlag.codec();
    }

    @Override
    protected List<String> actions() {
        return List.of("on", "off");
    }

    @Override
    protected DwFlag edit(DwFlag state, Event<String> event) {
        return event.action().equals("on") ? state.enable(event.origin()) : state.disable(event.origin());
    }

    @Override
    protected DwFlag delta(DwFlag state, Event<String> event) {
        return event.action().equals("on") ? state.enableDelta(event.origin()) : state.disableDelta(event.origin());
    }

    @Override
    protected Object value(DwFlag state) {
        return state.isEnabled();
    }

    /** On if there is something that nothing saw, and none of that is "off". */
    @Override
    protected Object expected(Past<String> past) {
        List<Event<String>> standing = past.standing(any -> true, any -> true);
        return !standing.isEmpty()
                && standing.stream().allMatch(event -> event.action().equals("on"));
    }

    @Override
    protected List<String> beforeTheTable() {
        return List.of("on");
    }
}
