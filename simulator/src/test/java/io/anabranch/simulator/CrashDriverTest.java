// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.sync.Replica;
import io.anabranch.sync.Surroundings;
import io.anabranch.sync.store.log.Place;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CrashDriverTest {
    @TempDir
    Path folder;

    private Replica open(CrashDriver driver) {
        Surroundings around =
                new Surroundings(driver, new Place(folder.resolve("state")), System::currentTimeMillis, new Random(1));
        return Replica.create(folder.resolve("file.db"), "space", setup -> {}, around);
    }

    @Test
    void whatWasCommittedIsThereAfterACrashAndNothingElse() {
        CrashDriver driver = new CrashDriver();
        Replica killed = open(driver);
        killed.execute("CREATE TABLE item(id TEXT PRIMARY KEY)");
        killed.execute("INSERT INTO item VALUES ('committed')");
        assertThatThrownBy(() -> killed.transaction(sql -> {
                    sql.execute("INSERT INTO item VALUES ('under way')");
                    driver.kill();
                    sql.execute("INSERT INTO item VALUES ('never')");
                }))
                .isInstanceOf(Crash.class);
        driver.abandon(folder.resolve("file.db"), killed::close);
        try (Replica again = open(new CrashDriver())) {
            assertThat(again.query("SELECT id FROM item").toString()).isEqualTo("[{id=committed}]");
        }
    }

    /** Once, a thread that was killed as it began to write kept its turn, and nobody in the process had one after it. */
    @Test
    void aThreadThatWasKilledKeepsNobodyElseFromWriting() throws Exception {
        CrashDriver driver = new CrashDriver();
        Replica killed = open(driver);
        killed.execute("CREATE TABLE item(id TEXT PRIMARY KEY)");
        driver.kill();
        CompletableFuture<Void> writing =
                CompletableFuture.runAsync(() -> killed.execute("INSERT INTO item VALUES ('never')"));
        assertThatThrownBy(() -> writing.get(60, TimeUnit.SECONDS)).hasRootCauseInstanceOf(Crash.class);
        driver.abandon(folder.resolve("file.db"), killed::close);
        try (Replica again = open(new CrashDriver())) {
            again.execute("INSERT INTO item VALUES ('mine')");
            assertThat(again.query("SELECT id FROM item")).hasSize(1);
        }
    }
}
