// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

/** What was found out about a pair of numbers, as a number: a hash map without objects. Confined to one thread. */
final class PairMemo {
    private static final int NONE = -1;

    private long[] keys = new long[1 << 10];
    /** One more than the value; zero where there is none. */
    private int[] values = new int[1 << 10];

    private int size;

    /** Returns what was put for the pair; -1 if nothing was. */
    int get(int one, int other) {
        return values[find(key(one, other))] + NONE;
    }

    void put(int one, int other, int value) {
        int at = find(key(one, other));
        size += values[at] == 0 ? 1 : 0;
        keys[at] = key(one, other);
        values[at] = value - NONE;
        if (size > keys.length / 2) {
            grow();
        }
    }

    private static long key(int one, int other) {
        return (long) one << 32 | other;
    }

    private int find(long key) {
        int at = (int) Fingerprints.mix(key) & keys.length - 1;
        while (values[at] != 0 && keys[at] != key) {
            at = at + 1 & keys.length - 1;
        }
        return at;
    }

    private void grow() {
        long[] keysBefore = keys;
        int[] valuesBefore = values;
        keys = new long[2 * keysBefore.length];
        values = new int[2 * keysBefore.length];
        for (int i = 0; i < keysBefore.length; i++) {
            if (valuesBefore[i] != 0) {
                int at = find(keysBefore[i]);
                keys[at] = keysBefore[i];
                values[at] = valuesBefore[i];
            }
        }
    }
}
