// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.LwwRegister;
import io.anabranch.crdt.RowLives;
import io.anabranch.sync.change.ChangeSetCodec;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.change.Value;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What the plain types of {@code crdt} make of change sets: the specification that tables are held against. */
final class Model {
    private final Checks checks;
    private final Map<String, Map<String, RowLives<String, Value>>> tables = new TreeMap<>();

    /** Of columns in which concurrent values lose. */
    private final List<ConflictModel> conflicts = List.of(
            new ConflictModel("item", "title", DeletePolicy.EDIT_WINS),
            new ConflictModel("item", "price", DeletePolicy.EDIT_WINS),
            new ConflictModel("note", "body", DeletePolicy.DELETE_WINS));

    /** Of what was applied until it was asked for first. */
    private @Nullable Constraints constraints;

    Model(Checks checks) {
        this.checks = checks;
    }

    void apply(EncodedChangeSet changeSet) {
        conflicts.forEach(model -> model.note(changeSet.header()));
        for (TableOp op : ChangeSetCodec.ops(changeSet)) {
            if (op instanceof TableOp.Change change) {
                Map<String, RowLives<String, Value>> rows =
                        tables.computeIfAbsent(change.table(), name -> new TreeMap<>());
                String key = change.key().stream().map(Model::text).collect(Collectors.joining("|"));
                RowLives<String, Value> row = rows.getOrDefault(key, RowLives.none());
                rows.put(key, row.apply(change.op()));
                conflicts.forEach(model -> model.apply(changeSet.header().dot(), change.table(), key, change.op()));
            }
        }
    }

    /** Throws if {@code replica} shows something else in the tables and columns that its version of the application has. */
    void compare(SimulatedReplica replica) {
        Constraints constraints = constraints();
        Workload.COLUMNS.forEach((table, columns) -> compare(replica, table, columns, constraints));
        constraints.compareHidden(checks, replica);
        Constraints.compareViolations(checks, replica);
    }

    private Constraints constraints() {
        if (constraints == null) {
            constraints =
                    new Constraints(tables.getOrDefault("place", Map.of()), tables.getOrDefault("note", Map.of()));
        }
        return constraints;
    }

    /** Throws if {@code replica}, which has had no reason to forget conflicts, lists others. */
    void compareConflicts(SimulatedReplica replica) {
        conflicts.forEach(model -> model.compare(checks, replica, tables.getOrDefault(model.table(), Map.of())));
    }

    private void compare(SimulatedReplica replica, String table, List<String> all, Constraints constraints) {
        LocalSchema schema = replica.schema();
        List<String> columns = schema.present(table, all);
        List<String> outsideTheKey = columns.subList(table.equals("note") ? 2 : 1, columns.size());
        TreeSet<String> expected = new TreeSet<>();
        tables.getOrDefault(table, Map.of()).forEach((key, row) -> {
            if (row.isShown() && constraints.show(table, key)) {
                StringBuilder text = new StringBuilder(key);
                outsideTheKey.forEach(column -> text.append('|').append(show(table, column, row)));
                expected.add(text.toString());
            }
        });
        String names =
                columns.stream().map(column -> schema.column(table, column)).collect(Collectors.joining(", "));
        TreeSet<String> shown = new TreeSet<>(replica.rows("SELECT " + names + " FROM " + schema.table(table)));
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

    private static String show(String table, String column, RowLives<String, Value> row) {
        return switch (table + "." + column) {
            case "tally.n", "item.stock", "item.views" ->
                clamp(row.counter(column)).toString();
            case "item.tags" ->
                row.elements(column).keySet().stream().map(Model::text).collect(Collectors.joining(",", "[", "]"));
            case "place.visits" -> clamp(row.growth(column)).toString();
            case "place.seats" -> clamp(row.aboveMinimum(column)).toString();
            case "place.high" -> show(row.max(column));
            case "place.low" -> show(row.min(column));
            case "item.label" -> show(row.latest(column), "null");
            case "item.colour" -> show(row.register(column), "none");
            case "note.stars" -> show(row.register(column), "3");
            default -> show(row.register(column), "null");
        };
    }

    private static String show(@Nullable LwwRegister<Value> register, String absent) {
        return register == null ? absent : text(register.value());
    }

    private static String show(@Nullable Value extreme) {
        return extreme == null ? "null" : text(extreme);
    }

    /** Returns a value as {@link SimulatedReplica#rows} does. */
    private static String text(Value value) {
        if (value instanceof Value.Blob blob) {
            return new String(blob.bytes(), StandardCharsets.UTF_8);
        }
        return value instanceof Value.Null ? "null" : value.toString();
    }

    /** As a table shows it. */
    private static BigInteger clamp(BigInteger count) {
        return count.max(BigInteger.valueOf(Long.MIN_VALUE)).min(BigInteger.valueOf(Long.MAX_VALUE));
    }
}
