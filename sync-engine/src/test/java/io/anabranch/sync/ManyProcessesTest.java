// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several processes have one replica open and write to it at once. */
class ManyProcessesTest {
    private static final int TRANSACTIONS = 40;

    @TempDir
    Path folder;

    @Test
    void everyTransactionOfEveryProcessIsOneWholeChangeSet() throws Exception {
        Path file = folder.resolve("shop.db");
        try (Replica replica = Replica.create(file, "shop")) {
            replica.execute("CREATE TABLE item(id TEXT PRIMARY KEY, stock INTEGER)");
            replica.enrol("item", TableRules.defaults().counter("stock"));
            replica.execute("INSERT INTO item VALUES ('all', 0)");
            List<Process> others = List.of(start(file, "one"), start(file, "two"));
            write(replica, "here");
            for (Process other : others) {
                assertThat(other.waitFor(60, TimeUnit.SECONDS)).isTrue();
                assertThat(other.exitValue()).isZero();
            }

            assertThat(replica.query("SELECT stock FROM item WHERE id = 'all'"))
                    .containsExactly(Map.of("stock", 3L * TRANSACTIONS));
            assertThat(replica.query("SELECT count(*) AS n FROM item"))
                    .containsExactly(Map.of("n", 3L * TRANSACTIONS + 1));
            assertThat(replica.status().unsealed()).isZero();
            assertThat(replica.log("item").stream()
                            .filter(entry -> entry.changes().size() == 2)
                            .count())
                    .isEqualTo(3L * TRANSACTIONS);
        }
    }

    private static Process start(Path file, String name) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp"));
        command.add(System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")));
        command.addAll(List.of(Writer.class.getName(), file.toString(), name));
        return new ProcessBuilder(command).inheritIO().start();
    }

    private static void write(Replica replica, String name) {
        for (int i = 0; i < TRANSACTIONS; i++) {
            String id = name + i;
            replica.transaction(sql -> {
                sql.execute("UPDATE item SET stock = stock + 1 WHERE id = 'all'");
                sql.execute("INSERT INTO item VALUES (?, 1)", id);
            });
        }
    }

    /** What each process runs. */
    static final class Writer {
        public static void main(String[] args) {
            try (Replica replica = Replica.open(Path.of(args[0]))) {
                write(replica, args[1]);
            }
        }
    }
}
