// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.log;

import io.anabranch.sync.SyncException;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The tables that the engine adds to a file, all prefixed {@code _ab_}; {@code docs/data-file.md} explains each. */
public final class SideTables {
    public static final long FORMAT = 1;

    /** Capture triggers log changes for the next seal. */
    public static final int MODE_CAPTURE = 0;
    /** The engine is writing; what application triggers do meanwhile goes to the scratch list. */
    public static final int MODE_SCRATCH = 1;
    /** The engine is writing and there are no application triggers to watch. */
    public static final int MODE_SILENT = 2;

    private static final String[] DDL = {
        "CREATE TABLE _ab_meta(name TEXT NOT NULL PRIMARY KEY, value) WITHOUT ROWID",
        "CREATE TABLE _ab_mode(one INTEGER PRIMARY KEY CHECK (one = 1), mode INTEGER NOT NULL)",
        "INSERT INTO _ab_mode VALUES (1, 0)",
        // A plain append without any unique constraint: the application's conflict clause would override ours.
        "CREATE TABLE _ab_pending(id INTEGER PRIMARY KEY, tbl INTEGER NOT NULL, scratch INTEGER NOT NULL,"
                + " at INTEGER NOT NULL, k0, m0 INTEGER NOT NULL DEFAULT 0, r INTEGER)",
        "CREATE TABLE _ab_origin(id INTEGER PRIMARY KEY, origin BLOB NOT NULL UNIQUE, seq INTEGER NOT NULL,"
                + " hash BLOB NOT NULL, seen INTEGER NOT NULL, floor INTEGER NOT NULL DEFAULT 0,"
                + " mine INTEGER NOT NULL DEFAULT 0)",
        "CREATE INDEX _ab_origin_news ON _ab_origin(id) WHERE seq > seen",
        "CREATE TABLE _ab_log(lsn INTEGER PRIMARY KEY, origin INTEGER NOT NULL, seq INTEGER NOT NULL,"
                + " hash BLOB NOT NULL, held INTEGER NOT NULL, bytes BLOB NOT NULL)",
        "CREATE UNIQUE INDEX _ab_log_dot ON _ab_log(origin, seq)",
        "CREATE INDEX _ab_log_held ON _ab_log(lsn) WHERE held = 1",
        "CREATE TABLE _ab_table(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, local TEXT UNIQUE,"
                + " local_key BLOB, made INTEGER NOT NULL DEFAULT 0, definition BLOB NOT NULL, rank INTEGER NOT NULL,"
                + " origin BLOB NOT NULL)",
        "CREATE TABLE _ab_column(tbl INTEGER NOT NULL, id INTEGER NOT NULL, name TEXT NOT NULL, rule TEXT NOT NULL,"
                + " rank INTEGER NOT NULL, origin BLOB NOT NULL, local TEXT, PRIMARY KEY (tbl, id), UNIQUE (tbl, name))"
                + " WITHOUT ROWID",
        "CREATE TABLE _ab_row(tbl INTEGER NOT NULL, k BLOB NOT NULL, state BLOB NOT NULL, shown INTEGER,"
                + " PRIMARY KEY (tbl, k)) WITHOUT ROWID",
        "CREATE TABLE _ab_digest(tbl INTEGER PRIMARY KEY, digest BLOB NOT NULL)",
        // Written by triggers too, so without any unique constraint.
        "CREATE TABLE _ab_rights(id INTEGER PRIMARY KEY, tbl INTEGER NOT NULL, col INTEGER NOT NULL,"
                + " origin BLOB NOT NULL, rights INTEGER NOT NULL, k0)",
        "CREATE INDEX _ab_rights_row ON _ab_rights(tbl, k0, col)",
        "CREATE TABLE _ab_gift(id INTEGER PRIMARY KEY, tbl INTEGER NOT NULL, k BLOB NOT NULL, name TEXT NOT NULL,"
                + " origin BLOB NOT NULL, amount INTEGER NOT NULL)",
        "CREATE TABLE _ab_unmerged(rule TEXT NOT NULL PRIMARY KEY, reason TEXT NOT NULL) WITHOUT ROWID",
        "CREATE TABLE _ab_hidden(tbl INTEGER NOT NULL, k BLOB NOT NULL, kind TEXT NOT NULL, reason TEXT NOT NULL,"
                + " by_tbl INTEGER NOT NULL, by_k BLOB, open INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (tbl, k)) WITHOUT ROWID",
        "CREATE INDEX _ab_hidden_by ON _ab_hidden(by_tbl, by_k)",
        "CREATE INDEX _ab_hidden_open ON _ab_hidden(tbl, k) WHERE open = 1",
        "CREATE TABLE _ab_renamed(tbl INTEGER NOT NULL, k BLOB NOT NULL, kind TEXT NOT NULL, reason TEXT NOT NULL,"
                + " by_tbl INTEGER NOT NULL, by_k BLOB, open INTEGER NOT NULL DEFAULT 0, PRIMARY KEY (tbl, k)) WITHOUT ROWID",
        "CREATE INDEX _ab_renamed_by ON _ab_renamed(by_tbl, by_k)",
        "CREATE TABLE _ab_unshown(tbl INTEGER NOT NULL, k BLOB NOT NULL, PRIMARY KEY (tbl, k)) WITHOUT ROWID",
        "CREATE TABLE _ab_violation(tbl INTEGER NOT NULL, k BLOB NOT NULL, reason TEXT NOT NULL, PRIMARY KEY (tbl, k))"
                + " WITHOUT ROWID",
        "CREATE TABLE _ab_rejected(id INTEGER PRIMARY KEY, at INTEGER NOT NULL, tbl INTEGER NOT NULL, k BLOB NOT NULL,"
                + " name TEXT NOT NULL, value, reason TEXT NOT NULL)",
        "CREATE TABLE _ab_conflict(id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL, tbl INTEGER NOT NULL,"
                + " k BLOB NOT NULL, shown_key TEXT NOT NULL, name TEXT NOT NULL, rule TEXT NOT NULL,"
                + " kept_origin BLOB, kept_seq INTEGER, kept_rank INTEGER, kept_value,"
                + " lost_origin BLOB NOT NULL, lost_seq INTEGER NOT NULL, lost_rank INTEGER NOT NULL, lost_value,"
                + " life_origin BLOB, life_seq INTEGER, asleep INTEGER NOT NULL DEFAULT 0)",
        "CREATE INDEX _ab_conflict_cell ON _ab_conflict(tbl, k, name)",
        // The rank's upper 48 bits are milliseconds; 0 is a row from before its table was enrolled.
        "CREATE VIEW _ab_conflicts AS SELECT c.id, c.kind, t.name AS \"table\", c.shown_key AS key,"
                + " nullif(c.name, '') AS \"column\", c.rule, c.kept_value, lower(hex(c.kept_origin)) AS kept_origin,"
                + " datetime(nullif(c.kept_rank, 0) / 65536 / 1000, 'unixepoch') AS kept_time,"
                + " c.lost_value, lower(hex(c.lost_origin)) AS lost_origin,"
                + " datetime(nullif(c.lost_rank, 0) / 65536 / 1000, 'unixepoch') AS lost_time,"
                + " datetime(c.at / 1000, 'unixepoch') AS noticed"
                + " FROM _ab_conflict AS c JOIN _ab_table AS t ON t.id = c.tbl WHERE c.asleep = 0",
        "CREATE TABLE _ab_resolve(id INTEGER PRIMARY KEY, conflict INTEGER NOT NULL,"
                + " choice TEXT NOT NULL DEFAULT 'accept', value, problem TEXT)",
        "CREATE TABLE _ab_peer(url TEXT NOT NULL PRIMARY KEY, peer BLOB NOT NULL, epoch BLOB NOT NULL,"
                + " heads BLOB NOT NULL, sum BLOB NOT NULL, last_exchange INTEGER NOT NULL, clock_offset INTEGER)"
                + " WITHOUT ROWID",
        "CREATE TABLE _ab_member(origin BLOB NOT NULL PRIMARY KEY, heads BLOB NOT NULL, at INTEGER NOT NULL)"
                + " WITHOUT ROWID",
        "CREATE TABLE _ab_dead(tbl INTEGER NOT NULL, k BLOB NOT NULL, mark INTEGER NOT NULL, PRIMARY KEY (tbl, k))"
                + " WITHOUT ROWID",
        "CREATE TABLE _ab_mark(mark INTEGER PRIMARY KEY, vector BLOB NOT NULL)",
        "CREATE TABLE _ab_snapshot(id INTEGER PRIMARY KEY, hash BLOB NOT NULL, size INTEGER NOT NULL,"
                + " state INTEGER NOT NULL, heads BLOB NOT NULL)",
        "CREATE TABLE _ab_snapshot_part(snapshot INTEGER NOT NULL, at INTEGER NOT NULL, tbl TEXT, k BLOB,"
                + " bytes BLOB NOT NULL)",
        "CREATE UNIQUE INDEX _ab_snapshot_at ON _ab_snapshot_part(snapshot, at)",
        "CREATE INDEX _ab_snapshot_row ON _ab_snapshot_part(snapshot, tbl, k) WHERE k IS NOT NULL",
    };

