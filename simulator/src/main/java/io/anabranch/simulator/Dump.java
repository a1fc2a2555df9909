// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import java.util.ArrayList;
import java.util.List;

/** What the application's tables show, with storage classes. */
final class Dump {
    private Dump() {}

    /** Returns the rows of all tables, in order, in the columns that {@code other} has too. */
    private static List<String> of(SimulatedReplica replica, LocalSchema schema, LocalSchema other) {
        List<String> rows = new ArrayList<>();
        Workload.COLUMNS.forEach((table, all) -> {
            List<String> quoted = new ArrayList<>();
            for (String column : other.present(table, schema.present(table, all))) {
                quoted.add("quote(" + schema.column(table, column) + ")");
            }
            String columns = String.join(", ", quoted);
            String query = "SELECT " + columns + " FROM " + schema.table(table) + " ORDER BY " + columns;
            replica.rows(query).forEach(row -> rows.add(table + " " + row));
        });
        return rows;
    }

    /** Throws what differs. */
    static void compare(Checks checks, SimulatedReplica one, SimulatedReplica other) {
        LocalSchema here = one.schema();
        LocalSchema there = other.schema();
        if (!here.isReady() || !there.isReady()) {
            return;
        }
        List<String> ours = of(one, here, there);
        List<String> theirs = of(other, there, here);
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
