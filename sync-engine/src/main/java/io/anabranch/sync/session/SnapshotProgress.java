// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import io.anabranch.sync.change.Snapshot;
import java.util.HashMap;
import java.util.Map;

/** Whether more of a snapshot has moved than ever, one way or the other. Confined to one thread. */
final class SnapshotProgress {
    private static final int MOST_SNAPSHOTS = 4;

    private final Map<Snapshot.Id, Long> furthest = new HashMap<>();

    boolean isMore(Aside said) {
        boolean more = false;
        Aside.Part part = said.part();
        Aside.Range want = said.want();
        if (part != null) {
            more = isFurther(part.id(), part.from() + part.bytes().length);
        }
        if (want != null) {
            more |= isFurther(want.id(), want.from() + 1);
        }
        return more || said.offer() != null && isFurther(said.offer().id(), 0);
    }

    /** A peer that offers ever new ones makes no progress. */
    private boolean isFurther(Snapshot.Id id, long to) {
        Long before = furthest.get(id);
        if (before == null ? furthest.size() >= MOST_SNAPSHOTS : to <= before) {
            return false;
        }
        furthest.put(id, to);
        return true;
    }
}
