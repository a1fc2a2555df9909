// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * States that are still to be followed, oldest first, and how each was reached. What was taken out is forgotten, but for the way to it: five bytes.
 * Confined to one thread.
 */
final class StateQueue {
    private static final int CHUNK = 1 << 14;

    private final int width;
    private final List<int @Nullable []> states = new ArrayList<>();
    private final List<int[]> parents = new ArrayList<>();
    private final List<byte[]> steps = new ArrayList<>();
    private int added;
    private int taken;

    /** @param width how many words a state has */
    StateQueue(int width) {
        this.width = width;
    }

    /**
     * @param parent the number of the state that it was reached from; -1 for the first
     * @param step which of that state's steps led here
     */
    void add(int[] state, int parent, int step) {
        if (step > 127) {
            throw new AssertionError("more steps than fit into a byte: " + step);
        }
        if (added % CHUNK == 0) {
            states.add(new int[CHUNK * width]);
            parents.add(new int[CHUNK]);
            steps.add(new byte[CHUNK]);
        }
        System.arraycopy(state, 0, states.get(added / CHUNK), added % CHUNK * width, width);
        parents.get(added / CHUNK)[added % CHUNK] = parent;
        steps.get(added / CHUNK)[added % CHUNK] = (byte) step;
        added++;
    }

    boolean isEmpty() {
        return taken == added;
    }

    /** Takes out the next state, whose number is how many were taken before. */
    int[] remove() {
        int from = taken % CHUNK * width;
        int[] state = Arrays.copyOfRange(states.get(taken / CHUNK), from, from + width);
        taken++;
        if (taken % CHUNK == 0) {
            states.set(taken / CHUNK - 1, null);
        }
        return state;
    }

    /** Returns which step was taken in each state on the way to one. */
    List<Integer> way(int number) {
        List<Integer> way = new ArrayList<>();
        for (int at = number; at > 0; at = parents.get(at / CHUNK)[at % CHUNK]) {
            way.add(0, (int) steps.get(at / CHUNK)[at % CHUNK]);
        }
        return way;
    }
}
