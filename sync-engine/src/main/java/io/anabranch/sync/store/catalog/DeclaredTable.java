// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.catalog;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.TableDefinition;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A table of the space as its declarations alone make it, in whatever order they are taken: the first of the table holds, and the
 * first of each column. Confined to one thread.
 */
public final class DeclaredTable {
    private final SortedMap<String, Column> columns = new TreeMap<>();
    private @Nullable TableDefinition definition;
    private @Nullable Declarer by;

    /** Who declared something, and when. */
    public record Declarer(long rank, Origin origin) {
        boolean isBefore(Declarer other) {
            return rank < other.rank || rank == other.rank && origin.compareTo(other.origin) < 0;
        }
    }

    /** The first declaration of a column outside the key. */
    public record Column(Rule rule, Declarer by) {}

    /** Takes a declaration of this table. */
    public void take(TableDefinition said, long rank, Origin origin) {
        Declarer sayer = new Declarer(rank, origin);
        TableDefinition known = definition;
        boolean isFirst = known == null || by == null || sayer.isBefore(by);
        TableDefinition merged = known == null ? said : isFirst ? said.orElse(known) : known;
        for (TableDefinition.Column column : said.columns()) {
            if (column.keyPosition() == 0) {
                Column before = columns.get(column.name());
                if (before == null || sayer.isBefore(before.by)) {
                    columns.put(column.name(), new Column(column.rule(), sayer));
                    merged = merged.with(column);
                } else if (known != null) {
                    merged = merged.with(known.column(column.name()).orElse(column));
                }
            }
        }
        definition = merged;
        by = isFirst ? sayer : by;
    }

    /** Returns all that was declared. At least one declaration must have been taken. */
    TableDefinition definition() {
        if (definition == null) {
            throw new IllegalStateException("nobody declared it");
        }
        return definition;
    }

    /** Returns who declared the table first. At least one declaration must have been taken. */
    Declarer by() {
        if (by == null) {
            throw new IllegalStateException("nobody declared it");
        }
        return by;
    }

    /** Returns the columns outside the key, by their names on the wire. */
    public SortedMap<String, Column> columns() {
        return Collections.unmodifiableSortedMap(columns);
    }

    /** Returns whether {@code other} says what was declared; of columns that nobody declared it may say more, and their order is free. */
    boolean isIn(TableDefinition other) {
        TableDefinition mine = definition();
        List<TableDefinition.Column> same = new ArrayList<>();
        mine.columns().forEach(column -> other.column(column.name()).ifPresent(same::add));
        return other.primaryKey().equals(mine.primaryKey())
                && new TableDefinition(
                                other.name(),
                                other.withoutRowid(),
                                other.strict(),
                                other.autoincrement(),
                                other.onDelete(),
                                same,
                                other.indexes(),
                                other.foreignKeys())
                        .equals(mine);
    }

    /** Returns the definition, with the columns at its end that the table is known to have and nobody declared yet. */
    TableDefinition with(@Nullable TableDefinition known) {
        TableDefinition mine = definition();
        return known == null || !known.name().equals(mine.name()) ? mine : mine.orElse(known);
    }
}
