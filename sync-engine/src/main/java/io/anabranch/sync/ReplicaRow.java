// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.crdt.LwwRegister;
import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.CanonicalJson;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.Sql;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * One row by its key. Each write is a transaction of its own, or part of the one that the calling thread is in. It changes
 * the application's table, as SQL would, and so becomes the same change set. Immutable.
 *
 * <pre>{@code
 * ReplicaRow cup = replica.table("item").row("cup");
 * cup.increment("stock", -3);
 * cup.add("tags", "blue");
 * cup.siblings("price").forEach(System.out::println);
 * }</pre>
 *
 * <p>Writes throw {@link SyncException.NoSuchRow} where the row is not there, and {@link SyncException.BadSql} where the table
 * or the column's rule will not have them.
 */
public final class ReplicaRow {
    private final Replica replica;
    private final String table;
    private final List<Value> key;

    ReplicaRow(Replica replica, String table, List<Value> key) {
        this.replica = replica;
        this.table = table;
        this.key = key;
    }

    /** A value that stands beside others until somebody chooses: who wrote it, and when. */
    public record Sibling(Value value, Origin origin, Instant time) {}

    // ---- Any column

    /** Returns what a column shows: Long, Double, String, byte[] or null. */
    public @Nullable Object get(String column) {
        Object[] shown = new Object[1];
        replica.transaction(sql -> shown[0] = read(sql, column));
        return shown[0];
    }

    /** Writes a column. Values as for {@link SqlSession#execute}. */
    public void set(String column, @Nullable Object value) {
        update(column, "?", value);
    }

    // ---- Counters

    /**
     * Adds to a number, which may be done at many replicas at once if the column's rule is {@code counter}, {@code gcounter}
     * or {@code bounded}.
     *
     * @param amount what to add; a negative amount takes away
     */
    public void increment(String column, long amount) {
        update(column, "ifnull(" + Sql.name(column) + ", 0) + ?", amount);
    }

    /** Returns who may take how much of a bounded counter, as far as is known here. This replica's own share is exact. */
    public SortedMap<Origin, Long> rights(String column) {
        String name = replica.columnOnTheWire(table, column);
        return replica.engineState(table, key, row -> row.rights(name));
    }

    /**
     * Gives rights to another replica, which can take that much once it has heard of it.
     *
     * @throws IllegalArgumentException if this replica holds fewer; what the calling thread's transaction took is not counted
     */
    public void transferRights(String column, Origin to, long amount) {
        replica.giveRights(table, key, column, to, amount);
    }

    /**
     * Takes over the rights of everybody to the bounded counters of this row, for rows that were there when their table was
     * enrolled, whose rights are nobody's, and for replicas that are gone. The row begins anew with what it shows: what others
     * write to it meanwhile, not knowing that, is lost, and listed as such. If two replicas do this at once, what they claim
     * adds up.
     */
    public void claimRights() {
        replica.giveRights(table, key, "", replica.origin(), 0);
    }

    // ---- Sets

    /**
     * Adds an element to a set. Costs O(elements).
     *
     * @param element a String, a whole number, a double, a boolean, or null
     */
    public void add(String column, @Nullable Object element) {
        change(column, json(element), true);
    }

    /** Removes an element from a set. Costs O(elements). */
    public void remove(String column, @Nullable Object element) {
        change(column, json(element), false);
    }

    /** Returns the elements of a set, each as canonical JSON, in order. */
    public List<String> elements(String column) {
        return elements(get(column));
    }

    private void change(String column, String element, boolean adds) {
        replica.transaction(sql -> {
            List<String> elements = elements(read(sql, column));
            elements.remove(element);
            if (adds) {
                elements.add(element);
            }
            set(column, "[" + String.join(",", elements) + "]");
        });
    }

    private static List<String> elements(@Nullable Object shown) {
        if (shown == null) {
            return new ArrayList<>();
        }
        try {
            return new ArrayList<>(CanonicalJson.elements(shown.toString().getBytes(StandardCharsets.UTF_8)));
        } catch (CanonicalJson.Malformed e) {
            throw new IllegalArgumentException("not a set: " + shown + ": " + e.getMessage(), e);
        }
    }

    private static String json(@Nullable Object element) {
        try {
            return CanonicalJson.of(
                    element instanceof CharSequence
                            ? CanonicalJson.quote(element.toString())
                            : String.valueOf(element));
        } catch (CanonicalJson.Malformed e) {
            throw new IllegalArgumentException("no element of a set: " + element + ": " + e.getMessage(), e);
        }
    }

    // ---- Values side by side

    /** Returns the concurrent values of a column of rule {@code mv} or {@code custom}, in the same order everywhere. */
    public List<Sibling> siblings(String column) {
        String name = replica.columnOnTheWire(table, column);
        return replica.engineState(table, key, row -> {
            List<Sibling> siblings = new ArrayList<>();
            for (LwwRegister<Value> each : row.siblings(name)) {
                Instant time = Instant.ofEpochMilli(new HybridTime(each.rank()).millis());
                siblings.add(new Sibling(each.value(), each.dot().origin(), time));
            }
            return siblings;
        });
    }

    /** Chooses a value in place of all that stand side by side here, though it be the one that shows. */
    public void resolve(String column, @Nullable Object value) {
        replica.transaction(sql -> {
            set(column, value);
            replica.touch(table, key, column);
        });
    }

    // ---- SQL

    private @Nullable Object read(SqlSession sql, String column) {
        List<Map<String, @Nullable Object>> rows = sql.query(
                "SELECT " + Sql.name(column) + " AS shown FROM " + Sql.name(table) + " WHERE " + where(),
                key.toArray());
        if (rows.isEmpty()) {
            throw noSuchRow();
        }
        return rows.get(0).get("shown");
    }

    private void update(String column, String expression, @Nullable Object argument) {
        replica.transaction(sql -> {
            @Nullable Object[] arguments = new @Nullable Object[1 + key.size()];
            arguments[0] = argument;
            for (int i = 0; i < key.size(); i++) {
                arguments[1 + i] = key.get(i);
            }
            String statement =
                    "UPDATE " + Sql.name(table) + " SET " + Sql.name(column) + " = " + expression + " WHERE " + where();
            if (sql.execute(statement, arguments) == 0) {
                throw noSuchRow();
            }
        });
    }

    private String where() {
        List<String> terms = new ArrayList<>();
        for (String column : replica.keyColumns(table, key.size())) {
            terms.add(Sql.name(column) + " = ?");
        }
        return String.join(" AND ", terms);
    }

    private SyncException noSuchRow() {
        return new SyncException.NoSuchRow("table " + table + " has no row " + key + "; insert it first");
    }
}
