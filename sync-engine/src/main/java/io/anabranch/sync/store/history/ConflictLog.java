// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.history;

import io.anabranch.crdt.Cell;
import io.anabranch.crdt.CellKind;
import io.anabranch.crdt.CellOp;
import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.Life;
import io.anabranch.crdt.LostWrite;
import io.anabranch.crdt.LwwRegister;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.RowLosses;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.Conflict;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.log.Meta;
import io.anabranch.sync.store.row.RowStore;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import io.anabranch.sync.store.schema.RowId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The values that lost to concurrent ones, as this file came to see them. Local: no merge reads it, and it holds the newest
 * 10,000 of the last 90 days unless set otherwise. An entry goes when somebody writes its cell who had seen what lost; while
 * it stays, it says what shows. It sleeps, listed nowhere, while what lost shows, or its life is dead: what comes later may end
 * that ({@link RowLosses}). Confined to one connection.
 */
public final class ConflictLog {
    static final int MOST = 10_000;

    private static final int RESERVED = 100;
    /** Entries in one statement, from several to one. */
    private static final int[] SIZES = {5, 1};

    private static final int MOST_UNWRITTEN = 100;
    private static final String INSERT = "INSERT INTO _ab_conflict(id, at, kind, tbl, k, shown_key, name, rule,"
            + " lost_origin, lost_seq, lost_rank, lost_value, kept_origin, kept_seq, kept_rank, kept_value,"
            + " life_origin, life_seq, asleep) VALUES ";
    private static final String ENTRY = "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";

    static final long MAX_AGE_MILLIS = 90L * 24 * 3600 * 1000;

    /** The column of an entry that is about the whole row. */
    static final String WHOLE_ROW = "";

    private static final String MOST_SETTING = "conflicts_most";
    private static final String AGE_SETTING = "conflicts_age_millis";

    private final SqlDatabase db;
    private final Meta meta;
    private final RowStore rows;
    private final WriterContext contexts;
    /** Spares look-ups where there is nothing to find: on most days. */
    private final boolean hadAny;
    /** Rows of which something was noted here. */
    private final Set<RowId> noted = new HashSet<>();
    /** What was noted and is not in the table yet. */
    private final List<Noted> unwritten = new ArrayList<>();

    private long nextId;
    private long reservedTo;

    public ConflictLog(SqlDatabase db, RowStore rows) {
        this(db, rows, db.queryLong("SELECT EXISTS (SELECT 1 FROM _ab_conflict)") == 1);
    }

    /** @param hadAny whether there is any entry */
    public ConflictLog(SqlDatabase db, RowStore rows, boolean hadAny) {
        this.db = db;
        this.meta = new Meta(db);
        this.rows = rows;
        this.contexts = new WriterContext(db);
        this.hadAny = hadAny;
    }

    private boolean mayHave(EnrolledTable table, Key key) {
        return hadAny || !noted.isEmpty() && noted.contains(new RowId(table.id(), key));
    }

    /** Returns a number that no entry of this file has had, here or among what was rejected. */
    public static long nextId(Meta meta) {
        return reserve(meta, 1);
    }

    /** Returns the first of so many numbers that no entry has had. */
    private static long reserve(Meta meta, int count) {
        long last = meta.getLong("conflict_id");
        meta.put("conflict_id", last + count);
        return last + 1;
    }

    /** Numbers are taken a hundred at a time, in the transaction that uses some of them. */
    private long nextId() {
        if (nextId == reservedTo) {
            nextId = reserve(meta, RESERVED);
            reservedTo = nextId + RESERVED;
        }
        return nextId++;
    }

    // ---- Noting

