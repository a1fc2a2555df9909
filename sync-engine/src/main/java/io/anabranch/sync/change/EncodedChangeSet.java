// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

/**
 * A change set as the very bytes that its origin wrote, with the header read and the hash computed. What is kept and
 * forwarded. Do not change the bytes.
 */
public record EncodedChangeSet(ChangeSetHeader header, Hash128 hash, byte[] bytes) {
    /** Reads the header and hashes the bytes; the operations are not looked at. Costs O(bytes). */
    public static EncodedChangeSet of(byte[] bytes) {
        return ChangeSetCodec.open(bytes);
    }

    public Head head() {
        return new Head(header.seq(), hash);
    }
}
