// SPDX-License-Identifier: Apache-2.0
package io.anabranch.bench;

import io.anabranch.sync.change.Value;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Question: what of the cost of capture and seal is SQLite's, whatever the engine computes? Does, on the data of {@link EngineBench},
 * the writes and reads that the design asks of a file, one more with each step, and computes nothing: states and change sets have as
 * many bytes as the real ones. Each state differs from the one before: SQLite does not write a page on which nothing changes.
 *
 * <p>Unit: microseconds of CPU of the one thread, for each row; median of five runs after a warm-up.
 */
public final class CaptureFloor {
    private static final int RUNS = 5;
    private static final int AT_ONCE = 10;
    private static final int STATE_BYTES = 25;
    private static final int LOGGED_BYTES_INSERTED = 130;
    private static final int LOGGED_BYTES_UPDATED = 30;

    private static final String IMAGE = "t.title, t.place, t.price, t.note, t.stock";

    private enum Step {
        PLAIN("plain SQLite"),
        TRIGGER("and a trigger notes each row"),
        READ("and the notes are read back with their rows"),
        BY_KEY("and a state is kept for each row, in order of key"),
        BY_ROWID("or else in order of the row's rowid"),
        LOG("in order of key, and a change set is kept for each transaction");

        private final String label;

        Step(String label) {
            this.label = label;
        }

        boolean includes(Step other) {
            return compareTo(other) >= 0;
        }
    }

    /** A row that was noted. */
    private record Noted(byte[] key, long rowid) {}

    private final Step step;
    private final SqlDatabase db;
    private final int batch;
    private final int rows;
    private long saved;

    private CaptureFloor(Step step, SqlDatabase db, int batch, int rows) {
        this.step = step;
        this.db = db;
        this.batch = batch;
        this.rows = rows;
    }

    /** Prints a line for each step, of inserts and of updates of one column. */
    public static void main(String[] arguments) throws IOException {
        for (int batch : new int[] {1_000, 100}) {
            double[] plain = null;
            for (Step step : Step.values()) {
                double[] taken = median(step, batch, 50_000);
                plain = plain == null ? taken : plain;
                System.out.printf(
                        Locale.ROOT,
                        "batches of %,5d, %-64s inserts %6.2f us (%.2f)  updates %6.2f us (%.2f)%n",
                        batch,
                        step.label,
                        taken[0],
                        taken[0] / plain[0],
                        taken[1],
                        taken[1] / plain[1]);
            }
        }
    }

    private static double[] median(Step step, int batch, int rows) throws IOException {
        double[] inserts = new double[RUNS];
        double[] updates = new double[RUNS];
        for (int run = -1; run < RUNS; run++) {
            Path file = Files.createTempFile("anabranch-floor", ".db");
            try (SqlDatabase db = new JdbcDriver().open(file, 5_000)) {
                CaptureFloor floor = new CaptureFloor(step, db, batch, rows);
                floor.create();
                double inserted = floor.time(false);
                double updated = floor.time(true);
                if (run >= 0) {
                    inserts[run] = inserted;
                    updates[run] = updated;
                }
            } finally {
                Files.delete(file);
            }
        }
        Arrays.sort(inserts);
        Arrays.sort(updates);
        return new double[] {inserts[RUNS / 2], updates[RUNS / 2]};
    }

    private void create() {
        db.execute("PRAGMA journal_mode = WAL");
        db.execute("PRAGMA synchronous = FULL");
        if (step != Step.PLAIN) { // As the engine's connections are.
            db.execute("PRAGMA cache_size = -16384");
            db.execute("PRAGMA wal_autocheckpoint = 4096");
        }
        db.execute(
                "CREATE TABLE item(id TEXT PRIMARY KEY, title TEXT, place TEXT, price REAL, note TEXT, stock INTEGER)");
        db.execute(
                "CREATE TABLE note(id INTEGER PRIMARY KEY, at INTEGER NOT NULL, k0, m0 INTEGER NOT NULL, r INTEGER)");
        db.execute(
                "CREATE TABLE by_key(tbl INTEGER, k BLOB, state BLOB, shown INTEGER, PRIMARY KEY (tbl, k)) WITHOUT ROWID");
        db.execute("CREATE TABLE by_rowid(r INTEGER PRIMARY KEY, k BLOB, state BLOB, shown INTEGER)");
        db.execute("CREATE TABLE log(lsn INTEGER PRIMARY KEY, bytes BLOB)");
        if (step.includes(Step.TRIGGER)) {
            String note = "INSERT INTO note(at, k0, m0, r) VALUES (1764000000000, NEW.id, ";
            db.execute("CREATE TRIGGER inserted AFTER INSERT ON item BEGIN " + note + "31, NEW.rowid); END");
            db.execute("CREATE TRIGGER updated AFTER UPDATE ON item BEGIN " + note
                    + "(OLD.title IS NOT NEW.title) | (OLD.place IS NOT NEW.place) << 1 | (OLD.price IS NOT NEW.price) << 2"
                    + " | (OLD.note IS NOT NEW.note) << 3 | (OLD.stock IS NOT NEW.stock) << 4, NEW.rowid); END");
        }
    }

