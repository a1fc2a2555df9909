// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.CellWrite;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.change.ChangeSetCodec;
import io.anabranch.sync.change.ChangeSetHeader;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.TableDefinition;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns what the triggers noted into one change set, from the rows as they are now. Runs in the caller's write
 * transaction, before anything remote is applied in it: so no remote change can come between a write and its seal, and the
 * difference between a counter's column and its state is what was written here.
 *
 * <p>Never fails for what a value is: one that the column's rule cannot take is reported in {@code _ab_rejected} and the
 * cell shows its state again.
 */
final class Sealer {
    /** What other programs wrote beyond this goes into a further change set. */
    static final long CUT_BYTES = 8 << 20;

    /** One transaction beyond this is refused. With one row more, this still fits into a message of 64 MiB. */
    static final long MAX_TRANSACTION_BYTES = 40 << 20;

    /** The largest row, values alone. */
    static final long MAX_ROW_BYTES = 16 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(Sealer.class);

    private final SqlDatabase db;
    private final Meta meta;
    private final Origins origins;
    private final ChangeLog log;
    private final Catalog catalog;
    private final RowStore rows;
    private final HiddenRows hidden;

    Sealer(SqlDatabase db, Meta meta, Origins origins, ChangeLog log, Catalog catalog, RowStore rows) {
        this.db = db;
        this.meta = meta;
        this.origins = origins;
        this.log = log;
        this.catalog = catalog;
        this.rows = rows;
        this.hidden = new HiddenRows(db);
    }

    /** Returns how many row changes wait to be sealed. Costs O(that). */
    long pending() {
        return db.queryLong("SELECT (SELECT count(*) FROM _ab_pending WHERE scratch = 0)"
                + " + (SELECT count(*) FROM _ab_resolve WHERE problem IS NULL)");
    }

    /**
     * Seals all that was captured. Costs O(rows captured).
     *
     * @param nowMillis the wall clock; no write is stamped later than this
     * @param oneTransaction whether what was captured was written in one transaction, and must stay together
     * @return whether there was anything to say
     * @throws SyncException.TransactionTooLarge if it must stay together and cannot travel in one message
     */
    boolean seal(Origin self, long nowMillis, boolean oneTransaction) {
        List<Long> tables = capturedTables();
        List<TableDefinition> undeclared = catalog.undeclared();
        if (tables.isEmpty() && undeclared.isEmpty()) {
            return false;
        }
        if (!tables.isEmpty()) {
            catalog.handOver();
        }
        Draft draft = new Draft(self);
        undeclared.forEach(definition -> draft.declare(definition, nowMillis));
        for (long id : tables) {
            EnrolledTable table = catalog.get(id);
            if (!table.isLocal()) {
                LOG.warn(
                        "writes to table {} cannot be sealed: it was dropped, or its key is no longer the space's",
                        table);
                continue;
            }
            for (Map.Entry<Key, Captured> entry : captured(table).entrySet()) {
                if (entry.getKey().isTooLarge()) {
                    reject(
                            table,
                            entry.getKey(),
                            table.keyNames().get(0),
                            Value.NULL,
                            "a key larger than 8 MiB",
                            nowMillis);
                    continue;
                }
                if (oneTransaction && draft.size > MAX_TRANSACTION_BYTES) {
                    throw new SyncException.TransactionTooLarge("cannot commit: the transaction writes more than "
                            + (MAX_TRANSACTION_BYTES >> 20) + " MiB, and it would have to travel in one message;"
                            + " write it in several. Nothing of it was kept");
                }
                if (!oneTransaction && draft.size > CUT_BYTES) {
                    draft.seal();
                }
                HybridTime written = draft.last.tick(Math.min(entry.getValue().atMillis, nowMillis));
                long rank = entry.getValue().isFound() ? 0 : written.bits();
                RowOp<String, Value> op = sealRow(table, entry.getKey(), entry.getValue(), draft, rank, nowMillis);
                if (op != null) {
                    draft.add(
                            table, entry.getKey(), op, written, entry.getValue().size());
                }
            }
        }
        db.execute("DELETE FROM _ab_pending"); // All of it was captured: the scratch list is empty outside an apply.
        touchParents(draft);
        draft.seal();
        reconsider(draft, nowMillis);
        return draft.sealed;
    }

