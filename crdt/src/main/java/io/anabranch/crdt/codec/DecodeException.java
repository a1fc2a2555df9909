// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.codec;

/** Bytes that are not what they should be. Says where, what was expected and what was found. */
public class DecodeException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final long offset;

    public DecodeException(long offset, String expected, String found) {
        super("at byte " + offset + ": expected " + expected + ", found " + found);
        this.offset = offset;
    }

    /** Returns where the offending bytes begin, counted from 0. */
    public long offset() {
        return offset;
    }
}
