// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.space;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.server.access.AccessToken;
import io.anabranch.server.access.TokenStore;
import io.anabranch.server.store.Holdings;
import io.anabranch.server.store.RelayStore;
import io.anabranch.server.store.Usage;
import io.anabranch.sync.Replica;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.session.ForwardingPeerStore;
import io.anabranch.sync.session.PeerStore;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A replica as what is served: one space. It has no epoch, as no replica has: what a file that was put back to an older state has lost its
 * owner's identity tells. Thread-safe.
 */
public final class ReplicaSpaces implements Spaces, Holdings {
    private final Replica replica;
    /** Keeps tokens and claims; null where none are asked for. */
    private final @Nullable RelayStore access;

    private final Served space;
    private final AtomicLong version = new AtomicLong();

    public ReplicaSpaces(Replica replica, @Nullable RelayStore access) {
        this.replica = replica;
        this.access = access;
        this.space = new Served(replica.asPeer());
    }

    /** Says that something was committed to the replica's file. */
    public void moved() {
        version.incrementAndGet();
    }

    @Override
    public Origin relay() {
        return replica.origin();
    }

    /** @throws UnknownSpace if the replica is of another space */
    @Override
    public Space space(String name) {
        if (!name.equals(replica.space())) {
            throw new UnknownSpace(name);
        }
        return space;
    }

    @Override
    public long version() {
        return version.get();
    }

    @Override
    public List<String> spaceNames() {
        return List.of(replica.space());
    }

    @Override
    public TokenStore tokens() {
        return access == null ? NO_TOKENS : access.tokens();
    }

    /** Closes the file of the tokens, and leaves the replica open. */
    @Override
    public void close() {
        if (access != null) {
            access.close();
        }
    }

    private final class Served extends ForwardingPeerStore implements Space {
        Served(PeerStore peer) {
            super(peer);
        }

        @Override
        public Hash128 epoch() {
            return Hash128.ZERO;
        }

        @Override
        public Usage usage() {
            try {
                long changeSets = heads().vector().countMinus(VersionVector.EMPTY);
                return new Usage(changeSets, Files.size(replica.path()), 0);
            } catch (IOException e) {
                return new Usage(0, 0, 0); // Not known is not full.
            }
        }

        @Override
        public @Nullable String claim(Origin origin, String family, long most) {
            return access == null ? family : access.space(replica.space()).claim(origin, family, most);
        }

        @Override
        public @Nullable String claimant(Origin origin) {
            return access == null ? null : access.space(replica.space()).claimant(origin);
        }

        @Override
        public boolean forget(Origin peer) {
            return replica.forgetPeer(peer.toString());
        }
    }

    /** The replica that is served is of another space. */
    public static final class UnknownSpace extends RuntimeException {
        private static final long serialVersionUID = 1;

        UnknownSpace(String name) {
            super("no space '" + name + "' is here");
        }
    }

    /** Holds none, and takes none. */
    private static final TokenStore NO_TOKENS = new TokenStore() {
        @Override
        public boolean hasAny() {
            return false;
        }

        @Override
        public void add(AccessToken token, byte[] secretHash) {
            throw new UnsupportedOperationException("a replica that is served without a file for tokens takes none");
        }

        @Override
        public @Nullable Entry find(String id) {
            return null;
        }

        @Override
        public List<AccessToken> list() {
            return List.of();
        }

        @Override
        public boolean revoke(String id, Instant now) {
            return false;
        }
    };
}
