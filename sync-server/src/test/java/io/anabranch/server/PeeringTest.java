// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.e2e.Ports;
import io.anabranch.server.access.Right;
import io.anabranch.server.access.Tokens;
import io.anabranch.server.peers.PeerAddress;
import io.anabranch.server.store.SqliteRelayStore;
import io.anabranch.sync.PeerOptions;
import io.anabranch.sync.Replica;
import io.anabranch.sync.TableRules;
import io.anabranch.sync.change.ChangeSets;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.SyncOutcome;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Relays among relays: what one takes, all come to hold, whoever has whom as a peer. */
@Timeout(120)
class PeeringTest {
    @TempDir
    Path folder;

    private final List<RelayServer> relays = new ArrayList<>();
    private final List<Replica> replicas = new ArrayList<>();

    @AfterEach
    void stop() {
        replicas.forEach(Replica::close);
        relays.forEach(RelayServer::close);
    }

    @Test
    void aStarPassesOnWhatItsPointsTake() {
        RelayServer hub = relay(0);
        RelayServer left = relay(0, hub.url());
        RelayServer right = relay(0, hub.url());

        assertThatWhatAnyTakesAllHold(hub, left, right);
    }

    @Test
    void aRingPassesOnWhatItsMembersTake() {
        int port = freePort();
        RelayServer one = relay(0, URI.create("http://127.0.0.1:" + port));
        RelayServer two = relay(0, one.url());
        RelayServer three = relay(port, two.url());

        assertThatWhatAnyTakesAllHold(one, two, three);
    }

    @Test
    void aMeshPassesOnWhatItsMembersTake() {
        int port = freePort();
        RelayServer one = relay(0, URI.create("http://127.0.0.1:" + port));
        RelayServer two = relay(port, one.url());
        RelayServer three = relay(0, one.url(), two.url());

        assertThatWhatAnyTakesAllHold(one, two, three);
    }

    /** By change sets of raw clients, one at each relay, and then by replicas that move from one to the next. */
    private void assertThatWhatAnyTakesAllHold(RelayServer... all) {
        for (int i = 0; i < all.length; i++) {
            ChangeSets writer = ChangeSets.of(i + 1);
            RelayClient client = new RelayClient(all[i].url());
            var change = writer.write("note " + i);
            await(() -> client.sync("raw", null, writer.origin(), change).status() == 200);
        }
        for (RelayServer relay : all) {
            await(() -> heldBy(relay, "raw") == all.length);
        }

        Replica ann = notes("ann");
        Replica bob = notes("bob");
        for (int i = 0; i < 2 * all.length; i++) {
            URI at = all[i % all.length].url();
            ann.execute("INSERT INTO note VALUES (?, 'x')", "a" + i);
            settle(ann, at);
            bob.execute("INSERT INTO note VALUES (?, 'x')", "b" + i);
            settle(bob, all[(i + 1) % all.length].url());
        }
        for (RelayServer relay : all) {
            await(() -> {
                settle(ann, relay.url());
                settle(bob, relay.url());
                return ann.digest().equals(bob.digest());
            });
        }
        assertThat(ann.query("SELECT count(*) AS n FROM note").get(0).get("n")).isEqualTo(4L * all.length);
    }

    @Test
    void aRelayWithTokensIsEnteredWithOne() {
        RelayServer guarded = relay(0);
        String token;
        try (SqliteRelayStore store = SqliteRelayStore.open(new JdbcDriver(), folder.resolve("relay0.db"))) {
            token = new Tokens(store.tokens(), Clock.systemUTC())
                    .create("raw", Set.of(Right.READ, Right.WRITE), "the other relay")
                    .text();
        }
        RelayServer other = start(0, List.of(new PeerAddress(guarded.url(), Map.of("raw", token), null)));
        ChangeSets writer = ChangeSets.of(1);
        RelayClient client = new RelayClient(other.url());
        var change = writer.write("note");
        await(() -> client.sync("raw", null, writer.origin(), change).status() == 200);

        RelayClient inside = new RelayClient(guarded.url());
        await(() -> MessageCodec.decodeReply(
                                inside.sync("raw", token, ChangeSets.of(9).origin())
                                        .body())
                        .changeSets()
                        .size()
                == 1);
    }

