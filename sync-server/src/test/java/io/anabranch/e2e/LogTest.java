// SPDX-License-Identifier: Apache-2.0
package io.anabranch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.server.RelayClient;
import io.anabranch.server.RelayServer;
import io.anabranch.server.ServerOptions;
import io.anabranch.sync.PeerOptions;
import io.anabranch.sync.Replica;
import io.anabranch.sync.TableRules;
import io.anabranch.sync.change.ChangeSets;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.SyncOutcome;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A day in the life of a relay, good and bad, and what its log tells of it: the story, and no secret. */
@Timeout(120)
class LogTest {
    private static final String TABLE = "diagnosis";
    private static final String KEY = "patient-4711";
    private static final String VALUE = "nothing that anybody should read";

    @TempDir
    Path folder;

    @Test
    void aDayIsToldInFewLinesWithoutTokensValuesOrKeys() throws Exception {
        Path data = folder.resolve("relay.db");
        String admin = token(data, "read,write,admin");
        String writer = token(data, "read,write");
        String made;
        CommandProcess relay = CommandProcess.start(folder.resolve("log.txt"), "serve", "--port", 0, "--data", data);
        try (relay) {
            URI url = URI.create(relay.awaitLine("listening on ").substring("listening on ".length()));
            RelayClient client = new RelayClient(url);
            made = client.json("POST", "/v1/spaces/ward/tokens", admin, "{\"rights\":[\"read\"]}")
                    .json()
                    .get("token")
                    .asText();
            write(url, writer);
            assertThat(client.json("GET", "/v1/spaces/ward/changes", made, null).text())
                    .contains(VALUE, KEY);
            misbehave(client, admin, writer);
            sendNonsense(url);
            client.json("DELETE", "/v1/spaces/ward/tokens/" + made.substring(10, 26), admin, null);
            assertThat(relay.stop()).isZero();
        }

        String log = relay.errors();
        for (String secret : List.of(TABLE, KEY, VALUE, admin, writer, made)) {
            assertThat(log).doesNotContain(secret);
        }
        for (String token : List.of(admin, writer, made)) {
            assertThat(log).as("the secret part of a token").doesNotContain(token.substring(27));
        }
        assertThat(events(log)).containsExactly("started", "token-made", "token-revoked", "stopping", "stopped");
        assertThat(log.lines()).hasSizeLessThanOrEqualTo(10);
        assertThat(log).containsPattern("stopped requests=[1-9][0-9]+ rejected=[1-9][0-9]* in=[1-9] out=[1-9]");
    }

    /** Only trouble was told: that it was over, and that a certificate was renewed, were lines that nobody saw. */
    @Test
    void anotherRelayThatGoesAndComesBackIsTold() throws Exception {
        int port = Ports.free();
        ServerOptions options = ServerOptions.builder()
                .port(port)
                .data(folder.resolve("other.db"))
                .build();
        RelayServer other = RelayServer.start(options);
        CommandProcess relay = CommandProcess.start(
                folder.resolve("log.txt"),
                "serve",
                "--port",
                0,
                "--data",
                folder.resolve("relay.db"),
                "--peer",
                other.url());
        try (relay) {
            URI url = URI.create(relay.awaitLine("listening on ").substring("listening on ".length()));
            RelayClient client = new RelayClient(url);
            ChangeSets ann = ChangeSets.of(1);
            EncodedChangeSet early = ann.write("early");
            while (client.sync("ward", null, ann.origin(), early).status() != 200) {
                Thread.sleep(20); // Until it has met the other.
            }
            other.close();
            client.sync("ward", null, ann.origin(), ann.write("late"));
            awaitEvent(relay, "peer-trouble");
            other = RelayServer.start(options);
            awaitEvent(relay, "peer-back");
        } finally {
            other.close();
        }
    }

    private static void awaitEvent(CommandProcess relay, String event) throws InterruptedException {
        while (!relay.errors().contains(" relay " + event + " url=")) {
            Thread.sleep(20);
        }
    }

    private static String token(Path data, String rights) {
        return Command.good("token", "create", "--space", "ward", "--rights", rights, "--data", data)
                .out()
                .strip();
    }

    private void write(URI relay, String token) {
        try (Replica ward = Replica.create(folder.resolve("ward.db"), "ward")) {
            ward.execute("CREATE TABLE " + TABLE + "(id TEXT PRIMARY KEY, words TEXT)");
            ward.enrol(TABLE, TableRules.defaults());
            ward.execute("INSERT INTO " + TABLE + " VALUES (?, ?)", KEY, VALUE);
            PeerOptions options = PeerOptions.builder().token(token).build();
            assertThat(ward.sync(relay, options)).isInstanceOf(SyncOutcome.Settled.class);
        }
    }

    /** Puts secrets wherever a client may put them by mistake, and does what a relay refuses. */
    private static void misbehave(RelayClient client, String admin, String writer) {
        client.json("GET", "/v1/spaces/ward/changes", admin.replace("anabranch_", "anabranch_0"), null);
        client.json("GET", "/v1/spaces/ward/changes", null, null);
        client.json("GET", "/v1/spaces/" + KEY + "/changes", writer, null);
        client.json("GET", "/" + writer, null, null);
        client.json("GET", "/v1/spaces/ward/changes?since=" + KEY + "&token=" + writer, writer, null);
        client.json("POST", "/v1/spaces/ward/tokens", admin, "{\"rights\":[\"" + VALUE + "\"]}");
        client.json("POST", "/v1/spaces/ward/tokens", admin, "{\"rights\":[\"read\"],\"renew\":\"" + KEY + "\"}");
        client.json("DELETE", "/v1/spaces/ward/tokens/" + KEY, admin, null);
        byte[] words = VALUE.getBytes(StandardCharsets.UTF_8);
        client.send("POST", "/v1/spaces/ward/sync", writer, MessageCodec.MEDIA_TYPE, words);
        client.send("POST", "/v1/spaces/ward/sync", writer, KEY + "/" + TABLE, words);
        ChangeSets ann = ChangeSets.of(1);
        EncodedChangeSet first = ann.write(VALUE);
        client.sync("ward", writer, ann.origin(), ann.write(KEY));
        client.sync("ward", writer, ann.origin(), first);
        client.sync("ward", writer, Origin.of(0, 2), ChangeSets.of(1).write(KEY));
        client.sync("ward", admin, ann.origin());
    }

    /** What is hardly HTTP: the server beneath would tell of each. */
    private static void sendNonsense(URI relay) throws IOException {
        for (String head : List.of(
                "Host: localhost\r\nHost: " + KEY,
                "Host: local " + KEY,
                "Host: localhost\r\n" + VALUE,
                "Host: localhost\r\nContent-Length: " + KEY,
                "Host: localhost\r\nTransfer-Encoding: " + KEY)) {
            try (Socket socket = new Socket(relay.getHost(), relay.getPort())) {
                socket.setSoTimeout(60_000);
                socket.getOutputStream()
                        .write(("GET /" + KEY + " HTTP/1.1\r\n" + head + "\r\n\r\n")
                                .getBytes(StandardCharsets.US_ASCII));
                assertThat(new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII))
                        .as(head)
                        .matches("HTTP/1.1 4..");
            }
        }
    }

    /** Returns the first word of each line behind level and logger. */
    private static List<String> events(String log) {
        return log.lines()
                .map(line -> line.replaceFirst("^\\S+ INFO +relay (\\S+).*$", "$1"))
                .collect(Collectors.toList());
    }
}
