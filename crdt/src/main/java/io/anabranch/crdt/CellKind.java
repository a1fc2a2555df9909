// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

/** What kind of operation a cell took, and so what state it keeps of them. Codes are for ever: added to, never reused. */
public enum CellKind {
    /** {@link CellOp.Put} into an {@link LwwRegister}. */
    REGISTER(1),
    /** {@link CellOp.Add} to a {@link PnCounter}. */
    COUNTER(2),
    /** {@link CellOp.Grow} of a {@link GCounter}. */
    GROWTH(3),
    /** {@link CellOp.Trade} with the rights of a {@link BoundedCounter}. */
    BOUNDED(4),
    /** {@link CellOp.Raise} of a {@link MaxRegister}. */
    MAX(5),
    /** {@link CellOp.Lower} of a {@link MinRegister}. */
    MIN(6),
    /** {@link CellOp.Replace}: what concurrent writers left side by side. */
    SIBLINGS(7),
    /** {@link CellOp.Change} of a set's elements. */
    SET(8);

    private final int code;

    CellKind(int code) {
        this.code = code;
    }

    /** Returns the byte that stands for this kind. */
    public int code() {
        return code;
    }
}
