// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

/** What becomes of a row whose parent is deleted elsewhere at the same time. Codes on the wire never change. */
public enum ForeignKeyRule {
    /** {@link #REVIVE} where the parent's table is edit-wins, {@link #HIDE} where it is delete-wins. */
    DEFAULT(0, "default"),
    /** Writing a child is a write to its parent too, and keeps it. */
    REVIVE(1, "revive"),
    /** A row shows while its parent does. */
    HIDE(2, "hide");

    private final int code;
    private final String label;

    ForeignKeyRule(int code, String label) {
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
    public static ForeignKeyRule parse(String label) {
        for (ForeignKeyRule rule : values()) {
            if (rule != DEFAULT && rule.label.equals(label)) {
                return rule;
            }
        }
        throw new IllegalArgumentException("unknown foreign key rule '" + label + "'; the rules are revive and hide");
    }
}