    /** A write to a child is a write to its parent too, where the foreign key says so. */
    private void touchParents(Draft draft) {
        for (RowId parent : draft.touches.parents()) {
            EnrolledTable table = catalog.get(parent.table());
            RowStore.Row loaded = rows.loadWithImage(table, parent.key(), false);
            if (loaded.lives().isShown()) {
                RowOp<String, Value> touch = loaded.lives().edit(draft.dot(), draft.stamp.bits(), Map.of());
                if (touch != null) {
                    rows.save(table, parent.key(), loaded.lives().apply(touch), loaded.image());
                    draft.add(table, parent.key(), touch, draft.stamp, 0);
                }
            }
        }
    }

    /**
     * What was written may free a unique key that a hidden row waits for, or take one that an older hidden row claims. No
     * trigger of the application may object: sealing never fails.
     */
    private void reconsider(Draft draft, long nowMillis) {
        if (!draft.written.isEmpty()) {
            Set<String> all = new HashSet<>();
            catalog.all().forEach(table -> all.add(table.name()));
            new Projector(db, catalog, rows, new ConflictLog(db, rows), nowMillis, all).reconsider(draft.written);
        }
    }

    /** The change set being written, and after it the next. */
    private final class Draft {
        private final Origin self;
        private final ConflictLog conflicts = new ConflictLog(db, rows);
        private final List<TableOp> ops = new ArrayList<>();
        private final List<TableDefinition> declared = new ArrayList<>();
        private final ParentTouches touches = new ParentTouches(db, catalog);
        /** Rows that may show or hide others, or be hidden. */
        private final List<Projection> written = new ArrayList<>();

        private final boolean anyHidden = hidden.any();
        private Head head;
        private HybridTime last;
        private HybridTime stamp;
        private long size;
        private boolean sealed;

        Draft(Origin self) {
            this.self = self;
            head = origins.head(self);
            last = new HybridTime(meta.getLong("hlc"));
            stamp = last;
        }

        Dot dot() {
            return new Dot(self, head.seq() + 1);
        }

        /** The declaration ranks by its change set's stamp, so it is taken here once that is known. */
        void declare(TableDefinition definition, long nowMillis) {
            ops.add(new TableOp.Declare(definition));
            declared.add(definition);
            HybridTime written = last.tick(nowMillis);
            stamp = stamp.compareTo(written) < 0 ? written : stamp;
        }

        void add(EnrolledTable table, Key key, RowOp<String, Value> op, HybridTime written, long bytes) {
            ops.add(new TableOp.Change(table.name(), key.values(), op, true));
            conflicts.noteOwn(table, key, op);
            stamp = stamp.compareTo(written) < 0 ? written : stamp;
            size += bytes;
        }

        void wrote(
                EnrolledTable table,
                Key key,
                RowLives<String, Value> before,
                RowLives<String, Value> after,
                Value @Nullable [] image) {
            touches.noteWritten(table, key);
            if (image != null) {
                touches.noteChild(table, key, image);
            }
            TableConstraints constraints = catalog.constraints(table);
            if (constraints.hideByReference() || anyHidden && constraints.decideTogether()) {
                Projection row = new Projection(table, key, constraints, after, image);
                row.isLocal = true;
                row.before = constraints.hideByReference() ? rows.project(table, key, before) : image;
                row.now = image;
                written.add(row);
            }
        }

        void seal() {
            if (ops.isEmpty()) {
                return;
            }
            EncodedChangeSet changeSet = ChangeSetCodec.encode(
                    new ChangeSetHeader(self, head.seq() + 1, head.hash(), stamp.bits(), origins.news(self)), ops);
            log.append(changeSet);
            origins.markSeen();
            meta.put("hlc", stamp.bits());
            head = changeSet.head();
            last = stamp;
            declared.forEach(definition -> catalog.declare(definition, stamp.bits(), self));
            declared.clear();
            ops.clear();
            size = 0;
            sealed = true;
        }
    }

    private List<Long> capturedTables() {
        List<Long> tables = new ArrayList<>();
        SqlStatement query = db.prepare("SELECT DISTINCT tbl FROM _ab_pending WHERE scratch = 0 ORDER BY tbl");
        while (query.step()) {
            tables.add(query.getLong(0));
        }
        return tables;
    }

    // ---- What was captured

