// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What the tables of {@link Workload} and their columns are called in one file just now: replicas upgrade when they like, see
 * {@link Upgrade}. Everywhere else they go by the names that they have for all, those of the first version. Immutable.
 */
final class LocalSchema {
    /** Names that an upgrade gives, by the one that the space knows. */
    private static final Map<String, String> RENAMED_TABLES = Map.of("note", "memo", "place", "site");

    private static final Map<String, String> RENAMED_COLUMNS = Map.of("item.title", "name");

    /** Nothing is there yet, or nobody has looked. */
    static final LocalSchema NONE = new LocalSchema(Set.of());

    /** Table and column, with a dot between. */
    private final Set<String> columns;

    private final boolean isReady;

    private LocalSchema(Set<String> columns) {
        this.columns = columns;
        isReady = Workload.COLUMNS.keySet().stream().allMatch(table -> has(table, firstColumn(table)));
    }

    static LocalSchema of(SimulatedReplica replica) {
        return new LocalSchema(new HashSet<>(replica.rows("SELECT t.name || '.' || c.name FROM sqlite_master AS t"
                + " JOIN pragma_table_info(t.name) AS c WHERE t.type = 'table' AND t.name NOT LIKE '\\_ab\\_%'"
                + " ESCAPE '\\'")));
    }

    /** Returns whether all tables are there: a replica that begins empty gets them one by one. */
    boolean isReady() {
        return isReady;
    }

    private static String firstColumn(String table) {
        return Objects.requireNonNull(Workload.COLUMNS.get(table)).get(0);
    }

    /** Returns what {@code table} is called here. */
    String table(String table) {
        String renamed = RENAMED_TABLES.get(table);
        return renamed != null && columns.contains(renamed + "." + firstColumn(table)) ? renamed : table;
    }

    /** Returns what the space calls the table that is called {@code local} here. */
    String common(String local) {
        for (Map.Entry<String, String> renamed : RENAMED_TABLES.entrySet()) {
            if (renamed.getValue().equals(local)) {
                return renamed.getKey();
            }
        }
        return local;
    }

    /** Returns what a column is called here. */
    String column(String table, String column) {
        String renamed = RENAMED_COLUMNS.get(table + "." + column);
        return renamed != null && columns.contains(table(table) + "." + renamed) ? renamed : column;
    }

    /** Returns whether the table has that column here. */
    boolean has(String table, String column) {
        return columns.contains(table(table) + "." + column(table, column));
    }

    /** Returns those of {@code all} that the table has here too. */
    List<String> present(String table, List<String> all) {
        return all.stream().filter(column -> has(table, column)).toList();
    }
}
