// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import io.anabranch.server.http.Metrics;
import io.anabranch.server.http.Policy;
import io.anabranch.server.http.RelayLog;
import io.anabranch.server.http.RelayRoutes;
import io.anabranch.server.http.Served;
import io.anabranch.server.net.BadMessages;
import io.anabranch.server.net.Connectors;
import io.anabranch.server.space.LogText;
import io.anabranch.server.space.RelaySpaces;
import io.anabranch.server.space.Spaces;
import io.anabranch.server.store.DataFile;
import io.anabranch.server.store.Holdings;
import io.anabranch.server.store.RelayStore;
import io.anabranch.server.store.RelayStoreException;
import io.anabranch.server.store.SqliteRelayStore;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.http.HandlerType;
import io.javalin.util.JavalinException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A running relay, and all the wiring of one. Thread-safe. */
public final class RelayServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogText.LOGGER);
    private static final long DRAIN_MILLIS = 10_000;
    private static final int TEND_EVERY_SECONDS = 60;
    private static final int LOOK_MILLIS = 50;
    private static final int FIRST_WITH_VIRTUAL_THREADS = 21;
    private static final Duration SUMMARY_EVERY = Duration.ofHours(4);

    private final Javalin http;
    private final Holdings store;
    private final Background background;
    private final ServerOptions options;
    /** Where the change sets are. */
    private final DataFile file;

    private final Clock clock;
    private final Metrics metrics;
    private final RelayRoutes routes;
    private final ScheduledExecutorService chores;
    private boolean closed;

    private RelayServer(
            Javalin http,
            Holdings store,
            Background background,
            ServerOptions options,
            DataFile file,
            Clock clock,
            Metrics metrics,
            RelayRoutes routes) {
        this.http = http;
        this.store = store;
        this.background = background;
        this.options = options;
        this.file = file;
        this.clock = clock;
        this.metrics = metrics;
        this.routes = routes;
        this.chores = Executors.newSingleThreadScheduledExecutor(work -> {
            Thread thread = new Thread(work, "anabranch-chores");
            thread.setDaemon(true);
            return thread;
        });
    }

    /**
     * Starts a relay and returns once it accepts requests.
     *
     * @throws RelayStoreException if the file cannot be a relay's
     * @throws ServerException if it cannot listen there, or others could reach it and it has no tokens
     */
    public static RelayServer start(ServerOptions options) {
        Preflight.check(options);
        RelayStore store = SqliteRelayStore.open(new JdbcDriver(), options.data());
        RelaySpaces spaces = new RelaySpaces(store, options.retention());
        Background background = new RelayBackground(store, spaces, options.peers(), options.clock());
        return start(options, store, spaces, background, options.data(), options.clock());
    }

    /**
     * As {@link #start(ServerOptions)}, over anything that can be served, which it closes.
     *
     * @param path where the store keeps change sets
     * @param clock in place of that of {@code options}
     */
    static RelayServer start(
            ServerOptions options, Holdings store, Spaces spaces, Background background, Path path, Clock clock) {
        try {
            boolean loopback = Preflight.isLoopback(options.host());
            Preflight.requireTokens(options, store.tokens(), loopback);
            Policy policy = new Policy(
                    options.open(),
                    loopback,
                    options.monitoredByAll(),
                    options.dashboardForAdmins(),
                    options.trustedProxies(),
                    options.corsOrigins());
            DataFile file = DataFile.at(path);
            Metrics metrics = metrics(store, file);
            Served served = new Served(store, spaces, background.hasPeers(), background::peers);
            RelayRoutes routes = new RelayRoutes(served, policy, options.limits(), metrics, file, clock);
            Javalin http = Javalin.create(config -> configure(config, routes, options));
            http.start(options.host(), options.port());
            RelayServer relay = new RelayServer(http, store, background, options, file, clock, metrics, routes);
            relay.tellStarted(loopback);
            return relay;
        } catch (JavalinException e) {
            store.close();
            throw cannotListen(options, e);
        } catch (RuntimeException e) {
            store.close();
            throw e;
        }
    }

    private static Metrics metrics(Holdings store, DataFile file) {
        Metrics metrics = new Metrics();
        metrics.gauge("anabranch.store.bytes", "bytes", "Bytes of the relay's file.", file::sizeBytes);
        metrics.gauge(
                "anabranch.disk.free.bytes",
                "bytes",
                "Bytes that are free on the disk that the relay's file is on.",
                file::freeDiskBytes);
        metrics.gauge(
                "anabranch.spaces",
                null,
                "Spaces held.",
                () -> store.spaceNames().size());
        return metrics;
    }

    private void tellStarted(boolean loopback) {
        String access = options.open() ? "open" : store.tokens().hasAny() ? "tokens" : "this-machine";
        RelayLog.started(
                url().toString(),
                file.path().toString(),
                access,
                store.spaceNames().size());
        if (!loopback && options.tls() == null && !options.open()) {
            RelayLog.unprotected(url().toString());
        }
        routes.startChores(chores);
        chores.scheduleWithFixedDelay(background::look, 0, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        chores.scheduleWithFixedDelay(
                () -> tend(clock.millis()), TEND_EVERY_SECONDS, TEND_EVERY_SECONDS, TimeUnit.SECONDS);
        Summary summary = new Summary();
        chores.scheduleWithFixedDelay(
                summary::tell, SUMMARY_EVERY.toMinutes(), SUMMARY_EVERY.toMinutes(), TimeUnit.MINUTES);
    }

    /** Does what time brings; see {@link RelaySpaces#tend}. */
    void tend(long nowMillis) {
        if (!file.isInPlace()) {
            RelayLog.fileReplaced(file.path().toString());
        }
        try {
            background.tend(nowMillis);
        } catch (RuntimeException e) {
            LOG.warn("nothing is forgotten now; tried again in a minute", e);
        }
    }

    /** Tells what there was since it last told, if there was anything. Confined to the thread of the chores. */
    private final class Summary {
        private Metrics.Totals told = metrics.totals();

        void tell() {
            Metrics.Totals now = metrics.totals();
            if (!now.equals(told)) {
                RelayLog.summary(now.minus(told), store.spaceNames().size(), file.sizeBytes());
                told = now;
            }
        }
    }

    private static void configure(JavalinConfig config, RelayRoutes routes, ServerOptions options) {
        config.startup.showJavalinBanner = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.startup.startupWatcherEnabled = false;
        config.http.prefer405over404 = true;
        config.concurrency.useVirtualThreads = Runtime.version().feature() >= FIRST_WITH_VIRTUAL_THREADS;
        // Messages bring their own compression.
        config.http.compressionStrategy = CompressionStrategy.NONE;
        config.jetty.modifyServer(server -> {
            server.setErrorHandler(new BadMessages());
            server.insertHandler(new GracefulHandler());
            server.setStopTimeout(DRAIN_MILLIS);
        });
        config.jetty.addConnector((server, http) -> Connectors.create(
                server,
                http,
                options.host(),
                options.port(),
                options.tls(),
                options.headTimeout().toMillis(),
                options.idleTimeout().toMillis()));
        config.jetty.modifyHttpConfiguration(jetty -> {
            jetty.setSendServerVersion(false);
            // A space may have any printable name, "/" included: it travels percent-encoded.
            jetty.setUriCompliance(UriCompliance.UNSAFE);
        });
        config.jetty.modifyServletContextHandler(
                handler -> handler.getServletHandler().setDecodeAmbiguousURIs(true));
        routes.addTo(config.routes);
    }

    private static ServerException cannotListen(ServerOptions options, JavalinException e) {
        Throwable why = e;
        while (why.getCause() != null) {
            why = why.getCause();
        }
        return new ServerException(
                "cannot listen on " + options.host() + ":" + options.port() + ": " + why.getMessage()
                        + ". Choose another --host or --port (--port 0 takes any free one)",
                e);
    }

    /** Returns every method and path that is answered, as they were registered; HEAD, which goes with GET, left out. */
    List<String> routes() {
        return http.unsafe.internalRouter.allHttpHandlers().stream()
                .filter(handler ->
                        handler.endpoint.method.isHttpMethod() && handler.endpoint.method != HandlerType.HEAD)
                .map(handler -> handler.endpoint.method + " " + handler.endpoint.path)
                .collect(Collectors.toList());
    }

    public int port() {
        return http.port();
    }

    /** Returns the base address that clients are given. */
    public URI url() {
        String host = options.host();
        String address = host.contains(":") ? "[" + host + "]" : host;
        return URI.create((options.tls() == null ? "http://" : "https://") + address + ":" + port());
    }

    /** Tells listeners now what was put into the store, instead of at the next look. */
    void look() {
        routes.look();
    }

    /** Takes no more requests, lets those under way end, and closes the file. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        RelayLog.stopping();
        chores.shutdownNow();
        background.close();
        routes.close();
        try {
            http.stop();
        } catch (JavalinException e) {
            LOG.warn("some requests were still under way when the time to end them was over");
        }
        store.close();
        RelayLog.stopped(metrics.totals());
    }
}
