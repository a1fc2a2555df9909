// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.row;

import io.anabranch.crdt.CellKind;
import io.anabranch.crdt.CellOp;
import io.anabranch.crdt.Life;
import io.anabranch.crdt.LwwRegister;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.sync.MergeRules;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.Sql;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlException;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.capture.Rights;
import io.anabranch.sync.store.log.ChangeLog;
import io.anabranch.sync.store.log.Origins;
import io.anabranch.sync.store.log.SideTables;
import io.anabranch.sync.store.log.Snapshots;
import io.anabranch.sync.store.rule.ColumnRule;
import io.anabranch.sync.store.rule.Merges;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.ExactText;
import io.anabranch.sync.store.schema.Key;
import io.anabranch.sync.store.schema.RowId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Rows, twice: their state in {@code _ab_row}, and what the application's table shows of it, which is a pure function of
 * the state. Confined to one connection.
 */
public final class RowStore {
    /** So that a transaction that only looks at rows does not gather them all. */
    private static final int MAX_LOADED = 20_000;

    private final SqlDatabase db;
    private final Snapshots snapshots;
    private final RowCodec codec;
    private final RowStates states;
    private final RowImages images;
    private final TableDigests digests;
    /** The states that were loaded in this transaction and not saved since, so that saving need not read them again. */
    private final Map<RowId, RowLives<String, Value>> loaded = new HashMap<>();

    private final Rights rights;
    private Merges merges = new Merges(MergeRules.none());

    private final WrittenCells written;

    public RowStore(SqlDatabase db, Origins origins, ChangeLog log, Snapshots snapshots) {
        this.db = db;
        this.snapshots = snapshots;
        this.written = new WrittenCells(log);
        this.codec = new RowCodec(origins);
        this.states = new RowStates(db);
        this.images = new RowImages(db);
        this.digests = new TableDigests(db);
        this.rights = new Rights(db);
    }

    /** Says what makes one value of those that stand side by side in columns of rule {@code custom}. */
    public void use(Merges resolvers) {
        merges.close();
        merges = resolvers;
    }

    public Merges merges() {
        return merges;
    }

    /** Forgets what was read from the log: a dot may come to name another change set, or none. */
    public void forget() {
        written.forget();
        snapshots.forget();
        merges.forget();
        loaded.clear();
        states.release();
        images.release();
    }

    /** Forgets what the transaction that was rolled back did. */
    public void rollBack() {
        forget();
        states.forget();
        digests.forget();
    }

    /** Writes what was saved, and the digests. At the end of each seal and of each transaction that may have saved some. */
    public void flush() {
        release();
        states.write();
        digests.flush();
    }

    /** Lets go of the states that were loaded. At the end of each transaction that only reads. */
    public void release() {
        loaded.clear();
        states.release();
        images.release();
    }

    /** Says whose states are about to be loaded, so that they are looked up together. Until any of them is written. */
    public void lookAhead(EnrolledTable table, Collection<Key> keys) {
        states.lookAhead(table, keys);
    }

    /**
     * As {@link #lookAhead(EnrolledTable, Collection)}, with what the application's table shows of them.
     *
     * @param lookAnyway as for {@link #loadWithImage}
     */
    public void lookAhead(EnrolledTable table, Collection<Key> keys, boolean lookAnyway) {
        states.lookAhead(table, keys);
        images.lookAhead(table, lookAnyway ? keys : states.known(table, keys));
    }

    public TableDigests digests() {
        return digests;
    }

    // ---- State

    /**
     * Returns a row's state.
     *
     * @param image what the application's table shows of it now; null if it shows none. A null in it leaves the value to the
     *     log
     */
    public RowLives<String, Value> load(EnrolledTable table, Key key, @Nullable Value @Nullable [] image) {
        byte[] state = states.get(table, key);
        RowLives<String, Value> row = state == null ? RowLives.none() : codec.decode(table, state, image);
        remember(table, key, row);
        return row;
    }

    /**
     * Returns a row's state and what the application's table shows of it.
     *
     * @param lookAnyway whether the table may show a row that has no state here
     */
    public Row loadWithImage(EnrolledTable table, Key key, boolean lookAnyway) {
        byte[] state = states.get(table, key);
        if (state == null && !lookAnyway) {
            return new Row(RowLives.none(), null);
        }
        Value[] image = images.get(table, key);
        RowLives<String, Value> row = state == null ? RowLives.none() : codec.decode(table, state, image);
        remember(table, key, row);
        return new Row(row, image);
    }

