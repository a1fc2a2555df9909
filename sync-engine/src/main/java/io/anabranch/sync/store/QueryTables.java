// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.sync.SyncException;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Which tables a query reads, by the program that SQLite makes of it: through views, subqueries and indexes too. Immutable.
 *
 * @param names of tables of the file, in small letters
 * @param readsOthers whether it reads what has no name there: a virtual table, the schema, another database
 * @param schema the version of the schema that this holds for
 */
public record QueryTables(Set<String> names, boolean readsOthers, long schema) {
    /** Concerns everything. */
    public static final QueryTables UNKNOWN = new QueryTables(Set.of(), true, -1);

    /** @throws SyncException.BadSql if it would write */
    public static QueryTables of(SqlDatabase db, String sql) {
        Map<Long, String> roots = roots(db);
        Set<String> names = new HashSet<>();
        boolean readsOthers = false;
        boolean writes = false;
        SqlStatement program = db.prepare("EXPLAIN " + sql);
        try {
            while (program.step()) {
                String opcode = String.valueOf(program.getText(1));
                if (opcode.equals("OpenRead") || opcode.equals("ReopenIdx")) {
                    String name = program.getLong(4) == 0 ? roots.get(program.getLong(3)) : null;
                    readsOthers |= name == null;
                    names.add(name == null ? "" : name);
                } else if (opcode.equals("VOpen")) {
                    readsOthers = true;
                }
                writes |= opcode.equals("Transaction") && program.getLong(3) != 0;
            }
        } finally {
            program.reset();
        }
        if (writes) {
            throw new SyncException.BadSql("cannot watch \"" + sql + "\": it writes; watch a query", null);
        }
        names.remove("");
        return new QueryTables(names, readsOthers, db.queryLong("PRAGMA schema_version"));
    }

    private static Map<Long, String> roots(SqlDatabase db) {
        Map<Long, String> roots = new HashMap<>();
        SqlStatement query = db.prepare("SELECT rootpage, lower(tbl_name) FROM sqlite_master WHERE rootpage > 0");
        while (query.step()) {
            roots.put(query.getLong(0), String.valueOf(query.getText(1)));
        }
        return roots;
    }

    /**
     * Returns whether a change concerns the query.
     *
     * @param touched tables of the space whose rows changed; of all others, nobody knows
     */
    public boolean areAmong(Set<String> touched, ReplicaFile file) {
        if (readsOthers || !file.hasSchema(schema)) {
            return true;
        }
        Set<String> followed = new HashSet<>();
        file.reports().enrolledTables().forEach(table -> followed.add(table.toLowerCase(Locale.ROOT)));
        if (!followed.containsAll(names)) {
            return true;
        }
        for (String table : touched) {
            if (names.contains(table.toLowerCase(Locale.ROOT))) {
                return true;
            }
        }
        return false;
    }
}
