// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.anabranch.server.access.AccessToken;
import io.anabranch.server.access.Right;
import org.jspecify.annotations.Nullable;

/** Who sent a request: the holder of a token that is good for its space, or anybody. Immutable. */
final class Caller {
    /** Whoever reaches a relay that asks for no tokens. */
    static final Caller ANYBODY = new Caller(null);

    private final @Nullable AccessToken token;

    private Caller(@Nullable AccessToken token) {
        this.token = token;
    }

    static Caller holding(AccessToken token) {
        return new Caller(token);
    }

    /** Returns whether this caller may do so in the space of the request. Only the holder of a token is ever an admin. */
    boolean may(Right right) {
        return token == null ? right != Right.ADMIN : token.allows(right);
    }

    /** Returns the id of the caller's token; null for {@link #ANYBODY}. */
    @Nullable
    String tokenId() {
        return token == null ? null : token.id();
    }

    /** Returns the only space that the caller's token is good for; null for {@link #ANYBODY}. */
    @Nullable
    String space() {
        return token == null ? null : token.space();
    }

    /** Returns the family of the caller's token; null for {@link #ANYBODY}. */
    @Nullable
    String family() {
        return token == null ? null : token.family();
    }

    /** Returns a name for logs, without secrets. */
    @Override
    public String toString() {
        return token == null ? "anybody" : token.id();
    }
}
