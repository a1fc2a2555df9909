// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import io.anabranch.crdt.CellKind;
import io.anabranch.crdt.CellOp;
import io.anabranch.crdt.RightsChange;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.Ascending;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of operations on cells that are neither registers nor counters. Dots and origins are indices into the change
 * set's dictionaries; ranks count from a base; lists ascend.
 */
final class CellOpCodec {
    private CellOpCodec() {}

    /** Writes one change set's. Confined to one thread. */
    static final class Writer {
        private final ToIntFunction<Dot> dots;
        private final ToIntFunction<Origin> origins;

        Writer(ToIntFunction<Dot> dots, ToIntFunction<Origin> origins) {
            this.dots = dots;
            this.origins = origins;
        }

        void write(CellOp<Value> op, long baseRank, ByteWriter out) {
            if (op instanceof CellOp.Grow<Value> grow) {
                out.varint(grow.amount());
            } else if (op instanceof CellOp.Raise<Value> raise) {
                raise.value().write(out);
            } else if (op instanceof CellOp.Lower<Value> lower) {
                lower.value().write(out);
            } else if (op instanceof CellOp.Replace<Value> replace) {
                out.varint(replace.rank() - baseRank);
                writeDots(replace.replaces(), out);
                replace.value().write(out);
            } else if (op instanceof CellOp.Change<Value> change) {
                writeChange(change, out);
            } else if (op instanceof CellOp.Trade<Value> trade) {
                writeTrade(trade, out);
            } else {
                throw new AssertionError("written elsewhere: " + op);
            }
        }

        private void writeChange(CellOp.Change<Value> change, ByteWriter out) {
            out.varint(change.adds().size());
            change.adds().forEach(element -> element.write(out));
            out.varint(change.removes().size());
            change.removes().forEach((element, seen) -> {
                element.write(out);
                writeDots(seen, out);
            });
        }

        private void writeTrade(CellOp.Trade<Value> trade, ByteWriter out) {
            out.varint(trade.byLife().size());
            trade.byLife().forEach((life, change) -> {
                out.varint(dots.applyAsInt(life)).varint(change.made()).varint(change.spent());
                out.varint(change.given().size());
                change.given()
                        .forEach((to, amount) ->
                                out.varint(origins.applyAsInt(to)).varint(amount));
            });
        }

        private void writeDots(SortedSet<Dot> set, ByteWriter out) {
            out.varint(set.size());
            set.forEach(dot -> out.varint(dots.applyAsInt(dot)));
        }
    }

    /** Reads one change set's. Confined to one thread. */
    static final class Reader {
        private final Function<ByteReader, Dot> dots;
        private final Function<ByteReader, Origin> origins;

        Reader(Function<ByteReader, Dot> dots, Function<ByteReader, Origin> origins) {
            this.dots = dots;
            this.origins = origins;
        }

        /** Returns null for a kind that this version does not know. */
        @Nullable
        CellOp<Value> read(int kind, long baseRank, ByteReader in) {
            CellOp<Value> op;
            if (kind == CellKind.GROWTH.code()) {
                op = new CellOp.Grow<>(in.varint(0, Long.MAX_VALUE, "an amount"));
            } else if (kind == CellKind.MAX.code()) {
                op = new CellOp.Raise<>(Value.read(in));
            } else if (kind == CellKind.MIN.code()) {
                op = new CellOp.Lower<>(Value.read(in));
            } else if (kind == CellKind.SIBLINGS.code()) {
                // A rank that overflows turns negative, and so void for everyone alike.
                long rank = baseRank + in.varint(0, Long.MAX_VALUE, "a rank");
                SortedSet<Dot> replaces = readDots(in);
                op = new CellOp.Replace<>(rank, Value.read(in), replaces);
            } else if (kind == CellKind.SET.code()) {
                op = readChange(in);
            } else if (kind == CellKind.BOUNDED.code()) {
                op = readTrade(in);
            } else {
                return null;
            }
            in.end();
            return op;
        }

        private CellOp<Value> readChange(ByteReader in) {
            TreeSet<Value> adds = new TreeSet<>();
            Ascending<Value> ascending = new Ascending<>("element");
            for (int n = in.count(1, "elements added"); n > 0; n--) {
                adds.add(ascending.next(in, Value.read(in)));
            }
            TreeMap<Value, SortedSet<Dot>> removes = new TreeMap<>();
            Ascending<Value> ascendingRemoves = new Ascending<>("element");
            for (int n = in.count(2, "elements removed"); n > 0; n--) {
                removes.put(ascendingRemoves.next(in, Value.read(in)), readDots(in));
            }
            return new CellOp.Change<>(adds, removes);
        }

        private CellOp<Value> readTrade(ByteReader in) {
            TreeMap<Dot, RightsChange> byLife = new TreeMap<>();
            for (int n = in.count(4, "lives"); n > 0; n--) {
                Dot life = dots.apply(in);
                long made = in.varint(0, Long.MAX_VALUE, "what was made");
                long spent = in.varint(0, Long.MAX_VALUE, "what was spent");
                byLife.put(life, new RightsChange(made, spent, readGifts(in)));
            }
            return new CellOp.Trade<>(byLife);
        }

        private SortedMap<Origin, Long> readGifts(ByteReader in) {
            TreeMap<Origin, Long> gifts = new TreeMap<>();
            for (int n = in.count(2, "gifts"); n > 0; n--) {
                gifts.put(origins.apply(in), in.varint(1, Long.MAX_VALUE, "what was given"));
            }
            return gifts;
        }

        private SortedSet<Dot> readDots(ByteReader in) {
            TreeSet<Dot> set = new TreeSet<>();
            for (int n = in.count(1, "dots"); n > 0; n--) {
                set.add(dots.apply(in));
            }
            return set;
        }
    }
}
