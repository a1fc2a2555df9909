// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.CellWrite;
import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.EnrolProgress;
import io.anabranch.sync.EnrolReport;
import io.anabranch.sync.MergeRules;
import io.anabranch.sync.SyncException.CannotEnrol;
import io.anabranch.sync.TableRules;
import io.anabranch.sync.change.BodyLimits;
import io.anabranch.sync.change.ChangeSetHeader;
import io.anabranch.sync.change.ChangeSetWriter;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.ForeignKeyRule;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.TableDefinition;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.Sql;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Makes a table of the application one of the space. Rows that are there already are captured under an origin derived from
 * the space, the table and the rows themselves, at rank 0: devices that enrol copies of one table write the very same
 * change sets, and so count its counters once.
 */
final class Enroller {
    private static final int MAX_ROWS = 10_000;
    /** So that most change sets carry their bodies themselves. */
    private static final int MAX_BYTES = 1 << 20;
    /** No resolver takes part in what is captured. */
    private static final Merges NO_MERGES = new Merges(MergeRules.none());

    private static final String DERIVATION = "anabranch existing rows 1";

    private final SqlDatabase db;
    private final Origins origins;
    private final ChangeLog log;
    private final Catalog catalog;
    private final TableInspector inspector;
    private final RowStore rows;
    private final Supplier<Applier> appliers;

    Enroller(
            SqlDatabase db,
            Origins origins,
            ChangeLog log,
            Catalog catalog,
            TableInspector inspector,
            RowStore rows,
            Supplier<Applier> appliers) {
        this.db = db;
        this.origins = origins;
        this.log = log;
        this.catalog = catalog;
        this.inspector = inspector;
        this.rows = rows;
        this.appliers = appliers;
    }

    /** @param sealFound seals what a table of which the space has rows holds in cells that nobody has written */
    EnrolReport enrol(
            String space,
            String requested,
            TableRules rules,
            EnrolProgress progress,
            Consumer<EnrolledTable> sealFound) {
        String name = inspector.tables().stream()
                .filter(requested::equalsIgnoreCase)
                .findFirst()
                .orElse(null);
        if (name == null) {
            throw new CannotEnrol("cannot enrol " + requested + ": the file has no such table; its tables are "
                    + String.join(", ", inspector.tables()));
        }
        Map<String, Rule> wanted = resolve(name, rules);
        EnrolledTable known = catalog.findLocal(name) == null ? catalog.find(name) : catalog.findLocal(name);
        if (known != null && known.isLocal() && !name.equals(known.localName())) {
            throw new CannotEnrol("cannot enrol " + name + ": the space has a table of that name, which is called "
                    + known.localName() + " in this file; give the new table another name");
        }
        if (known != null) {
            checkAgreement(known, onTheWire(known, wanted), rules);
            if (known.isLocal()) {
                return new EnrolReport(name, 0, List.of(), true);
            }
            known.columns().forEach(column -> wanted.put(column.name(), column.rule()));
        }
        DeletePolicy onDelete = known == null ? rules.onDelete() : known.onDelete();
        TableInspector.Inspected inspected =
                inspector.inspect(name, wanted, onDelete, foreignKeyRules(name, rules, known));
        TableDefinition definition = inspected.definition();
        check(definition, known);
        Rows existing = new Rows(definition);
        checkValues(definition, existing, "cannot enrol " + name + ": ");
        boolean hasHeld = db.queryLong("SELECT count(*) FROM _ab_log WHERE held = 1") > 0;
        Origin derived = derive(space, definition, existing);
        if (known != null
                && catalog.local().wasDropped(known)
                && origins.head(derived).seq() == 0) {
            // The rows were the space's once. What it still shows is not inserted again: its counters would count
            // twice.
            existing.leaveOutShown(known);
            derived = derive(space, definition, existing);
        }
        Set<Catalog.HidingReference> hiding = catalog.hidingReferences();
        EnrolledTable table;
        long count = 0;
        if (known != null && existing.isEmpty()) {
            table = catalog.local().attach(known, name);
        } else {
            table = catalog.local()
                    .attach(
                            catalog.declarations()
                                    .declare(definition, 0, derived)
                                    .table(),
                            name);
            count = capture(table, definition, derived, existing, progress);
        }
        if (known != null) {
            sealFound.accept(table);
        }
        if (known != null || hasHeld) {
            appliers.get().adopting(table).attached(table, known == null);
        }
        appliers.get().showAll(Catalog.HidingReference.childrenThatDiffer(hiding, catalog.hidingReferences()));
        return new EnrolReport(name, count, inspected.warnings(), false);
    }