    private void remember(EnrolledTable table, Key key, RowLives<String, Value> row) {
        if (loaded.size() == MAX_LOADED) {
            loaded.clear();
        }
        loaded.put(new RowId(table.id(), key), row);
    }

    /** A row's state, and its image if the application's table shows it. */
    public record Row(RowLives<String, Value> lives, Value @Nullable [] image) {}

    /** Returns whether there is such a row, shown or only in the state. */
    public boolean isKnown(EnrolledTable table, Key key) {
        return states.get(table, key) != null || image(table, key) != null;
    }

    /** Keeps a row's state. {@code image} is what the application's table shows of it from now on. */
    public void save(EnrolledTable table, Key key, RowLives<String, Value> row, Value @Nullable [] image) {
        if (table.isLocal()) {
            rights.save(table, key, row);
        }
        RowLives<String, Value> before = loaded.remove(new RowId(table.id(), key));
        if (before == null) {
            byte[] state = states.get(table, key);
            before = state == null ? RowLives.none() : codec.decode(table, state, null);
        }
        digests.move(table, key, before, row);
        if (row.lives().isEmpty()) {
            states.remove(table, key);
            return;
        }
        states.put(table, key, codec.encode(table, row, image), image == null ? null : ImageHash.of(table, image));
        for (Life<String, Value> life : row.lives()) {
            if (!life.isAlive()) {
                Purger.noteDead(db, table, key);
                return;
            }
        }
    }

    /** Returns a row's state, and remembers nothing of it. */
    public RowLives<String, Value> read(EnrolledTable table, Key key, Value @Nullable [] image) {
        byte[] state = states.get(table, key);
        return state == null ? RowLives.none() : codec.decode(table, state, image);
    }

    /** Calls {@code each} with the key of every row of the application's table. */
    public void forEachKeyShown(EnrolledTable table, Consumer<Key> each) {
        List<String> names = new ArrayList<>();
        table.localKeyNames().forEach(name -> names.add(Sql.name(name)));
        SqlStatement query = db.prepare(
                "SELECT " + String.join(", ", names) + " FROM " + Sql.name(String.valueOf(table.localName())));
        while (query.step()) {
            each.accept(readKey(table, query, 0));
        }
    }

    /** Returns whether a row that has state was last seen to show just this. */
    public boolean isAsShown(EnrolledTable table, Key key, Value[] image) {
        Long shown = states.shown(table, key);
        return shown != null && shown == ImageHash.of(table, image);
    }

    /** Calls {@code each} for every row of a table, in order of key. The table must not be written meanwhile. */
    public void forEach(EnrolledTable table, RowVisitor each) {
        forSome(table, new byte[0], -1, each);
    }

    /** As {@link #forEach}, for at most so many rows behind a key. Returns how many there were. */
    public int forSome(EnrolledTable table, byte[] after, int most, RowVisitor each) {
        states.write();
        int count = 0;
        SqlStatement query = db.prepare("SELECT k, state FROM _ab_row WHERE tbl = ? AND k > ? ORDER BY k LIMIT ?")
                .bind(1, table.id())
                .bind(2, after)
                .bind(3, most);
        while (query.step()) {
            count++;
            byte[] key = query.getBlob(0);
            byte[] state = query.getBlob(1);
            if (key != null && state != null) {
                Key rowKey = Key.of(key);
                Value[] image = image(table, rowKey);
                each.visit(rowKey, codec.decode(table, state, image), image);
            }
        }
        return count;
    }

    /** Returns the keys of all rows that have state, in order. */
    public List<Key> keys(EnrolledTable table) {
        states.write();
        List<Key> keys = new ArrayList<>();
        SqlStatement query =
                db.prepare("SELECT k FROM _ab_row WHERE tbl = ? ORDER BY k").bind(1, table.id());
        while (query.step()) {
            byte[] key = query.getBlob(0);
            if (key != null) {
                keys.add(Key.of(key));
            }
        }
        return keys;
    }

    /** Sees one row. */
    public interface RowVisitor {
        void visit(Key key, RowLives<String, Value> row, Value @Nullable [] image);
    }

    // ---- Projection

    /** Returns what a state shows, by {@link EnrolledTable#shown}; null if the row does not show. */
    public Value @Nullable [] project(EnrolledTable table, Key key, RowLives<String, Value> row) {
        if (!row.isShown()) {
            return null;
        }
        Value[] image = new Value[table.shown().size()];
        for (int i = 0; i < image.length; i++) {
            image[i] = project(table, key, row, table.shown().get(i));
        }
        return image;
    }

