// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.store.capture.Gifts;
import io.anabranch.sync.store.capture.Notes;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import java.util.List;

/** Single rows, by the names that tables and columns have here: for those who write without SQL. Thread-safe. */
public final class RowAccess {
    private final Components parts;
    private final Transactions transactions;
    private final Gifts gifts;

    RowAccess(Components parts, Transactions transactions) {
        this.parts = parts;
        this.transactions = transactions;
        this.gifts = new Gifts(parts.db);
    }

    /**
     * Returns what the application calls a table of the space, whatever the case of its letters.
     *
     * @throws SyncException.NoSuchTable if there is none
     */
    public String localTable(String named) {
        return transactions.read(() -> String.valueOf(here(named).localName()));
    }

    /** Returns what the application's table calls the columns of its key. */
    public List<String> keyColumns(String named) {
        return transactions.read(() -> here(named).localKeyNames());
    }

    /** Returns the name by which the space knows a column of the application's table; itself if it knows none. */
    public String columnOnTheWire(String named, String column) {
        return transactions.read(() -> nameOf(here(named), column));
    }

    private EnrolledTable here(String named) {
        EnrolledTable table = parts.catalog.findLocal(named);
        if (table == null) {
            throw new SyncException.NoSuchTable("table '" + named + "' is not enrolled in " + parts.path
                    + "; enrol it, or see which are with 'anabranch status'");
        }
        return table;
    }

    /** Returns the state of a row; inside a transaction with what was written in it so far. */
    public RowLives<String, Value> state(String named, List<Value> key) {
        synchronized (transactions) {
            if (transactions.isInside()) {
                parts.meta.distrust();
                parts.seal();
            }
            return transactions.read(() -> {
                EnrolledTable table = here(named);
                return parts.rows.load(table, Key.of(key), parts.rows.image(table, Key.of(key)));
            });
        }
    }

    /** Notes that a column is written, though it may show what it showed. In a transaction. */
    public void touch(String named, List<Value> key, String column) {
        EnrolledTable table = here(named);
        for (EnrolledTable.Column each : table.shown()) {
            if (each.localName().equalsIgnoreCase(column)) {
                new Notes(parts.db).note(table, key, each);
                return;
            }
        }
        throw new SyncException.BadSql("table " + named + " has no column " + column, null);
    }

    /**
     * Gives rights to a bounded counter away. In a transaction.
     *
     * @param column which; to oneself with no column claims the rights of everybody
     */
    public void giveRights(String named, List<Value> key, String column, Origin to, long amount) {
        EnrolledTable table = here(named);
        Key row = Key.of(key);
        if (parts.rows.image(table, row) == null) {
            throw new SyncException.NoSuchRow("table " + named + " has no row " + key + "; insert it first");
        }
        long held =
                parts.rows.load(table, row, null).rights(nameOf(table, column)).getOrDefault(parts.self(), 0L);
        if (amount < 0 || amount > held) {
            throw new IllegalArgumentException(
                    "cannot give rights to " + amount + " of " + named + "." + column + ": this replica holds " + held);
        }
        new Notes(parts.db).note(table, key, null);
        gifts.add(table, row, column, to, amount);
    }

    private static String nameOf(EnrolledTable table, String local) {
        for (EnrolledTable.Column column : table.shown()) {
            if (column.localName().equalsIgnoreCase(local)) {
                return column.name();
            }
        }
        return local;
    }
}