    /** Gives columns that the space does not know yet the rules that {@code rules} has for them. */
    void choose(EnrolledTable table, TableRules rules) {
        Map<String, Rule> wanted = onTheWire(table, resolve(String.valueOf(table.localName()), rules));
        catalog.declarations().chooseRules(table, wanted);
    }

    private static Map<String, Rule> onTheWire(EnrolledTable table, Map<String, Rule> rules) {
        Map<String, Rule> byName = new HashMap<>(rules);
        for (EnrolledTable.Column column : table.columns()) {
            if (column.isLocal() && !column.name().equals(column.localName())) {
                Rule rule = byName.remove(column.localName());
                if (rule != null) {
                    byName.put(column.name(), rule);
                }
            }
        }
        return byName;
    }

    // ---- What can be enrolled

    /** Returns the rules by the columns' own spelling. */
    private Map<String, Rule> resolve(String table, TableRules rules) {
        List<String> columns = inspector.columnNames(table);
        Map<String, Rule> resolved = new HashMap<>();
        rules.rules().forEach((requested, rule) -> {
            String column = columnNamed(table, requested, rule, columns);
            resolved.put(
                    column,
                    rule.group().isEmpty() ? rule : Rule.LWW.inGroup(columnNamed(table, rule.group(), rule, columns)));
        });
        return resolved;
    }

    private static String columnNamed(String table, String requested, Rule rule, List<String> columns) {
        for (String column : columns) {
            if (column.equalsIgnoreCase(requested)) {
                return column;
            }
        }
        throw new CannotEnrol(
                "cannot enrol " + table + ": " + (rule.group().isEmpty() ? "rule " + rule.label() : "a group")
                        + " is for a column " + requested + ", which it does not have; its columns are "
                        + String.join(", ", columns));
    }

    private static void checkAgreement(EnrolledTable known, Map<String, Rule> wanted, TableRules rules) {
        wanted.forEach((name, rule) -> {
            EnrolledTable.Column column = known.column(name);
            if (column == null || !column.rule().equals(rule)) {
                throw new CannotEnrol("cannot enrol " + known + " with " + name + "=" + rule
                        + ": the space has declared it "
                        + (column == null ? "otherwise" : "as " + column.rule())
                        + ", and the first declaration holds; leave the rule out");
            }
        });
        if (rules.isOnDeleteSet() && rules.onDelete() != known.onDelete()) {
            throw new CannotEnrol("cannot enrol " + known + " with another delete policy: the space has declared "
                    + TableRules.label(known.onDelete()) + ", and the first declaration holds; leave the policy out");
        }
    }

    private void check(TableDefinition table, @Nullable EnrolledTable known) {
        String failure = "cannot enrol " + table.name() + ": ";
        List<TableDefinition.Column> key = table.primaryKey();
        if (key.isEmpty()) {
            throw new CannotEnrol(failure + "it has no primary key, so its rows have no names that replicas could agree"
                    + " on; add one, or leave the table out");
        }
        for (TableDefinition.Column column : key) {
            if (!column.rule().equals(Rule.LWW)) {
                throw new CannotEnrol(failure + column.name() + " is part of the primary key and cannot be a "
                        + column.rule() + "; a key never changes");
            }
            if (count("SELECT count(*) FROM " + Sql.name(table.name()) + " WHERE " + Sql.name(column.name())
                            + " IS NULL")
                    > 0) {
                throw new CannotEnrol(
                        failure + "some rows have NULL in the key column " + column.name() + "; give them keys first");
            }
        }
        if (!isReadable(table)) {
            throw new CannotEnrol(failure + "a name in it is longer than 4096 bytes, or a default than 8 MiB, which no"
                    + " replica accepts; shorten it");
        }
        checkUniqueKeys(table.name(), failure);
        for (TableDefinition.Column column : table.columns()) {
            checkType(table, column, failure);
        }
        if (known != null) {
            List<String> keyNames = new ArrayList<>();
            key.forEach(column -> keyNames.add(column.name()));
            if (!keyNames.equals(known.keyNames())) {
                throw new CannotEnrol(failure + "its primary key is (" + String.join(", ", keyNames)
                        + ") and the space has declared (" + String.join(", ", known.keyNames())
                        + "); rename the table, or give it the same key");
            }
        }
    }

