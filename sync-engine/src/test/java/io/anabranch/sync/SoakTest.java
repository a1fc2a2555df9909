// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.sql.SqlDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;

/** A file that is written to for a long time stays in proportion to what it shows, without anybody asking. */
class SoakTest {
    private static final int ROWS = 10_000;
    private static final int UPDATES = Boolean.getBoolean("anabranch.long") ? 1_000_000 : 60_000;
    private static final int UPDATES_BETWEEN_EXCHANGES = 2_000;

    @TempDir
    Path folder;

    @Test
    void updatesForEverKeepTheFileBelowFourTimesThePlainOne(TestReporter reporter) throws IOException {
        Path plain = folder.resolve("plain.db");
        try (World world = new World(folder);
                SqlDatabase unsynced = new JdbcDriver().open(plain, 1_000)) {
            TestReplica a = world.replica("a");
            TestReplica b = world.replica("b");
            a.sql("CREATE TABLE item(id INTEGER PRIMARY KEY, title TEXT, stock INTEGER, price REAL)");
            unsynced.execute("CREATE TABLE item(id INTEGER PRIMARY KEY, title TEXT, stock INTEGER, price REAL)");
            a.enrol("item", TableRules.defaults().counter("stock"));
            String fill = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < " + ROWS + ")"
                    + " INSERT INTO item SELECT i, 'the title of item number ' || i || ', about as long as people make them', i, i * 1.5 FROM n";
            a.sql(fill);
            unsynced.execute(fill);
            world.settle(a, b);
            Random random = new Random(3);
            long largest = 0;
            for (int done = 0; done < UPDATES; done += UPDATES_BETWEEN_EXCHANGES) {
                for (int i = 0; i < UPDATES_BETWEEN_EXCHANGES; i += 100) {
                    update(a, unsynced, random);
                    a.seal();
                }
                world.pass(60_000);
                world.exchange(a, b);
                largest = Math.max(largest, Files.size(folder.resolve("a.db")));
            }
            unsynced.execute("VACUUM");
            long bare = Files.size(plain);
            reporter.publishEntry(
                    "largest, times the plain file", String.format(Locale.ROOT, "%.2f", (double) largest / bare));
            assertThat(largest).as("of " + bare + " bytes plain").isLessThan(4 * bare);
            assertThat(Files.size(folder.resolve("b.db"))).isLessThan(4 * bare);
            world.settle(a, b);
            assertThat(b.rows("item")).isEqualTo(a.rows("item"));
            world.assertConverged(a, b);
        }
    }

    /** 100 updates in one transaction: of a few rows, many times. */
    private static void update(TestReplica a, SqlDatabase unsynced, Random random) {
        StringBuilder ids = new StringBuilder("0");
        for (int i = 0; i < 100; i++) {
            ids.append(',').append(1 + random.nextInt(ROWS));
        }
        String update = "UPDATE item SET stock = stock + 1, title = 'a title that was changed at " + random.nextInt()
                + ", about as long as people make them' WHERE id IN (" + ids + ")";
        a.sql(update);
        unsynced.execute(update);
    }
}
