// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.snapshot;

import io.anabranch.sync.Verification.Kind;
import io.anabranch.sync.Verification.Problem;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import java.util.ArrayList;
import java.util.List;

/** Collects problems: counts all and keeps the first thousand. */
final class Problems {
    private static final int MAX_KEPT = 1_000;

    private final List<Problem> kept = new ArrayList<>();
    private long count;

    void add(Kind kind, String message) {
        add(new Problem(kind, null, List.of(), null, message));
    }

    void add(Kind kind, EnrolledTable table, String message) {
        add(new Problem(kind, table.name(), List.of(), null, message));
    }

    void add(Kind kind, EnrolledTable table, Key key, String message) {
        add(new Problem(kind, table.name(), key.values(), null, message));
    }

    void add(Problem problem) {
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
}
