// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.CausalContext;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.SeqRanges;
import org.jspecify.annotations.Nullable;

/** The live dots of one key, ascending: nearly always one, so this is one small object. Immutable. */
final class LiveDots {
    final Origin origin;
    final long seq;
    final @Nullable LiveDots next;

    LiveDots(Origin origin, long seq, @Nullable LiveDots next) {
        this.origin = origin;
        this.seq = seq;
        this.next = next;
    }

    static LiveDots with(@Nullable LiveDots dots, Origin origin, long seq) {
        if (dots == null || dots.compareTo(origin, seq) > 0) {
            return new LiveDots(origin, seq, dots);
        }
        return dots.compareTo(origin, seq) == 0
                ? dots
                : new LiveDots(dots.origin, dots.seq, with(dots.next, origin, seq));
    }

    static @Nullable LiveDots without(@Nullable LiveDots dots, Origin origin, long seq) {
        if (dots == null) {
            return null;
        }
        return dots.compareTo(origin, seq) == 0
                ? dots.next
                : new LiveDots(dots.origin, dots.seq, without(dots.next, origin, seq));
    }

    private int compareTo(Origin otherOrigin, long otherSeq) {
        int byOrigin = origin.compareTo(otherOrigin);
        return byOrigin != 0 ? byOrigin : Long.compare(seq, otherSeq);
    }

    static CausalContext context(@Nullable LiveDots dots) {
        CausalContext context = CausalContext.EMPTY;
        for (LiveDots dot = dots; dot != null; dot = dot.next) {
            context = context.with(dot.origin, SeqRanges.of(dot.seq, dot.seq));
        }
        return context;
    }

    Dot dot() {
        return new Dot(origin, seq);
    }
}
