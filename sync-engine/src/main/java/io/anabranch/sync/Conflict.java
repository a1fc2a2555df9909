// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Value;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Something that a person may want to decide: a value that lost to one that its writer had not seen, two rows inserted apart
 * under one key, or a value that its column's rule could not take.
 *
 * @param id names it in this file alone
 * @param kind which of these it is
 * @param column null for {@link Kind#IDENTITY}
 * @param rule of the column when it was noticed; empty for {@link Kind#IDENTITY}
 * @param kept what shows; null if the row is gone. Of two rows under one key, the older insert
 * @param lost what does not show. Of two rows under one key, the other insert, with the value NULL
 * @param reason for {@link Kind#REJECTED} why; for {@link Kind#IDENTITY} which counters add up what each of the two rows brings, and
 *     how much that is by now, as far as both are still there; empty otherwise
 * @param noticed when this file came to see it, by its own clock
 */
public record Conflict(
        long id,
        Kind kind,
        String table,
        List<Value> key,
        @Nullable String column,
        String rule,
        @Nullable Write kept,
        Write lost,
        String reason,
        Instant noticed) {
    public Conflict {
        key = List.copyOf(key);
    }

    /** What happened. */
    public enum Kind {
        /** Two writers who did not know of each other wrote one cell. */
        VALUE("value"),
        /** Two replicas inserted a row under one key; they are one row now. */
        IDENTITY("identity"),
        /** A value that was written here and that the column's rule cannot take; the column shows its state again. */
        REJECTED("rejected");

        private final String label;

        Kind(String label) {
            this.label = label;
        }

        /** Returns its name in JSON and in the tables of the file. */
        public String label() {
            return label;
        }

        /** Returns the kind called {@code label}. */
        public static Kind parse(String label) {
            for (Kind kind : values()) {
                if (kind.label.equals(label)) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("no kind of conflict: " + label);
        }
    }

    /**
     * One of the two.
     *
     * @param time by the writer's clock; null for rows that were there when their table was enrolled
     */
    public record Write(
            Value value, Origin origin, @Nullable Instant time) {}
}
