// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.schema;

import io.anabranch.crdt.DeletePolicy;
import io.anabranch.sync.change.ForeignKeyRule;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.TableDefinition;
import io.anabranch.sync.change.TableDefinition.Column;
import io.anabranch.sync.change.TableDefinition.ForeignKey;
import io.anabranch.sync.change.TableDefinition.Index;
import io.anabranch.sync.change.TableDefinition.IndexColumn;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.Sql;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlDriver;
import io.anabranch.sync.sql.SqlException;
import io.anabranch.sync.sql.SqlStatement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads what a table of the application is, from SQLite's own catalogue, as data that can travel. What cannot be
 * represented is left out and named in {@link Inspected#warnings}.
 */
public final class TableInspector {
    private static final Pattern CHECK = Pattern.compile("\\bCHECK\\s*\\(", Pattern.CASE_INSENSITIVE);
    private static final Pattern AUTOINCREMENT = Pattern.compile("\\bAUTOINCREMENT\\b", Pattern.CASE_INSENSITIVE);

    private static final Pattern COLLATE = Pattern.compile("\\bCOLLATE\\b", Pattern.CASE_INSENSITIVE);

    private final SqlDatabase db;
    private final SqlDriver driver;
    private final Schema schema;
    private final Schema.Facts<List<Column>> columns;
    private final Schema.Facts<Map<String, Affinity>> affinities;
    private final Schema.Facts<List<String>> keyNames;
    private final Schema.Facts<Optional<String>> keyIndex;
    private final Schema.Facts<Boolean> keyMayBeNull;
    private final Schema.Facts<List<UniqueIndex>> uniqueIndexes;
    private final Schema.Facts<List<ForeignKey>> foreignKeys;
    private final Schema.Facts<Map<String, String>> allColumns;
    private final Schema.Facts<Map<String, String>> collations;

    public TableInspector(SqlDatabase db, SqlDriver driver) {
        this.db = db;
        this.driver = driver;
        schema = new Schema(db);
        columns = schema.facts(this::readColumns);
        affinities = schema.facts(this::readAffinities);
        keyNames = schema.facts(this::readKeyNames);
        keyIndex = schema.facts(this::readKeyIndex);
        keyMayBeNull = schema.facts(table -> hasKeyIndex(table) && !keyIndexLacksRowid(table));
        uniqueIndexes = schema.facts(this::readUniqueIndexes);
        foreignKeys = schema.facts(this::readForeignKeys);
        allColumns = schema.facts(this::readAllColumns);
        collations = schema.facts(this::readCollations);
    }

    /** Returns what SQLite's catalogue has of this connection's file. */
    public Schema schema() {
        return schema;
    }

    /** Returns the application's tables, in order of name; neither SQLite's own nor ours, nor virtual ones and their parts. */
    public List<String> tables() {
        List<String> tables = new ArrayList<>();
        boolean hasVirtual = false;
        for (Schema.Entry table : schema.tables()) {
            boolean isVirtual = table.sql().regionMatches(true, 0, "CREATE VIRTUAL", 0, 14);
            hasVirtual |= isVirtual;
            if (!isVirtual && !table.name().startsWith("sqlite_")) {
                tables.add(table.name());
            }
        }
        if (hasVirtual) {
            tables.removeAll(shadowTables());
        }
        Collections.sort(tables);
        return tables;
    }

    /** Returns the tables in which virtual ones (full-text indexes, say) keep what is theirs alone. */
    private List<String> shadowTables() {
        List<String> shadows = new ArrayList<>();
        try {
            SqlStatement query =
                    db.prepare("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'shadow'");
            while (query.step()) {
                shadows.add(text(query, 0));
            }
        } catch (SqlException e) {
            // Before SQLite 3.37 nothing tells them but their names.
            SqlStatement query = db.prepare("SELECT t.name FROM sqlite_master AS t JOIN sqlite_master AS v"
                    + " ON t.name LIKE replace(v.name, '_', '\\_') || '\\_%' ESCAPE '\\'"
                    + " WHERE t.type = 'table' AND v.sql LIKE 'CREATE VIRTUAL%'");
            while (query.step()) {
                shadows.add(text(query, 0));
            }
        }
        return shadows;
    }

    /** Returns the table's name as it was created, or null if there is no such table. */
    public @Nullable String find(String table) {
        Schema.Entry entry = schema.table(table);
        return entry == null ? null : entry.name();
    }

    public boolean hasPrimaryKey(String table) {
        return columns.of(table).stream().anyMatch(column -> column.keyPosition() > 0);
    }

    /** Returns whether a table's definition may say what becomes of a row that breaks a constraint: it has the word. */
    public boolean hasConflictClause(String table) {
        return createSql(table).toUpperCase(Locale.ROOT).contains("CONFLICT");
    }

    /** Returns the names of the columns that hold values, in order. */
    public List<String> columnNames(String table) {
        List<String> names = new ArrayList<>();
        for (Column column : columns.of(table)) {
            names.add(column.name());
        }
        return names;
    }

    public Inspected inspect(String table, Map<String, Rule> rules, DeletePolicy onDelete) {
        return inspect(table, rules, onDelete, Map.of());
    }

    /**
     * Reads what a table is, with the rules that are asked for.
     *
     * @param foreignKeyRules by the key's columns, joined by commas
     */
    public Inspected inspect(
            String table, Map<String, Rule> rules, DeletePolicy onDelete, Map<String, ForeignKeyRule> foreignKeyRules) {
        List<String> warnings = new ArrayList<>();
        String sql = createSql(table);
        if (CHECK.matcher(sql).find()) {
            warnings.add(
                    "table " + table + ": CHECK constraints stay in this file; tables made from the space lack them");
        }
        Map<String, String> collations = this.collations.of(table);
        List<Column> columns = new ArrayList<>();
        for (Column column : this.columns.of(table)) {
            Rule rule = rules.getOrDefault(column.name(), Rule.LWW);
            columns.add(new Column(
                    column.name(),
                    column.type(),
                    column.notNull(),
                    column.keyPosition(),
                    column.defaultValue(),
                    column.clockDefault(),
                    collations.getOrDefault(column.name(), "BINARY"),
                    rule));
        }
        warnAboutColumns(table, warnings);
        boolean keyIndex = hasKeyIndex(table);
        boolean withoutRowid = keyIndex && keyIndexLacksRowid(table);
        boolean rowidKey =
                !keyIndex && columns.stream().filter(c -> c.keyPosition() > 0).count() == 1;
        boolean hasRanges = columns.stream().anyMatch(column -> column.rule().kind() == Rule.Kind.RANGES);
        if (rowidKey && !hasRanges) {
            warnings.add("table " + table + ": two replicas that insert offline will make the same integer key, and the"
                    + " two rows merge into one; random keys (for example text UUIDs) avoid that, and so does rule ranges for"
                    + " an AUTOINCREMENT key");
        }
        List<ForeignKey> foreignKeys = new ArrayList<>();
        for (ForeignKey key : foreignKeys(table)) {
            ForeignKeyRule rule = foreignKeyRules.getOrDefault(String.join(",", key.columns()), ForeignKeyRule.DEFAULT);
            foreignKeys.add(new ForeignKey(
                    key.columns(), key.parent(), key.parentColumns(), key.onUpdate(), key.onDelete(), rule));
        }
        TableDefinition definition = new TableDefinition(
                table,
                withoutRowid,
                isStrict(table),
                AUTOINCREMENT.matcher(sql).find(),
                onDelete,
                columns,
                indexes(table, warnings),
                foreignKeys);
        return new Inspected(definition, rowidKey, warnings);
    }

    /** Returns what each column that holds values makes of them. */
    public Map<String, Affinity> affinities(String table) {
        return affinities.of(table);
    }

    private Map<String, Affinity> readAffinities(String table) {
        boolean strict = isStrict(table);
        Map<String, Affinity> read = new HashMap<>();
        for (Column column : columns.of(table)) {
            read.put(column.name(), Affinity.of(column.type(), strict));
        }
        return Map.copyOf(read);
    }

    /** Returns the names of the columns of the primary key, in its order. */
    public List<String> keyNames(String table) {
        return keyNames.of(table);
    }

    private List<String> readKeyNames(String table) {
        List<String> names = new ArrayList<>();
        SqlStatement query = db.prepare("SELECT name FROM pragma_table_xinfo(?) WHERE pk > 0 ORDER BY pk")
                .bind(1, table);
        while (query.step()) {
            names.add(text(query, 0));
        }
        return List.copyOf(names);
    }

    /** Returns whether the primary key is the rowid. */
    public boolean keyIsRowid(String table) {
        return !hasKeyIndex(table);
    }

    /** Returns what the rowid of a table is called; null if it has none beside its key, or columns have all its names. */
    public @Nullable String rowidName(String table) {
        if (!hasKeyIndex(table) || keyIndexLacksRowid(table)) {
            return null;
        }
        Set<String> taken = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        SqlStatement query =
                db.prepare("SELECT name FROM pragma_table_xinfo(?)").bind(1, table);
        while (query.step()) {
            taken.add(text(query, 0));
        }
        return Stream.of("rowid", "_rowid_", "oid")
                .filter(name -> !taken.contains(name))
                .findFirst()
                .orElse(null);
    }

    /** Returns whether SQLite itself lets NULL into the primary key. */
    public boolean keyMayBeNull(String table) {
        return keyMayBeNull.of(table);
    }

    // ---- Columns

    private List<Column> readColumns(String table) {
        List<Column> read = new ArrayList<>();
        SqlStatement query = db.prepare(
                        "SELECT name, type, \"notnull\", dflt_value, pk, hidden FROM pragma_table_xinfo(?) ORDER BY cid")
                .bind(1, table);
        while (query.step()) {
            if (query.getLong(5) == 0) { // Not generated.
                String name = text(query, 0);
                Literal literal = Literal.parse(query.getText(3));
                read.add(new Column(
                        name,
                        text(query, 1),
                        query.getLong(2) == 1,
                        (int) query.getLong(4),
                        literal.value(),
                        literal.clock(),
                        "BINARY",
                        Rule.LWW));
            }
        }
        return List.copyOf(read);
    }

    private void warnAboutColumns(String table, List<String> warnings) {
        SqlStatement query = db.prepare("SELECT name, dflt_value, hidden FROM pragma_table_xinfo(?) ORDER BY cid")
                .bind(1, table);
        while (query.step()) {
            String column = table + "." + text(query, 0);
            if (query.getLong(2) != 0) {
                warnings.add(column + " is generated: it stays in this file; tables made from the space lack it");
            } else if (!Literal.parse(query.getText(1)).isRepresentable()) {
                warnings.add(column + ": its default is an expression; tables made from the space have none");
            }
        }
    }

    /**
     * No pragma tells a column's collation, but one tells an index's: an index over every column of an empty copy of the
     * table, made from this file's own DDL, in memory.
     */
    private Map<String, String> readCollations(String table) {
        Map<String, String> collations = new HashMap<>();
        String sql = createSql(table);
        if (!COLLATE.matcher(sql).find()) {
            return collations; // Each is BINARY.
        }
        try (SqlDatabase copy = driver.openInMemory()) {
            copy.execute(sql);
            for (Column column : columns.of(table)) {
                copy.execute("CREATE INDEX _ab_probe ON " + Sql.name(table) + "(" + Sql.name(column.name()) + ")");
                SqlStatement query = copy.prepare("SELECT coll FROM pragma_index_xinfo('_ab_probe') WHERE key = 1");
                if (query.step()) {
                    collations.put(column.name(), text(query, 0));
                }
                query.reset();
                copy.execute("DROP INDEX _ab_probe");
            }
        } catch (SqlException e) {
            // A collation or function that only the application's connections have. Indexes still tell the key's.
            return collations;
        }
        return collations;
    }

    // ---- Keys and indexes

    private boolean hasKeyIndex(String table) {
        return keyIndex.of(table).isPresent();
    }

    private Optional<String> readKeyIndex(String table) {
        SqlStatement query = db.prepare("SELECT name FROM pragma_index_list(?) WHERE origin = 'pk'")
                .bind(1, table);
        try {
            return query.step() ? Optional.of(text(query, 0)) : Optional.empty();
        } finally {
            query.reset();
        }
    }

    private boolean keyIndexLacksRowid(String table) {
        String index = keyIndex.of(table).orElse(null);
        if (index == null) {
            return false;
        }
        SqlStatement query =
                db.prepare("SELECT 1 FROM pragma_index_xinfo(?) WHERE cid = -1").bind(1, index);
        try {
            return !query.step();
        } finally {
            query.reset();
        }
    }

    /** What is over some rows alone, an expression or a generated column stays in this file. */
    private List<Index> indexes(String table, List<String> warnings) {
        Map<String, Index> indexes = new TreeMap<>();
        Set<String> stored = new HashSet<>(columnNames(table));
        List<String[]> found = new ArrayList<>();
        SqlStatement query = db.prepare("SELECT name, \"unique\", origin, partial FROM pragma_index_list(?)")
                .bind(1, table);
        while (query.step()) {
            if (!text(query, 2).equals("pk")) {
                found.add(new String[] {
                    text(query, 0), Long.toString(query.getLong(1)), text(query, 2), Long.toString(query.getLong(3)),
                });
            }
        }
        for (String[] index : found) {
            List<IndexColumn> columns = indexColumns(index[0]);
            boolean isUnique = index[1].equals("1");
            String over = index[3].equals("1")
                    ? "is over some rows alone"
                    : columns == null
                            ? "is over an expression"
                            : columns.stream().allMatch(column -> stored.contains(column.name()))
                                    ? null
                                    : "is over a generated column";
            if (over == null && columns != null) {
                indexes.put(index[0], new Index(index[2].equals("c") ? index[0] : "", isUnique, columns));
            } else {
                warnings.add("index " + index[0] + " " + over + ": tables made from the space lack it"
                        + (isUnique ? ", and show rows that are hidden here because of it" : ""));
            }
        }
        return new ArrayList<>(indexes.values());
    }

    private @Nullable List<IndexColumn> indexColumns(String index) {
        List<IndexColumn> columns = new ArrayList<>();
        SqlStatement query = db.prepare(
                        "SELECT name, coll, \"desc\" FROM pragma_index_xinfo(?) WHERE key = 1 ORDER BY seqno")
                .bind(1, index);
        while (query.step()) {
            String name = query.getText(0);
            if (name == null) {
                query.reset();
                return null;
            }
            columns.add(new IndexColumn(name, text(query, 1), query.getLong(2) == 1));
        }
        return columns;
    }

    SqlDatabase openInMemory() {
        return driver.openInMemory();
    }

    /** Returns whether the table's own DDL seems to check rows. */
    boolean hasCheck(String table) {
        return CHECK.matcher(createSql(table)).find();
    }

    /** Returns the unique keys that SQLite enforces, the primary key's first; an integer primary key has no index. */
    public List<UniqueIndex> uniqueIndexes(String table) {
        return uniqueIndexes.of(table);
    }

    private List<UniqueIndex> readUniqueIndexes(String table) {
        List<String[]> found = new ArrayList<>();
        SqlStatement query = db.prepare("SELECT name, origin, partial FROM pragma_index_list(?)"
                        + " WHERE \"unique\" = 1 ORDER BY origin <> 'pk', name")
                .bind(1, table);
        while (query.step()) {
            found.add(new String[] {
                text(query, 0), text(query, 1), Long.toString(query.getLong(2)), "",
            });
        }
        found.forEach(index -> index[3] = schema.indexSql(index[0]));
        Set<String> stored = new HashSet<>(columnNames(table));
        List<UniqueIndex> indexes = new ArrayList<>();
        for (String[] index : found) {
            List<IndexColumn> columns = indexColumns(index[0]);
            boolean isPlain = index[2].equals("0")
                    && columns != null
                    && columns.stream().allMatch(column -> stored.contains(column.name()));
            IndexText text = index[3].isEmpty()
                    ? new IndexText(names(columns == null ? List.of() : columns), null)
                    : IndexText.parse(index[3]);
            indexes.add(new UniqueIndex(
                    index[0],
                    index[1].equals("pk"),
                    isPlain && columns != null ? columns : List.of(),
                    text,
                    indexCollations(index[0])));
        }
        return List.copyOf(indexes);
    }

    private static List<String> names(List<IndexColumn> columns) {
        List<String> names = new ArrayList<>();
        columns.forEach(column -> names.add(Sql.name(column.name())));
        return names;
    }

    private List<String> indexCollations(String index) {
        List<String> collations = new ArrayList<>();
        SqlStatement query = db.prepare("SELECT coll FROM pragma_index_xinfo(?) WHERE key = 1 ORDER BY seqno")
                .bind(1, index);
        while (query.step()) {
            collations.add(text(query, 0));
        }
        return collations;
    }

    /**
     * A unique key.
     *
     * @param columns if it is over whole columns of all rows; empty otherwise
     * @param text what it is over
     * @param collations of its terms
     */
    public record UniqueIndex(
            String name, boolean isPrimaryKey, List<IndexColumn> columns, IndexText text, List<String> collations) {
        /** Returns whether its columns alone say what a row holds. */
        public boolean isPlain() {
            return !columns.isEmpty();
        }
    }

    /** Returns all columns of a table, generated ones too, by their names in small letters. */
    Map<String, String> allColumns(String table) {
        return allColumns.of(table);
    }

    private Map<String, String> readAllColumns(String table) {
        Map<String, String> columns = new HashMap<>();
        SqlStatement query =
                db.prepare("SELECT name FROM pragma_table_xinfo(?)").bind(1, table);
        while (query.step()) {
            columns.put(text(query, 0).toLowerCase(Locale.ROOT), text(query, 0));
        }
        return Map.copyOf(columns);
    }

    public List<ForeignKey> foreignKeys(String table) {
        return foreignKeys.of(table);
    }

    private List<ForeignKey> readForeignKeys(String table) {
        Map<Long, List<String[]>> parts = new TreeMap<>();
        SqlStatement query = db.prepare("SELECT id, \"table\", \"from\", \"to\", on_update, on_delete"
                        + " FROM pragma_foreign_key_list(?) ORDER BY id, seq")
                .bind(1, table);
        while (query.step()) {
            String to = query.getText(3);
            parts.computeIfAbsent(query.getLong(0), id -> new ArrayList<>()).add(new String[] {
                text(query, 1), text(query, 2), to == null ? "" : to, text(query, 4), text(query, 5)
            });
        }
        List<ForeignKey> keys = new ArrayList<>();
        for (List<String[]> rows : parts.values()) {
            List<String> columns = new ArrayList<>();
            List<String> parentColumns = new ArrayList<>();
            for (String[] row : rows) {
                columns.add(row[1]);
                if (!row[2].isEmpty()) {
                    parentColumns.add(row[2]);
                }
            }
            String[] first = rows.get(0);
            keys.add(new ForeignKey(columns, first[0], parentColumns, first[3], first[4], ForeignKeyRule.DEFAULT));
        }
        return List.copyOf(keys);
    }

    private boolean isStrict(String table) {
        if (!createSql(table).toUpperCase(Locale.ROOT).contains("STRICT")) {
            return false;
        }
        try {
            SqlStatement query = db.prepare("SELECT strict FROM pragma_table_list WHERE schema = 'main' AND name = ?")
                    .bind(1, table);
            try {
                return query.step() && query.getLong(0) == 1;
            } finally {
                query.reset();
            }
        } catch (SqlException e) {
            return false; // Before SQLite 3.37 there is neither this pragma nor a STRICT table.
        }
    }

    /** Returns the statement that made the table; empty if there is none. */
    String createSql(String table) {
        Schema.Entry entry = schema.table(table);
        return entry == null ? "" : entry.sql();
    }

    private static String text(SqlStatement row, int column) {
        String text = row.getText(column);
        return text == null ? "" : text;
    }

    /** A table as data, and what could not be said. */
    public record Inspected(TableDefinition definition, boolean rowidKey, List<String> warnings) {}

    /** A column's default, as far as it is a constant or a clock. */
    private record Literal(Value value, String clock, boolean isRepresentable) {
        private static final Pattern QUOTED =
                Pattern.compile("'((?:[^']|'')*+)'|\"((?:[^\"]|\"\")*+)\"", Pattern.DOTALL);

        static Literal parse(@Nullable String sql) {
            String text = sql == null ? "NULL" : sql.trim();
            String upper = text.toUpperCase(Locale.ROOT);
            if (upper.equals("NULL")) {
                return new Literal(Value.NULL, "", true);
            }
            if (Ddl.CLOCK_DEFAULTS.contains(upper)) {
                return new Literal(Value.NULL, upper, true);
            }
            if (upper.equals("TRUE") || upper.equals("FALSE")) {
                return new Literal(Value.of(upper.equals("TRUE") ? 1 : 0), "", true);
            }
            Matcher quoted = QUOTED.matcher(text);
            if (quoted.matches()) {
                String inner = quoted.group(1) == null
                        ? quoted.group(2).replace("\"\"", "\"")
                        : quoted.group(1).replace("''", "'");
                return new Literal(Value.of(inner), "", true);
            }
            try {
                return new Literal(Value.of(Long.parseLong(text)), "", true);
            } catch (NumberFormatException notAnInteger) {
                return real(text);
            }
        }

        private static Literal real(String text) {
            if (text.matches("[+-]?[0-9.]+([eE][+-]?[0-9]+)?")) {
                try {
                    return new Literal(Value.of(Double.parseDouble(text)), "", true);
                } catch (NumberFormatException notANumber) {
                    return new Literal(Value.NULL, "", false);
                }
            }
            return new Literal(Value.NULL, "", false);
        }
    }
}
