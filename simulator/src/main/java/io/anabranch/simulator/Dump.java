// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import java.util.ArrayList;
import java.util.List;

/** What the application's tables show, with storage classes. */
final class Dump {
    private static final List<List<String>> COLUMNS = List.of(
            List.of("ledger", "id", "parent", "amount"),
            List.of("tally", "id", "n"),
            List.of("item", "id", "title", "stock", "price", "tags", "label"),
            List.of("note", "day", "place", "body"));

    private Dump() {}

    /** Returns the rows of all tables, in order. */
    static List<String> of(SimulatedReplica replica) {
        List<String> rows = new ArrayList<>();
        for (List<String> table : COLUMNS) {
            List<String> columns = table.subList(1, table.size());
            List<String> quoted = new ArrayList<>();
            columns.forEach(column -> quoted.add("quote(" + column + ")"));
            String query = "SELECT " + String.join(", ", quoted) + " FROM " + table.get(0) + " ORDER BY "
                    + String.join(", ", quoted);
            replica.rows(query).forEach(row -> rows.add(table.get(0) + " " + row));
        }
        return rows;
    }

    /** Throws what differs. */
    static void compare(Checks checks, SimulatedReplica one, SimulatedReplica other) {
        if (!Workload.isReady(one) || !Workload.isReady(other)) {
            return;
        }
        List<String> ours = of(one);
        List<String> theirs = of(other);
        checks.that(
                Oracle.CONVERGENCE,
                ours.equals(theirs),
                () -> one + " and " + other + " hold the same, and only " + one + " shows " + without(ours, theirs)
                        + ", only " + other + " shows " + without(theirs, ours));
    }

    private static List<String> without(List<String> all, List<String> some) {
        List<String> rest = new ArrayList<>(all);
        rest.removeAll(some);
        return rest;
    }
}
