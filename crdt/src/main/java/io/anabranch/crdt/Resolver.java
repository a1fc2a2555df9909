// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import java.util.List;

/**
 * Makes one value of concurrent ones. Must be a pure function of the siblings and their order: its answer is derived
 * wherever it is read, and never written back, so that replicas cannot answer each other's answers for ever.
 */
@FunctionalInterface
public interface Resolver<V> {
    /** @param siblings at least one, by ascending dot, the same everywhere */
    V resolve(List<LwwRegister<V>> siblings);

    /** Takes the sibling of the highest (rank, dot). */
    static <V> Resolver<V> latest() {
        return siblings -> {
            LwwRegister<V> latest = siblings.get(0);
            for (LwwRegister<V> sibling : siblings) {
                latest = latest.merge(sibling);
            }
            return latest.value();
        };
    }
}
