// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

import io.anabranch.server.access.AccessToken;
import io.anabranch.server.access.TokenStore;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The tokens of a {@link MemoryRelayStore}. Thread-safe. */
final class MemoryTokens implements TokenStore {
    /** By id. Guarded by itself. */
    private final Map<String, Entry> tokens;

    MemoryTokens(Map<String, Entry> tokens) {
        this.tokens = tokens;
    }

    @Override
    public boolean hasAny() {
        synchronized (tokens) {
            return !tokens.isEmpty();
        }
    }

    @Override
    public void add(AccessToken token, byte[] secretHash) {
        synchronized (tokens) {
            tokens.put(token.id(), new Entry(token, secretHash));
        }
    }

    @Override
    public @Nullable Entry find(String id) {
        synchronized (tokens) {
            return tokens.get(id);
        }
    }

    @Override
    public List<AccessToken> list() {
        synchronized (tokens) {
            return tokens.values().stream()
                    .map(Entry::token)
                    .sorted(Comparator.comparing(AccessToken::space).thenComparing(AccessToken::created))
                    .toList();
        }
    }

    @Override
    public boolean revoke(String id, Instant now) {
        synchronized (tokens) {
            Entry entry = tokens.get(id);
            if (entry == null || entry.token().revoked() != null) {
                return false;
            }
            AccessToken good = entry.token();
            AccessToken ended = new AccessToken(
                    good.id(), good.space(), good.rights(), good.name(), good.family(), good.created(), now);
            tokens.put(id, new Entry(ended, entry.secretHash()));
            return true;
        }
    }
}
