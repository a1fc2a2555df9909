// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.CellWrite;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.change.BodyLimits;
import io.anabranch.sync.change.ChangeSetHeader;
import io.anabranch.sync.change.ChangeSetWriter;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.TableDefinition;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
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
    /** The largest row, values alone. */
    static final long MAX_ROW_BYTES = 16 << 20;

    private static final Logger LOG = LoggerFactory.getLogger(Sealer.class);

    private final SqlDatabase db;
    private final Meta meta;
    private final Origins origins;
    private final ChangeLog log;
    private final Catalog catalog;
    private final RowStore rows;
    private final Gifts gifts;
    private final HiddenRows hidden;
    private BodyLimits limits = BodyLimits.DEFAULT;

    Sealer(SqlDatabase db, Meta meta, Origins origins, ChangeLog log, Catalog catalog, RowStore rows) {
        this.db = db;
        this.meta = meta;
        this.origins = origins;
        this.log = log;
        this.catalog = catalog;
        this.rows = rows;
        this.gifts = new Gifts(db);
        this.hidden = new HiddenRows(db);
    }

    /** Returns how many row changes wait to be sealed. Costs O(that). */
    long pending() {
        return db.queryLong("SELECT (SELECT count(*) FROM _ab_pending WHERE scratch = 0)"
                + " + (SELECT count(*) FROM _ab_resolve WHERE problem IS NULL)");
    }

    /** Says how bodies are cut from now on. */
    void limits(BodyLimits limits) {
        this.limits = limits;
    }

    /**
     * Seals all that was captured. Costs O(rows captured), and memory for a few MiB of them.
     *
     * @param nowMillis the wall clock; no write is stamped later than this
     * @param oneTransaction whether what was captured was written in one transaction, and must stay together
     * @return whether there was anything to say
     * @throws SyncException.TransactionTooLarge if it must stay together and is more than one change set may hold
     */
    boolean seal(Origin self, long nowMillis, boolean oneTransaction) {
        SortedMap<Long, Long> tables = capturedTables();
        List<TableDefinition> undeclared = catalog.declarations().undeclared();
        if (tables.isEmpty() && undeclared.isEmpty()) {
            return false;
        }
        if (!tables.isEmpty()) {
            catalog.made().handOver();
        }
        long lastWriteMillis = undeclared.isEmpty() ? Math.min(Collections.max(tables.values()), nowMillis) : nowMillis;
        Draft draft = new Draft(self, lastWriteMillis, oneTransaction);
        undeclared.forEach(draft::declare);
        for (long id : tables.keySet()) {
            EnrolledTable table = catalog.get(id);
            if (table.isLocal()) {
                sealTable(table, draft, nowMillis);
            } else {
                LOG.warn(
                        "writes to table {} cannot be sealed: it was dropped, or its key is no longer the space's",
                        table);
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
                RowOp<String, Value> touch =
                        loaded.lives().edit(draft.dot(), draft.stamp().bits(), Map.of());
                if (touch != null) {
                    rows.save(table, parent.key(), loaded.lives().apply(touch), loaded.image());
                    draft.add(table, parent.key(), touch);
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

    /** Returns the tables that were written, each with the time of the last write. */
    private SortedMap<Long, Long> capturedTables() {
        TreeMap<Long, Long> tables = new TreeMap<>();
        SqlStatement query = db.prepare("SELECT tbl, max(at) FROM _ab_pending WHERE scratch = 0 GROUP BY tbl");
        while (query.step()) {
            tables.put(query.getLong(0), query.getLong(1));
        }
        return tables;
    }

    /** Reads what was captured in order of key, so that all that was noted of one row comes together. */
    private void sealTable(EnrolledTable table, Draft draft, long nowMillis) {
        int keys = table.keyNames().size();
        int masks = table.maskColumns();
        Map<Key, Map<String, SortedMap<Origin, Long>>> given = table.hasRights() ? gifts.take(table) : Map.of();
        Captured row = null;
        SqlStatement query = db.prepare(table.joinPendingSql()).bind(1, table.id());
        try {
            while (query.step()) {
                Key key = RowStore.readKey(table, query, 1);
                if (row == null || !row.key.equals(key)) {
                    if (row != null) {
                        seal(table, row, draft, nowMillis);
                    }
                    row = new Captured(key, masks, image(table, key, query, 1 + keys + masks));
                    row.gifts = given.getOrDefault(key, Map.of());
                }
                row.atMillis = Math.max(row.atMillis, query.getLong(0));
                for (int i = 0; i < masks; i++) {
                    row.add(i, query.getLong(1 + keys + i));
                }
            }
        } finally {
            query.reset(); // An open cursor would outlive a rollback, and keep the file as it was then.
        }
        if (row != null) {
            seal(table, row, draft, nowMillis);
        }
    }

    private void seal(EnrolledTable table, Captured row, Draft draft, long nowMillis) {
        if (row.key.isTooLarge()) {
            reject(table, row.key, table.keyNames().get(0), Value.NULL, "a key larger than 8 MiB", nowMillis);
            return;
        }
        draft.makeRoom(row);
        HybridTime written = draft.last.tick(Math.min(row.atMillis, nowMillis));
        long rank = row.isFound() ? 0 : written.bits();
        RowOp<String, Value> op = sealRow(table, row.key, row, draft, rank, nowMillis);
        if (op != null) {
            draft.add(table, row.key, op);
        }
    }

    /** The change set being written, and after it the next. */
    private final class Draft {
        private final Origin self;
        private final ConflictLog conflicts = new ConflictLog(db, rows);
        private final long lastWriteMillis;
        private final boolean oneTransaction;
        private final List<TableDefinition> declared = new ArrayList<>();
        private final ParentTouches touches = new ParentTouches(db, catalog);
        /** Rows that may show or hide others, or be hidden. */
        private final List<Projection> written = new ArrayList<>();

        private final boolean anyHidden = hidden.any();
        private final Violations violations = new Violations(db, catalog.checks());
        private @Nullable ChangeSetWriter writer;
        private Head head;
        private HybridTime last;
        private boolean sealed;

        Draft(Origin self, long lastWriteMillis, boolean oneTransaction) {
            this.self = self;
            this.lastWriteMillis = lastWriteMillis;
            this.oneTransaction = oneTransaction;
            head = origins.head(self);
            last = new HybridTime(meta.getLong("hlc"));
        }

        Dot dot() {
            return new Dot(self, head.seq() + 1);
        }

        /** Returns the stamp of the change set: the time of the last write, which is known before the first is sealed. */
        HybridTime stamp() {
            return last.tick(lastWriteMillis);
        }

        /** What other programs wrote goes on in a further change set: there is nobody to refuse. */
        void makeRoom(Captured row) {
            long most = limits.totalBytes() - limits.totalBytes() / 8;
            if (!oneTransaction && writer != null && writer.sizeBytes() + row.size() > most) {
                seal();
            }
        }

        /** The declaration ranks by its change set's stamp, so it is taken here once that is known. */
        void declare(TableDefinition definition) {
            add(new TableOp.Declare(definition));
            declared.add(definition);
        }

        void add(EnrolledTable table, Key key, RowOp<String, Value> op) {
            add(new TableOp.Change(table.name(), key.values(), op, true));
            conflicts.noteOwn(table, key, op);
        }

        private void add(TableOp op) {
            if (writer == null) {
                ChangeSetHeader header =
                        new ChangeSetHeader(self, head.seq() + 1, head.hash(), stamp().bits(), origins.news(self));
                writer = new ChangeSetWriter(header, limits, log.parts().writing(header.dot()));
            }
            try {
                writer.add(op);
            } catch (ChangeSetWriter.TooLarge e) {
                throw tooLarge(e);
            }
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
            if (constraints.hasCheck() && violations.maybeAny()) {
                violations.review(table, key, image);
            }
            if (constraints.hideByReference() || anyHidden && constraints.decideTogether()) {
                Projection row = new Projection(table, key, constraints, after, image);
                row.isLocal = true;
                row.before = constraints.hideByReference() ? rows.project(table, key, before) : image;
                row.now = image;
                written.add(row);
            }
        }

        void seal() {
            if (writer == null) {
                return;
            }
            EncodedChangeSet changeSet;
            try {
                changeSet = writer.finish();
            } catch (ChangeSetWriter.TooLarge e) {
                throw tooLarge(e);
            }
            log.append(changeSet);
            origins.markSeen();
            meta.put("hlc", changeSet.header().stamp());
            head = changeSet.head();
            last = new HybridTime(changeSet.header().stamp());
            declared.forEach(definition -> catalog.declarations().declare(definition, last.bits(), self));
            declared.clear();
            writer = null;
            sealed = true;
        }
    }

    private SyncException tooLarge(ChangeSetWriter.TooLarge e) {
        return new SyncException.TransactionTooLarge("cannot commit: the transaction writes more than "
                + limits.totalBytes() + " bytes, which is all that one change set may hold; write it in several."
                + " Nothing of it was kept");
    }

    // ---- What was captured

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
        private final Key key;
        private final long[] masks;
        /** As {@link #masks}, without those captures that were of a whole row. */
        private final long[] meant;

        private final Value @Nullable [] image;
        /** By column: what is given of its rights to whom. */
        private Map<String, SortedMap<Origin, Long>> gifts = Map.of();

        private long atMillis;

        Captured(Key key, int masks, Value @Nullable [] image) {
            this.key = key;
            this.masks = new long[masks];
            this.meant = new long[masks];
            this.image = image;
        }

        void add(int index, long mask) {
            masks[index] |= mask;
            meant[index] |= mask == CaptureTriggers.ALL ? 0 : mask;
        }

        /** Returns about how many bytes the row's values take in a change set. */
        long size() {
            long size = 32 + key.bytes().length;
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

        SortedMap<Origin, Long> gifts(EnrolledTable.Column column) {
            return gifts.getOrDefault(column.name(), Collections.emptySortedMap());
        }

        /** Returns whether the rights of everybody are claimed. */
        boolean claimsRights() {
            return gifts.containsKey(Gifts.CLAIM);
        }

        /** Returns whether the column was written by name, rather than with a whole row. */
        boolean isMeant(EnrolledTable.Column column) {
            return (meant[column.maskIndex()] & column.maskBit()) != 0;
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
            writes = new Writes(table, key, image, before, dot.origin(), nowMillis);
            if (before.isShown()) {
                if (draft.anyHidden) {
                    hidden.remove(table, key);
                }
                writes.collect(captured);
                boolean claims = captured.claimsRights();
                op = writes.cells.isEmpty() || claims ? null : before.edit(dot, stamp, writes.cells);
                if (claims || op == null && !writes.cells.isEmpty()) {
                    // The whole row begins anew: its rights too, or no rank is left above a value that is in the way.
                    writes = new Writes(table, key, image, RowLives.none(), dot.origin(), nowMillis);
                    writes.collect(null);
                    op = before.insert(dot, stamp, table.onDelete(), writes.cells);
                }
            } else {
                writes.collect(null);
                op = before.insert(dot, stamp, table.onDelete(), writes.cells);
            }
        }
        op = op == null ? null : GroupRanks.level(table, op);
        RowLives<String, Value> after = op == null ? before : before.apply(op);
        boolean mustProject = writes != null && writes.mustProject(after);
        if (mustProject && image != null) {
            image = showAgain(table, key, after, image);
        }
        if (op != null || mustProject || table.hasRights()) {
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
        private final Origin self;
        private final long nowMillis;
        private final Map<String, CellWrite<Value>> cells = new LinkedHashMap<>();
        private boolean isRejected;
        private long bytes;

        Writes(
                EnrolledTable table,
                Key key,
                Value[] image,
                RowLives<String, Value> before,
                Origin self,
                long nowMillis) {
            this.table = table;
            this.key = key;
            this.image = image;
            this.before = before;
            this.self = self;
            this.nowMillis = nowMillis;
        }

        /** @param captured the columns to look at; null for all */
        void collect(@Nullable Captured captured) {
            Set<String> groups = groups(captured);
            for (int i = 0; i < image.length; i++) {
                EnrolledTable.Column column = table.shown().get(i);
                boolean isKnown = captured != null && captured.isFound() && RowStore.isWritten(before, column.name());
                boolean isWritten = captured == null
                        || captured.changed(column)
                        || groups.contains(column.rule().group())
                        || !captured.gifts(column).isEmpty();
                if (!isKnown && isWritten) {
                    write(column, image[i], captured);
                }
            }
        }

        /** Returns the groups of which a column was written: all others are written with it. */
        private Set<String> groups(@Nullable Captured captured) {
            Set<String> groups = new HashSet<>();
            for (EnrolledTable.Column column : table.grouped()) {
                if (captured == null || captured.changed(column)) {
                    groups.add(column.rule().group());
                }
            }
            return groups;
        }

        private void write(EnrolledTable.Column column, Value value, @Nullable Captured captured) {
            if (value.sizeBytes() > Value.MAX_BYTES) {
                reject(column, Value.NULL, "larger than 8 MiB");
                return;
            }
            if (bytes + value.sizeBytes() > MAX_ROW_BYTES) {
                reject(column, Value.NULL, "a row of more than 16 MiB");
                return;
            }
            ColumnRule.Context context = new ColumnRule.Context(
                    before,
                    column,
                    self,
                    captured != null && captured.isMeant(column),
                    captured == null ? Collections.emptySortedMap() : captured.gifts(column),
                    rows.merges());
            try {
                CellWrite<Value> write = ColumnRule.of(column.rule()).write(value, context);
                if (write != null) {
                    bytes += value.sizeBytes();
                    cells.put(column.name(), write);
                }
            } catch (ColumnRule.Rejection e) {
                reject(column, value, e.reason());
            }
        }

        /** Returns whether the columns do not show what the state says after these writes. */
        boolean mustProject(RowLives<String, Value> after) {
            boolean differs = isRejected;
            for (int i = 0; i < image.length; i++) {
                EnrolledTable.Column column = table.shown().get(i);
                if (column.rule().kind() != Rule.Kind.LWW) {
                    differs |= !image[i].equals(rows.project(table, key, after, column));
                    String why = cells.containsKey(column.name())
                            ? ColumnRule.of(column.rule()).whyWithoutEffect(before, after, column)
                            : null;
                    if (why != null) {
                        reject(column, image[i], why);
                        differs = true;
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
}
