// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.catalog;

import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.TableDefinition;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Whether {@code _ab_table} and {@code _ab_column} make sense at all: nothing can be done with a file in which they do not. */
public final class CatalogDamage {
    private static final int ORIGIN_BYTES = 16;

    private CatalogDamage() {}

    /** Returns the first thing in them that only somebody who altered them can have made; null if there is none. Costs O(columns). */
    public static @Nullable String find(SqlDatabase db) {
        Map<Long, String> triggered = triggeredTables(db);
        Map<Long, TableDefinition> definitions = new TreeMap<>();
        String damage = findInTables(db, triggered, definitions);
        if (damage == null) {
            damage = findInColumns(db, definitions);
        }
        for (Map.Entry<Long, String> orphan : triggered.entrySet()) {
            if (damage == null && !definitions.containsKey(orphan.getKey())) {
                damage = "_ab_table lacks its row " + orphan.getKey() + ", of which table " + orphan.getValue()
                        + " has triggers";
            }
        }
        return damage;
    }

    /** Returns the application's tables that have capture triggers, by the number in these. */
    static Map<Long, String> triggeredTables(SqlDatabase db) {
        Map<Long, String> tables = new TreeMap<>();
        SqlStatement query = db.prepare("SELECT substr(name, 9), tbl_name FROM sqlite_master WHERE type = 'trigger'"
                + " AND name LIKE '\\_ab\\_ins\\_%' ESCAPE '\\'");
        while (query.step()) {
            String number = String.valueOf(query.getText(0));
            if (number.matches("[0-9]{1,18}")) {
                tables.put(Long.valueOf(number), String.valueOf(query.getText(1)));
            }
        }
        return tables;
    }

    private static @Nullable String findInTables(
            SqlDatabase db, Map<Long, String> triggered, Map<Long, TableDefinition> definitions) {
        String damage = null;
        SqlStatement query = db.prepare("SELECT id, name, local, local_key, definition, made, origin FROM _ab_table");
        while (query.step()) {
            long id = query.getLong(0);
            TableDefinition definition = definition(query.getBlob(4));
            String what = null;
            if (definition == null) {
                what = "its definition cannot be read";
            } else if (!definition.name().equals(query.getText(1))) {
                what = "it is called " + query.getText(1) + ", and " + definition.name() + " in its definition";
            } else if (names(query.getBlob(3)) == null) {
                what = "its local_key cannot be read";
            } else if (!isOrigin(query.getBlob(6))) {
                what = "its origin is none";
            } else if (query.isNull(2) && triggered.containsKey(id)) {
                what = "it is not here, and table " + triggered.get(id) + " has triggers of it";
            }
            if (definition != null) {
                definitions.put(id, definition);
            }
            if (what != null && damage == null) {
                damage = "row " + id + " of _ab_table was altered: " + what;
            }
        }
        return damage;
    }

    private static @Nullable String findInColumns(SqlDatabase db, Map<Long, TableDefinition> definitions) {
        String damage = null;
        Map<Long, Integer> counts = new TreeMap<>();
        SqlStatement query = db.prepare("SELECT tbl, id, name, rule, origin FROM _ab_column ORDER BY tbl, id");
        while (query.step()) {
            long table = query.getLong(0);
            String what = null;
            if (!definitions.containsKey(table)) {
                what = "there is no table " + table;
            } else if (query.getLong(1) != counts.merge(table, 1, Integer::sum) - 1) {
                what = "its number does not follow on that of the column before it";
            } else if (rule(query.getText(3)) == null) {
                what = "its rule is none";
            } else if (!isOrigin(query.getBlob(4))) {
                what = "its origin is none";
            }
            if (what != null && damage == null) {
                damage = "the row of column " + query.getText(2) + " in _ab_column was altered: " + what;
            }
        }
        return damage;
    }

    // ---- Reading what may be anything

    static @Nullable TableDefinition definition(byte @Nullable [] bytes) {
        try {
            TableDefinition definition = bytes == null ? null : TableDefinition.read(new ByteReader(bytes));
            return definition == null || definition.flaw() != null ? null : definition;
        } catch (DecodeException e) {
            return null;
        }
    }

    /** Returns how many names there are; null if these are none. */
    static @Nullable Integer names(byte @Nullable [] bytes) {
        try {
            return bytes == null ? 0 : Names.read(bytes).size();
        } catch (DecodeException e) {
            return null;
        }
    }

    static @Nullable Rule rule(@Nullable String spec) {
        try {
            return spec == null ? null : Rule.ofSpec(spec);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    static boolean isOrigin(byte @Nullable [] bytes) {
        return bytes != null && bytes.length == ORIGIN_BYTES;
    }
}
