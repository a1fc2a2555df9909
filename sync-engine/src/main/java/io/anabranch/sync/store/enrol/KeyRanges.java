// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.enrol;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.TableDefinition;
import io.anabranch.sync.sql.Sql;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.catalog.Catalog;
import io.anabranch.sync.store.schema.EnrolledTable;
import java.util.List;

/**
 * Has SQLite number rows of tables with rule {@code ranges} from a range that is this replica's own, whoever inserts them. For a
 * table with AUTOINCREMENT it takes the number after the highest that it ever gave, which {@code sqlite_sequence} holds; so that
 * is moved to where the next own range begins, as soon as a higher number has come from elsewhere.
 *
 * <p>A number is a round (24 bits, from 1), the replica's tag (24 bits of its origin) and a count (15 bits). The round rises by one
 * where rows of a replica with a higher tag were seen, so an own range is always above all that is here: SQLite gives nothing
 * else. Two replicas make one number only if their tags are equal, one in 16 million for each pair; then the rows merge, and
 * are reported. More than 32,768 rows between two seals run on into ranges that hardly anybody has. Confined to one connection.
 */
public final class KeyRanges {
    private static final int COUNT_BITS = 15;
    private static final int TAG_BITS = 24;
    private static final long MAX_ROUND = (1L << 24) - 1;

    private final SqlDatabase db;
    private final Catalog catalog;

    public KeyRanges(SqlDatabase db, Catalog catalog) {
        this.db = db;
        this.catalog = catalog;
    }

    /** Returns whether rows of a table are numbered from ranges. */
    public static boolean isFor(TableDefinition table) {
        List<TableDefinition.Column> key = table.primaryKey();
        return key.size() == 1 && key.get(0).rule().kind() == Rule.Kind.RANGES;
    }

    /** Moves on where need be. At the end of each transaction that may have written rows; costs two look-ups for each such table. */
    public void moveOn(Origin self) {
        for (EnrolledTable table : catalog.all()) {
            if (table.isLocal() && isFor(table.definition())) {
                moveOn(String.valueOf(table.localName()), table.localKeyNames().get(0), self.low());
            }
        }
    }

    private void moveOn(String table, String key, long tag) {
        long last = last(table);
        long highest = Math.max(last, db.queryLong("SELECT max(" + Sql.name(key) + ") FROM " + Sql.name(table)));
        long next = next(highest, tag);
        if (last != next - 1) {
            set(table, next - 1, last >= 0);
        }
    }

    /** Returns the number for the next row, where {@code highest} is the highest there is. */
    static long next(long highest, long tag) {
        long own = tag & ((1L << TAG_BITS) - 1);
        long range = highest >> COUNT_BITS;
        boolean isOwn = (range & ((1L << TAG_BITS) - 1)) == own && range >> TAG_BITS > 0;
        if (isOwn && highest + 1 >> COUNT_BITS == range) {
            return highest + 1;
        }
        long round = Math.max(1, highest >> TAG_BITS + COUNT_BITS);
        long start = (round << TAG_BITS | own) << COUNT_BITS;
        if (start <= highest) {
            round++;
            start = (round << TAG_BITS | own) << COUNT_BITS;
        }
        return round > MAX_ROUND ? highest + 1 : start;
    }

    /** Returns what SQLite says was the last number given; -1 if none was. */
    private long last(String table) {
        SqlStatement query =
                db.prepare("SELECT seq FROM sqlite_sequence WHERE name = ?").bind(1, table);
        try {
            return query.step() ? query.getLong(0) : -1;
        } finally {
            query.reset();
        }
    }

    private void set(String table, long seq, boolean isThere) {
        db.prepare(
                        isThere
                                ? "UPDATE sqlite_sequence SET seq = ?1 WHERE name = ?2"
                                : "INSERT INTO sqlite_sequence(seq, name) VALUES (?1, ?2)")
                .bind(1, seq)
                .bind(2, table)
                .run();
    }
}
