// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.access;

import io.anabranch.sync.session.SpaceName;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes, lists, revokes and recognises tokens. Remembers nothing itself. Thread-safe. */
public final class Tokens {
    private static final int MAX_NAME_LENGTH = 100;
    /** Compared with when there is no such token, so that this takes as long as when there is. */
    private static final byte[] NO_HASH = new byte[32];

    private final TokenStore store;
    private final Clock clock;
    private final SecureRandom random = new SecureRandom();

    public Tokens(TokenStore store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    /**
     * Makes a token for a space, and the space if it is not there.
     *
     * @throws IllegalArgumentException if the space cannot have that name, or {@code name} is too long
     */
    public Created create(String space, Set<Right> rights, String name) {
        if (!SpaceName.isValid(space)) {
            throw new IllegalArgumentException("'" + space + "' cannot name a space: " + SpaceName.RULE);
        }
        TokenSecret secret = TokenSecret.random(random);
        return add(secret, space, rights, name, secret.id());
    }

    /**
     * Makes a token that may speak for the replicas of an earlier one, which stays good until it is revoked.
     *
     * @return null if there is no token {@code id} of that space
     */
    public @Nullable Created renew(String id, String space, Set<Right> rights, String name) {
        TokenStore.Entry earlier = store.find(id);
        if (earlier == null || !earlier.token().space().equals(space)) {
            return null;
        }
        return add(
                TokenSecret.random(random), space, rights, name, earlier.token().family());
    }

    private Created add(TokenSecret secret, String space, Set<Right> rights, String name, String family) {
        if (name.length() > MAX_NAME_LENGTH || name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException(
                    "a token's name has at most " + MAX_NAME_LENGTH + " characters and no control characters");
        }
        AccessToken token = new AccessToken(
                secret.id(), space, rights, name, family, clock.instant().truncatedTo(ChronoUnit.MILLIS), null);
        store.add(token, secret.hash());
        return new Created(token, secret.text());
    }

    /** Returns whether a token was ever made. From then on tokens are asked for. */
    public boolean hasAny() {
        return store.hasAny();
    }

    public List<AccessToken> list() {
        return store.list();
    }

    /** Returns what is known of a token, be it good or revoked; null if there is none. */
    public @Nullable AccessToken find(String id) {
        TokenStore.Entry entry = store.find(id);
        return entry == null ? null : entry.token();
    }

    /** Ends a token, at once. Returns false if there is none with that id, or it has ended. */
    public boolean revoke(String id) {
        return store.revoke(id, clock.instant());
    }

    /** Returns the good token whose secret {@code text} holds; null if there is none. Compares in constant time. */
    public @Nullable AccessToken authenticate(String text) {
        TokenSecret secret = TokenSecret.parse(text);
        if (secret == null) {
            return null;
        }
        TokenStore.Entry entry = store.find(secret.id());
        boolean same = MessageDigest.isEqual(entry == null ? NO_HASH : entry.secretHash(), secret.hash());
        return same && entry != null && entry.token().revoked() == null ? entry.token() : null;
    }

    /**
     * A new token.
     *
     * @param text what its holder keeps; nobody can show it again
     */
    public record Created(AccessToken token, String text) {}
}
