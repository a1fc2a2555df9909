// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

/**
 * A set of states, of each of which 128 bits are kept: of a hundred million, two are taken for one by a chance of one in 10^22. Grows by
 * doubling; two thirds of its room are used at most. Confined to one thread.
 */
final class Fingerprints {
    private long[] table = new long[1 << 12];
    private int size;

    /** Adds a state. Returns whether it is new. */
    boolean add(int[] state) {
        long one = 0x9E3779B97F4A7C15L;
        long other = 0xD1B54A32D192ED03L;
        for (int word : state) {
            one = mix(one ^ word);
            other = mix(other + word) * 0x2545F4914F6CDD1DL;
        }
        return add(one == 0 ? 1 : one, other);
    }

    /** The finalizer of SplitMix64. */
    static long mix(long bits) {
        long mixed = (bits ^ bits >>> 30) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ mixed >>> 27) * 0x94D049BB133111EBL;
        return mixed ^ mixed >>> 31;
    }

    private boolean add(long one, long other) {
        int at = find(one, other);
        if (table[at] != 0) {
            return false;
        }
        table[at] = one;
        table[at + 1] = other;
        size++;
        if (size > table.length / 3) {
            grow();
        }
        return true;
    }

    /** Returns where the two words are, or are to be put. A first word of zero is an empty place. */
    private int find(long one, long other) {
        int places = table.length / 2;
        int place = (int) (one & places - 1);
        while (table[2 * place] != 0 && (table[2 * place] != one || table[2 * place + 1] != other)) {
            place = place + 1 & places - 1;
        }
        return 2 * place;
    }

    private void grow() {
        long[] before = table;
        table = new long[2 * before.length];
        for (int i = 0; i < before.length; i += 2) {
            if (before[i] != 0) {
                int at = find(before[i], before[i + 1]);
                table[at] = before[i];
                table[at + 1] = before[i + 1];
            }
        }
    }

    int size() {
        return size;
    }
}
