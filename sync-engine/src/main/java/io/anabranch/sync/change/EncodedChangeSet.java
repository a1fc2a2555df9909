// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

/**
 * A change set as the very bytes that its origin wrote, with the header read and the hash computed. What is kept and
 * forwarded. Do not change the bytes.
 *
 * @param parts of a body too large for one message, which travel and are kept by themselves; none if the body is in the bytes
 */
public record EncodedChangeSet(ChangeSetHeader header, Hash128 hash, byte[] bytes, PartList parts) {
    /** Reads the header and hashes the bytes; the operations are not looked at. Costs O(bytes). */
    public static EncodedChangeSet of(byte[] bytes) {
        return ChangeSetCodec.open(bytes);
    }

    public boolean isInParts() {
        return parts.count() > 0;
    }

    public Head head() {
        return new Head(header.seq(), hash);
    }
}