    private static final List<String> STATEMENTS = statements();
    private static final SideColumns COLUMNS = new SideColumns(STATEMENTS);

    private SideTables() {}

    private static List<String> statements() {
        List<String> statements = new ArrayList<>(List.of(DDL));
        statements.addAll(PartStore.ddl("_ab_"));
        return statements;
    }

    public static boolean exist(SqlDatabase db) {
        return db.queryLong(
                        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name IN ('_ab_meta', '_ab_log')")
                > 0;
    }

    /** Creates all, in the caller's transaction. */
    public static void create(SqlDatabase db) {
        STATEMENTS.forEach(db::execute);
    }

    /** What can be worked out again from the rest, or lost without harm. */
    private static final Set<String> DERIVED = Set.of(
            "_ab_row",
            "_ab_digest",
            "_ab_hidden",
            "_ab_renamed",
            "_ab_unshown",
            "_ab_violation",
            "_ab_unmerged",
            "_ab_dead",
            "_ab_mark",
            "_ab_pending",
            "_ab_rejected",
            "_ab_conflict",
            "_ab_conflicts",
            "_ab_resolve",
            "_ab_peer",
            "_ab_member");

    private static final Pattern CREATED =
            Pattern.compile("CREATE (?:UNIQUE )?(?:TABLE|VIEW|INDEX) (\\w+).*", Pattern.DOTALL);

    /**
     * Returns the statements that make what somebody has dropped, or an earlier build did not have yet, all of it derived; empty if
     * nothing is missing.
     *
     * @throws SyncException.BadFile if something is missing that nothing can replace
     */
    public static List<String> missing(SqlDatabase db, String file) {
        List<String> statements = new ArrayList<>();
        Set<String> names = names(db);
        String outdated = outdatedView(db);
        if (outdated != null) {
            statements.add("DROP VIEW " + outdated);
            names.remove(outdated);
        }
        COLUMNS.missing(db).forEach((table, columns) -> {
            if (!DERIVED.contains(table)) {
                throw lost(file, table, "lacks its column " + columns.get(0).split(" ", 2)[0]);
            }
            if (columns.stream().allMatch(SideColumns::canBeAdded)) {
                columns.forEach(column -> statements.add("ALTER TABLE " + table + " ADD COLUMN " + column));
            } else {
                statements.add("DROP TABLE " + table);
                names.removeIf(name -> name.equals(table) || name.startsWith(table + "_")); // Its indexes go with it.
            }
        });
        for (String statement : STATEMENTS) {
            Matcher created = CREATED.matcher(statement);
            if (created.matches() && !names.contains(created.group(1))) {
                String name = created.group(1);
                if (statement.startsWith("CREATE TABLE") && !DERIVED.contains(name)) {
                    throw lost(file, name, "is missing");
                }
                statements.add(statement);
            }
        }
        return statements;
    }

    private static Set<String> names(SqlDatabase db) {
        Set<String> names = new HashSet<>();
        SqlStatement query = db.prepare("SELECT name FROM sqlite_master");
        while (query.step()) {
            names.add(String.valueOf(query.getText(0)));
        }
        return names;
    }

    /** Returns the view that an earlier build made otherwise; null if there is none. */
    private static @Nullable String outdatedView(SqlDatabase db) {
        SqlStatement query = db.prepare("SELECT sql FROM sqlite_master WHERE type = 'view' AND name = '_ab_conflicts'");
        String outdated = query.step() && !STATEMENTS.contains(query.getText(0)) ? "_ab_conflicts" : null;
        query.reset();
        return outdated;
    }

    private static SyncException.BadFile lost(String file, String table, String how) {
        return new SyncException.BadFile(
                "cannot open " + file + ": its table " + table + " " + how
                        + ", and nothing else in it says what was there; restore a backup, or make a new replica of the"
                        + " space with 'anabranch init' and sync it",
                null);
    }

    /** Checks that nobody emptied what nothing can replace. Costs a few look-ups. */
    public static void checkNotEmptied(SqlDatabase db, String file) {
        String[][] pairs = {
            {"_ab_origin", "SELECT EXISTS (SELECT 1 FROM _ab_log)"},
            {"_ab_log", "SELECT EXISTS (SELECT 1 FROM _ab_origin WHERE seq > floor)"},
            {"_ab_table", "SELECT EXISTS (SELECT 1 FROM _ab_column)"},
            {
                "_ab_column",
                "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND name LIKE '\\_ab\\_upd%'"
                        + " ESCAPE '\\' AND sql LIKE '%) * 1%')"
            },
        };
        for (String[] pair : pairs) {
            if (db.queryLong("SELECT EXISTS (SELECT 1 FROM " + pair[0] + ")") == 0 && db.queryLong(pair[1]) == 1) {
                throw lost(file, pair[0], "was emptied");
            }
        }
    }

    /** Returns whether somebody emptied the rows' state, or their digests, which can be worked out again. */
    public static boolean isStateEmptied(SqlDatabase db) {
        boolean hasRows = db.queryLong("SELECT EXISTS (SELECT 1 FROM _ab_row)") == 1;
        boolean hasDigest = db.queryLong("SELECT EXISTS (SELECT 1 FROM _ab_digest WHERE digest <> zeroblob(16))") == 1;
        return hasDigest && !hasRows || hasRows && db.queryLong("SELECT EXISTS (SELECT 1 FROM _ab_digest)") == 0;
    }

    /** Returns whether the last change set that was written here is not the one that the log has. Costs two look-ups. */
    public static boolean isOwnHeadAltered(SqlDatabase db) {
        return db.queryLong("SELECT EXISTS (SELECT 1 FROM _ab_origin AS o WHERE o.origin = (SELECT value FROM _ab_meta"
                        + " WHERE name = 'self') AND o.seq > o.floor AND NOT EXISTS (SELECT 1 FROM _ab_log AS l"
                        + " WHERE l.origin = o.id AND l.seq = o.seq AND l.hash = o.hash))")
                == 1;
    }

    /** Checks that this version can work with what is there. */
    public static void check(SqlDatabase db, Meta meta, String file) {
        long format = meta.getLong("format");
        if (format == 0) {
            throw lost(file, "_ab_meta", "was emptied");
        }
        if (format != FORMAT) {
            throw new SyncException.BadFile(
                    "cannot open " + file + ": its replica format is " + format + " and this version knows " + FORMAT
                            + "; use the version of Anabranch that wrote it, or a newer one",
                    null);
        }
        if (db.queryLong("SELECT count(*) FROM _ab_mode WHERE one = 1") != 1) {
            throw new SyncException.BadFile(
                    "cannot open " + file + ": its table _ab_mode was emptied, so writes would not be captured;"
                            + " run \"INSERT INTO _ab_mode VALUES (1, 0)\" on it, or restore a backup",
                    null);
        }
    }

    /** Widens the capture list so that keys of {@code keyColumns} and masks of {@code maskColumns} fit. */
    public static void widenPending(SqlDatabase db, int keyColumns, int maskColumns) {
        for (int i = 1; i < keyColumns; i++) {
            if (!hasPendingColumn(db, "k" + i)) {
                db.execute("ALTER TABLE _ab_pending ADD COLUMN k" + i);
                db.execute("ALTER TABLE _ab_rights ADD COLUMN k" + i);
            }
        }
        for (int i = 1; i < maskColumns; i++) {
            if (!hasPendingColumn(db, "m" + i)) {
                db.execute("ALTER TABLE _ab_pending ADD COLUMN m" + i + " INTEGER NOT NULL DEFAULT 0");
            }
        }
    }

    private static boolean hasPendingColumn(SqlDatabase db, String column) {
        SqlStatement query = db.prepare("SELECT 1 FROM pragma_table_info('_ab_pending') WHERE name = ?")
                .bind(1, column);
        try {
            return query.step();
        } finally {
            query.reset();
        }
    }

    public static int mode(SqlDatabase db) {
        return (int) db.queryLong("SELECT mode FROM _ab_mode");
    }

    public static void setMode(SqlDatabase db, int mode) {
        db.prepare("UPDATE _ab_mode SET mode = ? WHERE one = 1").bind(1, mode).run();
    }
}
