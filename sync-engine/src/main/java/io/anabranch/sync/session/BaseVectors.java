// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Heads;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Heads lately told to peers, by their sum, so that a request need not repeat them. Only a saving: an answer that lacks
 * one asks for all heads. Holds the newest few. Thread-safe.
 */
public final class BaseVectors {
    private static final int MOST = 64;

    private final Map<Hash128, Heads> bySum = new LinkedHashMap<>();

    public synchronized void remember(Heads heads) {
        bySum.remove(heads.sum());
        bySum.put(heads.sum(), heads);
        if (bySum.size() > MOST) {
            bySum.remove(bySum.keySet().iterator().next());
        }
    }

    public synchronized @Nullable Heads find(Hash128 sum) {
        return bySum.get(sum);
    }
}