    /**
     * Notes what loses when {@code op} is applied to a row. Before it is, and before the table shows it. {@link #write} it before
     * anybody else looks at the log.
     *
     * @param after the row once it is applied
     */
    public void note(
            EnrolledTable table,
            Key key,
            RowLives<String, Value> row,
            RowOp<String, Value> op,
            RowLives<String, Value> after,
            long nowMillis) {
        if (unwritten.size() >= MOST_UNWRITTEN) {
            write();
        }
        boolean hasOlder = mayHave(table, key);
        int before = unwritten.size();
        if (hasOlder) {
            drop(table, key, op, dot -> contexts.hadSeen(op.dot(), dot));
        }
        List<LostWrite<String, Value>> losses = RowLosses.of(row, op, after, contexts::hadSeen);
        if (hasOlder && !losses.isEmpty()) {
            losses = withoutKnown(losses, entries(table, key));
        }
        addLosses(table, key, losses, after, nowMillis);
        if (op instanceof RowOp.Insert<String, Value> insert) {
            noteIdentity(table, key, row, insert, nowMillis);
        }
        for (Map.Entry<String, CellOp<Value>> cell : RowStore.cells(op).entrySet()) {
            if (cell.getValue() instanceof CellOp.Replace<Value>) {
                noteSiblings(table, key, cell.getKey(), after, nowMillis);
            }
        }
        boolean saysOtherwise = unwritten.size() < before;
        for (int i = before; i < unwritten.size() && !saysOtherwise; i++) {
            saysOtherwise = !unwritten.get(i).saysWhatShows(after);
        }
        if (hasOlder || saysOtherwise) {
            showWhatIsKept(table, key, after);
        }
    }

    /** Leaves out what is listed already, and what somebody wrote over who had seen it and lost to a third. */
    private List<LostWrite<String, Value>> withoutKnown(List<LostWrite<String, Value>> losses, List<Entry> entries) {
        List<LostWrite<String, Value>> unknown = new ArrayList<>(losses);
        for (Entry entry : entries) {
            unknown.removeIf(loss -> loss.key().equals(entry.name)
                    && (loss.lost().dot().equals(entry.lost)
                            || contexts.hadSeen(entry.lost, loss.lost().dot())));
        }
        return unknown;
    }

    /** Notes what is lost of a row for good. */
    public void noteLosses(EnrolledTable table, Key key, List<LostWrite<String, Value>> losses, long nowMillis) {
        addLosses(table, key, losses, RowLives.none(), nowMillis);
        write();
    }

    private void addLosses(
            EnrolledTable table,
            Key key,
            List<LostWrite<String, Value>> losses,
            RowLives<String, Value> after,
            long nowMillis) {
        for (LostWrite<String, Value> loss : losses) {
            Value lost = rows.value(table, key, loss.key(), loss.lost());
            LwwRegister<Value> kept = loss.kept();
            Value keptValue = kept == null ? null : rows.value(table, key, loss.key(), kept);
            // What equals the value that shows, and shows itself but for that, is found again when that changes.
            if (!lost.equals(keptValue) || !isHeld(after, loss)) {
                add(table, key, loss, lost, keptValue, nowMillis);
            }
        }
    }

    /** Returns whether a life that shows holds what lost. */
    private static boolean isHeld(RowLives<String, Value> row, LostWrite<String, Value> loss) {
        for (Life<String, Value> life : row.shown()) {
            if (loss.lost().equals(life.registers().get(loss.key()))) {
                return true;
            }
        }
        return false;
    }

    /** Values that stand side by side for a person to choose from are all kept, and only the latest shows. */
    private void noteSiblings(
            EnrolledTable table, Key key, String name, RowLives<String, Value> after, long nowMillis) {
        EnrolledTable.Column column = table.column(name);
        LwwRegister<Value> latest = after.latest(name);
        if (column == null || column.rule().kind() != Rule.Kind.MV || latest == null) {
            return;
        }
        Set<Dot> listed = new HashSet<>();
        for (Entry entry : entries(table, key)) {
            if (entry.name.equals(name)) {
                listed.add(entry.lost);
            }
        }
        Value shown = rows.value(table, key, name, latest);
        for (LwwRegister<Value> sibling : after.siblings(name)) {
            Value value = rows.value(table, key, name, sibling);
            if (!sibling.dot().equals(latest.dot()) && !value.equals(shown) && !listed.contains(sibling.dot())) {
                Dot life = lifeOf(after, name, sibling.dot());
                add(table, key, new LostWrite<>(name, life, sibling, latest), value, shown, nowMillis);
            }
        }
    }

