// SPDX-License-Identifier: Apache-2.0
package io.anabranch.e2e;

import io.anabranch.sync.Replica;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/**
 * A program that writes through the library for as long as it lives: entry after entry, each in a transaction with a counter. It
 * prints {@code committed N} once a transaction is over, and {@code reached N} once the relay says that it holds it.
 */
final class EntryWriter {
    private EntryWriter() {}

    /** @param args the replica's file, the relay's address */
    public static void main(String[] args) {
        try (Replica replica = Replica.open(Path.of(args[0]))) {
            replica.connect(URI.create(args[1]));
            long number = ((Number) replica.query("SELECT count(*) AS n FROM entry")
                            .get(0)
                            .get("n"))
                    .longValue();
            CompletableFuture<Void> told = CompletableFuture.completedFuture(null);
            while (true) {
                long next = ++number;
                replica.transaction(sql -> {
                    sql.execute("INSERT INTO entry VALUES (?, hex(randomblob(100)))", next);
                    sql.execute("UPDATE tally SET hits = hits + 1");
                });
                System.out.println("committed " + next);
                if (told.isDone()) {
                    told = replica.whenReached(1).thenRun(() -> System.out.println("reached " + next));
                }
            }
        }
    }
}
