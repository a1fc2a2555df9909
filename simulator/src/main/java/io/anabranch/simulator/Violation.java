// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

/** Something that must always hold did not. */
public final class Violation extends AssertionError {
    private static final long serialVersionUID = 1;

    private final String oracle;

    public Violation(String oracle, String message) {
        super(oracle + ": " + message);
        this.oracle = oracle;
    }

    /** Returns what checks it, in a word or two. */
    public String oracle() {
        return oracle;
    }
}