    @Test
    void oneThatMetNoOtherYetTakesNoOwnChangeSets() {
        RelayServer alone = relay(0, URI.create("http://127.0.0.1:" + freePort()));
        ChangeSets writer = ChangeSets.of(1);

        RelayClient.Answer answer = new RelayClient(alone.url()).sync("raw", null, writer.origin(), writer.write("a"));
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.code()).isEqualTo("joining");
        assertThat(answer.header("Retry-After")).isEqualTo("5");
        assertThat(new RelayClient(alone.url())
                        .sync("raw", null, writer.origin())
                        .status())
                .isEqualTo(200);
    }

    @Test
    void whetherOtherRelaysAreThereIsMeasured() {
        RelayServer other = relay(0);
        URI nobody = URI.create("http://127.0.0.1:" + freePort());
        RelayServer relay = relay(0, other.url(), nobody);
        ChangeSets writer = ChangeSets.of(1);
        RelayClient client = new RelayClient(relay.url());
        var change = writer.write("note");
        await(() -> client.sync("raw", null, writer.origin(), change).status() == 200);

        await(() -> metrics(relay).contains("anabranch_peer_up{peer=\"" + other.url() + "\"} 1.0"));
        await(() -> metrics(relay).contains("anabranch_peer_lag_change_sets{peer=\"" + other.url() + "\"} 0.0"));
        assertThat(metrics(relay))
                .contains("anabranch_peer_up{peer=\"" + nobody + "\"} 0.0")
                .contains("anabranch_peer_lag_change_sets{peer=\"" + nobody + "\"} 1.0");
        assertThat(new RelayClient(other.url())
                        .json("GET", "/v1/dashboard", null, null)
                        .json()
                        .at("/spaces/0/replicas/0/relay")
                        .asBoolean())
                .as("the other one knows who asks it")
                .isTrue();
    }

    private static String metrics(RelayServer relay) {
        return new RelayClient(relay.url()).json("GET", "/metrics", null, null).text();
    }

    @Test
    void tokensAreReadBySpace() {
        assertThat(PeerAddress.tokens("# of ann\n\nanabranch_1\nthe shop anabranch_2\n"))
                .containsExactly(Map.entry("", "anabranch_1"), Map.entry("the shop", "anabranch_2"));
    }

    // ---- Helpers

    private RelayServer relay(int port, URI... peers) {
        List<PeerAddress> addresses = new ArrayList<>();
        for (URI peer : peers) {
            addresses.add(new PeerAddress(peer, Map.of(), null));
        }
        return start(port, addresses);
    }

    private RelayServer start(int port, List<PeerAddress> peers) {
        RelayServer relay = RelayServer.start(ServerOptions.builder()
                .port(port)
                .data(folder.resolve("relay" + relays.size() + ".db"))
                .peers(peers)
                .build());
        relays.add(relay);
        return relay;
    }

    private static int freePort() {
        return Ports.free();
    }

    private Replica notes(String name) {
        Replica replica = Replica.create(folder.resolve(name + ".db"), "shop");
        replica.execute("CREATE TABLE note(id TEXT PRIMARY KEY, title TEXT)");
        replica.enrol("note", TableRules.defaults());
        replicas.add(replica);
        return replica;
    }

    /** A relay that is joining asks to be left alone for a moment. */
    private static void settle(Replica replica, URI relay) {
        await(() -> {
            SyncOutcome outcome = replica.sync(relay, PeerOptions.defaults());
            assertThat(outcome).isNotInstanceOfAny(SyncOutcome.Failed.class, SyncOutcome.Unreachable.class);
            return outcome instanceof SyncOutcome.Settled;
        });
    }

    private static int heldBy(RelayServer relay, String space) {
        return MessageCodec.decodeReply(new RelayClient(relay.url())
                        .sync(space, null, ChangeSets.of(99).origin())
                        .body())
                .changeSets()
                .size();
    }

    private static void await(BooleanSupplier condition) {
        while (!condition.getAsBoolean()) {
            LockSupport.parkNanos(20_000_000);
        }
    }
}
