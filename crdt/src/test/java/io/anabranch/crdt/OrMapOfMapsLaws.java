// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.codec.Codecs;
import io.anabranch.crdt.laws.CrdtLaws;
import io.anabranch.crdt.laws.Event;
import io.anabranch.crdt.laws.Past;
import java.util.List;
import org.jspecify.annotations.Nullable;

class OrMapOfMapsLaws extends CrdtLaws<OrMap<String, OrMap<String, OrSet<String>>>, String> {
    @Override
    protected OrMap<String, OrMap<String, OrSet<String>>> merge(
            OrMap<String, OrMap<String, OrSet<String>>> a, OrMap<String, OrMap<String, OrSet<String>>> b) {
        return a.merge(b);
    }

    private static final String INNER = "k";

    @Override
    protected OrMap<String, OrMap<String, OrSet<String>>> empty() {
        return OrMap.empty();
    }

    @Override
    protected Codec<OrMap<String, OrMap<String, OrSet<String>>>> codec() {
        return OrMap.codec(Codecs.text(), OrMap.codec(Codecs.text(), OrSet.codec(Codecs.text())));
    }

    /** Adding 1 to, or taking it out of, the set in the map at a key, or removal of the key. */
    @Override
    protected List<String> actions() {
        return List.of("+x add", "+x take", "-x");
    }

    @Override
    protected OrMap<String, OrMap<String, OrSet<String>>> edit(
            OrMap<String, OrMap<String, OrSet<String>>> state, Event<String> event) {
        return event.action().startsWith("-")
                ? state.remove("x")
                : state.update(event.origin(), "x", (map, self) -> inner(map, self, event));
    }

    @Override
    protected OrMap<String, OrMap<String, OrSet<String>>> delta(
            OrMap<String, OrMap<String, OrSet<String>>> state, Event<String> event) {
        return event.action().startsWith("-")
                ? state.removeDelta("x")
                : state.updateDelta(event.origin(), "x", (map, self) -> inner(map, self, event));
    }

    private static OrMap<String, OrSet<String>> inner(
            @Nullable OrMap<String, OrSet<String>> map, Origin self, Event<String> event) {
        OrMap<String, OrSet<String>> present = map == null ? OrMap.empty() : map;
        return present.updateDelta(self, INNER, (set, editor) -> {
            OrSet<String> elements = set == null ? OrSet.empty() : set;
            return event.action().endsWith("add") ? elements.addDelta(editor, "1") : elements.removeDelta("1");
        });
    }

    @Override
    protected Object value(OrMap<String, OrMap<String, OrSet<String>>> state) {
        OrMap<String, OrSet<String>> map = state.get("x");
        return map == null ? "absent" : map.get(INNER).contains("1") ? "with 1" : "without 1";
    }

    /** The element is in it if a life that no remove ended has an add of it that no edit, in such a life, saw. */
    @Override
    protected Object expected(Past<String> past) {
        KeyLives lives = new KeyLives(past);
        List<Event<String>> edits = past.events().stream()
                .filter(event -> event.action().startsWith("+"))
                .filter(event -> lives.isAlive(lives.lifeOf(event), past.events()))
                .toList();
        boolean contained = edits.stream()
                .anyMatch(add -> add.action().endsWith("add") && edits.stream().noneMatch(edit -> edit.saw(add)));
        return edits.isEmpty() ? "absent" : contained ? "with 1" : "without 1";
    }

    @Override
    protected List<String> beforeTheTable() {
        return List.of("+x add");
    }
}
