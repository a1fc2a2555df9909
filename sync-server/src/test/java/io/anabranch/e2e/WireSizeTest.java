// SPDX-License-Identifier: Apache-2.0
package io.anabranch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.server.RelayServer;
import io.anabranch.server.ServerOptions;
import io.anabranch.server.space.RelaySpace;
import io.anabranch.server.space.RelaySpaces;
import io.anabranch.server.space.Retention;
import io.anabranch.server.store.RelayStore;
import io.anabranch.server.store.SqliteRelayStore;
import io.anabranch.sync.Replica;
import io.anabranch.sync.TableRules;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.transport.Transport;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many bytes the bodies of requests and replies have, both together. */
class WireSizeTest {
    @TempDir
    Path folder;

    private RelayServer relay;
    private Replica shop;
    private Counting wire;

    @BeforeEach
    void settle() {
        relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, folder.resolve("relay.db")));
        shop = Replica.create(folder.resolve("shop.db"), "shop");
        shop.execute("CREATE TABLE product(id TEXT PRIMARY KEY, title TEXT, stock INTEGER)");
        shop.enrol("product", TableRules.defaults().counter("stock"));
        shop.execute("INSERT INTO product VALUES ('4f1c2d7e-90aa-4c1b-8a5e-3f6f0b7c9d21', 'A cup of some size', 9)");
        wire = new Counting(Transport.http(relay.url()));
        sync();
        sync();
    }

    @AfterEach
    void stop() {
        shop.close();
        wire.close();
        relay.close();
    }

    @Test
    void anIdleCheckIsSmall() {
        assertThat(sync()).isLessThanOrEqualTo(300);
    }

    @Test
    void anIdleCheckThatSaysADigestIsSmallToo() {
        shop.execute("UPDATE product SET stock = 8");
        sync();
        long withDigest = sync();
        assertThat(withDigest).isLessThanOrEqualTo(300);
        assertThat(sync()).as("it is said once").isLessThan(withDigest);
    }

    @Test
    void anIdleCheckBesideAPurgeVectorIsSmallToo() {
        long day = Duration.ofDays(1).toMillis();
        try (RelayStore store = SqliteRelayStore.open(new JdbcDriver(), folder.resolve("relay.db"))) {
            RelaySpace space =
                    new RelaySpaces(store, new Retention(1, 0, Duration.ZERO, Duration.ofDays(10))).space("shop");
            space.tend(day);
            space.tend(12 * day);
            assertThat(space.purged().isEmpty()).isFalse();
        }
        shop.execute("UPDATE product SET stock = 8");
        sync();

        assertThat(sync())
                .as("with the digest, and the hash of the purge vector")
                .isLessThanOrEqualTo(300);
        assertThat(sync()).isLessThanOrEqualTo(300);
    }

    @Test
    void aChangeOfOneCellIsSmall() {
        shop.execute("UPDATE product SET title = 'A cup of another size'");
        assertThat(sync()).isLessThanOrEqualTo(400);

        shop.execute("UPDATE product SET stock = stock - 1");
        assertThat(sync()).isLessThanOrEqualTo(400);
    }

    /** Returns how many bytes it took. */
    private long sync() {
        wire.bytes = 0;
        assertThat(shop.sync("relay", wire)).isInstanceOf(SyncOutcome.Settled.class);
        return wire.bytes;
    }

    /** Counts what a real transport carries. */
    private static final class Counting implements Transport {
        private final Transport transport;
        private long bytes;

        Counting(Transport transport) {
            this.transport = transport;
        }

        @Override
        public Result exchange(String space, byte[] request) {
            bytes += request.length;
            Result result = transport.exchange(space, request);
            bytes += result instanceof Result.Answered answered ? answered.reply().length : 0;
            return result;
        }

        @Override
        public void close() {
            transport.close();
        }
    }
}
