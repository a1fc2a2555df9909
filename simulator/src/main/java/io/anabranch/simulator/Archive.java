// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.transport.Transport.Result;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Every change set that ever left a node, by its dot. Two different ones under one dot are what must never be (I6). Counts
 * what crosses each link, too.
 */
final class Archive implements Network.Observer {
    /** In the order in which they were seen first. A device that was copied may send an effect before anybody sent the cause. */
    private final Map<Dot, EncodedChangeSet> changeSets = new LinkedHashMap<>();

    /** All change sets up to here are known. */
    private VersionVector whole = VersionVector.EMPTY;

    private final Checks checks;
    private final Set<Crossing> crossed = new HashSet<>();
    private long messages;
    private long carried;
    private final boolean carriesOnce;

    /** @param carriesOnce whether nothing happens that has a change set cross a link for a second time */
    Archive(Checks checks, boolean carriesOnce) {
        this.checks = checks;
        this.carriesOnce = carriesOnce;
    }

    @Override
    public void answered(Node from, Node to, byte[] request, Result result) {
        messages++;
        try {
            Link link = new Link(from, to);
            note(link, from, MessageCodec.decodeRequest(request).changeSets());
            if (result instanceof Result.Answered answered) {
                note(link, to, MessageCodec.decodeReply(answered.reply()).changeSets());
            }
        } catch (DecodeException damaged) {
            // Whoever gets it refuses it.
        }
    }

    private void note(Link link, Node from, List<EncodedChangeSet> sets) {
        for (EncodedChangeSet set : sets) {
            add(set, from.name() + " sent");
            carried++;
            if (carriesOnce) {
                checks.that(
                        Oracle.EACH_LINK_CARRIES_ONCE,
                        crossed.add(new Crossing(link, set.header().dot())),
                        () -> from.name() + " sent " + set.header().dot() + ", which had crossed " + link);
            }
        }
    }

    /** Notes a change set that somebody holds. */
    void add(EncodedChangeSet set, String how) {
        EncodedChangeSet known = changeSets.putIfAbsent(set.header().dot(), set);
        checks.that(
                Oracle.NO_DOT_IS_USED_TWICE,
                known == null || known.hash().equals(set.hash()),
                () -> how + " another change set as " + set.header().dot() + " than was known");
        Dot next = set.header().dot();
        while (changeSets.containsKey(next) && next.seq() == whole.get(next.origin()) + 1) {
            whole = whole.with(next.origin(), next.seq());
            next = new Dot(next.origin(), next.seq() + 1);
        }
    }

    /** Notes what a replica's log holds that is not known yet. */
    void addLog(SimulatedReplica replica) {
        replica.logBeyond(whole).forEach(set -> add(set, replica + " holds"));
    }

    /** Returns whether all is known that {@code heads} stand for: what was cut before it left is in snapshots alone. */
    boolean knows(Heads heads) {
        return whole.dominates(heads.vector());
    }

    /** Returns what the plain types make of all that {@code heads} stand for, all of it known; logs may have been cut since. */
    Model model(Heads heads) {
        List<EncodedChangeSet> held = new ArrayList<>(changeSets.values());
        held.removeIf(
                set -> set.header().seq() > heads.get(set.header().origin()).seq());
        Model model = new Model(checks);
        CausalOrder.of(held).forEach(model::apply);
        return model;
    }

    long messages() {
        return messages;
    }

    /** Returns how many change sets were carried, each time counted. */
    long carried() {
        return carried;
    }

    /** Who asks whom. Two nodes that ask each other have two links, and neither knows which of its answers arrived. */
    private record Link(Node asker, Node asked) {
        @Override
        public String toString() {
            return "the link from " + asker.name() + " to " + asked.name();
        }
    }

    private record Crossing(Link link, Dot dot) {}
}
