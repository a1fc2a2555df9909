// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.CausalContext;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.SeqRanges;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
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
        LiveDots rest = dots;
        List<LiveDots> before = new ArrayList<>();
        while (rest != null && rest.compareTo(origin, seq) < 0) {
            before.add(rest);
            rest = rest.next;
        }
        boolean present = rest != null && rest.compareTo(origin, seq) == 0;
        return present ? dots : prepended(before, new LiveDots(origin, seq, rest));
    }

    static @Nullable LiveDots without(@Nullable LiveDots dots, Origin origin, long seq) {
        LiveDots rest = null;
        for (LiveDots dot : descending(dots)) {
            if (dot.compareTo(origin, seq) != 0) {
                rest = new LiveDots(dot.origin, dot.seq, rest);
            }
        }
        return rest;
    }

    private static List<LiveDots> descending(@Nullable LiveDots dots) {
        List<LiveDots> all = new ArrayList<>(1);
        for (LiveDots dot = dots; dot != null; dot = dot.next) {
            all.add(dot);
        }
        Collections.reverse(all);
        return all;
    }

    /** Not recursive: bytes from outside may name as many dots as they have room for. */
    private static LiveDots prepended(List<LiveDots> before, LiveDots rest) {
        LiveDots all = rest;
        for (int i = before.size() - 1; i >= 0; i--) {
            all = new LiveDots(before.get(i).origin, before.get(i).seq, all);
        }
        return all;
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
