// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.transport.Transport.Result;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Every change set that ever left a node, by its dot. Two different ones under one dot are what must never be (I6). Counts
 * what crosses each link, too.
 */
final class Archive implements Network.Observer {
    private final Map<Dot, EncodedChangeSet> changeSets = new HashMap<>();
    private final Set<String> crossed = new HashSet<>();
    private long messages;
    private long carried;
    private long repeats;

    @Override
    public void answered(Node from, Node to, byte[] request, Result result) {
        messages++;
        try {
            note(from, to, MessageCodec.decodeRequest(request).changeSets());
            if (result instanceof Result.Answered answered) {
                note(to, from, MessageCodec.decodeReply(answered.reply()).changeSets());
            }
        } catch (DecodeException damaged) {
            // Whoever gets it refuses it.
        }
    }

    private void note(Node from, Node to, List<EncodedChangeSet> sets) {
        for (EncodedChangeSet set : sets) {
            add(set, from.name() + " sent");
            carried++;
            if (!crossed.add(from.name() + ">" + to.name() + " " + set.header().dot())) {
                repeats++;
            }
        }
    }

    /** Notes a change set that somebody holds. */
    void add(EncodedChangeSet set, String how) {
        EncodedChangeSet known = changeSets.putIfAbsent(set.header().dot(), set);
        if (known != null && !known.hash().equals(set.hash())) {
            throw new Violation(
                    "no dot is used twice",
                    how + " another change set as " + set.header().dot() + " than was known");
        }
    }

    long messages() {
        return messages;
    }

    /** Returns how many change sets were carried, each time counted. */
    long carried() {
        return carried;
    }

    /** Returns how many of them had crossed the same link in the same direction before. */
    long repeats() {
        return repeats;
    }
}
