// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.codec;

import org.jspecify.annotations.Nullable;

/** Checks while reading that keys rise strictly, which is what makes bytes canonical. Confined to one thread. */
public final class Ascending<K extends Comparable<K>> {
    private final String what;
    private @Nullable K last;

    public Ascending(String what) {
        this.what = what;
    }

    /** Returns {@code key}, which {@code in} has just read. */
    public K next(ByteReader in, K key) {
        if (last != null && last.compareTo(key) >= 0) {
            throw in.error(what + " above " + last + " before here", String.valueOf(key));
        }
        last = key;
        return key;
    }
}
