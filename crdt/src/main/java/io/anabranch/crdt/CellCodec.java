// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.Ascending;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.Codec;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Writes cells, with whatever names the surroundings have for origins: 16 bytes, an index, a small number. Canonical where
 * those are. Every list is preceded by its count and ascends.
 *
 * <ul>
 *   <li>counter: origin, added, removed of each
 *   <li>growth: origin, total of each
 *   <li>bounded: origin, made, spent of each, and a list of origin and amount given
 *   <li>maximum, minimum: dot, value
 *   <li>siblings: dot, rank, value of each
 *   <li>set: value of each element, and a list of its dots
 * </ul>
 */
public final class CellCodec<V extends Comparable<V>> {
    private final Codec<V> values;
    private final OriginNames origins;

    public CellCodec(Codec<V> values, OriginNames origins) {
        this.values = values;
        this.origins = origins;
    }

    /** How origins are written. */
    public interface OriginNames {
        void write(Origin origin, ByteWriter out);

        Origin read(ByteReader in);
    }

    public void write(Cell<V> cell, ByteWriter out) {
        if (cell instanceof Cell.Count<V> count) {
            writeCount(count.counter(), out);
        } else if (cell instanceof Cell.Growth<V> growth) {
            writeAmounts(growth.counter().totals(), out);
        } else if (cell instanceof Cell.Bounded<V> bounded) {
            writeBounded(bounded.counter(), out);
        } else if (cell instanceof Cell.Max<V> max) {
            writeDot(max.register().dot(), out);
            values.write(max.register().value(), out);
        } else if (cell instanceof Cell.Min<V> min) {
            writeDot(min.register().dot(), out);
            values.write(min.register().value(), out);
        } else if (cell instanceof Cell.Siblings<V> siblings) {
            writeSiblings(siblings, out);
        } else {
            writeElements((Cell.Elements<V>) cell, out);
        }
    }

    private void writeCount(PnCounter counter, ByteWriter out) {
        SortedMap<Origin, PnCounter.Tally> tallies = counter.tallies();
        out.varint(tallies.size());
        tallies.forEach((origin, tally) -> {
            origins.write(origin, out);
            out.varint(tally.added()).varint(tally.removed());
        });
    }

    private void writeAmounts(SortedMap<Origin, Long> amounts, ByteWriter out) {
        out.varint(amounts.size());
        amounts.forEach((origin, amount) -> {
            origins.write(origin, out);
            out.varint(amount);
        });
    }

    private void writeBounded(BoundedCounter counter, ByteWriter out) {
        SortedMap<Origin, RightsChange> accounts = counter.accounts();
        out.varint(accounts.size());
        accounts.forEach((origin, account) -> {
            origins.write(origin, out);
            out.varint(account.made()).varint(account.spent());
            writeAmounts(account.given(), out);
        });
    }

    private void writeSiblings(Cell.Siblings<V> siblings, ByteWriter out) {
        out.varint(siblings.writes().size());
        siblings.writes().forEach((dot, write) -> {
            writeDot(dot, out);
            out.varint(write.rank());
            values.write(write.value(), out);
        });
    }

    private void writeElements(Cell.Elements<V> elements, ByteWriter out) {
        out.varint(elements.dots().size());
        elements.dots().forEach((element, dots) -> {
            values.write(element, out);
            out.varint(dots.size());
            dots.forEach(dot -> writeDot(dot, out));
        });
    }

    private void writeDot(Dot dot, ByteWriter out) {
        origins.write(dot.origin(), out);
        out.varint(dot.seq());
    }

    // ---- Reading

