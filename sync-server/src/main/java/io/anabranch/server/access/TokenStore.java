// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.access;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where tokens are kept. What was added or revoked counts at once, for every relay over the same store. Thread-safe. */
public interface TokenStore {
    /** Returns whether a token was ever added, revoked ones included. */
    boolean hasAny();

    /** Keeps a token by the hash of its secret, durably, and makes its space if it is not there. */
    void add(AccessToken token, byte[] secretHash);

    /** Returns null if there is none with that id. */
    @Nullable
    Entry find(String id);

    /** Returns all, in order of space and time; revoked ones too. */
    List<AccessToken> list();

    /** Ends a token, durably. Returns false if there is none with that id, or it has ended. */
    boolean revoke(String id, Instant now);

    /** A token and the hash of its secret. */
    record Entry(AccessToken token, byte[] secretHash) {}
}
