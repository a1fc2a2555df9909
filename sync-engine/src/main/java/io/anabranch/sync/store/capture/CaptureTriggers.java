// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.capture;

import io.anabranch.sync.sql.Sql;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.store.log.SideTables;
import io.anabranch.sync.store.schema.Affinity;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Schema;
import io.anabranch.sync.store.schema.UniqueKey;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The triggers that note which rows and columns changed. Pure SQL without user functions, so that any SQLite client can
 * write while Anabranch is not running. Each does one plain append; values are read later, at the seal.
 */
public final class CaptureTriggers {
    /** Milliseconds since 1970, by SQLite's clock. */
    public static final String NOW = "CAST((julianday('now') - 2440587.5) * 86400000.0 + 0.5 AS INTEGER)";

    private static final String MODE = "(SELECT mode FROM _ab_mode)";
    private static final String CAPTURING = "WHEN " + MODE + " < " + SideTables.MODE_SILENT;
    private static final String ALWAYS = "";
    /** A mask of every column. */
    public static final long ALL = (1L << EnrolledTable.Column.MASK_BITS) - 1;

    private static final Pattern MAPPED = Pattern.compile("OLD\\.\"((?:[^\"]|\"\")*+)\"\\s+AS\\s+([kc]\\d+)");
    private static final List<String> KINDS =
            List.of("ins", "del", "upd", "key", "map", "rin", "rup", "gro", "low", "bnd", "own", "spd");

    private final EnrolledTable table;
    private final boolean keyMayBeNull;
    private final String afterKeyIsSet;
    private final ReplaceTriggers replaced;
    private final String on;

    /**
     * @param keyIsRowid whether an update may set the key by other names too: {@code rowid} and what else SQLite calls it
     * @param keyMayBeNull whether SQLite itself lets NULL into the key
     * @param uniques the keys by which a write may replace other rows
     */
    public CaptureTriggers(EnrolledTable table, boolean keyIsRowid, boolean keyMayBeNull, List<UniqueKey> uniques) {
        this.table = table;
        this.keyMayBeNull = keyMayBeNull;
        this.afterKeyIsSet = keyIsRowid ? "" : " OF " + keyColumns(table);
        this.replaced = new ReplaceTriggers(table, uniques);
        this.on = " ON " + Sql.name(table.localName() == null ? table.name() : table.localName()) + " ";
    }

    private static String keyColumns(EnrolledTable table) {
        List<String> names = new ArrayList<>();
        table.localKeyNames().forEach(name -> names.add(Sql.name(name)));
        return String.join(", ", names);
    }

    /** Returns whether the file has exactly these triggers. */
    public boolean areInstalled(Schema schema) {
        Map<String, String> installed = new TreeMap<>();
        for (String kind : KINDS) {
            Schema.Entry trigger = schema.trigger(name(kind));
            if (trigger != null) {
                installed.put(kind, trigger.sql());
            }
        }
        return installed.equals(statements());
    }

    /** Returns whether the file has the trigger that notes rows which are deleted, whatever became of the others. */
    public boolean capturesDeletes(Schema schema) {
        Schema.Entry trigger = schema.trigger(name("del"));
        return trigger != null && trigger.sql().equals(statements().get("del"));
    }

    public void install(SqlDatabase db) {
        drop(db, table.id());
        statements().values().forEach(db::execute);
    }

    /** Drops the triggers of a table of the space, whatever it is called here. */
    public static void drop(SqlDatabase db, long table) {
        for (String kind : KINDS) {
            db.execute("DROP TRIGGER IF EXISTS " + Sql.name(name(kind, table)));
        }
    }

    /** Returns the statements that make the triggers, by kind. */
    private Map<String, String> statements() {
        Map<String, String> statements = new TreeMap<>();
        // A trigger costs about as much as the note it takes, unless no statement that fires it sets one of its
        // columns. So there are few, and they look for NULL too.
        String insert = refusal() + append("NEW", allColumns());
        statements.put("ins", create("ins", "AFTER INSERT", ALWAYS, insert));
        statements.put("del", create("del", "AFTER DELETE", ALWAYS, append("OLD", allColumns())));
        statements.put(
                "upd",
                create("upd", "AFTER UPDATE", "WHEN NOT (" + keyChanged() + ")", append("NEW", changedColumns())));
        statements.put(
                "key",
                create(
                        "key",
                        "AFTER UPDATE" + afterKeyIsSet,
                        "WHEN " + keyChanged(),
                        refusal() + append("OLD", allColumns()) + "; " + append("NEW", allColumns())));
        statements.put("map", map());
        replaced.triggers(MODE, NOW)
                .forEach((kind, trigger) ->
                        statements.put(kind, create(kind, trigger.event(), CAPTURING, trigger.body())));
        Map<String, RuleTriggers.Body> ofRules = new TreeMap<>();
        new RuleTriggers(table).addTo(ofRules);
        ofRules.forEach(
                (kind, body) -> statements.put(kind, create(kind, body.event(), body.when(), body.statements())));
        return statements;
    }