    /** Reads what {@link #write} wrote of a cell of this kind. Hostile bytes give a {@code DecodeException}. */
    public Cell<V> read(CellKind kind, ByteReader in) {
        Cell<V> cell = switch (kind) {
            case COUNTER -> new Cell.Count<>(readCount(in));
            case GROWTH -> new Cell.Growth<>(GCounter.of(readAmounts(in)));
            case BOUNDED -> new Cell.Bounded<>(readBounded(in));
            case MAX -> new Cell.Max<>(new MaxRegister<>(readDot(in), values.read(in)));
            case MIN -> new Cell.Min<>(new MinRegister<>(readDot(in), values.read(in)));
            case SIBLINGS -> readSiblings(in);
            case SET -> readElements(in);
            case REGISTER -> throw in.error("a cell that is no register", "a register");
        };
        if (cell.isEmpty()) {
            throw in.error("a cell that is not empty before here", "an empty one");
        }
        return cell;
    }

    private PnCounter readCount(ByteReader in) {
        TreeMap<Origin, PnCounter.Tally> tallies = new TreeMap<>();
        Ascending<Origin> ascending = new Ascending<>("origin");
        for (int n = in.count(3, "tallies"); n > 0; n--) {
            tallies.put(ascending.next(in, origins.read(in)), PnCounterCodec.readTally(in));
        }
        return PnCounter.of(tallies);
    }

    private SortedMap<Origin, Long> readAmounts(ByteReader in) {
        TreeMap<Origin, Long> amounts = new TreeMap<>();
        Ascending<Origin> ascending = new Ascending<>("origin");
        for (int n = in.count(2, "amounts"); n > 0; n--) {
            amounts.put(ascending.next(in, origins.read(in)), in.varint(1, Long.MAX_VALUE, "an amount"));
        }
        return amounts;
    }

    private BoundedCounter readBounded(ByteReader in) {
        TreeMap<Origin, RightsChange> accounts = new TreeMap<>();
        Ascending<Origin> ascending = new Ascending<>("origin");
        for (int n = in.count(4, "accounts"); n > 0; n--) {
            Origin origin = ascending.next(in, origins.read(in));
            long made = in.varint(0, Long.MAX_VALUE, "what was made");
            long spent = in.varint(0, Long.MAX_VALUE, "what was spent");
            SortedMap<Origin, Long> given = readAmounts(in);
            if (made == 0 && spent == 0 && given.isEmpty()) {
                throw in.error("an account that is not empty before here", "an empty one");
            }
            accounts.put(origin, new RightsChange(made, spent, given));
        }
        return BoundedCounter.of(0, accounts);
    }

    private Cell<V> readSiblings(ByteReader in) {
        TreeMap<Dot, LwwRegister<V>> writes = new TreeMap<>();
        Ascending<Dot> ascending = new Ascending<>("dot");
        for (int n = in.count(3 + values.minBytes(), "siblings"); n > 0; n--) {
            Dot dot = ascending.next(in, readDot(in));
            long rank = in.varint(0, HybridTime.ABSURD_RANK - 1, "a rank");
            writes.put(dot, new LwwRegister<>(dot, rank, values.read(in)));
        }
        return new Cell.Siblings<>(writes);
    }

    private Cell<V> readElements(ByteReader in) {
        TreeMap<V, SortedSet<Dot>> elements = new TreeMap<>();
        Ascending<V> ascending = new Ascending<>("element");
        for (int n = in.count(3 + values.minBytes(), "elements"); n > 0; n--) {
            V element = ascending.next(in, values.read(in));
            TreeSet<Dot> dots = new TreeSet<>();
            Ascending<Dot> ascendingDots = new Ascending<>("dot");
            for (int m = in.count(2, "dots"); m > 0; m--) {
                dots.add(ascendingDots.next(in, readDot(in)));
            }
            if (dots.isEmpty()) {
                throw in.error("a dot of the element before here", "none");
            }
            elements.put(element, dots);
        }
        return new Cell.Elements<>(elements);
    }

    private Dot readDot(ByteReader in) {
        return new Dot(origins.read(in), in.varint(1, Long.MAX_VALUE, "a seq"));
    }
}
