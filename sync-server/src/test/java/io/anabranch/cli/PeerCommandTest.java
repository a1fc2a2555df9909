// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.server.RelayServer;
import io.anabranch.server.ServerOptions;
import io.anabranch.server.space.RelaySpaces;
import io.anabranch.server.space.Retention;
import io.anabranch.server.store.SqliteRelayStore;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.session.Aside;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PeerCommandTest {
    private static final Origin GONE = Origin.of(7, 7);

    @TempDir
    Path folder;

    private Path data;
    private Path replica;

    @BeforeEach
    void files() {
        data = folder.resolve("relay.db");
        replica = folder.resolve("shop.db");
        Cli.good("init", replica, "--space", "shop");
    }

    @Test
    void aReplicaIsListedAndForgottenAtARunningRelay() throws Exception {
        Path member = token("read,write");
        Path admin = token("admin");
        String origin =
                Cli.good("status", replica, "--json").json().get("origin").asText();
        try (RelayServer relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, data))) {
            Cli.good("sync", replica, relay.url(), "--token-file", member);

            Object[] list = {"peer", "list", relay.url(), "--space", "shop", "--token-file", admin};
            assertThat(Cli.good(list).out()).contains(origin + "  replica  last seen ", "0 behind");
            Object[] forget = {"peer", "forget", relay.url(), origin, "--space", "shop", "--token-file", admin};
            assertThat(Cli.good(forget).out()).isEqualTo("forgot " + origin + System.lineSeparator());
            assertThat(Cli.good(list).out()).isEmpty();

            Cli.run(forget).assertFailed(1, "no-such-peer");
            Cli.run("peer", "list", relay.url(), "--space", "shop", "--token-file", member)
                    .assertFailed(1, "forbidden");
            Cli.run("peer", "list", relay.url()).assertFailed(2, "--space S");
            Cli.run("peer", "forget", relay.url(), "ann", "--space", "shop").assertFailed(2, "'ann' is no origin");
        }
        Cli.run("peer", "list", "http://127.0.0.1:1", "--space", "shop").assertFailed(1, "does not answer");
    }

    @Test
    void aRelayThatIsGoneIsForgottenInTheFileOfAnother() throws Exception {
        try (SqliteRelayStore store = SqliteRelayStore.open(new JdbcDriver(), data)) {
            new RelaySpaces(store, Retention.DEFAULT)
                    .space("shop")
                    .heardWords(List.of(new Aside.Word(GONE, VersionVector.EMPTY, VersionVector.EMPTY)));
        }

        JsonNode listed =
                Cli.good("peer", "list", data, "--space", "shop", "--json").json();
        assertThat(listed.at("/peers/0/origin").asText()).isEqualTo(GONE.toString());
        assertThat(listed.at("/peers/0/kind").asText()).isEqualTo("relay");
        Cli.good("peer", "forget", data, GONE, "--space", "shop");
        assertThat(Cli.good("peer", "list", data, "--space", "shop").out()).isEmpty();

        Cli.run("peer", "forget", data, GONE, "--space", "shop").assertFailed(1, "no other relay", "peer list");
        Cli.run("peer", "forget", data, GONE, "--space", "shoop").assertFailed(1, "no space 'shoop'", "[shop]");
    }

    @Test
    void aPeerOfAReplicaIsForgottenByItsAddress() throws Exception {
        String url;
        try (RelayServer relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, data))) {
            url = relay.url().toString();
            Cli.good("sync", replica, url);
        }
        assertThat(Cli.good("status", replica).out()).contains(url);

        Cli.good("peer", "forget", replica, url);
        assertThat(Cli.good("status", replica).out()).doesNotContain(url);

        Cli.run("peer", "forget", replica, url).assertFailed(1, "nothing is known of a peer", "anabranch status");
        Cli.run("peer", "list", replica).assertFailed(1, "anabranch status");
        Cli.run("peer", "forget", folder.resolve("nowhere.db"), url).assertFailed(1, "there is no such file");
        Cli.run("peer").assertFailed(2, "list or forget");
    }

    private Path token(String rights) throws Exception {
        String text = Cli.good("token", "create", "--space", "shop", "--rights", rights, "--data", data)
                .out();
        return Files.writeString(folder.resolve(rights.replace(",", "-")), text);
    }
}
