// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.laws;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import java.util.BitSet;

/**
 * One edit in a history.
 *
 * @param number unique within the history, from 1
 * @param stamp the time of the edit; the clocks of the three replicas are far apart on purpose
 * @param seen the numbers of the events that had reached the editor, its own included
 */
public record Event<A>(int number, Origin origin, A action, long stamp, BitSet seen) {
    public boolean saw(Event<?> other) {
        return seen.get(other.number);
    }

    /** Returns a dot that no other event has. */
    public Dot dot() {
        return new Dot(origin, number);
    }

    @Override
    public String toString() {
        return "#" + number + " " + (char) ('A' + origin.low() - 1) + " " + action + " saw " + seen;
    }
}
