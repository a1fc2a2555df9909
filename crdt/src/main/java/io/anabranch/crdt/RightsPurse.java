// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The rights that a writer has in the lives of one row, and what it wants done with them. Confined to one thread. */
final class RightsPurse {
    private final Origin self;
    /** What is left, oldest life first. */
    private final Map<Dot, Long> rights = new LinkedHashMap<>();

    private final SortedMap<Origin, Long> holders = new TreeMap<>();
    private final SortedMap<Dot, RightsChange> changes;

    /** @param changes takes what is to be done in each life; what it says was made may be spent too */
    RightsPurse(Origin self, SortedMap<Dot, RightsChange> changes) {
        this.self = self;
        this.changes = changes;
        changes.forEach((life, change) -> rights.put(life, change.made()));
    }

    void add(Dot life, BoundedCounter counter) {
        rights.merge(life, Math.max(0, counter.rights(self)), RowLives::addUpToMost);
        counter.holders().forEach((holder, more) -> holders.merge(holder, more, RowLives::addUpToMost));
    }

    void spend(long amount) {
        take(amount).forEach((life, part) -> {
            RightsChange before = changes.getOrDefault(life, RightsChange.made(0));
            changes.put(life, new RightsChange(before.made(), before.spent() + part, before.given()));
        });
    }

    void give(Origin to, long amount) {
        if (to.equals(self) || amount <= 0) {
            throw new IllegalArgumentException("cannot give " + amount + " to " + to);
        }
        take(amount).forEach((life, part) -> {
            RightsChange before = changes.getOrDefault(life, RightsChange.made(0));
            TreeMap<Origin, Long> given = new TreeMap<>(before.given());
            given.merge(to, part, Long::sum);
            changes.put(life, new RightsChange(before.made(), before.spent(), given));
        });
    }

    private Map<Dot, Long> take(long amount) {
        Map<Dot, Long> parts = new LinkedHashMap<>();
        long rest = amount;
        for (Map.Entry<Dot, Long> entry : rights.entrySet()) {
            long part = Math.min(rest, entry.getValue());
            if (part > 0) {
                parts.put(entry.getKey(), part);
                rest -= part;
            }
        }
        if (rest > 0) {
            throw new InsufficientRightsException(self, amount, holders);
        }
        parts.forEach((life, part) -> rights.merge(life, -part, Long::sum));
        return parts;
    }
}