    /** Whether two rows are rivals must be decided for rows that no table shows, from their values alone. */
    private void checkUniqueKeys(String table, String failure) {
        Set<String> columns = new HashSet<>(inspector.columnNames(table));
        for (TableInspector.UniqueIndex index : inspector.uniqueIndexes(table)) {
            if (index.isOpaque()) {
                throw new CannotEnrol(failure + "its unique index " + index.name() + " is over an expression, or over"
                        + " some rows alone, and rows that two replicas make apart may break it; this version merges"
                        + " only by unique keys over whole columns, so drop the index or leave the table out");
            }
            for (TableDefinition.IndexColumn column : index.columns()) {
                if (!IndexedColumns.COLLATIONS.contains(column.collation().toUpperCase(Locale.ROOT))) {
                    throw new CannotEnrol(failure + "its unique key over " + column.name() + " has collation "
                            + column.collation() + ", which only the application knows; declare it "
                            + "BINARY, NOCASE or RTRIM, or leave the table out");
                }
                if (!columns.contains(column.name())) {
                    throw new CannotEnrol(failure + "its unique index " + index.name() + " is over " + column.name()
                            + ", a generated column, whose value does not travel; drop the index or leave the table"
                            + " out");
                }
            }
        }
    }

    /** Returns the rules by the columns' own spelling, joined by commas. */
    private Map<String, ForeignKeyRule> foreignKeyRules(String table, TableRules rules, @Nullable EnrolledTable known) {
        Map<String, ForeignKeyRule> resolved = new HashMap<>();
        if (known != null) {
            known.definition().foreignKeys().forEach(key -> resolved.put(String.join(",", key.columns()), key.rule()));
        }
        rules.foreignKeys().forEach((requested, rule) -> {
            TableDefinition.ForeignKey key = inspector.foreignKeys(table).stream()
                    .filter(each -> String.join(",", each.columns()).equalsIgnoreCase(requested))
                    .findFirst()
                    .orElseThrow(() -> new CannotEnrol("cannot enrol " + table + ": rule " + rule.label()
                            + " is for a foreign key over " + requested + ", which it does not have"));
            EnrolledTable parent = catalog.find(key.parent());
            if (rule == ForeignKeyRule.REVIVE && parent != null && parent.onDelete() == DeletePolicy.DELETE_WINS) {
                throw new CannotEnrol("cannot enrol " + table + ": " + requested + "=revive would keep rows of "
                        + parent + " alive, whose policy is delete-wins; choose hide");
            }
            String columns = String.join(",", key.columns());
            if (known != null && resolved.getOrDefault(columns, ForeignKeyRule.DEFAULT) != rule) {
                throw new CannotEnrol("cannot enrol " + known + " with " + columns + "=" + rule.label()
                        + ": the space has declared it otherwise, and the first declaration holds; leave the rule out");
            }
            resolved.put(columns, rule);
        });
        return resolved;
    }

    private static boolean isReadable(TableDefinition table) {
        ByteWriter out = new ByteWriter(512);
        table.write(out);
        try {
            return TableDefinition.read(new ByteReader(out.toByteArray())).equals(table);
        } catch (DecodeException e) {
            return false;
        }
    }

    private static void checkType(TableDefinition table, TableDefinition.Column column, String failure) {
        boolean isBlob = column.type().toUpperCase(Locale.ROOT).contains("BLOB");
        // What holds numbers or texts and nothing else holds no blob either.
        Affinity affinity = isBlob ? Affinity.REAL : Affinity.of(column.type(), table.strict());
        String contradiction = ColumnRule.of(column.rule()).contradiction(affinity);
        if (contradiction != null) {
            throw new CannotEnrol(failure + "rule " + column.rule().label() + " contradicts column " + column.name()
                    + ", which is declared " + column.type() + "; " + contradiction + " or choose rule lww");
        }
        if (column.rule() == Rule.LIST
                && !column.collation().toUpperCase(Locale.ROOT).equals("BINARY")) {
            throw new CannotEnrol(failure + "rule list sorts column " + column.name() + " by its bytes, and it has"
                    + " collation " + column.collation() + "; declare it COLLATE BINARY or choose rule lww");
        }
    }