    private String refusal() {
        if (!keyMayBeNull) {
            return "";
        }
        List<String> terms = new ArrayList<>();
        for (String key : table.localKeyNames()) {
            terms.add("NEW." + Sql.name(key) + " IS NULL");
        }
        String message = "anabranch: NULL in the primary key of " + table.name() + "; a replicated row needs a key";
        return "SELECT CASE WHEN " + String.join(" OR ", terms) + " THEN RAISE(ABORT, " + Sql.literal(message)
                + ") END; ";
    }

    /**
     * A trigger that never fires. SQLite rewrites it when a column is renamed, so that it tells which column is which,
     * whoever renamed it.
     */
    private String map() {
        List<String> terms = new ArrayList<>();
        for (int i = 0; i < table.localKeyNames().size(); i++) {
            terms.add("OLD." + Sql.name(table.localKeyNames().get(i)) + " AS k" + i);
        }
        for (EnrolledTable.Column column : table.shown()) {
            terms.add("OLD." + Sql.name(column.localName()) + " AS c" + column.id());
        }
        String event = "AFTER UPDATE OF " + Sql.name(table.localKeyNames().get(0));
        return create("map", event, "WHEN 0", "SELECT " + String.join(", ", terms));
    }

    /**
     * Returns what SQLite now calls the columns that the triggers were made for: those of the key as {@code k0}, {@code k1},
     * the others as {@code c} and their number. Empty if there is no such trigger.
     */
    public static Map<String, String> columnsOf(Schema schema, long id) {
        Map<String, String> columns = new TreeMap<>();
        Schema.Entry map = schema.trigger(name("map", id));
        Matcher terms = MAPPED.matcher(map == null ? "" : map.sql());
        while (terms.find()) {
            columns.put(terms.group(2), terms.group(1).replace("\"\"", "\""));
        }
        return columns;
    }

    private String create(String kind, String event, String when, String body) {
        return "CREATE TRIGGER " + Sql.name(name(kind)) + " " + event + on + when + " BEGIN " + body + "; END";
    }

    private String name(String kind) {
        return name(kind, table.id());
    }

    private static String name(String kind, long table) {
        return "_ab_" + kind + "_" + table;
    }

    /** Returns the application's table that a table of the space is bound to: a trigger follows it when it is renamed. */
    public static @Nullable String tableOf(Schema schema, long id) {
        Schema.Entry trigger = schema.trigger(name("ins", id));
        return trigger == null ? null : trigger.table();
    }

    /** The mode is read once, with the row that it is noted in: a look-up for each condition costs as much as the note. */
    private String append(String row, List<String> masks) {
        StringBuilder columns = new StringBuilder("tbl, scratch, at");
        StringBuilder values =
                new StringBuilder().append(table.id()).append(", mode, ").append(NOW);
        for (int i = 0; i < table.keyNames().size(); i++) {
            columns.append(", k").append(i);
            values.append(", ")
                    .append(row)
                    .append('.')
                    .append(Sql.name(table.localKeyNames().get(i)));
        }
        for (int i = 0; i < masks.size(); i++) {
            columns.append(", m").append(i);
            values.append(", ").append(masks.get(i));
        }
        if (row.equals("NEW") && table.rowidName() != null) {
            columns.append(", r");
            values.append(", NEW.").append(table.rowidName());
        }
        return "INSERT INTO _ab_pending(" + columns + ") SELECT " + values + " FROM _ab_mode WHERE mode < "
                + SideTables.MODE_SILENT;
    }

    private List<String> allColumns() {
        List<String> masks = new ArrayList<>();
        for (int i = 0; i < table.maskColumns(); i++) {
            masks.add(Long.toString(ALL));
        }
        return masks;
    }

    /** One sum of bits per 62 columns, so that no expression grows deeper than SQLite allows. */
    private List<String> changedColumns() {
        List<StringBuilder> sums = new ArrayList<>();
        for (int i = 0; i < table.maskColumns(); i++) {
            sums.add(new StringBuilder("0"));
        }
        for (EnrolledTable.Column column : table.shown()) {
            sums.get(column.maskIndex())
                    .append(" + (")
                    .append(differs(column))
                    .append(") * ")
                    .append(column.maskBit());
        }
        List<String> masks = new ArrayList<>();
        sums.forEach(sum -> masks.add(sum.toString()));
        return masks;
    }

    private String keyChanged() {
        List<String> terms = new ArrayList<>();
        for (String key : table.localKeyNames()) {
            terms.add(differs(key) + " OR " + typeDiffers(key));
        }
        return String.join(" OR ", terms);
    }

    /** Where the column makes numbers of one type of all that it takes, equal values are of one type. */
    private static String differs(EnrolledTable.Column column) {
        String differs = differs(column.localName());
        boolean oneType = column.affinity() == Affinity.TEXT || column.affinity() == Affinity.REAL;
        return oneType ? differs : differs + " OR " + typeDiffers(column.localName());
    }

    /** 'abc' to 'ABC' under NOCASE is a change too. */
    private static String differs(String column) {
        String quoted = Sql.name(column);
        return "OLD." + quoted + " COLLATE BINARY IS NOT NEW." + quoted;
    }

    /** And so is 1 to 1.0. */
    private static String typeDiffers(String column) {
        String quoted = Sql.name(column);
        return "typeof(OLD." + quoted + ") IS NOT typeof(NEW." + quoted + ")";
    }
}
