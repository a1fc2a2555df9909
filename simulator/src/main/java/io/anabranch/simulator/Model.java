// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.crdt.LwwRegister;
import io.anabranch.crdt.RowLives;
import io.anabranch.sync.change.ChangeSetCodec;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.change.Value;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the plain types of {@code crdt} make of change sets: the specification that tables are held against. */
final class Model {
    private final Checks checks;
    private final Map<String, Map<String, RowLives<String, Value>>> tables = new TreeMap<>();

    private final ConflictModel conflicts = new ConflictModel();

    Model(Checks checks) {
        this.checks = checks;
    }

    void apply(EncodedChangeSet changeSet) {
        conflicts.note(changeSet.header());
        for (TableOp op : ChangeSetCodec.ops(changeSet)) {
            if (op instanceof TableOp.Change change) {
                Map<String, RowLives<String, Value>> rows =
                        tables.computeIfAbsent(change.table(), name -> new TreeMap<>());
                String key = String.valueOf(change.key().get(0));
                RowLives<String, Value> row = rows.getOrDefault(key, RowLives.none());
                rows.put(key, row.apply(change.op()));
                conflicts.apply(changeSet.header().dot(), change.table(), key, change.op());
            }
        }
    }

    /** Throws if {@code replica} shows something else in the tables whose keys and values are plain. */
    void compare(SimulatedReplica replica) {
        compare(replica, "ledger", "parent", "amount");
        compare(replica, "tally", "+n");
        compare(replica, "item", "title", "+stock", "price", "[tags", "|label");
    }

    /** Throws if {@code replica}, which has had no reason to forget conflicts, lists others. */
    void compareConflicts(SimulatedReplica replica) {
        conflicts.compare(checks, replica, tables.getOrDefault("item", Map.of()));
    }

    /** A plus marks a counter, brackets a set, a bar values side by side. */
    private void compare(SimulatedReplica replica, String table, String... columns) {
        TreeSet<String> expected = new TreeSet<>();
        tables.getOrDefault(table, Map.of()).forEach((key, row) -> {
            if (row.isShown()) {
                expected.add(key + show(row, columns));
            }
        });
        String names = "id, " + String.join(", ", columns).replaceAll("[+|\\[]", "");
        TreeSet<String> shown = new TreeSet<>(replica.rows("SELECT " + names + " FROM " + table));
        checks.that(
                Oracle.TABLES_ARE_WHAT_THE_TYPES_SAY,
                shown.equals(expected),
                () -> replica + " shows in " + table + " " + without(shown, expected) + " instead of "
                        + without(expected, shown));
    }

    private static TreeSet<String> without(TreeSet<String> all, TreeSet<String> some) {
        TreeSet<String> rest = new TreeSet<>(all);
        rest.removeAll(some);
        return rest;
    }

    private static String show(RowLives<String, Value> row, String... columns) {
        StringBuilder text = new StringBuilder();
        for (String column : List.of(columns)) {
            text.append('|');
            String name = column.substring(1);
            switch (column.charAt(0)) {
                case '+' -> text.append(clamp(row.counter(name)));
                case '[' -> text.append(elements(row.elements(name).keySet()));
                case '|' -> text.append(show(row.latest(name)));
                default -> text.append(show(row.register(column)));
            }
        }
        return text.toString();
    }

    private static String show(@Nullable LwwRegister<Value> register) {
        return register == null || register.value() instanceof Value.Null
                ? "null"
                : register.value().toString();
    }

    private static String elements(Set<Value> elements) {
        return elements.stream().map(Value::toString).collect(Collectors.joining(",", "[", "]"));
    }

    /** As a table shows it. */
    private static BigInteger clamp(BigInteger count) {
        return count.max(BigInteger.valueOf(Long.MIN_VALUE)).min(BigInteger.valueOf(Long.MAX_VALUE));
    }
}
