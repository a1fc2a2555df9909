// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.rule;

import io.anabranch.crdt.CellWrite;
import io.anabranch.crdt.RowLives;
import io.anabranch.sync.change.CanonicalJson;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.store.schema.Affinity;
import io.anabranch.sync.store.schema.EnrolledTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Rule {@code set}: the column is a JSON array, its state the elements, each a text of canonical JSON. What the array has
 * and the state has not is added, and the other way round.
 */
enum SetRule implements ColumnRule {
    INSTANCE;

    @Override
    public @Nullable CellWrite<Value> write(Value value, Context context) throws Rejection {
        Set<Value> wanted = elements(value);
        Set<Value> here = context.before().elements(context.column().name()).keySet();
        TreeSet<Value> adds = new TreeSet<>(wanted);
        adds.removeAll(here);
        TreeSet<Value> removes = new TreeSet<>(here);
        removes.removeAll(wanted);
        return adds.isEmpty() && removes.isEmpty() ? null : new CellWrite.Change<>(adds, removes);
    }

    private static Set<Value> elements(Value value) throws Rejection {
        TreeSet<Value> elements = new TreeSet<>();
        if (value instanceof Value.Null) {
            return elements;
        }
        if (!(value instanceof Value.Text text)) {
            throw new Rejection("a set holds a JSON array, as text");
        }
        try {
            for (String element : CanonicalJson.elements(text.utf8())) {
                elements.add(Value.of(element));
            }
        } catch (CanonicalJson.Malformed e) {
            throw new Rejection("a set holds a JSON array: " + e.getMessage());
        }
        return elements;
    }

    @Override
    public Value show(RowLives<String, Value> row, EnrolledTable.Column column, Merges merges) {
        List<String> elements = new ArrayList<>();
        row.elements(column.name()).keySet().forEach(element -> elements.add(element.toString()));
        return Value.of("[" + String.join(",", elements) + "]");
    }

    @Override
    public @Nullable String contradiction(Affinity affinity) {
        return affinity == Affinity.TEXT || affinity == Affinity.NONE
                ? null
                : "a set is a JSON array, so declare it TEXT";
    }
}
