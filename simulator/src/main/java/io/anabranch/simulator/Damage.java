// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.session.MessageCodec;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Changes bytes of a message. What is deflated is inflated first: the bytes that deflating gives differ between versions of
 * zlib, and a seed must do the same everywhere.
 */
final class Damage {
    /** "AB", protocol, kind, hash. */
    private static final int BEFORE_PACKING = 12;

    private static final int PROTOCOL_BYTE = 2;

    private Damage() {}

    static byte[] to(byte[] message, Random random) {
        byte[] damaged = unpack(message);
        if (random.nextInt(4) == 0) {
            return Arrays.copyOf(damaged, random.nextInt(damaged.length));
        }
        damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
        return damaged;
    }

    /** Returns a message as an older or a newer version would begin it. */
    static byte[] ofOtherProtocol(byte[] message, Random random) {
        byte[] other = message.clone();
        int older = MessageCodec.OLDEST_PROTOCOL - 1;
        int newer = MessageCodec.PROTOCOL + 1 + random.nextInt(3);
        other[PROTOCOL_BYTE] = (byte) (random.nextBoolean() ? older : newer);
        return other;
    }

    private static byte[] unpack(byte[] message) {
        if (message[BEFORE_PACKING] == 0) {
            return message.clone();
        }
        try {
            ByteReader in = new ByteReader(Arrays.copyOfRange(message, BEFORE_PACKING + 1, message.length));
            int length = (int) in.varint();
            byte[] whole = Arrays.copyOf(message, BEFORE_PACKING + 1 + length);
            whole[BEFORE_PACKING] = 0;
            Inflater inflater = new Inflater(true);
            inflater.setInput(message, message.length - in.remaining(), in.remaining());
            inflater.inflate(whole, BEFORE_PACKING + 1, length);
            inflater.end();
            return whole;
        } catch (DataFormatException | DecodeException e) {
            throw new AssertionError("a message of our own making", e);
        }
    }
}