    /** Returns what a state that shows has in one column. */
    public Value project(EnrolledTable table, Key key, RowLives<String, Value> row, EnrolledTable.Column column) {
        if (column.rule().kind().cells() != CellKind.REGISTER) {
            return ColumnRule.of(column.rule()).show(row, column, merges);
        }
        LwwRegister<Value> register = row.register(column.name());
        return register == null ? column.defaultValue() : value(table, key, column.name(), register);
    }

    /** Returns what a row shows while an older one holds {@code wanted} of its {@code column}; null if nothing. */
    public Value @Nullable [] renamed(
            EnrolledTable table, Key key, Value[] wanted, EnrolledTable.@Nullable Column column) {
        int at = column == null ? -1 : table.shown().indexOf(column);
        if (column == null || at < 0 || wanted[at] instanceof Value.Null) {
            return null;
        }
        Value other = merges.rename(column.rule(), wanted[at], key);
        if (other == null || !column.affinity().keeps(other) || other.equals(wanted[at])) {
            return null;
        }
        Value[] renamed = wanted.clone();
        renamed[at] = other;
        return renamed;
    }

    /** Returns whether anybody wrote a cell of a row that shows. */
    public static boolean isWritten(RowLives<String, Value> row, String column) {
        for (Life<String, Value> life : row.shown()) {
            if (life.isWritten(column)) {
                return true;
            }
        }
        return false;
    }

    /** Returns a register's value, from the log if need be. */
    public Value value(EnrolledTable table, Key key, String column, LwwRegister<Value> register) {
        return register.value() == RowCodec.IN_LOG ? fromLog(table, key, column, register.dot()) : register.value();
    }

    private Value fromLog(EnrolledTable table, Key key, String column, Dot dot) {
        CellOp<Value> cell = written.of(dot, table, key).get(column);
        if (cell instanceof CellOp.Put<Value> put) {
            return put.value();
        }
        return fromSnapshot(table, key, column, dot);
    }

    /** What was cut from the log is covered by the kept snapshot, which has every value that a state of then named. */
    private Value fromSnapshot(EnrolledTable table, Key key, String column, Dot dot) {
        Snapshot.Row row = snapshots.row(table.name(), key);
        if (row != null) {
            for (Life<String, Value> life : row.lives().lives()) {
                LwwRegister<Value> register = life.registers().get(column);
                if (register != null && register.dot().equals(dot)) {
                    return register.value();
                }
            }
        }
        throw new AssertionError("neither the log nor the kept snapshot holds what " + dot + " wrote to " + table + "."
                + column + " of " + key);
    }

    /** Returns a state with every value in it, wherever the file holds them. */
    public RowLives<String, Value> resolved(EnrolledTable table, Key key, RowLives<String, Value> row) {
        List<Life<String, Value>> lives = new ArrayList<>();
        for (Life<String, Value> life : row.lives()) {
            TreeMap<String, LwwRegister<Value>> registers = new TreeMap<>(life.registers());
            registers.replaceAll((column, register) ->
                    new LwwRegister<>(register.dot(), register.rank(), value(table, key, column, register)));
            lives.add(new Life<>(
                    life.id(), life.rank(), life.policy(), life.live(), life.supersedes(), registers, life.cells()));
        }
        return RowLives.of(lives);
    }

    /** Returns the columns of which a life holds anything. */
    public static Set<String> columns(Life<String, Value> life) {
        TreeSet<String> columns = new TreeSet<>(life.registers().keySet());
        life.cells().keySet().forEach(name -> columns.add(name.key()));
        return columns;
    }

    public static SortedMap<String, CellOp<Value>> cells(RowOp<String, Value> op) {
        if (op instanceof RowOp.Insert<String, Value> insert) {
            return insert.cells();
        }
        return op instanceof RowOp.Edit<String, Value> edit ? edit.cells() : new TreeMap<>();
    }

    // ---- The application's table

    /** Returns what the application's table shows of a row; null if it is not there. */
    public Value @Nullable [] image(EnrolledTable table, Key key) {
        return images.look(table, key);
    }

    public static Key readKey(EnrolledTable table, SqlStatement row, int from) {
        Value[] values = new Value[table.keyNames().size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = row.getValue(from + i);
        }
        return Key.of(Arrays.asList(values));
    }

    public static Value[] readImage(EnrolledTable table, SqlStatement row, int from) {
        Value[] image = new Value[table.shown().size()];
        for (int i = 0; i < image.length; i++) {
            image[i] = row.getValue(from + i);
        }
        return image;
    }

