// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

/**
 * A simulated process ended in the middle of what it did. An error, so that no handler of the engine's takes it for a failure
 * that it can go on after. What it was doing may have been committed or not.
 */
public final class Crash extends Error {
    private static final long serialVersionUID = 1;

    Crash(String where) {
        super(where, null, false, false);
    }
}
