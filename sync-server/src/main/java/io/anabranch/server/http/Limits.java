// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

/** What one caller, and one space, may cost a relay. Immutable. The defaults suit one small machine and a team. */
public final class Limits {
    /** For limits that there may not be. */
    public static final long NONE = Long.MAX_VALUE;

    private static final Limits DEFAULTS = builder().build();

    private final int requestBytes;
    private final int requestsPerSecond;
    private final int burst;
    private final int requestsAtOnce;
    private final int wrongTokensPerMinute;
    private final int bodyBytesPerSecond;
    private final long spaceBytes;
    private final long spaceChangeSets;
    private final long spaceOrigins;
    private final long spaces;
    private final long freeDiskBytes;
    private final int listenersPerToken;
    private final int listeners;

    private Limits(Builder builder) {
        this.requestBytes = builder.requestBytes;
        this.requestsPerSecond = builder.requestsPerSecond;
        this.burst = builder.burst;
        this.requestsAtOnce = builder.requestsAtOnce;
        this.wrongTokensPerMinute = builder.wrongTokensPerMinute;
        this.bodyBytesPerSecond = builder.bodyBytesPerSecond;
        this.spaceBytes = builder.spaceBytes;
        this.spaceChangeSets = builder.spaceChangeSets;
        this.spaceOrigins = builder.spaceOrigins;
        this.spaces = builder.spaces;
        this.freeDiskBytes = builder.freeDiskBytes;
        this.listenersPerToken = builder.listenersPerToken;
        this.listeners = builder.listeners;
    }

    public static Limits defaults() {
        return DEFAULTS;
    }

    public static Builder builder() {
        return new Builder();
    }

    int requestBytes() {
        return requestBytes;
    }

    int requestsPerSecond() {
        return requestsPerSecond;
    }

    int burst() {
        return burst;
    }

    int requestsAtOnce() {
        return requestsAtOnce;
    }

    int wrongTokensPerMinute() {
        return wrongTokensPerMinute;
    }

    int bodyBytesPerSecond() {
        return bodyBytesPerSecond;
    }

    long spaceBytes() {
        return spaceBytes;
    }

    long spaceChangeSets() {
        return spaceChangeSets;
    }

    long spaceOrigins() {
        return spaceOrigins;
    }

    long spaces() {
        return spaces;
    }

    long freeDiskBytes() {
        return freeDiskBytes;
    }

    int listenersPerToken() {
        return listenersPerToken;
    }

    int listeners() {
        return listeners;
    }

    /** Sets one thing after the other. Confined to one thread. */
    public static final class Builder {
        private int requestBytes = 4 << 20;
        private int requestsPerSecond = 20;
        private int burst = 100;
        private int requestsAtOnce = 16;
        private int wrongTokensPerMinute = 60;
        private int bodyBytesPerSecond = 1024;
        private long spaceBytes = NONE;
        private long spaceChangeSets = NONE;
        private long spaceOrigins = 100_000;
        private long spaces = 10_000;
        private long freeDiskBytes = 64L << 20;
        private int listenersPerToken = 8;
        private int listeners = 10_000;

        private Builder() {}

        /** Sets how many bytes a request's body may have on the wire, 4 MiB unless set; the protocol bounds what it inflates to. */
        public Builder requestBytes(int requestBytes) {
            this.requestBytes = atLeastOne("requestBytes", requestBytes);
            return this;
        }

        /** Sets how many requests a token may send each second for long; 20 unless set. */
        public Builder requestsPerSecond(int requestsPerSecond) {
            this.requestsPerSecond = atLeastOne("requestsPerSecond", requestsPerSecond);
            return this;
        }

        /** Sets how many requests a token may send at once after a pause; 100 unless set. */
        public Builder burst(int burst) {
            this.burst = atLeastOne("burst", burst);
            return this;
        }

        /** Sets how many requests of a token may be under way at a time; 16 unless set. Listeners are not among them. */
        public Builder requestsAtOnce(int requestsAtOnce) {
            this.requestsAtOnce = atLeastOne("requestsAtOnce", requestsAtOnce);
            return this;
        }

        /** Sets how many tokens that are not good an address may bring each minute; 60 unless set. Good ones are not counted. */
        public Builder wrongTokensPerMinute(int wrongTokensPerMinute) {
            this.wrongTokensPerMinute = atLeastOne("wrongTokensPerMinute", wrongTokensPerMinute);
            return this;
        }

        /** Sets how fast a body must come, once ten seconds have passed; 1,024 unless set. */
        public Builder bodyBytesPerSecond(int bodyBytesPerSecond) {
            this.bodyBytesPerSecond = atLeastOne("bodyBytesPerSecond", bodyBytesPerSecond);
            return this;
        }

        /** Sets how many bytes of change sets a space may hold; no bound unless set. */
        public Builder spaceBytes(long spaceBytes) {
            this.spaceBytes = atLeastOne("spaceBytes", spaceBytes);
            return this;
        }

        /** Sets how many change sets a space may hold; no bound unless set. */
        public Builder spaceChangeSets(long spaceChangeSets) {
            this.spaceChangeSets = atLeastOne("spaceChangeSets", spaceChangeSets);
            return this;
        }

        /** Sets of how many origins a space may hold change sets, and how many may sync with tokens; 100,000 unless set. */
        public Builder spaceOrigins(long spaceOrigins) {
            this.spaceOrigins = atLeastOne("spaceOrigins", spaceOrigins);
            return this;
        }

        /** Sets how many spaces there may be before those who need no token may begin no more; 10,000 unless set. */
        public Builder spaces(long spaces) {
            this.spaces = atLeastOne("spaces", spaces);
            return this;
        }

        /** Sets below how much free disk no change sets are taken; 64 MiB unless set. */
        public Builder freeDiskBytes(long freeDiskBytes) {
            if (freeDiskBytes < 0) {
                throw new IllegalArgumentException("freeDiskBytes < 0: " + freeDiskBytes);
            }
            this.freeDiskBytes = freeDiskBytes;
            return this;
        }

        /** Sets how many may listen with one token at a time; 8 unless set. */
        public Builder listenersPerToken(int listenersPerToken) {
            this.listenersPerToken = atLeastOne("listenersPerToken", listenersPerToken);
            return this;
        }

        /** Sets how many may listen at a time; 10,000 unless set. */
        public Builder listeners(int listeners) {
            this.listeners = atLeastOne("listeners", listeners);
            return this;
        }

        private static int atLeastOne(String name, int value) {
            return Math.toIntExact(atLeastOne(name, (long) value));
        }

        private static long atLeastOne(String name, long value) {
            if (value < 1) {
                throw new IllegalArgumentException(name + " < 1: " + value);
            }
            return value;
        }

        public Limits build() {
            return new Limits(this);
        }
    }
}
