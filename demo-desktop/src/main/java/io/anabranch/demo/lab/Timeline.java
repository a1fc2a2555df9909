// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.change.ContextEntry;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.session.Batch;
import io.anabranch.sync.session.PeerStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Every change set that the lab has seen, as a causal graph: what each had seen when it was written. Read from the headers
 * that travel, not from anything that the lab remembers of its own. Thread-safe.
 */
public final class Timeline {
    private static final long BATCH_BYTES = 4 << 20;

    private final Names names;
    private final List<Event> events = new ArrayList<>();
    private final Map<Dot, Event> byDot = new HashMap<>();
    private VersionVector seen = VersionVector.EMPTY;

    Timeline(Names names) {
        this.names = names;
    }

    /**
     * One change set.
     *
     * @param column how many came before it on the longest way of cause and effect: causes stand to the left of effects
     * @param parents the change sets that it directly follows: its origin's one before, and what was news to its writer
     * @param stamp of its writer's clock, as in its header
     */
    public record Event(Dot dot, int column, List<Dot> parents, List<Dot> context, long stamp) {
        public Event {
            parents = List.copyOf(parents);
            context = List.copyOf(context);
        }
    }

    /** Takes in what a replica holds and was not seen yet. */
    synchronized void take(PeerStore replica, VersionVector vector) {
        while (!seen.dominates(vector)) {
            Batch batch = replica.missing(seen, BATCH_BYTES);
            if (batch.changeSets().isEmpty()) {
                return; // What is missing here is in a snapshot alone by now.
            }
            batch.changeSets().forEach(this::add);
        }
    }

    private void add(EncodedChangeSet changeSet) {
        Dot dot = changeSet.header().dot();
        if (byDot.containsKey(dot)) {
            return;
        }
        List<Dot> parents = new ArrayList<>();
        List<Dot> context = new ArrayList<>();
        if (dot.seq() > 1) {
            parents.add(new Dot(dot.origin(), dot.seq() - 1));
        }
        for (ContextEntry entry : changeSet.header().context()) {
            Dot cause = new Dot(entry.origin(), entry.seq());
            parents.add(cause);
            context.add(cause);
        }
        if (changeSet.header().stamp() == 0) {
            names.noteEnrolment(dot.origin());
        }
        int column = 0;
        for (Dot parent : parents) {
            Event event = byDot.get(parent);
            column = event == null ? column : Math.max(column, event.column() + 1);
        }
        Event event =
                new Event(dot, column, parents, context, changeSet.header().stamp());
        events.add(event);
        byDot.put(dot, event);
        seen = seen.with(dot.origin(), dot.seq());
    }

    /** Returns all of them, causes before effects. */
    public List<Event> events() {
        return eventsFrom(0);
    }

    /** Returns those after the first {@code known}, in the same order. */
    public synchronized List<Event> eventsFrom(int known) {
        return new ArrayList<>(events.subList(known, events.size()));
    }

    public synchronized int size() {
        return events.size();
    }

    public synchronized @Nullable Event find(Dot dot) {
        return byDot.get(dot);
    }
}
