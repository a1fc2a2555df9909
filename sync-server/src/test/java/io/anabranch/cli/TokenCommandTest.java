// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.anabranch.server.RelayServer;
import io.anabranch.server.ServerOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenCommandTest {
    @TempDir
    Path folder;

    private Path data;

    @BeforeEach
    void nameTheRelaysFile() {
        data = folder.resolve("relay.db");
    }

    @Test
    void theTokenIsPrintedAloneAndOnce() throws Exception {
        String token = create("shop", "read,write", "--name", "till 1");

        assertThat(token).matches("anabranch_[0-9a-f]{16}_[A-Za-z0-9_-]{43}");
        String list = Cli.good("token", "list", "--data", data).out();
        assertThat(list)
                .contains(token.substring(10, 26), "shop", "read,write", "till 1")
                .doesNotContain(token.substring(27));
        JsonNode json = Cli.good("token", "list", "--json", "--data", data).json();
        assertThat(json.get("tokens").get(0).get("id").asText()).isEqualTo(token.substring(10, 26));
        assertThat(json.get("tokens").get(0).get("revoked").isNull()).isTrue();
    }

    @Test
    void aReplicaSyncsWithATokenFromAFileUntilItIsRevoked() throws IOException {
        Path file = folder.resolve("token.txt");
        String token = create("shop", "read,write");
        Files.writeString(file, token + "\n");
        Path replica = folder.resolve("shop.db");
        Cli.good("init", replica, "--space", "shop");
        try (RelayServer relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, data))) {
            Cli.run("sync", replica, relay.url()).assertFailed(1, "it brings no token", "--token-file");
            assertThat(Cli.good("sync", replica, relay.url(), "--token-file", file)
                            .out())
                    .startsWith("settled with ");

            assertThat(Cli.good("token", "revoke", token.substring(10, 26), "--data", data)
                            .out())
                    .startsWith("revoked ");
            Cli.run("sync", replica, relay.url(), "--token-file", file).assertFailed(1, "not good here");
        }
    }

    @Test
    void aRenewedTokenSpeaksForTheReplicasOfTheFirst() throws IOException {
        Path first = folder.resolve("first.txt");
        Path second = folder.resolve("second.txt");
        String token = create("shop", "read,write");
        Files.writeString(first, token);
        Files.writeString(second, create("shop", "read,write", "--renew", token.substring(10, 26)));
        Path replica = folder.resolve("shop.db");
        Cli.good("init", replica, "--space", "shop");
        try (RelayServer relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, data))) {
            Cli.good("sync", replica, relay.url(), "--token-file", first);
            Cli.good("sync", replica, relay.url(), "--token-file", second);
            Path stranger = folder.resolve("stranger.txt");
            Files.writeString(stranger, create("shop", "read,write"));
            Cli.run("sync", replica, relay.url(), "--token-file", stranger).assertFailed(1, "--renew");
        }
    }

    @Test
    void whatCannotBeIsSaid() throws IOException {
        Cli.run("token").assertFailed(2, "create, list or revoke");
        Cli.run("token", "create", "--space", "s", "--data", data).assertFailed(2, "--rights");
        Cli.run("token", "create", "--space", "s", "--rights", "root", "--data", data)
                .assertFailed(2, "unknown right 'root'; the rights are read, write, admin");
        Cli.run("token", "create", "--space", "..", "--rights", "read", "--data", data)
                .assertFailed(2, "'..' cannot name a space");
        Cli.run("token", "list", "--data", folder.resolve("none.db")).assertFailed(1, "there is no file");
        create("shop", "read");
        Cli.run("token", "revoke", "0", "--data", data).assertFailed(1, "no good token has the id '0'");
        Cli.run("token", "create", "--space", "s", "--rights", "read", "--renew", "0", "--data", data)
                .assertFailed(1, "there is no token 0");
        Path spaces = folder.resolve("spaces.txt");
        Files.writeString(spaces, "not a token");
        Cli.good("init", folder.resolve("x.db"), "--space", "s");
        Cli.run("token", "create", "--space", "s", "--rights", "read", "--data", folder.resolve("x.db"))
                .assertFailed(1, "x.db is a replica", "--data " + folder.resolve("x.db.tokens"));
        Cli.run("sync", folder.resolve("x.db"), "http://localhost:1", "--token-file", spaces)
                .assertFailed(1, "spaces.txt is not a token");
        Cli.run("sync", folder.resolve("x.db"), "http://localhost:1", "--token-file", folder.resolve("no.txt"))
                .assertFailed(1, "cannot read the token in");
        Cli.run("sync", folder.resolve("x.db"), "http://localhost:1", "--ca-cert", spaces)
                .assertFailed(1, "cannot read the certificates in");
    }

    @Test
    void whatItCannotDoIsSaidWithWhatItCan() {
        Cli.run("token", "make").assertFailed(2, "'make' is none of create, list, revoke", "anabranch token --help");
        Cli.run("token").assertFailed(2, "say what to do: create, list or revoke");
    }

    @Test
    void aRelayWithoutTokensRefusesToListenWhereOthersReachIt() {
        Cli.run("serve", "--host", "0.0.0.0", "--port", "0", "--data", data)
                .assertFailed(1, "has no tokens", "anabranch token create", "--open");
        assertThat(data).doesNotExist();
        Cli.run("serve", "--host", "no.such.host.invalid", "--open", "--port", "0", "--data", data)
                .assertFailed(1, "no host has that name", "--host");
        assertThat(data).doesNotExist();
    }

    private String create(String space, String rights, String... more) {
        Object[] args = new Object[8 + more.length];
        System.arraycopy(
                new Object[] {"token", "create", "--space", space, "--rights", rights, "--data", data}, 0, args, 0, 8);
        System.arraycopy(more, 0, args, 8, more.length);
        return Cli.good(args).out().strip();
    }
}
