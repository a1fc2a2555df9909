// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.codec;

import io.anabranch.crdt.causality.CausalContext;
import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.SeqRanges;
import io.anabranch.crdt.causality.VersionVector;
import java.util.TreeMap;

/** The codecs of plain values and of causality. Every conflict-free type has its own {@code codec()}. */
public final class Codecs {
    /** The longest text that is read: a constant of the protocol, so that nobody refuses what another accepts. */
    public static final int MAX_TEXT_BYTES = 8 << 20;

    private static final Codec<String> TEXT = new TextCodec();
    private static final Codec<Long> INTEGER = new IntegerCodec();
    private static final Codec<VersionVector> VERSION_VECTOR = new VersionVectorCodec();
    private static final Codec<HybridTime> HYBRID_TIME = new HybridTimeCodec();
    private static final Codec<CausalContext> CAUSAL_CONTEXT = new CausalContextCodec();

    private Codecs() {}

    /** Text as UTF-8. Writing text with an unpaired surrogate is an {@link IllegalArgumentException}. */
    public static Codec<String> text() {
        return TEXT;
    }

    /** Signed 64-bit numbers, small magnitudes short. */
    public static Codec<Long> integer() {
        return INTEGER;
    }

    public static Codec<VersionVector> versionVector() {
        return VERSION_VECTOR;
    }

    public static Codec<HybridTime> hybridTime() {
        return HYBRID_TIME;
    }

    public static Codec<CausalContext> causalContext() {
        return CAUSAL_CONTEXT;
    }

    /** Writes a count of ranges; of each, ascending: how many seqs it leaves out, and how many more than one it has. */
    public static void writeRanges(SeqRanges ranges, ByteWriter out) {
        out.varint(ranges.rangeCount());
        long last = 0;
        for (int i = 0; i < ranges.rangeCount(); i++) {
            out.varint(ranges.first(i) - last - 1).varint(ranges.last(i) - ranges.first(i));
            last = ranges.last(i);
        }
    }

    public static SeqRanges readRanges(ByteReader in) {
        int count = in.count(2, "ranges");
        if (count == 0) {
            throw in.error("a range of seqs before here", "none");
        }
        long[] bounds = new long[2 * count];
        long last = 0;
        for (int i = 0; i < count; i++) {
            long leftOut = in.varint(i == 0 ? 0 : 1, Long.MAX_VALUE - 1 - last, "the seqs left out");
            bounds[2 * i] = last + 1 + leftOut;
            last = bounds[2 * i] + in.varint(0, Long.MAX_VALUE - bounds[2 * i], "the length of a range");
            bounds[2 * i + 1] = last;
        }
        return SeqRanges.ofBounds(bounds);
    }

    private static final class TextCodec extends TaggedCodec<String> {
        TextCodec() {
            super(TypeTag.TEXT);
        }

        @Override
        public void write(String value, ByteWriter out) {
            for (int i = 0; i < value.length(); i++) {
                if (Character.isHighSurrogate(value.charAt(i))
                        && i + 1 < value.length()
                        && Character.isLowSurrogate(value.charAt(i + 1))) {
                    i++;
                } else if (Character.isSurrogate(value.charAt(i))) {
                    throw new IllegalArgumentException("an unpaired surrogate at index " + i);
                }
            }
            out.text(value);
        }

        @Override
        public String read(ByteReader in) {
            return in.text(MAX_TEXT_BYTES, "text");
        }

        @Override
        public int minBytes() {
            return 1;
        }
    }

    private static final class IntegerCodec extends TaggedCodec<Long> {
        IntegerCodec() {
            super(TypeTag.INTEGER);
        }

        @Override
        public void write(Long value, ByteWriter out) {
            out.zigzag(value);
        }

        @Override
        public Long read(ByteReader in) {
            return in.zigzag();
        }

        @Override
        public int minBytes() {
            return 1;
        }
    }

    /** A count; then origin and seq of each entry, by ascending origin. */
    private static final class VersionVectorCodec extends TaggedCodec<VersionVector> {
        VersionVectorCodec() {
            super(TypeTag.VERSION_VECTOR);
        }

        @Override
        public void write(VersionVector vector, ByteWriter out) {
            out.varint(vector.size());
            vector.entries().forEach((origin, seq) -> out.origin(origin).varint(seq));
        }

        @Override
        public VersionVector read(ByteReader in) {
            int count = in.count(Origin.SIZE_BYTES + 1, "entries");
            TreeMap<Origin, Long> entries = new TreeMap<>();
            Ascending<Origin> origins = new Ascending<>("origin");
            for (int i = 0; i < count; i++) {
                Origin origin = origins.next(in, in.origin());
                entries.put(origin, in.varint(1, Long.MAX_VALUE, "a seq"));
            }
            return VersionVector.of(entries);
        }

        @Override
        public int minBytes() {
            return 1;
        }
    }

    private static final class HybridTimeCodec extends TaggedCodec<HybridTime> {
        HybridTimeCodec() {
            super(TypeTag.HYBRID_TIME);
        }

        @Override
        public void write(HybridTime time, ByteWriter out) {
            out.varint(time.bits());
        }

        @Override
        public HybridTime read(ByteReader in) {
            return new HybridTime(in.varint(0, Long.MAX_VALUE, "a hybrid time"));
        }

        @Override
        public int minBytes() {
            return 1;
        }
    }

    /** A count; then origin and ranges of each, by ascending origin. */
    private static final class CausalContextCodec extends TaggedCodec<CausalContext> {
        CausalContextCodec() {
            super(TypeTag.CAUSAL_CONTEXT);
        }

        @Override
        public void write(CausalContext context, ByteWriter out) {
            out.varint(context.size());
            context.forEachSorted((origin, ranges) -> {
                out.origin(origin);
                writeRanges(ranges, out);
            });
        }

        @Override
        public CausalContext read(ByteReader in) {
            int count = in.count(Origin.SIZE_BYTES + 3, "origins");
            CausalContext context = CausalContext.EMPTY;
            Ascending<Origin> origins = new Ascending<>("origin");
            for (int i = 0; i < count; i++) {
                Origin origin = origins.next(in, in.origin());
                context = context.with(origin, readRanges(in));
            }
            return context;
        }

        @Override
        public int minBytes() {
            return 1;
        }
    }
}
