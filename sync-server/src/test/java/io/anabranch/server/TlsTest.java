// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.cli.Main;
import io.anabranch.sync.PeerOptions;
import io.anabranch.sync.Replica;
import io.anabranch.sync.session.SyncOutcome;
import java.io.InputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TlsTest {
    @TempDir
    static Path folder;

    @BeforeAll
    static void makeCertificates() throws Exception {
        Certificates.make(folder, "EC", "EC");
        Certificates.make(folder, "RSA", "RSA");
    }

    @ParameterizedTest
    @ValueSource(strings = {"EC", "RSA"})
    void aReplicaThatTrustsTheCertificateSyncs(String name) {
        try (RelayServer relay = start(name);
                Replica notes = Replica.create(folder.resolve(name + ".db"), "notes")) {
            assertThat(relay.url().getScheme()).isEqualTo("https");
            PeerOptions trusting = PeerOptions.builder()
                    .caCertificates(Certificates.certificate(folder, name))
                    .build();
            assertThat(notes.sync(relay.url(), trusting)).isInstanceOf(SyncOutcome.Settled.class);
        }
    }

    @Test
    void aReplicaThatDoesNotTrustTheCertificateSendsNothing() {
        try (RelayServer relay = start("EC");
                Replica notes = Replica.create(folder.resolve("wary.db"), "notes")) {
            assertThat(notes.sync(relay.url()))
                    .isInstanceOfSatisfying(
                            SyncOutcome.Failed.class,
                            failed -> assertThat(failed.reason()).contains("cannot be talked to safely"));
            PeerOptions other = PeerOptions.builder()
                    .caCertificates(Certificates.certificate(folder, "RSA"))
                    .build();
            assertThat(notes.sync(relay.url(), other)).isInstanceOf(SyncOutcome.Failed.class);
        }
    }

    /** The doctor said "PKIX path building failed: sun.security.provider.certpath.SunCertPathBuilderException". */
    @Test
    void whoeverDoesNotTrustTheCertificateIsToldSoInWords() {
        try (RelayServer relay = start("EC")) {
            StringWriter said = new StringWriter();
            PrintWriter out = new PrintWriter(said);
            assertThat(Main.run(out, out, "doctor", relay.url().toString())).isEqualTo(1);
            String replica = folder.resolve("worded.db").toString();
            assertThat(Main.run(out, out, "sync", replica, relay.url().toString(), "--space", "notes"))
                    .isEqualTo(1);
            assertThat(said.toString())
                    .containsPattern("(?s)nobody who is trusted here vouches for its certificate.*--ca-cert"
                            + ".*nobody who is trusted here vouches for its certificate.*--ca-cert")
                    .doesNotContain("PKIX");
        }
    }

    @Test
    void plainHttpToASecurePortIsNoAnswerOfARelay() throws Exception {
        try (RelayServer relay = start("EC");
                Socket socket = new Socket("127.0.0.1", relay.port())) {
            socket.getOutputStream().write("GET /health/live HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            try (InputStream in = socket.getInputStream()) {
                assertThat(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1))
                        .doesNotContain("200");
            }
        }
    }

    @Test
    void filesThatAreNoCertificatesAreNamedAndTheRelayDoesNotStart() throws Exception {
        Path garbage = Files.writeString(folder.resolve("garbage.pem"), "garbage");
        assertRefused(garbage, Certificates.key(folder, "EC"), "garbage.pem for TLS");
        assertRefused(Certificates.certificate(folder, "EC"), garbage, "openssl pkcs8");
        assertRefused(folder.resolve("none.pem"), garbage, "there is no such file");
        assertRefused(Certificates.certificate(folder, "EC"), Certificates.key(folder, "RSA"), "it is no key for");
        Certificates.make(folder, "other", "EC");
        assertRefused(Certificates.certificate(folder, "EC"), Certificates.key(folder, "other"), "it is no key for");
    }

    private static void assertRefused(Path certificate, Path key, String why) {
        Path data = folder.resolve("refused.db");
        assertThatThrownBy(() -> RelayServer.start(ServerOptions.builder()
                        .port(0)
                        .data(data)
                        .tls(certificate, key)
                        .build()))
                .isInstanceOf(ServerException.class)
                .hasMessageContaining(why);
        assertThat(data).doesNotExist();
    }

    private static RelayServer start(String name) {
        return RelayServer.start(ServerOptions.builder()
                .port(0)
                .data(folder.resolve(name + "-relay.db"))
                .tls(Certificates.certificate(folder, name), Certificates.key(folder, name))
                .build());
    }
}
