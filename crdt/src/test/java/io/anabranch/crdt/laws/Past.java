// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.laws;

import java.util.List;
import java.util.function.Predicate;

/**
 * What a model computes the right answer from.
 *
 * @param events the edits that a value has to account for, by ascending number
 * @param history all edits of all replicas, for models that ask what an editor saw
 */
public record Past<A>(List<Event<A>> events, List<Event<A>> history) {
    /** Returns the events whose action matches, those excepted that an event with action {@code ender} saw. */
    public List<Event<A>> standing(Predicate<A> action, Predicate<A> ender) {
        return events.stream()
                .filter(event -> action.test(event.action()) && !isSeenBy(event, ender))
                .toList();
    }

    /** Returns whether an event whose action matches saw {@code event}. */
    public boolean isSeenBy(Event<A> event, Predicate<A> action) {
        return events.stream().anyMatch(later -> action.test(later.action()) && later.saw(event));
    }
}