    /** Returns each row captured once, in order of key, with all columns that changed and the time of the last change. */
    private Map<Key, Captured> captured(EnrolledTable table) {
        TreeMap<Key, Captured> captured = new TreeMap<>();
        int keys = table.keyNames().size();
        int masks = table.maskColumns();
        SqlStatement query = db.prepare(table.joinPendingSql()).bind(1, table.id());
        while (query.step()) {
            Key key = RowStore.readKey(table, query, 1);
            Captured row = captured.get(key);
            if (row == null) {
                row = new Captured(masks, image(table, key, query, 1 + keys + masks));
                captured.put(key, row);
            }
            row.atMillis = Math.max(row.atMillis, query.getLong(0));
            for (int i = 0; i < masks; i++) {
                row.masks[i] |= query.getLong(1 + keys + i);
            }
        }
        return captured;
    }

    private Value @Nullable [] image(EnrolledTable table, Key key, SqlStatement joined, int rowAt) {
        if (!table.joinsRows()) {
            return rows.image(table, key);
        }
        // SQLite may have joined a row whose key only looks equal.
        boolean isThere = RowStore.readKey(table, joined, rowAt).equals(key);
        return isThere
                ? RowStore.readImage(table, joined, rowAt + table.keyNames().size())
                : null;
    }

    /** One row that was captured, as it is now. */
    private static final class Captured {
        private final long[] masks;
        private final Value @Nullable [] image;
        private long atMillis;

        Captured(int masks, Value @Nullable [] image) {
            this.masks = new long[masks];
            this.image = image;
        }

        /** Returns about how many bytes the row's values take in a change set. */
        long size() {
            long size = 32;
            for (int i = 0; image != null && i < image.length; i++) {
                size += 8 + image[i].sizeBytes();
            }
            return size;
        }

        /** Returns whether this was found in a column that the space did not know, and not captured. */
        boolean isFound() {
            return atMillis == Rescan.FOUND;
        }

        boolean changed(EnrolledTable.Column column) {
            return (masks[column.maskIndex()] & column.maskBit()) != 0;
        }
    }

    // ---- One row

    private @Nullable RowOp<String, Value> sealRow(
            EnrolledTable table, Key key, Captured captured, Draft draft, long stamp, long nowMillis) {
        Dot dot = draft.dot();
        Value[] image = captured.image;
        RowLives<String, Value> before = rows.load(table, key, unwritten(table, captured));
        RowOp<String, Value> op;
        Writes writes = null;
        if (image == null) {
            if (!before.isShown() || hidden.contains(table, key)) {
                return null;
            }
            op = before.delete(dot);
        } else {
            writes = new Writes(table, key, image, before, nowMillis);
            if (before.isShown()) {
                if (draft.anyHidden) {
                    hidden.remove(table, key);
                }
                writes.collect(captured);
                op = writes.cells.isEmpty() ? null : before.edit(dot, stamp, writes.cells);
                if (op == null && !writes.cells.isEmpty()) {
                    // No rank is left above a value that is in the way: the whole row begins anew, above it.
                    writes = new Writes(table, key, image, RowLives.none(), nowMillis);
                    writes.collect(null);
                    op = before.insert(dot, stamp, table.onDelete(), writes.cells);
                }
            } else {
                writes.collect(null);
                op = before.insert(dot, stamp, table.onDelete(), writes.cells);
            }
        }
        RowLives<String, Value> after = op == null ? before : before.apply(op);
        boolean mustProject = writes != null && writes.mustProject(after);
        if (mustProject && image != null) {
            image = showAgain(table, key, after, image);
        }
        if (op != null || mustProject) {
            rows.save(table, key, after, image);
        }
        if (op != null) {
            draft.wrote(table, key, before, after, image);
        }
        return op;
    }

    /**
     * Returns what the table still shows of the row's state: not the columns that were written since. Their old values are in
     * the log alone, should a life that the write does not reach still name them.
     */
    private static @Nullable Value @Nullable [] unwritten(EnrolledTable table, Captured captured) {
        if (captured.image == null) {
            return null;
        }
        @Nullable Value[] known = captured.image.clone();
        for (int i = 0; i < known.length; i++) {
            if (captured.changed(table.shown().get(i))) {
                known[i] = null;
            }
        }
        return known;
    }

