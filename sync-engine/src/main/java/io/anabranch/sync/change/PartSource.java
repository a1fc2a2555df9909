// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

/** Where the parts of one change set's body are. */
public interface PartSource {
    /** Of change sets that carry their bodies themselves. */
    PartSource NONE = index -> {
        throw new IllegalArgumentException("a change set in parts, and nobody says where they are");
    };

    /** Returns the bytes of a part, which must not be changed. */
    byte[] part(int index);
}
