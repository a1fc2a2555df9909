// SPDX-License-Identifier: Apache-2.0
package io.anabranch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * Writes to replica files with plain SQL, as any program would, and keeps the books of it: which rows each writer has
 * inserted, and what the counters must come to. Confined to one thread.
 */
final class Ledger {
    static final String[] SCHEMA = {
        "CREATE TABLE entry (id TEXT NOT NULL PRIMARY KEY, writer TEXT, number INTEGER, body TEXT)",
        "CREATE TABLE tally (id TEXT NOT NULL PRIMARY KEY, hits INTEGER NOT NULL)",
        "CREATE TABLE page (id TEXT NOT NULL PRIMARY KEY, title TEXT, author TEXT)",
        "INSERT INTO tally VALUES ('a', 0), ('b', 0)",
        "INSERT INTO page VALUES ('home', 'Home', NULL)",
    };

    private static final int BUSY_TIMEOUT_MILLIS = 20_000;

    private final Random random;
    private final Map<String, Long> numbers = new TreeMap<>();
    private final Map<String, Long> tallies = new TreeMap<>(Map.of("a", 0L, "b", 0L));

    Ledger(Random random) {
        this.random = random;
    }

    /** One transaction: a row of its own, an amount to a counter that all share, sometimes a title that all share. */
    void write(String writer, SqlDatabase file) {
        long number = numbers.getOrDefault(writer, 0L) + 1;
        String tally = random.nextBoolean() ? "a" : "b";
        long amount = random.nextInt(200) - 100;
        file.execute("BEGIN IMMEDIATE");
        file.execute("INSERT INTO entry VALUES ('" + writer + "-" + number + "', '" + writer + "', " + number
                + ", hex(randomblob(" + random.nextInt(400) + ")))");
        file.execute("UPDATE tally SET hits = hits + (" + amount + ") WHERE id = '" + tally + "'");
        if (random.nextInt(4) == 0) {
            file.execute("UPDATE page SET title = 'Home " + number + "', author = '" + writer + "'");
        }
        file.execute("COMMIT");
        numbers.put(writer, number);
        tallies.merge(tally, amount, Long::sum);
    }

    void write(String writer, Path file) {
        try (SqlDatabase database = open(file)) {
            write(writer, database);
        }
    }

    /** Returns how many rows a writer has inserted. */
    long count(String writer) {
        return numbers.getOrDefault(writer, 0L);
    }

    // ---- What files hold

    /** Checks that the first {@code count} rows of a writer are in a file. */
    static void assertHolds(Path file, String writer, long count, String where) {
        assertThat(query(
                        file,
                        "SELECT count(*), coalesce(max(number), 0) FROM entry WHERE writer = '" + writer
                                + "' AND number <= " + count))
                .as(where + ": what " + writer + " was told is safe")
                .containsExactly(count + "|" + count);
    }

    /** Checks that a file holds every row that was ever written, once, and counters that add up. */
    void assertBalances(Path file, String where) {
        List<String> written = new ArrayList<>();
        numbers.forEach((writer, count) -> written.add(writer + "|" + count + "|" + count + "|" + 1 + "|" + count));
        assertThat(query(
                        file,
                        "SELECT writer, count(*), count(DISTINCT number), min(number), max(number) FROM entry"
                                + " GROUP BY writer ORDER BY writer"))
                .as(where)
                .isEqualTo(written);
        assertThat(query(file, "SELECT id, hits FROM tally ORDER BY id"))
                .as(where)
                .containsExactly("a|" + tallies.get("a"), "b|" + tallies.get("b"));
    }

    static void assertSound(Path file, String where) {
        assertThat(query(file, "PRAGMA integrity_check"))
                .as(where + ": " + file)
                .containsExactly("ok");
    }

    // ---- Plain SQLite

    static SqlDatabase open(Path file) {
        return new JdbcDriver().open(file, BUSY_TIMEOUT_MILLIS);
    }

    /** Returns the rows, their columns joined by "|". */
    static List<String> query(Path file, String sql) {
        try (SqlDatabase database = open(file)) {
            SqlStatement rows = database.prepare(sql);
            List<String> lines = new ArrayList<>();
            while (rows.step()) {
                List<String> columns = new ArrayList<>();
                for (int i = 0; i < rows.columnCount(); i++) {
                    columns.add(rows.getValue(i).toString());
                }
                lines.add(String.join("|", columns));
            }
            return lines;
        }
    }
}