    private Value[] showAgain(EnrolledTable table, Key key, RowLives<String, Value> row, Value[] image) {
        Value[] shown = rows.project(table, key, row);
        if (shown == null) {
            throw new AssertionError("a row that was just written does not show: " + table + " " + key);
        }
        SideTables.setMode(db, SideTables.MODE_SILENT);
        boolean[] done = new boolean[1];
        new ApplicationTriggers(db).silenced(table, () -> done[0] = rows.write(table, key, image, shown) == null);
        SideTables.setMode(db, SideTables.MODE_CAPTURE);
        return done[0] ? shown : image;
    }

    /** What the columns of one row want written, given its state. */
    private final class Writes {
        private final EnrolledTable table;
        private final Key key;
        private final Value[] image;
        private final RowLives<String, Value> before;
        private final long nowMillis;
        private final Map<String, CellWrite<Value>> cells = new LinkedHashMap<>();
        private boolean isRejected;
        private long bytes;

        Writes(EnrolledTable table, Key key, Value[] image, RowLives<String, Value> before, long nowMillis) {
            this.table = table;
            this.key = key;
            this.image = image;
            this.before = before;
            this.nowMillis = nowMillis;
        }

        /** @param captured the columns to look at; null for all */
        void collect(@Nullable Captured captured) {
            for (int i = 0; i < image.length; i++) {
                EnrolledTable.Column column = table.shown().get(i);
                boolean isKnown = captured != null && captured.isFound() && RowStore.isWritten(before, column.name());
                if (!isKnown && (captured == null || captured.changed(column))) {
                    if (column.rule() == Rule.COUNTER) {
                        count(column, image[i]);
                    } else {
                        assign(column, image[i]);
                    }
                }
            }
        }

        private void assign(EnrolledTable.Column column, Value value) {
            if (value.sizeBytes() > Value.MAX_BYTES) {
                reject(column, Value.NULL, "larger than 8 MiB");
            } else if (bytes + value.sizeBytes() > MAX_ROW_BYTES) {
                reject(column, Value.NULL, "a row of more than 16 MiB");
            } else {
                bytes += value.sizeBytes();
                cells.put(column.name(), new CellWrite.Assign<>(value));
            }
        }

        private void count(EnrolledTable.Column column, Value value) {
            Long shown = wholeNumber(value);
            if (shown == null) {
                reject(column, value, "a counter holds integers");
                return;
            }
            BigInteger difference = BigInteger.valueOf(shown)
                    .subtract(BigInteger.valueOf(RowStore.clamp(before.counter(column.name()))));
            if (difference.bitLength() > 63) {
                reject(column, value, "a change of more than 2^63");
            } else if (difference.signum() != 0) {
                cells.put(column.name(), new CellWrite.Increment<>(difference.longValue()));
            }
        }

        /** Returns whether the columns do not show what the state says after these writes. */
        boolean mustProject(RowLives<String, Value> after) {
            boolean differs = isRejected;
            for (int i = 0; i < image.length; i++) {
                EnrolledTable.Column column = table.shown().get(i);
                if (column.rule() == Rule.COUNTER) {
                    BigInteger count = after.counter(column.name());
                    differs |= !image[i].equals(Value.of(RowStore.clamp(count)));
                    if (cells.containsKey(column.name()) && count.equals(before.counter(column.name()))) {
                        reject(column, image[i], "more than this replica may count: its total would pass 2^63");
                    }
                }
            }
            return differs;
        }

        private void reject(EnrolledTable.Column column, Value value, String reason) {
            isRejected = true;
            Sealer.this.reject(table, key, column.name(), value, reason, nowMillis);
        }
    }

    private void reject(EnrolledTable table, Key key, String column, Value value, String reason, long nowMillis) {
        db.prepare("INSERT INTO _ab_rejected(at, tbl, k, name, value, reason, id) VALUES (?, ?, ?, ?, ?, ?, ?)")
                .bind(1, nowMillis)
                .bind(2, table.id())
                .bind(3, key.bytes())
                .bind(4, column)
                .bind(5, value)
                .bind(6, reason)
                .bind(7, ConflictLog.nextId(meta))
                .run();
    }

    /** NULL counts as 0; a REAL without a fraction, as SQLite makes of some sums, as what it is. */
    static @Nullable Long wholeNumber(Value value) {
        if (value instanceof Value.Int integer) {
            return integer.value();
        }
        if (value instanceof Value.Null) {
            return 0L;
        }
        if (value instanceof Value.Real real) {
            boolean whole = real.value() == Math.rint(real.value()) && Math.abs(real.value()) < 0x1p63;
            return whole ? (Long) (long) real.value() : null;
        }
        return null;
    }
}
