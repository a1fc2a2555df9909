// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.trie;

import java.util.UUID;

/**
 * Tells keys apart whose hash codes are equal. Anybody can choose texts of one hash code; nobody can choose them for
 * this one, whose key is drawn anew in every process. It decides the order in which a map iterates, and nothing else.
 *
 * <p>Source: Aumasson and Bernstein, "SipHash: a fast short-input PRF", INDOCRYPT 2012; here with one round for each word
 * and three at the end.
 */
final class SecondHash {
    private static final UUID SECRET = UUID.randomUUID();

    private long v0 = SECRET.getMostSignificantBits() ^ 0x736f6d6570736575L;
    private long v1 = SECRET.getLeastSignificantBits() ^ 0x646f72616e646f6dL;
    private long v2 = SECRET.getMostSignificantBits() ^ 0x6c7967656e657261L;
    private long v3 = SECRET.getLeastSignificantBits() ^ 0x7465646279746573L;

    private SecondHash() {}

    /** Returns a hash that equal keys share. Of a key that is no text and no number it is no better than the first. */
    static int of(Object key) {
        SecondHash hash = new SecondHash();
        if (key instanceof String text) {
            hash.text(text);
        } else if (key instanceof Long number) {
            hash.word(number);
        } else {
            hash.word(key.hashCode());
        }
        return hash.result();
    }

    private void text(String text) {
        long word = 0;
        for (int i = 0; i < text.length(); i++) {
            word = word << 16 | text.charAt(i);
            if ((i & 3) == 3) {
                word(word);
                word = 0;
            }
        }
        word(word);
        word(text.length());
    }

    private void word(long word) {
        v3 ^= word;
        round();
        v0 ^= word;
    }

    private int result() {
        v2 ^= 0xff;
        round();
        round();
        round();
        return Long.hashCode(v0 ^ v1 ^ v2 ^ v3);
    }

    private void round() {
        v0 += v1;
        v1 = Long.rotateLeft(v1, 13) ^ v0;
        v0 = Long.rotateLeft(v0, 32);
        v2 += v3;
        v3 = Long.rotateLeft(v3, 16) ^ v2;
        v0 += v3;
        v3 = Long.rotateLeft(v3, 21) ^ v0;
        v2 += v1;
        v1 = Long.rotateLeft(v1, 17) ^ v2;
        v2 = Long.rotateLeft(v2, 32);
    }
}
