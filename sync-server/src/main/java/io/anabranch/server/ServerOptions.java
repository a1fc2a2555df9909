// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import java.nio.file.Path;

/** Where a relay listens, what it keeps, and whom it serves. Immutable. */
public final class ServerOptions {
    public static final String DEFAULT_HOST = "127.0.0.1";
    public static final int DEFAULT_PORT = 7878;
    public static final String DEFAULT_DATA = "anabranch-relay.db";

    private final String host;
    private final int port;
    private final Path data;
    private final boolean open;

    private ServerOptions(Builder builder) {
        this.host = builder.host;
        this.port = builder.port;
        this.data = builder.data;
        this.open = builder.open;
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

    /** Sets one thing after the other. Confined to one thread. */
    public static final class Builder {
        private String host = DEFAULT_HOST;
        private int port = DEFAULT_PORT;
        private Path data = Path.of(DEFAULT_DATA);
        private boolean open;

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

        public ServerOptions build() {
            return new ServerOptions(this);
        }
    }
}
