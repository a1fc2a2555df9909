// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

/**
 * How large bodies may be, and how they are cut. Immutable.
 *
 * @param inlineBytes the largest body that a change set carries itself; a larger one is cut into parts
 * @param partBytes how long the parts are
 * @param totalBytes the largest body of all
 */
public record BodyLimits(int inlineBytes, int partBytes, long totalBytes) {
    /**
     * The largest body inside a change set, and the largest part, that anybody takes. Small enough that one which cannot be
     * compressed fits into the 4 MiB that a relay reads of a request.
     */
    public static final int MAX_INLINE_BYTES = 2 << 20;

    public static final int MAX_PART_BYTES = 2 << 20;

    /** Bounds the list of parts: 1 MiB of hashes. */
    public static final int MAX_PARTS = 1 << 16;

    /** What change sets are written with, and the most that is read: 1 GiB, a constant of the protocol. */
    public static final BodyLimits DEFAULT = new BodyLimits(MAX_INLINE_BYTES, 1 << 20, 1 << 30);
}
