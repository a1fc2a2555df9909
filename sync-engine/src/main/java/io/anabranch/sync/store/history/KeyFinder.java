// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.history;

import io.anabranch.sync.SyncException;
import io.anabranch.sync.change.TableDefinition;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.store.row.RowStore;
import io.anabranch.sync.store.schema.Affinity;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the row that people mean by a key: text may stand for a number, and {@code x'00ff'} for a blob, as the commands print
 * them. Where that is not clear, the reading that names a row here is taken; otherwise the one that the column's type makes.
 */
public final class KeyFinder {
    private static final Pattern BLOB = Pattern.compile("[xX]'((?:[0-9a-fA-F]{2})*)'");

    private final RowStore rows;

    public KeyFinder(RowStore rows) {
        this.rows = rows;
    }

    /**
     * Returns the key of the row that people mean.
     *
     * @throws SyncException.BadKey if the key has not as many values as the table's has columns
     */
    public Key find(EnrolledTable table, List<Value> given) {
        List<TableDefinition.Column> columns = table.definition().primaryKey();
        if (given.size() != columns.size()) {
            throw new SyncException.BadKey(
                    "the key of " + table.label() + " is (" + String.join(", ", table.localKeyNames())
                            + "), and this key has " + given.size() + (given.size() == 1 ? " value" : " values")
                            + "; write one of several values as a JSON array");
        }
        List<List<Value>> keys = List.of(List.of());
        for (int i = 0; i < given.size(); i++) {
            keys = extended(
                    keys, readings(given.get(i), Affinity.of(columns.get(i).type(), false)));
        }
        for (List<Value> key : keys) {
            if (rows.isKnown(table, Key.of(key))) {
                return Key.of(key);
            }
        }
        return Key.of(keys.get(0));
    }

    private static List<List<Value>> extended(List<List<Value>> keys, List<Value> values) {
        List<List<Value>> longer = new ArrayList<>();
        for (List<Value> key : keys) {
            for (Value value : values) {
                List<Value> next = new ArrayList<>(key);
                next.add(value);
                longer.add(next);
            }
        }
        return longer;
    }

    /** Returns what a value may mean, the likeliest first. */
    private static List<Value> readings(Value value, Affinity affinity) {
        if (affinity == Affinity.TEXT && (value instanceof Value.Int || value instanceof Value.Real)) {
            return List.of(Value.of(value.toString()), value);
        }
        if (!(value instanceof Value.Text)) {
            return List.of(value);
        }
        List<Value> readings = new ArrayList<>(List.of(value));
        Matcher blob = BLOB.matcher(value.toString());
        if (blob.matches()) {
            readings.add(Value.blob(bytes(blob.group(1))));
        }
        Value number = affinity == Affinity.TEXT ? value : number(value.toString());
        if (!number.equals(value)) {
            readings.add(affinity == Affinity.NONE ? readings.size() : 0, number);
        }
        return readings;
    }

    private static Value number(String text) {
        try {
            return Value.of(Long.parseLong(text.trim()));
        } catch (NumberFormatException notWhole) {
            try {
                return Value.of(Double.parseDouble(text.trim()));
            } catch (NumberFormatException noNumber) {
                return Value.of(text);
            }
        }
    }

    private static byte[] bytes(String hex) {
        byte[] bytes = new byte[hex.length() / 2];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
        }
        return bytes;
    }
}
