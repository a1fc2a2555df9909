// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import java.util.Arrays;

/**
 * A change set as the very bytes that its origin wrote, with the header read and the hash computed. What is kept and
 * forwarded. Do not change the bytes.
 *
 * @param parts of a body too large for one message, which travel and are kept by themselves; none if the body is in the bytes
 */
public record EncodedChangeSet(ChangeSetHeader header, Hash128 hash, byte[] bytes, PartList parts) {
    /** A body of six bytes that lists nothing. */
    private static final byte[] EMPTY_END = {6, 0, 0, 0, 0, 0, 0};

    /** Reads the header and hashes the bytes; the operations are not looked at. Costs O(bytes). */
    public static EncodedChangeSet of(byte[] bytes) {
        return ChangeSetCodec.open(bytes);
    }

    /** Returns whether it has no operations: all it says is what its writer had seen. */
    public boolean isEmpty() {
        int from = bytes.length - EMPTY_END.length;
        // Others may end like this too; only these few are looked into.
        return from > 0
                && Arrays.equals(Arrays.copyOfRange(bytes, from, bytes.length), EMPTY_END)
                && ChangeSetCodec.ops(this).isEmpty();
    }

    public boolean isInParts() {
        return parts.count() > 0;
    }

    public Head head() {
        return new Head(header.seq(), hash);
    }
}
