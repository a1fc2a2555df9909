// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.change.ChangeSetHeader;
import io.anabranch.sync.change.EncodedChangeSet;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Puts change sets in an order in which each comes after all that its writer had seen. Contexts say only what is new since the
 * writer's last one, so whoever reads them in another order takes a writer to have seen less than it had.
 */
final class CausalOrder {
    private CausalOrder() {}

    /**
     * Returns {@code changeSets}, otherwise in the order given. O(n) for each time that one has to wait for a later one.
     *
     * @throws IllegalArgumentException if one follows what is not among them
     */
    static List<EncodedChangeSet> of(Collection<EncodedChangeSet> changeSets) {
        List<EncodedChangeSet> ordered = new ArrayList<>();
        List<EncodedChangeSet> waiting = new ArrayList<>(changeSets);
        VersionVector there = VersionVector.EMPTY;
        while (!waiting.isEmpty()) {
            List<EncodedChangeSet> still = new ArrayList<>();
            for (EncodedChangeSet changeSet : waiting) {
                ChangeSetHeader header = changeSet.header();
                if (isNext(header, there)) {
                    ordered.add(changeSet);
                    there = there.with(header.origin(), header.seq());
                } else {
                    still.add(changeSet);
                }
            }
            if (still.size() == waiting.size()) {
                throw new IllegalArgumentException(
                        "what " + still.get(0).header().dot() + " follows is not there");
            }
            waiting = still;
        }
        return ordered;
    }

    private static boolean isNext(ChangeSetHeader header, VersionVector there) {
        return header.seq() == there.get(header.origin()) + 1
                && header.context().stream().allMatch(entry -> entry.seq() <= there.get(entry.origin()));
    }
}
