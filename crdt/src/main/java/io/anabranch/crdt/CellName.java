// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

/** Names the state of one cell of a row under one kind of operation. */
public record CellName<K extends Comparable<K>>(K key, CellKind kind) implements Comparable<CellName<K>> {
    @Override
    public int compareTo(CellName<K> other) {
        int byKey = key.compareTo(other.key);
        return byKey != 0 ? byKey : kind.compareTo(other.kind);
    }
}
