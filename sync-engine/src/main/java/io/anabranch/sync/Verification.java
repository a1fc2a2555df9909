// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.sync.change.Value;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a check of a whole replica found.
 *
 * @param changeSets how many were read from the log
 * @param rows how many rows were worked out from snapshot and log, and compared
 * @param unsealed captured row changes; the rows concerned were not compared with what the tables show
 * @param problems at most the first thousand
 * @param problemCount how many there are
 */
public record Verification(long changeSets, long rows, long unsealed, List<Problem> problems, long problemCount) {
    public Verification {
        problems = List.copyOf(problems);
    }

    public boolean isSound() {
        return problemCount == 0;
    }

    /**
     * One thing that is not as it must be.
     *
     * @param kind what is concerned
     * @param table of the space; null if it is about none
     * @param key empty if it is about no row
     * @param column null if it is about no column
     * @param message what is wrong, in words
     */
    public record Problem(
            Kind kind,
            @Nullable String table,
            List<Value> key,
            @Nullable String column,
            String message) {
        public Problem {
            key = List.copyOf(key);
        }
    }

    /** What a problem is about. */
    public enum Kind {
        /** A table or value of the engine's own is missing or makes no sense. */
        STRUCTURE,
        /** A change set is not the one that was written, or one is missing. */
        LOG,
        /** The heads, and so the version vector, are not what the log holds. */
        HEADS,
        /** The snapshot that stands for what was cut from the log is damaged. */
        SNAPSHOT,
        /** Tables, columns or rules are not those that the space declared. */
        CATALOG,
        /** A row's state is not what its operations make of it. */
        STATE,
        /** A table's digest is not the sum over its rows. */
        DIGEST,
        /** The application's table does not show what the state says. */
        PROJECTION,
        /** A table's triggers are not those that capture what is written to it. */
        TRIGGERS
    }
}
