// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import java.util.SortedMap;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * One operation on one cell. It names what its writer saw and so needs no context to be applied. Immutable; collections are
 * not copied.
 */
public sealed interface CellOp<V> {
    CellKind kind();

    /**
     * Sets a register.
     *
     * @param rank what orders it among concurrent puts; above that of the value it replaces
     * @param replaces the dot of the value that the writer saw there, null if there was none
     */
    record Put<V>(long rank, V value, @Nullable Dot replaces) implements CellOp<V> {
        @Override
        public CellKind kind() {
            return CellKind.REGISTER;
        }
    }

    /** Adds to the total of the operation's origin. */
    record Add<V>(long amount) implements CellOp<V> {
        @Override
        public CellKind kind() {
            return CellKind.COUNTER;
        }
    }

    /** Adds to the total of the operation's origin, which never falls. A negative amount is void. */
    record Grow<V>(long amount) implements CellOp<V> {
        @Override
        public CellKind kind() {
            return CellKind.GROWTH;
        }
    }

    /**
     * Changes what the operation's origin made, spent and gave away of a bounded counter.
     *
     * @param byLife rights belong to the life of the row in which they were made, so that a life that ends takes no more with
     *     it than was made there
     */
    record Trade<V>(SortedMap<Dot, RightsChange> byLife) implements CellOp<V> {
        @Override
        public CellKind kind() {
            return CellKind.BOUNDED;
        }
    }

    /** Raises a maximum to {@code value}, unless it is higher. An extremum needs no names: it is a join by itself. */
    record Raise<V>(V value) implements CellOp<V> {
        @Override
        public CellKind kind() {
            return CellKind.MAX;
        }
    }

    /** Lowers a minimum to {@code value}, unless it is lower. */
    record Lower<V>(V value) implements CellOp<V> {
        @Override
        public CellKind kind() {
            return CellKind.MIN;
        }
    }

    /**
     * Writes a value in place of all that the writer saw side by side.
     *
     * @param rank above those of the values it replaces
     * @param replaces the dots of those values
     */
    record Replace<V>(long rank, V value, SortedSet<Dot> replaces) implements CellOp<V> {
        @Override
        public CellKind kind() {
            return CellKind.SIBLINGS;
        }
    }

    /**
     * Adds elements to a set and removes others.
     *
     * @param removes the dots that each had for the writer; an element that is added too is thereby renewed
     */
    record Change<V>(SortedSet<V> adds, SortedMap<V, SortedSet<Dot>> removes) implements CellOp<V> {
        @Override
        public CellKind kind() {
            return CellKind.SET;
        }
    }
}