    /** Returns the life that a value was written to, which the row still holds; null if it does not. */
    private static @Nullable Dot lifeOf(RowLives<String, Value> row, String name, Dot written) {
        for (Life<String, Value> life : row.lives()) {
            LwwRegister<Value> register = life.registers().get(name);
            if (register != null && register.dot().equals(written)
                    || life.cell(name, CellKind.SIBLINGS) instanceof Cell.Siblings<Value> siblings
                            && siblings.writes().containsKey(written)) {
                return life.id();
            }
        }
        return null;
    }

    /**
     * Notes what was written here, by somebody who had seen all that there was.
     *
     * @param after the row once it is
     */
    public void noteOwn(EnrolledTable table, Key key, RowOp<String, Value> op, RowLives<String, Value> after) {
        if (mayHave(table, key)) {
            drop(table, key, op, dot -> true);
            if (op instanceof RowOp.Delete) {
                showWhatIsKept(table, key, after);
            }
        }
    }

    /** Two rows that were inserted apart under one key are one row now, which may not be what was meant. */
    private void noteIdentity(
            EnrolledTable table,
            Key key,
            RowLives<String, Value> row,
            RowOp.Insert<String, Value> insert,
            long nowMillis) {
        for (Life<String, Value> other : row.shown()) {
            if (!insert.supersedes().contains(other.id()) && !insert.dot().equals(other.id())) {
                LwwRegister<Value> one = new LwwRegister<>(other.id(), other.rank(), Value.NULL);
                LwwRegister<Value> two = new LwwRegister<>(insert.dot(), insert.rank(), Value.NULL);
                LwwRegister<Value> older = one.beats(two) ? two : one;
                LostWrite<String, Value> loss = new LostWrite<>(WHOLE_ROW, null, older.equals(one) ? two : one, older);
                add(table, key, loss, Value.NULL, Value.NULL, nowMillis);
            }
        }
    }

    /**
     * Notes what loses when two states of a row are joined, the one at {@code here} and the other at {@code there}. Two values
     * are concurrent if neither side's vector covers the other's.
     */
    public void noteJoin(
            EnrolledTable table,
            Key key,
            RowLives<String, Value> mine,
            RowLives<String, Value> theirs,
            VersionVector here,
            VersionVector there,
            long nowMillis) {
        if (mine.lives().isEmpty() || theirs.lives().isEmpty()) {
            return;
        }
        for (EnrolledTable.Column column : table.columns()) {
            LwwRegister<Value> one = mine.register(column.name());
            LwwRegister<Value> other = theirs.register(column.name());
            if (one != null && other != null && !there.contains(one.dot()) && !here.contains(other.dot())) {
                LwwRegister<Value> kept = one.beats(other) ? one : other;
                LwwRegister<Value> lost = kept == one ? other : one;
                Value keptValue = rows.value(table, key, column.name(), kept);
                Value lostValue = rows.value(table, key, column.name(), lost);
                if (!keptValue.equals(lostValue)) {
                    Dot life = lifeOf(kept == one ? theirs : mine, column.name(), lost.dot());
                    add(table, key, new LostWrite<>(column.name(), life, lost, kept), lostValue, keptValue, nowMillis);
                }
            }
        }
        write();
    }

    private void add(
            EnrolledTable table,
            Key key,
            LostWrite<String, Value> loss,
            Value lost,
            @Nullable Value keptValue,
            long nowMillis) {
        EnrolledTable.Column column = table.column(loss.key());
        String rule = column == null ? "" : column.rule().label();
        LwwRegister<Value> kept = keptValue == null ? null : loss.kept();
        unwritten.add(new Noted(nextId(), nowMillis, table, key, loss, rule, lost, kept, keptValue));
        noted.add(new RowId(table.id(), key));
    }

