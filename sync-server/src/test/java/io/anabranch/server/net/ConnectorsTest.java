// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.server.Certificates;
import io.anabranch.server.ServerOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.KeyStoreException;
import java.security.cert.X509Certificate;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConnectorsTest {
    @TempDir
    Path folder;

    /** Jetty counts the silence; what is ours is to say how much of it there may be. */
    @Test
    void silenceEndsAConnectionAfterTheTimeThatIsSet() {
        ServerOptions options = ServerOptions.builder().build();
        assertThat(options.idleTimeout()).hasSeconds(60);
        assertThat(options.headTimeout()).hasSeconds(10);
        Server server = new Server();
        assertThat(Connectors.create(server, new HttpConfiguration(), "127.0.0.1", 0, null, 10_000, 61_234)
                        .getIdleTimeout())
                .isEqualTo(61_234);
    }

    @Test
    void aRenewedCertificateIsTakenAndOneThatIsHalfWrittenIsNot() throws Exception {
        Certificates.make(folder, "old", "EC");
        Certificates.make(folder, "new", "EC");
        Path certificate = Files.copy(Certificates.certificate(folder, "old"), folder.resolve("cert.pem"));
        Path key = Files.copy(Certificates.key(folder, "old"), folder.resolve("key.pem"));
        PemFiles tls = new PemFiles(certificate, key);
        SslContextFactory.Server factory = new SslContextFactory.Server();
        factory.setKeyStore(tls.keyStore());
        factory.setKeyStorePassword("");
        factory.start();

        Files.writeString(certificate, "-----BEGIN CERTI");
        Connectors.reload(tls, factory);
        assertThat(subject(factory)).isEqualTo("CN=old");

        Files.copy(Certificates.certificate(folder, "new"), certificate, StandardCopyOption.REPLACE_EXISTING);
        Files.copy(Certificates.key(folder, "new"), key, StandardCopyOption.REPLACE_EXISTING);
        Connectors.reload(tls, factory);
        assertThat(subject(factory)).isEqualTo("CN=new");
        factory.stop();
    }

    private static String subject(SslContextFactory.Server factory) throws KeyStoreException {
        return ((X509Certificate) factory.getKeyStore().getCertificate("relay"))
                .getSubjectX500Principal()
                .getName();
    }
}
