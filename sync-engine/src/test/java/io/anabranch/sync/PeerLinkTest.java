// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeerLinkTest {
    /** Nobody listens at the port for discarding. */
    private static final URI NOBODY = URI.create("http://127.0.0.1:9");

    @TempDir
    Path folder;

    @Test
    void goesOnWhenItsListenerThrows() throws Exception {
        CountDownLatch told = new CountDownLatch(2);
        try (Replica replica = Replica.create(folder.resolve("a.db"), "shop")) {
            replica.connect(NOBODY, outcome -> {
                told.countDown();
                throw new IllegalStateException("thrown by the test");
            });

            assertThat(told.await(30, TimeUnit.SECONDS)).isTrue();
        }
    }
}
