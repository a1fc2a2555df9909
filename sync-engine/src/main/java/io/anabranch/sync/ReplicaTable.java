// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.sync.change.Value;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table by its name, for those who would rather not write SQL. Everything here becomes the very change sets that plain SQL
 * would. Immutable; see {@link Replica#table}.
 */
public final class ReplicaTable {
    private final Replica replica;
    private final String name;

    ReplicaTable(Replica replica, String name) {
        this.replica = replica;
        this.name = name;
    }

    /**
     * Returns the row with this key, whether or not it is there.
     *
     * @param key the values of the primary key, in its order: as for {@link SqlSession#execute}
     */
    public ReplicaRow row(@Nullable Object... key) {
        List<Value> values = new ArrayList<>();
        for (Object each : key) {
            values.add(SqlSession.toValue(each));
        }
        return new ReplicaRow(replica, name, values);
    }
}
