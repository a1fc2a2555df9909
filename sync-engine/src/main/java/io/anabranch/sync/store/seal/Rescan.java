// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.seal;

import io.anabranch.crdt.RowLives;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.TableDefinition;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.Sql;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.capture.CaptureTriggers;
import io.anabranch.sync.store.row.HiddenRows;
import io.anabranch.sync.store.row.RowStore;
import io.anabranch.sync.store.schema.Ddl;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.ExactText;
import io.anabranch.sync.store.schema.Key;
import io.anabranch.sync.store.schema.TableInspector;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds what was written while no trigger was there to capture it, and notes it as if one had been. Costs O(rows of the
 * table), so it runs only where triggers turn out to be missing or a column to be new. Confined to one connection; in the
 * caller's write transaction, when all that was captured is sealed.
 */
public final class Rescan {
    /** Stands for the time at which a value was written that was there before its column was known: it gets rank 0. */
    static final long FOUND = 0;

    private static final Logger LOG = LoggerFactory.getLogger(Rescan.class);
    private static final int CHUNK_ROWS = 10_000;
    /** SQLite allows expressions 1,000 deep. */
    private static final int CHUNK_COLUMNS = 100;

    private final SqlDatabase db;
    private final TableInspector inspector;
    private final RowStore rows;
    private final HiddenRows hidden;
    private final long nowMillis;
    private final Runnable seal;

    /** @param seal turns what is noted into change sets */
    public Rescan(SqlDatabase db, TableInspector inspector, RowStore rows, long nowMillis, Runnable seal) {
        this.db = db;
        this.inspector = inspector;
        this.rows = rows;
        this.hidden = new HiddenRows(db);
        this.nowMillis = nowMillis;
        this.seal = seal;
    }

    // ---- New columns

    /**
     * Seals what rows hold in new columns, where that is not the default: at rank 0, and only in cells that nobody has
     * written, so that neither a default nor an old value beats what others wrote.
     */
    public void sealFound(EnrolledTable table, Set<String> added) {
        List<EnrolledTable.Column> columns = new ArrayList<>();
        for (EnrolledTable.Column column : table.shown()) {
            if (added.contains(column.name())) {
                columns.add(column);
            }
        }
        TableDefinition here =
                inspector.inspect(local(table), Map.of(), table.onDelete()).definition();
        for (int from = 0; from < columns.size(); from += CHUNK_COLUMNS) {
            sealFound(table, columns.subList(from, Math.min(columns.size(), from + CHUNK_COLUMNS)), here);
        }
    }

    private void sealFound(EnrolledTable table, List<EnrolledTable.Column> columns, TableDefinition here) {
        List<String> differs = new ArrayList<>();
        for (EnrolledTable.Column column : columns) {
            Value byDefault = here.column(column.localName())
                    .map(TableDefinition.Column::defaultValue)
                    .orElse(Value.NULL);
            // SQLite applies the column's affinity to the literal, as it did to the default.
            differs.add("(" + Sql.name(column.localName()) + " COLLATE BINARY IS NOT " + Ddl.literal(byDefault) + ")");
        }
        String any = String.join(" OR ", differs);
        int keys = table.keyNames().size();
        forEachRow(table, String.join(", ", differs), any, row -> {
            long[] masks = new long[table.maskColumns()];
            for (int i = 0; i < columns.size(); i++) {
                EnrolledTable.Column column = columns.get(i);
                masks[column.maskIndex()] |= row.get(keys + i).equals(Value.of(1)) ? column.maskBit() : 0;
            }
            note(table, row.subList(0, keys), masks, FOUND);
        });
    }

    // ---- Tables whose triggers were lost

    /**
     * Seals the rows that are not as the state has them, and shows those again that are missing: that a row is not there
     * says too little to delete it everywhere.
     *
     * @param added columns that the state says nothing about yet
     * @param show makes the application's table show rows again
     */
    public void sealChanged(EnrolledTable table, Set<String> added, Consumer<List<Key>> show) {
        List<String> names = new ArrayList<>();
        table.shown().forEach(column -> names.add(Sql.name(column.localName())));
        int keys = table.keyNames().size();
        forEachRow(table, String.join(", ", names), "1", row -> {
            List<Value> key = row.subList(0, keys);
            if (added.isEmpty()
                    && rows.isAsShown(
                            table, Key.of(key), row.subList(keys, row.size()).toArray(new Value[0]))) {
                return;
            }
            long[] masks = changed(table, added, key, row.subList(keys, row.size()));
            if (masks != null) {
                note(table, key, masks, nowMillis);
            }
        });
        showMissing(table, show);
    }

    /**
     * Notes what else is not as the state has it in rows of which something is captured: the seal takes the rest of such a row for
     * what it was.
     */
    public void noteBesideCaptured(EnrolledTable table) {
        List<String> keys = new ArrayList<>();
        for (int i = 0; i < table.keyNames().size(); i++) {
            keys.add("k" + i);
        }
        List<List<Value>> captured = read(db.prepare("SELECT DISTINCT " + String.join(", ", keys)
                        + " FROM _ab_pending WHERE scratch = 0 AND tbl = ?")
                .bind(1, table.id()));
        for (List<Value> key : captured) {
            Value[] image = rows.image(table, Key.of(key));
            long[] masks = image == null ? null : changed(table, Set.of(), key, Arrays.asList(image));
            if (masks != null) {
                note(table, key, masks, nowMillis);
            }
        }
    }

    /**
     * Notes the rows that {@code OR REPLACE} took away by a unique index of which the triggers did not know. Where every {@code DELETE} is
     * captured, nothing else makes a row go.
     */
    public void noteReplaced(EnrolledTable table) {
        long[] all = new long[table.maskColumns()];
        Arrays.fill(all, CaptureTriggers.ALL);
        for (Key key : missing(table)) {
            note(table, key.values(), all, nowMillis);
        }
    }