    private double time(boolean updates) {
        Random random = new Random(1);
        long began = cpuNanos();
        for (int done = 0; done < rows; done += batch) {
            db.execute("BEGIN IMMEDIATE");
            for (int i = done; i < done + batch; i++) {
                write(String.format(Locale.ROOT, "%016x", random.nextLong()), i, updates);
            }
            seal(updates);
            db.execute("COMMIT");
        }
        return (cpuNanos() - began) / 1e3 / rows;
    }

    private void write(String id, int i, boolean updates) {
        if (updates) {
            db.prepare("UPDATE item SET place = ? WHERE id = ?")
                    .bind(1, "moved")
                    .bind(2, id)
                    .run();
            return;
        }
        db.prepare("INSERT INTO item VALUES (?, ?, ?, ?, ?, ?)")
                .bind(1, id)
                .bind(2, "Item number " + i)
                .bind(3, "shelf " + i % 100)
                .bind(4, Value.of(i * 0.25 + 0.1))
                .bind(5, "A note on item " + i + ", as long as people write them when nobody is looking.")
                .bind(6, i % 50)
                .run();
    }

    private void seal(boolean updates) {
        List<Noted> noted = step.includes(Step.READ) ? read() : List.of();
        if (step.includes(Step.TRIGGER)) {
            db.execute("DELETE FROM note");
        }
        if (step == Step.BY_ROWID) {
            keep("by_rowid", "r", noted, updates);
        } else if (step.includes(Step.BY_KEY)) {
            keep("by_key", "tbl", noted, updates);
        }
        if (step == Step.LOG) {
            int bytes = noted.size() * (updates ? LOGGED_BYTES_UPDATED : LOGGED_BYTES_INSERTED);
            db.prepare("INSERT INTO log(bytes) VALUES (?)")
                    .bind(1, new byte[bytes])
                    .run();
        }
    }

    /** Reads what was noted, in the order in which states are kept. */
    private List<Noted> read() {
        List<Noted> all = new ArrayList<>();
        SqlStatement notes = db.prepare(
                "SELECT n.at, n.k0, n.m0, n.r, " + IMAGE + " FROM note AS n LEFT JOIN item AS t ON t.rowid = n.r");
        while (notes.step()) {
            for (int column = 4; column < 9; column++) {
                notes.getValue(column);
            }
            all.add(new Noted(((Value.Text) notes.getValue(1)).utf8(), notes.getLong(3)));
        }
        if (step != Step.BY_ROWID) {
            all.sort((a, b) -> Arrays.compareUnsigned(a.key, b.key));
        }
        return all;
    }

    private void keep(String table, String first, List<Noted> noted, boolean updates) {
        boolean byRowid = first.equals("r");
        for (int from = 0; from < noted.size(); from += AT_ONCE) {
            List<Noted> some = noted.subList(from, Math.min(from + AT_ONCE, noted.size()));
            String each = ", ?".repeat(some.size()).substring(2);
            if (updates) {
                SqlStatement states = db.prepare("SELECT k, state, shown FROM " + table + " WHERE "
                        + (byRowid ? "r" : "tbl = 1 AND k") + " IN (" + each + ")");
                for (int i = 0; i < some.size(); i++) {
                    if (byRowid) {
                        states.bind(i + 1, some.get(i).rowid);
                    } else {
                        states.bind(i + 1, some.get(i).key);
                    }
                }
                while (states.step()) {
                    states.getBlob(1);
                }
            }
            SqlStatement save =
                    db.prepare("INSERT OR REPLACE INTO " + table + "(" + first + ", k, state, shown) VALUES "
                            + ", (?, ?, ?, ?)".repeat(some.size()).substring(2));
            for (int i = 0; i < some.size(); i++) {
                save.bind(4 * i + 1, byRowid ? some.get(i).rowid : 1)
                        .bind(4 * i + 2, some.get(i).key)
                        .bind(4 * i + 3, nextState())
                        .bind(4 * i + 4, (1L << 47) + saved);
            }
            save.run();
        }
    }

    private byte[] nextState() {
        saved++;
        return ByteBuffer.allocate(STATE_BYTES).putLong(saved).array();
    }

    private static long cpuNanos() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
