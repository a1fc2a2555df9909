// SPDX-License-Identifier: Apache-2.0
package io.anabranch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import io.anabranch.sync.Replica;
import io.anabranch.sync.Version;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.transport.HttpTransport;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import okhttp3.ConnectionPool;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two relays behind HAProxy, which knows connections and no HTTP: clients that stay, and one that has a new connection for each
 * request and so another relay each time. Skipped without {@code haproxy}; fails then when ANABRANCH_NO_SKIP is 1.
 */
@Timeout(300)
class BalancedRelaysTest {
    /** Debian's place is not on everybody's path. */
    private static final List<String> PLACES = List.of("haproxy", "/usr/sbin/haproxy");

    @TempDir
    Path folder;

    private @Nullable String program;
    private @Nullable ProcessWorld world;
    private @Nullable Process balancer;
    private String url;

    @BeforeEach
    void requireBalancer() throws Exception {
        program = PLACES.stream().filter(BalancedRelaysTest::runs).findFirst().orElse(null);
        if (program == null && "1".equals(System.getenv("ANABRANCH_NO_SKIP"))) {
            fail("haproxy is needed here: install it, for example with apt-get install haproxy");
        }
        if (program == null) {
            abort("skipped: haproxy is not installed (apt-get install haproxy)");
        }
        world = new ProcessWorld(folder, "a", "b", "hopper");
    }

    private static boolean runs(String place) {
        try {
            Process version =
                    new ProcessBuilder(place, "-v").redirectErrorStream(true).start();
            version.getInputStream().readAllBytes();
            return version.waitFor() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @AfterEach
    void stop() throws Exception {
        if (world != null) {
            world.close();
        }
        if (balancer != null) {
            balancer.destroy();
            assertThat(balancer.waitFor(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void clientsHopFromRelayToRelayAndOneOfThemMayGo() throws Exception {
        world.relay("one", "two");
        world.relay("two", "one");
        balance("one", "two");
        world.linkBy(url, "a");
        world.linkBy(url, "b");
        try (Replica hopper = Replica.open(world.file("hopper"))) {
            hopUntilShown(hopper, ProcessWorld.SHARED);
            world.awaitShown(ProcessWorld.SHARED, List.of("a", "b"));

            writeAll(hopper);
            world.kill("one");
            writeAll(hopper);
            world.revive("one");
            writeAll(hopper);
            world.kill("two");
            writeAll(hopper);
            world.revive("two");
            writeAll(hopper);
        }
        world.awaitConverged();
        for (String relay : List.of("one", "two")) {
            ProcessWorld.await(
                    () -> Command.run("sync", world.file("hopper"), world.url(relay))
                            .out()
                            .contains("sent 0 change sets, received 0 change sets"),
                    () -> relay + " holds all that the replicas do");
        }
    }

    /** Each replica writes, and all come to show all of it; the one that hops reads its own writes all the while. */
    private void writeAll(Replica hopper) {
        for (int i = 0; i < 3; i++) {
            String first = world.write("a");
            String second = world.write("b");
            String own = world.write("hopper");
            hopUntilShown(hopper, first, second);
            assertThat(world.shows("hopper", own)).isTrue();
            world.awaitShown(own, List.of("a", "b"));
        }
    }

    /** Has the hopper exchange until it shows what others wrote; what it holds never becomes less meanwhile. */
    private void hopUntilShown(Replica hopper, String... ids) {
        ProcessWorld.await(
                () -> {
                    Version before = hopper.version();
                    hop(hopper);
                    assertThat(hopper.version().includes(before)).isTrue();
                    return Arrays.stream(ids).allMatch(id -> world.shows("hopper", id));
                },
                () -> "the hopper shows " + List.of(ids));
    }

    /** Exchanges over connections that are used once. A relay that is going or coming is no reason to fail, only to try again. */
    private void hop(Replica replica) {
        OkHttpClient client = HttpTransport.client(null)
                .newBuilder()
                .connectionPool(new ConnectionPool(0, 1, TimeUnit.MILLISECONDS))
                .build();
        SyncOutcome outcome;
        do {
            try (HttpTransport transport = new HttpTransport(URI.create(url), client)) {
                outcome = replica.sync(url, transport);
            }
            assertThat(outcome).isNotInstanceOfAny(SyncOutcome.Failed.class, SyncOutcome.Refused.class);
        } while (!(outcome instanceof SyncOutcome.Settled));
    }

    private void balance(String one, String two) throws IOException {
        int port = Ports.free();
        url = "http://127.0.0.1:" + port;
        String settings = """
                defaults
                  mode tcp
                  balance roundrobin
                  option redispatch 1
                  retries 3
                  timeout connect 2s
                  timeout client 1m
                  timeout server 1m
                listen relays
                  bind 127.0.0.1:%d
                  server one 127.0.0.1:%d check inter 100ms fall 1 rise 1
                  server two 127.0.0.1:%d check inter 100ms fall 1 rise 1
                """.formatted(port, world.port(one), world.port(two));
        Path file = folder.resolve("haproxy.cfg");
        Files.writeString(file, settings);
        balancer = new ProcessBuilder(program, "-db", "-q", "-f", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("haproxy.log").toFile())
                .start();
    }
}