    /** Seals the rows that no change set has ever told of. */
    public void sealUnknown(EnrolledTable table) {
        long[] all = new long[table.maskColumns()];
        Arrays.fill(all, CaptureTriggers.ALL);
        forEachRow(table, "", "1", key -> {
            if (rows.read(table, Key.of(key), null).lives().isEmpty()) {
                note(table, key, all, nowMillis);
            }
        });
    }

    /** Returns whether a row shows what its state says. */
    public boolean isAsKnown(EnrolledTable table, List<Value> key, List<Value> image) {
        return changed(table, Set.of(), key, image) == null;
    }

    /** Returns the masks of the columns that are not as the state has them; null if all are. */
    private long @Nullable [] changed(
            EnrolledTable table, Set<String> added, List<Value> keyValues, List<Value> image) {
        long[] masks = new long[table.maskColumns()];
        Key key = Key.of(keyValues);
        RowLives<String, Value> state = rows.load(table, key, null);
        if (!state.isShown()) {
            Arrays.fill(masks, CaptureTriggers.ALL);
            return masks;
        }
        Value[] known = rows.project(table, key, state);
        if (known != null && hidden.findRenamed(table, key) != null) {
            Value[] renamed = rows.renamed(table, key, known, renamedColumn(table));
            known = renamed == null ? known : renamed;
        }
        boolean isChanged = false;
        for (int i = 0; known != null && i < known.length; i++) {
            EnrolledTable.Column column = table.shown().get(i);
            if (!known[i].equals(image.get(i)) && !added.contains(column.name()) && !isDerived(state, column)) {
                masks[column.maskIndex()] |= column.maskBit();
                isChanged = true;
            }
        }
        return isChanged ? masks : null;
    }

    private static EnrolledTable.@Nullable Column renamedColumn(EnrolledTable table) {
        for (EnrolledTable.Column column : table.shown()) {
            if (column.rule().kind() == Rule.Kind.RENAME) {
                return column;
            }
        }
        return null;
    }

    /** A program without the resolver cannot tell what it made of concurrent values from what was written. */
    private boolean isDerived(RowLives<String, Value> state, EnrolledTable.Column column) {
        return column.rule().kind() == Rule.Kind.CUSTOM
                && !rows.merges().isRegistered(column.rule().label())
                && state.siblings(column.name()).size() > 0;
    }

    /** Returns the rows that the state shows and the table does not, though nothing hides them. */
    private List<Key> missing(EnrolledTable table) {
        List<Key> missing = new ArrayList<>();
        for (Key key : rows.keys(table)) {
            if (rows.image(table, key) == null
                    && rows.load(table, key, null).isShown()
                    && !hidden.contains(table, key)) {
                missing.add(key);
            }
        }
        return missing;
    }

    private void showMissing(EnrolledTable table, Consumer<List<Key>> show) {
        List<Key> missing = missing(table);
        if (!missing.isEmpty()) {
            LOG.warn(
                    "table {} lost its triggers and {} of its rows, {} the first: they are shown again, since a row that is"
                            + " missing then is not taken for deleted; delete what was meant to go once more",
                    table,
                    missing.size(),
                    missing.get(0).values());
            show.accept(missing);
        }
    }

    // ---- Rows in order of key, a chunk at a time

    private interface RowConsumer {
        void accept(List<Value> row);
    }

    /** Calls {@code each} with key and {@code columns} of every row that {@code where} lets through, and seals between chunks. */
    private void forEachRow(EnrolledTable table, String columns, String where, RowConsumer each) {
        List<String> key = new ArrayList<>();
        List<String> marks = new ArrayList<>();
        for (String name : table.localKeyNames()) {
            key.add(Sql.name(name));
            marks.add("?");
        }
        String keys = String.join(", ", key);
        String select = "SELECT " + keys + (columns.isEmpty() ? "" : ", " + columns) + " FROM " + Sql.name(local(table))
                + " WHERE (" + where + ")";
        String order = " ORDER BY " + keys + " LIMIT " + CHUNK_ROWS;
        String next = select + " AND (" + keys + ") > (" + String.join(", ", marks) + ")" + order;
        List<List<Value>> chunk = read(db.prepare(select + order));
        while (!chunk.isEmpty()) {
            chunk.forEach(each::accept);
            seal.run();
            List<Value> last = chunk.get(chunk.size() - 1).subList(0, key.size());
            chunk = read(ExactText.bind(db, next, last));
        }
    }

    private static List<List<Value>> read(SqlStatement query) {
        List<List<Value>> rows = new ArrayList<>();
        while (query.step()) {
            List<Value> row = new ArrayList<>(query.columnCount());
            for (int i = 0; i < query.columnCount(); i++) {
                row.add(query.getValue(i));
            }
            rows.add(row);
        }
        return rows;
    }

    /** Notes a row as if a program had just written these columns of it. */
    public void note(EnrolledTable table, List<Value> key, long[] masks, long atMillis) {
        StringBuilder columns = new StringBuilder("tbl, scratch, at");
        StringBuilder values = new StringBuilder(table.id() + ", 0, " + atMillis);
        for (int i = 0; i < key.size(); i++) {
            columns.append(", k").append(i);
            values.append(", ?");
        }
        for (int i = 0; i < masks.length; i++) {
            columns.append(", m").append(i);
            values.append(", ").append(masks[i]);
        }
        ExactText.bind(db, "INSERT INTO _ab_pending(" + columns + ") VALUES (" + values + ")", key)
                .run();
    }

    private static String local(EnrolledTable table) {
        return String.valueOf(table.localName());
    }
}
