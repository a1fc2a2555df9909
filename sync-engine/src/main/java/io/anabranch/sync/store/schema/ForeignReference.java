// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.schema;

import io.anabranch.sync.change.Value;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A foreign key between two enrolled tables of this file, which may be one. Immutable.
 *
 * @param hides whether a child shows only while its parent does; otherwise a child's write keeps its parent alive
 */
public record ForeignReference(IndexedColumns child, IndexedColumns parent, boolean hides) {
    /** Returns what a child needs; null if one of its columns is NULL, which refers to nothing. */
    @Nullable
    Token need(Key key, Value[] image) {
        List<Value> values = parentValues(key, image);
        return values == null ? null : parent.token(values);
    }

    /** Returns the values by which a child refers to its parent, as the parent's columns would hold them. */
    public @Nullable List<Value> parentValues(Key key, Value[] image) {
        List<Value> values = child.values(key, image);
        if (values == null) {
            return null;
        }
        List<Value> converted = new ArrayList<>();
        for (int i = 0; i < values.size(); i++) {
            converted.add(parent.affinity(i).apply(values.get(i)));
        }
        return converted;
    }

    /** Returns what a parent provides; null if one of its columns is NULL. */
    @Nullable
    Token provided(Key key, Value[] image) {
        List<Value> values = parent.values(key, image);
        return values == null ? null : parent.token(values);
    }
}
