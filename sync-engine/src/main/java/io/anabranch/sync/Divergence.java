// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The last time that rows of this replica were not what another's are that holds the same change sets, or not what its own history
 * makes of them. Immutable.
 *
 * @param found when that was
 * @param noticedBy who said so: a peer's address or a replica's origin; null if this replica found it by itself
 * @param state what became of it
 * @param ranges where; empty if that is not known
 * @param detail what is wrong, in words
 */
public record Divergence(Instant found, @Nullable String noticedBy, State state, List<Range> ranges, String detail) {
    public Divergence {
        ranges = List.copyOf(ranges);
    }

    /** Returns whether somebody has to do something about it. */
    public boolean isOpen() {
        return state == State.ELSEWHERE || state == State.DAMAGED;
    }

    /**
     * Rows of one table.
     *
     * @param problems how many things were wrong there; 0 if only that something is
     * @param firstKey the first key concerned, as a JSON array; null if no row is known
     * @param lastKey the last one
     */
    public record Range(
            String table,
            long problems,
            @Nullable String firstKey,
            @Nullable String lastKey) {}

    /** What became of a divergence. */
    public enum State {
        /** This replica was wrong, and made its rows again from its history. */
        MENDED,
        /** This replica's rows are what its history makes of them, so another's are not, or another version makes something else of it. */
        ELSEWHERE,
        /** It was elsewhere, and those who differed agree again. */
        SETTLED,
        /** This replica is wrong, and its history is damaged too, so that nothing can be made from it. */
        DAMAGED
    }
}
