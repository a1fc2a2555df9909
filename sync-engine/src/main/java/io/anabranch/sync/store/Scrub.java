// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.Sql;
import io.anabranch.sync.store.row.HiddenRows;
import io.anabranch.sync.store.row.RowDigest;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import io.anabranch.sync.store.snapshot.Verifier;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads through all rows, a slice at a time, and looks whether somebody changed them behind the engine's back: whether what a table
 * shows is what it was last seen to show, and whether states add up to the digest that is kept. Misses nothing that stays; what it
 * says is wrong {@link Verifier} looks at. Confined to one connection, in a transaction of the caller's that reads.
 */
final class Scrub {
    private static final int ROWS_AT_ONCE = 256;

    private final Components parts;
    private final RowDigest hashes = new RowDigest();

    /** Where the pass is; null before the first table. */
    private @Nullable String table;

    private byte[] after = new byte[0];
    private Hash128 sum = Hash128.ZERO;
    private long shown;
    /** What was kept when the pass came to the table. */
    private Hash128 kept = Hash128.ZERO;
    /** Whether nothing of the table has changed since. */
    private boolean isSteady;

    private @Nullable String finding;

    Scrub(Components parts) {
        this.parts = parts;
    }

    /** Looks at about so many rows, at most once at each. Returns what is wrong, in words; null if nothing was found. */
    @Nullable
    String slice(int rows) {
        if (parts.sealer.pending() > 0) {
            return null; // What is captured and not sealed differs rightly.
        }
        int left = rows;
        TreeMap<String, EnrolledTable> tables = new TreeMap<>();
        parts.catalog.all().forEach(each -> tables.put(each.name(), each));
        Iterator<EnrolledTable> rest = from(tables);
        finding = null;
        while (finding == null && rest.hasNext()) {
            EnrolledTable next = rest.next();
            begin(next);
            boolean done = false;
            while (finding == null && !done) {
                if (left <= 0) {
                    return null;
                }
                int seen = someRows(next);
                left -= seen;
                done = seen < ROWS_AT_ONCE;
            }
            if (finding == null) {
                end(next);
            }
        }
        table = null;
        return finding;
    }

    private Iterator<EnrolledTable> from(TreeMap<String, EnrolledTable> tables) {
        Map<String, EnrolledTable> rest = table == null ? tables : tables.tailMap(table, true);
        return List.copyOf(rest.values()).iterator();
    }

    private void begin(EnrolledTable next) {
        Hash128 now = parts.rows.digests().of(next.id());
        if (next.name().equals(table)) {
            isSteady &= now.equals(kept);
            return;
        }
        table = next.name();
        after = new byte[0];
        sum = Hash128.ZERO;
        shown = 0;
        kept = now;
        isSteady = true;
    }

    private int someRows(EnrolledTable of) {
        try {
            return parts.rows.forSome(of, after, ROWS_AT_ONCE, (key, row, image) -> {
                sum = sum.plus(hashes.of(key, row));
                shown += image == null ? 0 : 1;
                after = key.bytes();
                if (finding == null && of.isLocal() && !isRight(of, key, row, image)) {
                    finding = "table " + of.label() + " does not show what its history says";
                }
            });
        } catch (DecodeException | AssertionError e) {
            finding = "the state of a row of table " + of.label() + " cannot be read";
            return 0;
        }
    }

    private boolean isRight(EnrolledTable of, Key key, RowLives<String, Value> row, Value @Nullable [] image) {
        if (image == null) {
            return !row.isShown() || new HiddenRows(parts.db).contains(of, key);
        }
        return parts.rows.isAsShown(of, key, image) || parts.rescan().isAsKnown(of, key.values(), Arrays.asList(image));
    }

    private void end(EnrolledTable of) {
        if (isSteady && !sum.equals(kept)) {
            finding = "the rows of table " + of.label() + " do not add up to its digest";
        } else if (isSteady && of.isLocal() && shown != count(of)) {
            finding = "table " + of.label() + " has rows that nobody has told of";
        }
    }

    private long count(EnrolledTable of) {
        return parts.db.queryLong("SELECT count(*) FROM " + Sql.name(String.valueOf(of.localName())));
    }
}
