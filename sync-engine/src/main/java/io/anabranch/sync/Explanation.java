// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Value;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a row is as it is: where what shows comes from, and what lost. Immutable.
 *
 * @param because why the row shows, or why it does not
 * @param columns the columns asked for, in the table's order; none if the row does not show
 */
public record Explanation(String table, List<Value> key, Presence presence, String because, List<Column> columns) {
    public Explanation {
        key = List.copyOf(key);
        columns = List.copyOf(columns);
    }

    /** What becomes of a row. */
    public enum Presence {
        SHOWN,
        /** It is in the state, and the application's table would not have it. */
        HIDDEN,
        DELETED,
        /** This replica has never heard of it. */
        UNKNOWN
    }

    /**
     * Why a column shows what it shows.
     *
     * @param value what shows
     * @param sources the writes that it comes from
     * @param lost conflicts about it that nobody has decided
     */
    public record Column(
            String name, String rule, Value value, List<Source> sources, String because, List<Conflict> lost) {
        public Column {
            sources = List.copyOf(sources);
            lost = List.copyOf(lost);
        }
    }

    /**
     * A write, or all that one origin has counted.
     *
     * @param seq of the change set; 0 where it is many
     * @param time by the writer's clock; of the last of them where it is many, as far as the log reaches back; null
     *     where it does not, or for a row that was there when its table was enrolled
     */
    public record Source(
            Value value, Origin origin, long seq, @Nullable Instant time) {}
}
