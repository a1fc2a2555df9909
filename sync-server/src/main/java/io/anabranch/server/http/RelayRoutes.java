// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.anabranch.server.access.AccessToken;
import io.anabranch.server.access.Tokens;
import io.anabranch.server.space.Spaces;
import io.anabranch.server.store.DataFile;
import io.anabranch.server.store.Holdings;
import io.anabranch.sync.sql.SqlException;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import io.javalin.http.HttpResponseException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** All addresses of a relay. Whatever a client sends, it gets an answer that it can act on. */
public final class RelayRoutes {
    private static final int LOOK_MILLIS = 100;
    private static final int HEARTBEAT_SECONDS = 25;

    private final Gate gate;
    private final Throttle throttle;
    private final Cors cors;
    private final Metrics metrics;
    private final Listeners listeners;
    private final Acquaintances acquaintances = new Acquaintances();
    private final Clock clock;
    private final Tokens tokens;
    private final Failures failures = new Failures(System::nanoTime);
    private final Linger linger = new Linger(System::nanoTime);
    private final List<Route> routes = new ArrayList<>();

    /** @param file what the store is kept in */
    public RelayRoutes(Served served, Policy policy, Limits limits, Metrics metrics, DataFile file, Clock clock) {
        Holdings store = served.store();
        Spaces spaces = served.spaces();
        this.clock = clock;
        this.tokens = new Tokens(store.tokens(), clock);
        ClientAddress addresses = new ClientAddress(policy.trustedProxies());
        this.gate = new Gate(tokens, policy, new WrongTokens(limits, addresses, System::nanoTime));
        this.throttle = new Throttle(policy, limits, addresses, System::nanoTime);
        this.metrics = metrics;
        this.listeners = new Listeners(store, spaces, limits, clock);
        metrics.gauge("anabranch.listeners", null, "Connections that wait for events.", listeners::count);
        this.cors = new Cors(policy.corsOrigins());
        PeerLags lags = new PeerLags(spaces, acquaintances, served.peers(), clock);
        routes.addAll(new OperatorRoutes(
                        metrics,
                        lags,
                        () -> file.isInPlace() && answers(store),
                        file::freeDiskBytes,
                        limits.freeDiskBytes())
                .routes());
        RequestBody body = new RequestBody(limits.requestBytes(), limits.bodyBytesPerSecond(), System::nanoTime);
        SpaceDoor door = new SpaceDoor(store, spaces, limits);
        routes.addAll(new SyncRoutes(
                        door,
                        body,
                        new Quota(limits, file::freeDiskBytes, file::isInPlace),
                        metrics,
                        listeners,
                        acquaintances,
                        clock,
                        served.hasPeers())
                .routes());
        routes.addAll(new EventRoutes(door, listeners, addresses).routes());
        routes.addAll(new SpaceRoutes(limits, clock).routes());
        routes.addAll(new ChangeRoutes(store, spaces).routes());
        routes.addAll(new TokenRoutes(tokens).routes());
        routes.addAll(new PeerRoutes(spaces, acquaintances, lags).routes());
        routes.addAll(new PageRoutes().routes());
        DashboardTotals totals = new DashboardTotals(metrics, listeners, limits, file::freeDiskBytes);
        DashboardSpaces shown = new DashboardSpaces(spaces, listeners, acquaintances, lags, limits);
        routes.addAll(new DashboardRoutes(store, tokens, acquaintances, totals, shown, clock).routes());
    }

    public void addTo(RoutesConfig config) {
        config.before(this::mark);
        for (Route route : routes) {
            config.addHttpHandler(route.method(), route.path(), context -> answer(route, context));
            if (route.method() == HandlerType.GET) {
                config.addHttpHandler(HandlerType.HEAD, route.path(), context -> head(route, context));
            }
        }
        if (cors.isOn()) {
            routes.stream().map(Route::path).distinct().forEach(path -> config.options(path, cors::preflight));
        }
        config.exception(Exception.class, (e, context) -> answer(failures.problem(e), context));
        // Javalin has an answer of its own to these, unless they are named.
        config.exception(
                HttpResponseException.class, (e, context) -> answer(Problems.ofStatus(e.getStatus()), context));
    }

    /** Starts what is done without being asked. */
    public void startChores(ScheduledExecutorService chores) {
        chores.scheduleWithFixedDelay(listeners::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
        chores.scheduleAtFixedRate(
                () -> listeners.heartbeat(this::isStillGood), HEARTBEAT_SECONDS, HEARTBEAT_SECONDS, TimeUnit.SECONDS);
    }

    private boolean isStillGood(Caller caller) {
        String id = caller.tokenId();
        if (id == null) {
            return true;
        }
        AccessToken token = tokens.find(id);
        return token != null && token.revoked() == null;
    }

    /** Tells listeners what was put into the store since the last look. */
    public void look() {
        listeners.look();
    }

    /** Ends what would not end by itself. */
    public void close() {
        listeners.close();
    }

    private static boolean answers(Holdings store) {
        try {
            store.tokens().hasAny();
            return true;
        } catch (SqlException e) {
            return false;
        }
    }

    /** What every answer bears. Nothing here is a page, unless its route says so. */
    private void mark(Context context) {
        context.header("X-Content-Type-Options", "nosniff");
        context.header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
        context.header("Referrer-Policy", "no-referrer");
        context.header("Cache-Control", "no-store");
        if (context.req().isSecure()) {
            context.header("Strict-Transport-Security", "max-age=31536000");
        }
        cors.mark(context);
    }

    /** Javalin would say 200 of itself, also where a GET is refused, or the relay is not ready. */
    private void head(Route route, Context context) throws Exception {
        if (route.need() != Need.NOTHING) {
            throw Problems.ofStatus(405);
        }
        answer(route, context);
    }

    private void answer(Route route, Context context) throws Exception {
        long began = System.nanoTime();
        int status = 500;
        try {
            Caller caller = gate.recognise(context, route);
            Throttle.Pass pass = throttle.pass(context, route, caller);
            try {
                gate.requireRight(context, route, caller);
                noteUse(caller);
                route.action().answer(context, caller);
                status = context.statusCode();
            } finally {
                pass.close();
            }
        } catch (Problem problem) {
            status = problem.status();
            throw problem;
        } finally {
            metrics.answered(route, status, Duration.ofNanos(System.nanoTime() - began));
        }
    }

    private void noteUse(Caller caller) {
        String token = caller.tokenId();
        if (token != null) {
            acquaintances.used(token, clock.millis());
        }
    }

    private void answer(Problem problem, Context context) {
        metrics.rejected(problem.code());
        Problems.answer(problem, context, linger);
    }
}