    /**
     * Makes the application's table show {@code after} where it showed {@code before}. Returns null, or why SQLite would not
     * have it; then the table may show anything.
     *
     * @throws TransactionEnded if a trigger of the application rolled back all that was done
     */
    public @Nullable Refusal write(EnrolledTable table, Key key, Value @Nullable [] before, Value @Nullable [] after) {
        if (!table.isLocal() || Arrays.equals(before, after)) {
            return null;
        }
        List<Value> keyValues = key.values();
        if (keyValues.size() != table.keyNames().size()) {
            return after == null
                    ? null
                    : new Refusal(
                            "its key has " + keyValues.size() + " values and the table's has "
                                    + table.keyNames().size(),
                            false);
        }
        String altering = before == null ? table.columnThatAlters(keyValues) : null;
        if (altering != null) {
            return new Refusal("column " + altering + " of this file makes another value of its key", false);
        }
        try {
            int changed;
            if (after == null) {
                changed = run(table.deleteSql(), new Value[0], keyValues, false);
            } else if (before == null) {
                changed = run(table.insertSql(), after, keyValues, true);
            } else {
                changed = run(table.updateSql(), after, keyValues, false);
            }
            return changed == 1 ? null : new Refusal("a trigger of the application ignored it", false);
        } catch (SqlException e) {
            if (SideTables.mode(db) == SideTables.MODE_CAPTURE) {
                throw new TransactionEnded(table.name(), e);
            }
            boolean isBroken = e.kind() == SqlException.Kind.BAD_SQL;
            if (!isBroken && e.kind() != SqlException.Kind.CONSTRAINT) {
                throw e;
            }
            return new Refusal(String.valueOf(e.getMessage()), isBroken);
        }
    }

    /**
     * Makes the application's table show a few rows that it does not show, by one statement. Returns false, and has done nothing, if any of
     * them is better written by itself. Only where no triggers of the application are.
     *
     * @param keys of {@link EnrolledTable#FEW} rows
     */
    public boolean insertFew(EnrolledTable table, List<Key> keys, List<Value[]> images) {
        if (!table.isLocal() || !table.takesFew()) {
            return false;
        }
        List<Value> all = new ArrayList<>(
                keys.size() * (table.keyNames().size() + table.shown().size()));
        for (int i = 0; i < keys.size(); i++) {
            List<Value> values = keys.get(i).values();
            if (values.size() != table.keyNames().size() || table.columnThatAlters(values) != null) {
                return false;
            }
            all.addAll(values);
            Collections.addAll(all, images.get(i));
        }
        try {
            int changed = ExactText.bind(db, table.insertFewSql(), all).run();
            if (changed != keys.size()) {
                throw new AssertionError(changed + " of " + keys.size() + " rows inserted into " + table);
            }
            return true;
        } catch (SqlException e) {
            boolean mayBeOneRow = e.kind() == SqlException.Kind.CONSTRAINT || e.kind() == SqlException.Kind.BAD_SQL;
            if (!mayBeOneRow || SideTables.mode(db) == SideTables.MODE_CAPTURE) {
                throw e;
            }
            return false;
        }
    }

    /**
     * Why the application's table will not show a row.
     *
     * @param isBroken whether a trigger of the application cannot run here at all, rather than objecting to the row
     */
    public record Refusal(String reason, boolean isBroken) {
        /** Returns the constraint, by what SQLite says of it. */
        public String kind() {
            if (reason.contains("UNIQUE constraint failed")) {
                return HiddenRows.Reason.UNIQUE;
            }
            if (reason.contains("NOT NULL constraint failed")) {
                return "not null";
            }
            return reason.contains("trigger") || reason.contains("TRIGGER") ? "trigger" : "constraint";
        }
    }

    /** The engine's transaction is gone, and the mode that it had set. The caller must begin anew. */
    public static final class TransactionEnded extends SyncException {
        private static final long serialVersionUID = 1;

        private final String table;

        TransactionEnded(String table, SqlException cause) {
            super(
                    "cannot write to table " + table
                            + ": a trigger or conflict clause of the application rolled back the"
                            + " whole transaction (" + cause.getMessage()
                            + "); nothing was half done. Let it abort instead",
                    cause);
            this.table = table;
        }

        public String table() {
            return table;
        }
    }

    private int run(String sql, Value[] image, List<Value> key, boolean keyFirst) {
        Value[] all = new Value[image.length + key.size()];
        int keyAt = keyFirst ? 0 : image.length;
        int imageAt = keyFirst ? key.size() : 0;
        System.arraycopy(image, 0, all, imageAt, image.length);
        for (int i = 0; i < key.size(); i++) {
            all[keyAt + i] = key.get(i);
        }
        return ExactText.bind(db, sql, Arrays.asList(all)).run();
    }
}
