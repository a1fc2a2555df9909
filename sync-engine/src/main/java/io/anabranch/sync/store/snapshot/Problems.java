// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.snapshot;

import io.anabranch.sync.Verification.Kind;
import io.anabranch.sync.Verification.Problem;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Collects problems: counts all and keeps the first thousand. */
final class Problems {
    private static final int MAX_KEPT = 1_000;

    private final List<Problem> kept = new ArrayList<>();
    private long count;
    /** The first that no peer and no log can mend, and the first that a peer can. */
    private @Nullable Problem lost;

    private @Nullable Problem altered;

    void add(Kind kind, String message) {
        add(new Problem(kind, null, List.of(), null, message));
    }

    /** Adds one that snapshot and log say how to mend. */
    void addMendable(Kind kind, String message) {
        keep(new Problem(kind, null, List.of(), null, message));
    }

    /** Adds a change set that is not what its writer wrote, and that whoever has it whole can give. */
    void addAltered(String message) {
        Problem problem = new Problem(Kind.LOG, null, List.of(), null, message);
        altered = altered == null ? problem : altered;
        keep(problem);
    }

    void add(Kind kind, EnrolledTable table, String message) {
        add(new Problem(kind, table.name(), List.of(), null, message));
    }

    void add(Kind kind, EnrolledTable table, Key key, String message) {
        add(new Problem(kind, table.name(), key.values(), null, message));
    }

    void add(Problem problem) {
        lost = lost == null ? problem : lost;
        keep(problem);
    }

    private void keep(Problem problem) {
        count++;
        if (kept.size() < MAX_KEPT) {
            kept.add(problem);
        }
    }

    List<Problem> kept() {
        return kept;
    }

    long count() {
        return count;
    }

    /** Returns the first for which only another copy of the file helps; null if there is none. */
    @Nullable
    Problem lost() {
        return lost;
    }

    /** Returns the first change set that a peer can give; null if there is none. */
    @Nullable
    Problem altered() {
        return altered;
    }
}
