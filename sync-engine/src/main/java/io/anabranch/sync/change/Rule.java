// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

/** How concurrent writes of one column merge. Each rule has a code on the wire that never changes. */
public enum Rule {
    /** The write with the higher rank stays. */
    LWW(1, "lww"),
    /** All increments count; shows an integer. */
    COUNTER(2, "counter");

    private final int code;
    private final String label;

    Rule(int code, String label) {
        this.code = code;
        this.label = label;
    }

    public int code() {
        return code;
    }

    /** Returns the name used on the command line and in messages. */
    public String label() {
        return label;
    }

    /** Returns the rule called {@code label}. */
    public static Rule parse(String label) {
        for (Rule rule : values()) {
            if (rule.label.equals(label)) {
                return rule;
            }
        }
        throw new IllegalArgumentException("unknown rule '" + label + "'; the rules are lww and counter");
    }
}
