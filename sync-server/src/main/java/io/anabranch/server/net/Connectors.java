// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.net;

import io.anabranch.server.space.LogText;
import java.io.IOException;
import java.nio.file.Files;
import java.security.KeyStore;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.server.Connector;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.SecureRequestCustomizer;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the connector that a relay listens with: HTTP/1.1, over TLS where there are certificates. */
public final class Connectors {
    private static final Logger LOG = LoggerFactory.getLogger(LogText.LOGGER);
    private static final long LOOK_FOR_CERTIFICATES_EVERY_SECONDS = 60;

    private Connectors() {}

    /**
     * Returns a connector, and adds to the server what it needs.
     *
     * @param tls null for plain HTTP. Files that change are read again within a minute, so that certificates can be renewed
     * @throws io.anabranch.server.ServerException if the files cannot be used
     */
    public static Connector create(
            Server server,
            HttpConfiguration http,
            String host,
            int port,
            @Nullable PemFiles tls,
            long headMillis,
            long idleMillis) {
        ServerConnector connector =
                tls == null ? new ServerConnector(server, new HttpConnectionFactory(http)) : secure(server, http, tls);
        connector.setHost(host);
        connector.setPort(port);
        connector.setIdleTimeout(idleMillis);
        SlowHeads slowHeads = new SlowHeads(connector.getScheduler(), headMillis, System::nanoTime);
        connector.addBean(slowHeads, false);
        server.insertHandler(new StrictFraming());
        server.insertHandler(slowHeads);
        connector.addEventListener(whenStarted(slowHeads::lookLater));
        server.addEventListener(new LifeCycle.Listener() {
            @Override
            public void lifeCycleStopping(LifeCycle event) {
                slowHeads.end();
            }
        });
        return connector;
    }

    private static ServerConnector secure(Server server, HttpConfiguration http, PemFiles tls) {
        SslContextFactory.Server certificates = new SslContextFactory.Server();
        certificates.setKeyStore(tls.keyStore());
        certificates.setKeyStorePassword("");
        certificates.setIncludeProtocols("TLSv1.3", "TLSv1.2");
        HttpConfiguration secure = new HttpConfiguration(http);
        // Who may talk to a relay is decided by tokens, not by the name under which it was reached.
        secure.addCustomizer(new SecureRequestCustomizer(false));
        ServerConnector connector = new ServerConnector(server, certificates, new HttpConnectionFactory(secure));
        connector.addEventListener(
                whenStarted(() -> watch(tls, certificates, connector.getScheduler(), changedAt(tls))));
        return connector;
    }

    private static LifeCycle.Listener whenStarted(Runnable work) {
        return new LifeCycle.Listener() {
            @Override
            public void lifeCycleStarted(LifeCycle event) {
                work.run();
            }
        };
    }

    private static void watch(PemFiles tls, SslContextFactory.Server factory, Scheduler scheduler, long known) {
        scheduler.schedule(
                () -> {
                    long now = changedAt(tls);
                    if (now != known) {
                        reload(tls, factory);
                    }
                    if (factory.isRunning()) {
                        watch(tls, factory, scheduler, now);
                    }
                },
                LOOK_FOR_CERTIFICATES_EVERY_SECONDS,
                TimeUnit.SECONDS);
    }

    /** A renewal that was only half written is tried again when the rest comes. */
    static void reload(PemFiles tls, SslContextFactory.Server factory) {
        try {
            KeyStore renewed = tls.keyStore();
            factory.reload(changed -> changed.setKeyStore(renewed));
            LOG.info("tls reloaded certificates={}", tls.certificates());
        } catch (Exception e) {
            LOG.warn("tls keeps the certificates that it has: {}", e.getMessage());
        }
    }

    private static long changedAt(PemFiles tls) {
        try {
            return Files.getLastModifiedTime(tls.certificates()).toMillis() * 31
                    + Files.getLastModifiedTime(tls.key()).toMillis();
        } catch (IOException e) {
            return 0;
        }
    }
}