    /** An entry that is not in the table yet. */
    private record Noted(
            long id,
            long atMillis,
            EnrolledTable table,
            Key key,
            LostWrite<String, Value> loss,
            String rule,
            Value lostValue,
            @Nullable LwwRegister<Value> kept,
            @Nullable Value keptValue) {
        private String name() {
            return loss.key();
        }

        private boolean isAboutRow() {
            return name().equals(WHOLE_ROW);
        }

        /** Returns whether what it says to be kept is what a row shows. */
        boolean saysWhatShows(RowLives<String, Value> row) {
            return isAboutRow() || Objects.equals(dot(kept), dot(shown(row, name())));
        }

        private static @Nullable Dot dot(@Nullable LwwRegister<Value> register) {
            return register == null ? null : register.dot();
        }

        /** Binds it from a parameter on and returns the next. */
        int bind(SqlStatement insert, int from) {
            Conflict.Kind kind = isAboutRow() ? Conflict.Kind.IDENTITY : Conflict.Kind.VALUE;
            LwwRegister<Value> lost = loss.lost();
            Dot life = loss.life();
            boolean sleeps = !isAboutRow() && lostValue.equals(keptValue);
            insert.bind(from, id)
                    .bind(from + 1, atMillis)
                    .bind(from + 2, kind.label())
                    .bind(from + 3, table.id())
                    .bind(from + 4, key.bytes())
                    .bind(from + 5, KeyJson.of(key))
                    .bind(from + 6, name())
                    .bind(from + 7, rule)
                    .bind(from + 8, lost.dot().origin().bytes())
                    .bind(from + 9, lost.dot().seq())
                    .bind(from + 10, lost.rank())
                    .bind(from + 11, lostValue);
            bindKept(insert, from + 12, kept, keptValue);
            if (life == null) {
                insert.bindNull(from + 16).bindNull(from + 17);
            } else {
                insert.bind(from + 16, life.origin().bytes()).bind(from + 17, life.seq());
            }
            insert.bind(from + 18, sleeps ? 1 : 0);
            return from + 19;
        }
    }

    /** Returns the register that shows in a column, whatever its rule. */
    private static @Nullable LwwRegister<Value> shown(RowLives<String, Value> row, String name) {
        LwwRegister<Value> register = row.register(name);
        return register == null ? row.latest(name) : register;
    }

    /** Writes what was noted. */
    public void write() {
        int from = 0;
        for (int size : SIZES) {
            for (; unwritten.size() - from >= size; from += size) {
                SqlStatement insert = db.prepare(INSERT + String.join(", ", Collections.nCopies(size, ENTRY)));
                int at = 1;
                for (Noted entry : unwritten.subList(from, from + size)) {
                    at = entry.bind(insert, at);
                }
                insert.run();
            }
        }
        unwritten.clear();
    }

    private static void bindKept(
            SqlStatement statement, int from, @Nullable LwwRegister<Value> kept, @Nullable Value value) {
        if (kept == null || value == null) {
            statement.bindNull(from).bindNull(from + 1).bindNull(from + 2).bindNull(from + 3);
        } else {
            statement
                    .bind(from, kept.dot().origin().bytes())
                    .bind(from + 1, kept.dot().seq())
                    .bind(from + 2, kept.rank())
                    .bind(from + 3, value);
        }
    }

    // ---- Dropping

    /** Drops what an operation settles: its writer had seen what lost and wrote over it all the same. */
    private void drop(EnrolledTable table, Key key, RowOp<String, Value> op, Seen seen) {
        for (Entry entry : entries(table, key)) {
            if (writesOver(table, op, entry) && seen.hadSeen(entry.lost)) {
                delete(entry.id);
            }
        }
    }

    /** Where edits win, an edit that a delete had not seen may keep the row: then the delete settles nothing. */
    private static boolean writesOver(EnrolledTable table, RowOp<String, Value> op, Entry entry) {
        if (op instanceof RowOp.Edit<String, Value> edit) {
            return edit.cells().containsKey(entry.name);
        }
        return op instanceof RowOp.Insert || table.onDelete() == DeletePolicy.DELETE_WINS || entry.life == null;
    }

    /** Says what the writer of an operation had seen. */
    private interface Seen {
        boolean hadSeen(Dot dot);
    }

