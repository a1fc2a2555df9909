// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.server.RelayClient.Answer;
import io.anabranch.server.access.Right;
import io.anabranch.server.access.Tokens;
import io.anabranch.server.store.SqliteRelayStore;
import io.anabranch.sync.change.ChangeSets;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.session.Aside;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.SyncRequest;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A replica or a relay that is gone for good is forgotten, by whoever looks after the space. */
class ForgetPeerTest {
    @TempDir
    Path folder;

    private final ChangeSets ann = ChangeSets.of(1);
    private final ChangeSets gone = ChangeSets.of(2);
    private String member = "";
    private String other = "";
    private String admin = "";
    private RelayServer relay;
    private RelayClient client;

    @BeforeEach
    void start() {
        Path data = folder.resolve("relay.db");
        try (SqliteRelayStore store = SqliteRelayStore.open(new JdbcDriver(), data)) {
            Tokens tokens = new Tokens(store.tokens(), Clock.systemUTC());
            member = tokens.create("shop", Set.of(Right.READ, Right.WRITE), "").text();
            other = tokens.create("shop", Set.of(Right.READ, Right.WRITE), "").text();
            admin = tokens.create("shop", Set.of(Right.ADMIN), "").text();
        }
        relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, data));
        client = new RelayClient(relay.url());
    }

    @AfterEach
    void stop() {
        relay.close();
    }

    @Test
    void aReplicaThatIsForgottenLagsNoMoreAndIsMetAgainIfItComesBack() {
        client.sync("shop", other, gone.origin());
        client.sync("shop", member, ann.origin(), ann.write("a1"));
        String lag = "anabranch_peer_lag_change_sets{peer=\"" + gone.origin() + "\"}";
        assertThat(metrics()).contains(lag + " 1.0");
        assertThat(peers()).contains("\"origin\":\"" + gone.origin() + "\",\"kind\":\"replica\"");

        assertThat(forget(gone.origin().toString()).status()).isEqualTo(204);

        assertThat(metrics()).doesNotContain(lag);
        assertThat(peers()).doesNotContain(gone.origin().toString());
        assertThat(forget(gone.origin().toString()).code()).isEqualTo("no-such-peer");
        assertThat(client.sync("shop", other, gone.origin()).status()).isEqualTo(200);
        assertThat(peers()).contains(gone.origin().toString());
    }

    @Test
    void aRelayThatIsForgottenIsToldToBeginAnewIfItComesBack() {
        assertThat(speakAsRelay().status()).isEqualTo(200);
        assertThat(peers()).contains("\"origin\":\"" + gone.origin() + "\",\"kind\":\"relay\"");

        assertThat(forget(gone.origin().toString()).status()).isEqualTo(204);

        Answer answer = speakAsRelay();
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.code()).isEqualTo("forgotten");
        assertThat(answer.text()).contains("Start it with an empty file");
        assertThat(peers()).doesNotContain(gone.origin().toString());
    }

    @Test
    void whatIsNoPeerIsSaid() {
        assertThat(forget("nobody").code()).isEqualTo("no-such-peer");
        assertThat(forget("0".repeat(32)).status()).isEqualTo(404);
    }

    /** Says of itself what relays say, which replicas do not. */
    private Answer speakAsRelay() {
        Aside aside = Aside.NOTHING.withWords(
                List.of(new Aside.Word(gone.origin(), VersionVector.EMPTY, VersionVector.EMPTY)));
        SyncRequest request = new SyncRequest(
                gone.origin(),
                Heads.NONE.get(gone.origin()),
                Hash128.ZERO,
                null,
                new TreeMap<>(),
                1 << 20,
                List.of(),
                List.of(),
                List.of(),
                aside);
        return client.send(
                "POST", "/v1/spaces/shop/sync", other, MessageCodec.MEDIA_TYPE, MessageCodec.encode(request));
    }

    private Answer forget(String origin) {
        return client.json("DELETE", "/v1/spaces/shop/peers/" + origin, admin, null);
    }

    private String peers() {
        return client.json("GET", "/v1/spaces/shop/peers", admin, null).text();
    }

    private String metrics() {
        return client.json("GET", "/metrics", null, null).text();
    }
}
