// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import io.anabranch.server.http.IpAddress;
import io.anabranch.server.http.Limits;
import io.anabranch.server.net.PemFiles;
import io.anabranch.server.peers.PeerAddress;
import io.anabranch.server.space.Retention;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Where a relay listens, what it keeps, and whom it serves. Immutable. */
public final class ServerOptions {
    public static final String DEFAULT_HOST = "127.0.0.1";
    public static final int DEFAULT_PORT = 7878;
    public static final String DEFAULT_DATA = "anabranch-relay.db";

    private static final Pattern WEB_ORIGIN = Pattern.compile("[a-z][a-z0-9+.-]*://[a-z0-9_.:\\[\\]-]+");

    private final String host;
    private final int port;
    private final Path data;
    private final boolean open;
    private final @Nullable PemFiles tls;
    private final Limits limits;
    private final Retention retention;
    private final List<PeerAddress> peers;
    private final boolean monitoredByAll;
    private final boolean dashboardForAdmins;
    private final List<IpAddress> trustedProxies;
    private final List<String> corsOrigins;
    private final Duration headTimeout;
    private final Duration idleTimeout;
    private final Clock clock;

    private ServerOptions(Builder builder) {
        this.host = builder.host;
        this.port = builder.port;
        this.data = builder.data;
        this.open = builder.open;
        this.tls = builder.tls;
        this.limits = builder.limits;
        this.retention = builder.retention;
        this.peers = List.copyOf(builder.peers);
        this.monitoredByAll = builder.monitoredByAll;
        this.dashboardForAdmins = builder.dashboardForAdmins;
        this.trustedProxies = List.copyOf(builder.trustedProxies);
        this.corsOrigins = List.copyOf(builder.corsOrigins);
        this.headTimeout = builder.headTimeout;
        this.idleTimeout = builder.idleTimeout;
        this.clock = builder.clock;
    }

    /** As {@link #builder}, with defaults for all else. */
    public ServerOptions(String host, int port, Path data) {
        this(builder().host(host).port(port).data(data));
    }

    public static Builder builder() {
        return new Builder();
    }

    public String host() {
        return host;
    }

    public int port() {
        return port;
    }

    public Path data() {
        return data;
    }

    public boolean open() {
        return open;
    }

    public @Nullable PemFiles tls() {
        return tls;
    }

    public Limits limits() {
        return limits;
    }

    public Retention retention() {
        return retention;
    }

    public List<PeerAddress> peers() {
        return peers;
    }

    public boolean monitoredByAll() {
        return monitoredByAll;
    }

    public boolean dashboardForAdmins() {
        return dashboardForAdmins;
    }

    public List<IpAddress> trustedProxies() {
        return trustedProxies;
    }

    public List<String> corsOrigins() {
        return corsOrigins;
    }

    public Duration headTimeout() {
        return headTimeout;
    }

    public Duration idleTimeout() {
        return idleTimeout;
    }

    public Clock clock() {
        return clock;
    }

    /** Sets one thing after the other. Confined to one thread. */
    public static final class Builder {
        private String host = DEFAULT_HOST;
        private int port = DEFAULT_PORT;
        private Path data = Path.of(DEFAULT_DATA);
        private boolean open;
        private @Nullable PemFiles tls;
        private Limits limits = Limits.defaults();
        private Retention retention = Retention.DEFAULT;
        private List<PeerAddress> peers = List.of();
        private boolean monitoredByAll;
        private boolean dashboardForAdmins;
        private List<IpAddress> trustedProxies = List.of();
        private List<String> corsOrigins = List.of();
        private Duration headTimeout = Duration.ofSeconds(10);
        private Duration idleTimeout = Duration.ofSeconds(60);
        private Clock clock = Clock.systemUTC();

        private Builder() {}

        /** Sets the address to listen at. A loopback address, the default, keeps other machines out. */
        public Builder host(String host) {
            this.host = host;
            return this;
        }

        /** Sets the port; 0 takes any free one. */
        public Builder port(int port) {
            if (port < 0 || port > 65_535) {
                throw new IllegalArgumentException("port outside 0..65535: " + port);
            }
            this.port = port;
            return this;
        }

        /** Sets the relay's file, made if it is missing. */
        public Builder data(Path data) {
            this.data = data;
            return this;
        }

        /** Lets everybody who reaches the relay read and write every space, without a token. Off unless set. */
        public Builder open(boolean open) {
            this.open = open;
            return this;
        }

        /** Serves HTTPS with this certificate, which is read again when the files change. Plain HTTP unless set. */
        public Builder tls(Path certificates, Path key) {
            this.tls = new PemFiles(certificates, key);
            return this;
        }

        public Builder limits(Limits limits) {
            this.limits = limits;
            return this;
        }

        /** Exchanges every space with these other relays. None unless set. */
        public Builder peers(List<PeerAddress> peers) {
            this.peers = peers;
            return this;
        }

        /** Sets how long change sets are kept; {@link Retention#DEFAULT} unless set. */
        public Builder retention(Retention retention) {
            this.retention = retention;
            return this;
        }

        /** Tells everybody, and not only programs of this machine, how the relay does: its metrics. Off unless set. */
        public Builder monitoredByAll(boolean monitoredByAll) {
            this.monitoredByAll = monitoredByAll;
            return this;
        }

        /**
         * Shows the dashboard to everybody who has an admin token of a space, that space alone, and not only to this
         * machine. Off unless set.
         */
        public Builder dashboardForAdmins(boolean dashboardForAdmins) {
            this.dashboardForAdmins = dashboardForAdmins;
            return this;
        }

        /**
         * Believes the X-Forwarded-For of proxies at these IP addresses. None unless set.
         *
         * @throws IllegalArgumentException if one is no IP address: a host name, or a range
         */
        public Builder trustedProxies(List<String> addresses) {
            this.trustedProxies = addresses.stream().map(IpAddress::of).collect(Collectors.toList());
            return this;
        }

        /**
         * Lets web pages of these origins, such as {@code https://app.example}, call the relay. None unless set.
         *
         * @throws IllegalArgumentException if one is not as a browser says it: a pattern, or one with a path or capital letters
         */
        public Builder corsOrigins(List<String> origins) {
            for (String origin : origins) {
                if (!WEB_ORIGIN.matcher(origin).matches()) {
                    throw new IllegalArgumentException("'" + origin
                            + "' is no origin of web pages, such as https://app.example (in small letters, no path)");
                }
            }
            this.corsOrigins = origins;
            return this;
        }

        /** Sets how long the head of a request may take to come; 10 seconds unless set. */
        public Builder headTimeout(Duration headTimeout) {
            this.headTimeout = headTimeout;
            return this;
        }

        /** Sets how long a connection may be silent; 60 seconds unless set. */
        public Builder idleTimeout(Duration idleTimeout) {
            this.idleTimeout = idleTimeout;
            return this;
        }

        /** Sets the clock by which a relay answers; this machine's unless set. A replica that is served has its own. */
        public Builder clock(Clock clock) {
            this.clock = clock;
            return this;
        }

        public ServerOptions build() {
            return new ServerOptions(this);
        }
    }
}
