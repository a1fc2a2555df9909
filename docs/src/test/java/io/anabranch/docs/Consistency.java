// SPDX-License-Identifier: Apache-2.0
package io.anabranch.docs;

import io.anabranch.sync.Replica;
import io.anabranch.sync.Version;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/** The examples of {@code consistency.md}, which {@code ConsistencyTest} runs and holds against the page. */
final class Consistency {
    private Consistency() {}

    static String write(Replica phone) {
        phone.execute("INSERT INTO note VALUES ('n1', 'Buy milk', 0)");
        String token = phone.version().toString();
        return token;
    }

    static boolean read(Replica laptop, String token) throws InterruptedException {
        boolean here = laptop.awaitVersion(Version.parse(token), Duration.ofSeconds(10));
        return here;
    }

    static CompletableFuture<Void> makeSafe(Replica phone) {
        phone.execute("UPDATE note SET likes = likes + 1 WHERE id = 'n1'");
        CompletableFuture<Void> safe = phone.whenReached(1);
        return safe;
    }
}
