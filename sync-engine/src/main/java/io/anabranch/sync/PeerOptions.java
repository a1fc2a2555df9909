// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.sync.session.Direction;
import io.anabranch.sync.transport.CaCertificates;
import io.anabranch.sync.transport.HttpTransport;
import java.net.URI;
import java.nio.file.Path;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How to reach a peer: with which token, whose certificates to trust, and which way change sets go. Immutable. The defaults suit an open
 * relay.
 */
public final class PeerOptions {
    private static final PeerOptions DEFAULTS = builder().build();

    private final @Nullable String token;
    private final @Nullable CaCertificates trusted;
    private final Direction direction;

    private PeerOptions(Builder builder) {
        this.token = builder.token;
        this.trusted = builder.trusted;
        this.direction = builder.direction;
    }

    /** No token, and the certificates that this machine trusts. */
    public static PeerOptions defaults() {
        return DEFAULTS;
    }

    public static Builder builder() {
        return new Builder();
    }

    HttpTransport transport(URI peer) {
        return transport(peer, System::currentTimeMillis);
    }

    /** @param clock what the peer is told of this side's clock, in milliseconds since 1970 */
    HttpTransport transport(URI peer, LongSupplier clock) {
        return new HttpTransport(peer, HttpTransport.client(trusted), token, clock);
    }

    /** Returns which way change sets go. */
    public Direction direction() {
        return direction;
    }

    /** Sets one thing after the other. Confined to one thread. */
    public static final class Builder {
        private @Nullable String token;
        private @Nullable CaCertificates trusted;
        private Direction direction = Direction.BOTH;

        private Builder() {}

        /**
         * Sets the token that the peer asks for, as {@code anabranch token create} printed it.
         *
         * @throws IllegalArgumentException if it holds spaces or what cannot be sent; the message does not show it
         */
        public Builder token(String token) {
            if (token.isEmpty() || !token.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
                throw new IllegalArgumentException("not a token: it is empty, or holds spaces or other characters that"
                        + " no token has; give it as 'anabranch token create' printed it");
            }
            this.token = token;
            return this;
        }

        /**
         * Trusts the certificates in a PEM file, and no others, to vouch for the peer.
         *
         * @throws SyncException.BadFile if it cannot be read or holds none
         */
        public Builder caCertificates(Path pem) {
            this.trusted = CaCertificates.read(pem);
            return this;
        }

        /**
         * Sends change sets to the peer and takes none from it. A link that goes one way never has this file begin anew, as one that
         * was copied or fenced may have to; such a file needs an exchange both ways.
         */
        public Builder pushOnly() {
            this.direction = Direction.PUSH;
            return this;
        }

        /** Takes change sets from the peer and sends it none. What is held here is told to it all the same. */
        public Builder pullOnly() {
            this.direction = Direction.PULL;
            return this;
        }

        public PeerOptions build() {
            return new PeerOptions(this);
        }
    }
}