    /** Checks that the rules can take the values that are there. */
    private static void checkValues(TableDefinition table, Rows existing, String failure) {
        List<TableDefinition.Column> columns = new ArrayList<>(table.columns());
        columns.removeIf(column -> column.keyPosition() > 0);
        if (columns.stream().allMatch(column -> column.rule().kind() == Rule.Kind.LWW)) {
            return;
        }
        Map<String, Integer> rejected = new TreeMap<>();
        Map<String, String> reasons = new HashMap<>();
        existing.rewind();
        for (List<Row> chunk = existing.next(); !chunk.isEmpty(); chunk = existing.next()) {
            for (Row row : chunk) {
                for (int i = 0; i < columns.size(); i++) {
                    try {
                        write(columns.get(i), row.values().get(i), Origin.of(0, 0));
                    } catch (ColumnRule.Rejection e) {
                        rejected.merge(columns.get(i).name(), 1, Integer::sum);
                        reasons.put(columns.get(i).name(), e.reason());
                    }
                }
            }
        }
        rejected.forEach((name, count) -> {
            String rule = table.column(name)
                    .map(TableDefinition.Column::rule)
                    .orElse(Rule.LWW)
                    .label();
            throw new CannotEnrol(failure + "rule " + rule + " contradicts column " + name + ": it cannot take what "
                    + count + " rows hold there (" + reasons.get(name) + "); correct them or choose rule lww");
        });
    }

    private long count(String sql) {
        return db.queryLong(sql);
    }

    // ---- Rows that are there

    private static Origin derive(String space, TableDefinition definition, Rows rows) {
        MessageDigest digest = Hash128.sha256();
        ByteWriter header = new ByteWriter(512);
        header.text(DERIVATION).text(space);
        definition.write(header);
        digest.update(header.toByteArray());
        rows.rewind();
        for (List<Row> chunk = rows.next(); !chunk.isEmpty(); chunk = rows.next()) {
            for (Row row : chunk) {
                digest.update(row.bytes());
            }
        }
        Hash128 hash = Hash128.finish(digest);
        return Origin.of(hash.high(), hash.low());
    }

    /** Seals the rows and takes them into state. What another device enrolled before, from equal rows, is here already. */
    private long capture(
            EnrolledTable table, TableDefinition definition, Origin derived, Rows rows, EnrolProgress progress) {
        long total = count("SELECT count(*) FROM " + Sql.name(definition.name()));
        long count = 0;
        progress.enrolled(table.label(), 0, total);
        Head known = origins.head(derived);
        Head head = Head.NONE;
        rows.rewind();
        List<Row> chunk = rows.next();
        do {
            ChangeSetHeader header = new ChangeSetHeader(derived, head.seq() + 1, head.hash(), 0, List.of());
            boolean isNew = header.seq() > known.seq();
            ChangeSetWriter writer = new ChangeSetWriter(
                    header, BodyLimits.DEFAULT, isNew ? log.parts().writing(header.dot()) : (index, bytes) -> {});
            if (head.seq() == 0) {
                writer.add(new TableOp.Declare(definition));
            }
            for (Row row : chunk) {
                writer.add(new TableOp.Change(table.name(), row.key(), insert(header, definition, row), true));
            }
            EncodedChangeSet changeSet = writer.finish();
            if (isNew) {
                appliers.get().adopting(table).applyOwn(changeSet);
            }
            head = changeSet.head();
            count += chunk.size();
            if (!chunk.isEmpty()) {
                progress.enrolled(table.label(), count, total);
            }
            chunk = rows.next();
        } while (!chunk.isEmpty());
        return count;
    }

    private static RowOp<String, Value> insert(ChangeSetHeader header, TableDefinition definition, Row row) {
        Map<String, CellWrite<Value>> writes = new HashMap<>();
        int i = 0;
        for (TableDefinition.Column column : definition.columns()) {
            if (column.keyPosition() == 0) {
                try {
                    CellWrite<Value> write = write(column, row.values().get(i++), header.origin());
                    if (write != null) {
                        writes.put(column.name(), write);
                    }
                } catch (ColumnRule.Rejection e) {
                    throw new AssertionError("checked before: " + e.reason());
                }
            }
        }
        return RowLives.<String, Value>none().insert(header.dot(), 0, definition.onDelete(), writes);
    }

