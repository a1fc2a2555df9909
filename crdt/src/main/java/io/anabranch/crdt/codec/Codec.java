// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.codec;

/**
 * Turns values of one type into canonical bytes and back: equal values give equal bytes.
 *
 * <p>A message is a header, which names the type and its parts once, and a body. Parts of a composed type write bodies
 * only, so a set of a million elements names the element type once.
 */
public interface Codec<T> {
    /** Writes what names the type. */
    void writeHeader(ByteWriter out);

    /** Checks that {@link #writeHeader} wrote this. */
    void readHeader(ByteReader in);

    /** Writes a value without its header. */
    void write(T value, ByteWriter out);

    /** Reads a value without its header. Hostile bytes give a {@link DecodeException} and nothing else. */
    T read(ByteReader in);

    /** Returns how many bytes a body takes at least; it bounds how many values can follow. */
    int minBytes();

    /** Returns the message that holds {@code value}. */
    default byte[] encode(T value) {
        ByteWriter out = new ByteWriter();
        writeHeader(out);
        write(value, out);
        return out.toByteArray();
    }

    /**
     * Returns the value that {@code message} holds.
     *
     * @throws DecodeException if these are not the bytes of exactly one value of this type
     */
    default T decode(byte[] message) {
        ByteReader in = new ByteReader(message);
        readHeader(in);
        T value = read(in);
        in.end();
        return value;
    }
}
