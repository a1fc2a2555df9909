// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli.bench;

/**
 * What clients do in a measurement of consistency.
 *
 * @param operations how many reads and writes there are
 * @param keys how many rows they are spread over
 * @param writeRatio the share of writes, from 0 to 1
 * @param writeToBoth whether half of the clients write to the right replica; else all write to the left one
 * @param readFromBoth whether each read goes to either replica, by chance; else all go to the right one
 * @param clients how many clients take turns, each with a memory of its own
 * @param seed decides who does what
 */
public record ConsistencyOptions(
        int operations,
        int keys,
        double writeRatio,
        boolean writeToBoth,
        boolean readFromBoth,
        int clients,
        long seed) {
    private static final int MOST_OPERATIONS = 1_000_000;
    private static final int MOST_KEYS = 100_000;
    private static final int MOST_CLIENTS = 1_000;

    /** @throws IllegalArgumentException naming the flag of the command line that makes no sense */
    public ConsistencyOptions {
        requireWithin("--ops", operations, MOST_OPERATIONS);
        requireWithin("--keys", keys, MOST_KEYS);
        requireWithin("--clients", clients, MOST_CLIENTS);
        if (!(writeRatio >= 0 && writeRatio <= 1)) {
            throw new IllegalArgumentException("--write-ratio " + writeRatio + " is not between 0 and 1");
        }
    }

    private static void requireWithin(String flag, int value, int most) {
        if (value < 1 || value > most) {
            throw new IllegalArgumentException(flag + " " + value + " is not between 1 and " + most);
        }
    }
}
