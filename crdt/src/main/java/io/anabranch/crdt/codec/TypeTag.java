// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.codec;

/** Names a type in bytes, with the version of its format. Numbers are for ever: added to, never reused. */
public enum TypeTag {
    TEXT(0x01, 1),
    INTEGER(0x02, 1),
    VERSION_VECTOR(0x10, 1),
    HYBRID_TIME(0x11, 1),
    CAUSAL_CONTEXT(0x12, 1),
    LWW_REGISTER(0x20, 1),
    MAX_REGISTER(0x21, 1),
    MIN_REGISTER(0x22, 1),
    FIRST_WRITE_REGISTER(0x23, 1),
    MV_REGISTER(0x24, 1),
    EW_FLAG(0x28, 1),
    DW_FLAG(0x29, 1),
    PN_COUNTER(0x30, 1),
    G_COUNTER(0x31, 1),
    RESETTABLE_COUNTER(0x32, 1),
    BOUNDED_COUNTER(0x33, 1),
    OR_SET(0x40, 1),
    RW_SET(0x41, 1),
    G_SET(0x42, 1),
    TWO_PHASE_SET(0x43, 1),
    OR_MAP(0x44, 1),
    SEQUENCE(0x45, 1),
    ROW_LIVES(0x50, 1);

    private final int number;
    private final int version;

    TypeTag(int number, int version) {
        this.number = number;
        this.version = version;
    }

    /** Returns the byte that stands for this type. */
    public int number() {
        return number;
    }

    /** Returns the format that is written today. */
    public int version() {
        return version;
    }

    /** Returns {@code PN_COUNTER (0x30)}. */
    @Override
    public String toString() {
        return name() + " (0x" + Integer.toHexString(number) + ")";
    }

    static String describe(int number) {
        for (TypeTag tag : values()) {
            if (tag.number == number) {
                return tag.toString();
            }
        }
        return "0x" + Integer.toHexString(number);
    }
}