    /** What is written depends on the definition alone, and not on what else this file knows: copies must agree on it. */
    private static @Nullable CellWrite<Value> write(TableDefinition.Column column, Value value, Origin origin)
            throws ColumnRule.Rejection {
        EnrolledTable.Column alone =
                new EnrolledTable.Column(0, column.name(), column.rule(), null, Affinity.NONE, column.defaultValue());
        return ColumnRule.of(column.rule())
                .write(
                        value,
                        new ColumnRule.Context(
                                RowLives.none(), alone, origin, false, Collections.emptySortedMap(), NO_MERGES));
    }

    /** A row as it is, and the bytes that it adds to the derivation. */
    private record Row(List<Value> key, List<Value> values, byte[] bytes) {}

    /** Reads the rows of a table in order of key, a chunk at a time, without holding a cursor open in between. */
    private final class Rows {
        private final TableDefinition table;
        private final int keySize;
        private final String firstSql;
        private final String nextSql;
        private @Nullable List<Value> lastKey;
        private @Nullable EnrolledTable shown;

        Rows(TableDefinition table) {
            this.table = table;
            List<String> key = new ArrayList<>();
            List<String> marks = new ArrayList<>();
            table.primaryKey().forEach(column -> {
                key.add(Sql.name(column.name()));
                marks.add("?");
            });
            keySize = key.size();
            List<String> all = new ArrayList<>(key);
            for (TableDefinition.Column column : table.columns()) {
                if (column.keyPosition() == 0) {
                    all.add(Sql.name(column.name()));
                }
            }
            String keyList = String.join(", ", key);
            String select = "SELECT " + String.join(", ", all) + " FROM " + Sql.name(table.name());
            String order = " ORDER BY " + keyList + " LIMIT " + MAX_ROWS;
            firstSql = select + order;
            nextSql = select + " WHERE (" + keyList + ") > (" + String.join(", ", marks) + ")" + order;
        }

        /** Leaves out rows that {@code known} shows, from now on. */
        void leaveOutShown(EnrolledTable known) {
            shown = known;
        }

        boolean isEmpty() {
            rewind();
            boolean isEmpty = next().isEmpty();
            rewind();
            return isEmpty;
        }

        void rewind() {
            lastKey = null;
        }

        /** Returns the next chunk, empty at the end. */
        List<Row> next() {
            EnrolledTable known = shown;
            List<Row> chunk = nextOfTable();
            while (known != null && !chunk.isEmpty()) {
                chunk.removeIf(row -> rows.read(known, Key.of(row.key), null).isShown());
                if (!chunk.isEmpty()) {
                    return chunk;
                }
                chunk = nextOfTable();
            }
            return chunk;
        }

        private List<Row> nextOfTable() {
            SqlStatement query = lastKey == null ? db.prepare(firstSql) : ExactText.bind(db, nextSql, lastKey);
            List<Row> chunk = new ArrayList<>();
            int size = 0;
            while (size < MAX_BYTES && query.step()) {
                Row row = read(query);
                chunk.add(row);
                size += row.bytes.length;
            }
            query.reset();
            if (!chunk.isEmpty()) {
                lastKey = chunk.get(chunk.size() - 1).key;
            }
            return chunk;
        }

        private Row read(SqlStatement query) {
            List<Value> key = new ArrayList<>();
            List<Value> values = new ArrayList<>();
            for (int i = 0; i < query.columnCount(); i++) {
                (i < keySize ? key : values).add(query.getValue(i));
            }
            ByteWriter out = new ByteWriter(128);
            List<Value> exactKey = Key.of(key).values();
            exactKey.forEach(value -> write(value, out));
            values.forEach(value -> write(value, out));
            return new Row(exactKey, values, out.toByteArray());
        }

        private void write(Value value, ByteWriter out) {
            if (value.sizeBytes() > Value.MAX_BYTES) {
                throw new CannotEnrol("cannot enrol " + table.name() + ": it holds a value of more than 8 MiB, which no"
                        + " replica accepts; shorten it first");
            }
            value.write(out);
        }
    }
}
