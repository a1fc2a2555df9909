// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.log;

import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The columns that side tables have by the statements that create them. A file that an earlier build of the same format made may lack
 * some of them, as may one that somebody has altered.
 */
final class SideColumns {
    private static final Pattern TABLE =
            Pattern.compile("CREATE TABLE (\\w+)\\((.*)\\)(?: WITHOUT ROWID)?", Pattern.DOTALL);
    /** Commas outside of parentheses. */
    private static final Pattern COMMA = Pattern.compile(",(?![^(]*\\))");

    /** By table, then by name, what stands in the statement. */
    private final Map<String, Map<String, String>> definitions = new LinkedHashMap<>();

    SideColumns(Iterable<String> statements) {
        for (String statement : statements) {
            Matcher table = TABLE.matcher(statement);
            if (table.matches()) {
                definitions.put(table.group(1), columns(table.group(2)));
            }
        }
    }

    private static Map<String, String> columns(String body) {
        Map<String, String> columns = new LinkedHashMap<>();
        for (String part : COMMA.split(body)) {
            String definition = part.trim();
            String name = definition.split("[ (]", 2)[0];
            if (!name.equals("PRIMARY") && !name.equals("UNIQUE")) {
                columns.put(name, definition);
            }
        }
        return columns;
    }

    /** Returns, by table, the definitions of columns that a table which is there lacks. */
    Map<String, List<String>> missing(SqlDatabase db) {
        Map<String, Map<String, String>> lacking = new HashMap<>();
        SqlStatement query = db.prepare("SELECT t.name, c.name FROM sqlite_master AS t, pragma_table_info(t.name) AS c"
                + " WHERE t.type = 'table' AND t.name LIKE '\\_ab\\_%' ESCAPE '\\'");
        while (query.step()) {
            String table = String.valueOf(query.getText(0));
            lacking.computeIfAbsent(table, name -> new LinkedHashMap<>(definitions.getOrDefault(name, Map.of())))
                    .remove(String.valueOf(query.getText(1)));
        }
        Map<String, List<String>> missing = new LinkedHashMap<>();
        for (String table : definitions.keySet()) {
            Map<String, String> columns = lacking.getOrDefault(table, Map.of());
            if (!columns.isEmpty()) {
                missing.put(table, new ArrayList<>(columns.values()));
            }
        }
        return missing;
    }

    /** Returns whether a column can be added to a table that has rows, which have no value of it. */
    static boolean canBeAdded(String definition) {
        return !definition.contains("PRIMARY KEY")
                && !definition.contains("UNIQUE")
                && (!definition.contains("NOT NULL") || definition.contains("DEFAULT"));
    }
}
