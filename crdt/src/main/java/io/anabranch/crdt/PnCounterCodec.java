// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.Ascending;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.TaggedCodec;
import io.anabranch.crdt.codec.TypeTag;
import java.util.TreeMap;

/** A count; then origin, added and removed of each tally, by ascending origin. */
final class PnCounterCodec extends TaggedCodec<PnCounter> {
    static final PnCounterCodec INSTANCE = new PnCounterCodec();

    private PnCounterCodec() {
        super(TypeTag.PN_COUNTER);
    }

    @Override
    public void write(PnCounter counter, ByteWriter out) {
        out.varint(counter.tallies().size());
        counter.tallies()
                .forEach((origin, tally) ->
                        out.origin(origin).varint(tally.added()).varint(tally.removed()));
    }

    @Override
    public PnCounter read(ByteReader in) {
        int count = in.count(Origin.SIZE_BYTES + 2, "tallies");
        TreeMap<Origin, PnCounter.Tally> tallies = new TreeMap<>();
        Ascending<Origin> origins = new Ascending<>("origin");
        for (int i = 0; i < count; i++) {
            Origin origin = origins.next(in, in.origin());
            tallies.put(origin, readTally(in));
        }
        return PnCounter.of(tallies);
    }

    static PnCounter.Tally readTally(ByteReader in) {
        long added = in.varint(0, Long.MAX_VALUE, "what was added");
        long removed = in.varint(0, Long.MAX_VALUE, "what was removed");
        if (added == 0 && removed == 0) {
            throw in.error("a tally that is not empty before here", "0 and 0");
        }
        return new PnCounter.Tally(added, removed);
    }

    @Override
    public int minBytes() {
        return 1;
    }
}