    /** What remains says what shows now, or sleeps. */
    private void showWhatIsKept(EnrolledTable table, Key key, RowLives<String, Value> row) {
        for (Entry entry : entries(table, key)) {
            if (entry.name.equals(WHOLE_ROW)) {
                continue;
            }
            LwwRegister<Value> shown = shown(row, entry.name);
            boolean saysWhatShows =
                    shown == null ? entry.kept == null : shown.dot().equals(entry.kept);
            if (saysWhatShows && entry.sleepsIn(row, entry.keptValue, table) == entry.isAsleep) {
                continue;
            }
            Value value = shown == null ? null : rows.value(table, key, entry.name, shown);
            SqlStatement update = db.prepare("UPDATE _ab_conflict SET kept_origin = ?, kept_seq = ?, kept_rank = ?,"
                    + " kept_value = ?, asleep = ? WHERE id = ?");
            bindKept(update, 1, shown, value);
            update.bind(5, entry.sleepsIn(row, value, table) ? 1 : 0)
                    .bind(6, entry.id)
                    .run();
        }
    }

    void delete(long id) {
        db.prepare("DELETE FROM _ab_conflict WHERE id = ?").bind(1, id).run();
    }

    private List<Entry> entries(EnrolledTable table, Key key) {
        write();
        List<Entry> entries = new ArrayList<>();
        SqlStatement query = db.prepare("SELECT id, name, lost_origin, lost_seq, lost_value, kept_origin, kept_seq,"
                        + " kept_value, life_origin, life_seq, asleep FROM _ab_conflict WHERE tbl = ? AND k = ?")
                .bind(1, table.id())
                .bind(2, key.bytes());
        while (query.step()) {
            String name = query.getText(1);
            Dot lost = dot(query, 2);
            if (name != null && lost != null) {
                entries.add(new Entry(
                        query.getLong(0),
                        name,
                        lost,
                        query.getValue(4),
                        dot(query, 5),
                        query.getValue(7),
                        dot(query, 8),
                        query.getLong(10) == 1));
            }
        }
        return entries;
    }

    private static @Nullable Dot dot(SqlStatement row, int from) {
        byte[] origin = row.getBlob(from);
        return origin == null ? null : new Dot(Origin.of(origin), row.getLong(from + 1));
    }

    private record Entry(
            long id,
            String name,
            Dot lost,
            Value lostValue,
            @Nullable Dot kept,
            Value keptValue,
            @Nullable Dot life,
            boolean isAsleep) {
        /** Returns whether nothing has lost in a state of the row, {@code shown} being what shows in its cell. */
        boolean sleepsIn(RowLives<String, Value> row, @Nullable Value shown, EnrolledTable table) {
            LwwRegister<Value> register = shown(row, name);
            if (register != null && (register.dot().equals(lost) || lostValue.equals(shown))) {
                return true;
            }
            if (life == null || table.onDelete() == DeletePolicy.DELETE_WINS) {
                return false;
            }
            Life<String, Value> written = row.life(life);
            return written == null ? isAsleep : !written.isAlive();
        }
    }

    // ---- Bounds

    /** Sets how many entries are kept, and for how long. */
    public void keep(int most, long ageMillis) {
        meta.put(MOST_SETTING, most);
        meta.put(AGE_SETTING, ageMillis);
    }

    /** Keeps to the bounds. */
    public void prune(long nowMillis) {
        if (!hadAny && noted.isEmpty()) {
            return;
        }
        write();
        long oldest = nowMillis - meta.getLong(AGE_SETTING, MAX_AGE_MILLIS);
        db.prepare("DELETE FROM _ab_conflict WHERE at < ? OR id <= ("
                        + "SELECT id FROM _ab_conflict ORDER BY id DESC LIMIT 1 OFFSET ?)")
                .bind(1, oldest)
                .bind(2, meta.getLong(MOST_SETTING, MOST))
                .run();
        db.prepare("DELETE FROM _ab_rejected WHERE at < ?").bind(1, oldest).run();
    }
}
