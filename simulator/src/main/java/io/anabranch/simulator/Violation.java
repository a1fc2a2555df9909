// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

/** Something that must always hold did not. */
public final class Violation extends AssertionError {
    private static final long serialVersionUID = 1;

    private final Oracle oracle;

    public Violation(Oracle oracle, String message) {
        super(oracle + ": " + message);
        this.oracle = oracle;
    }

    /** Returns what did not. */
    public Oracle oracle() {
        return oracle;
    }
}
