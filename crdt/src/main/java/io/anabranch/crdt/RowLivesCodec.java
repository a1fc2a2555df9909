// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.Ascending;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.codec.OriginTable;
import io.anabranch.crdt.codec.TaggedCodec;
import io.anabranch.crdt.codec.TypeTag;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The origins; a count of lives; then of each, by ascending dot of its insert: that dot, rank, policy (0 edit-wins, 1
 * delete-wins), live dots, superseded lives, registers and counters, each list with its count and in ascending order.
 */
final class RowLivesCodec<K extends Comparable<K>, V> extends TaggedCodec<RowLives<K, V>> {
    private static final int MIN_LIFE_BYTES = 8;

    private final Codec<K> keys;
    private final Codec<V> values;

    RowLivesCodec(Codec<K> keys, Codec<V> values) {
        super(TypeTag.ROW_LIVES, keys, values);
        this.keys = keys;
        this.values = values;
    }

    @Override
    public void write(RowLives<K, V> row, ByteWriter out) {
        OriginTable origins = OriginTable.of(originsOf(row));
        origins.write(out);
        out.varint(row.lives().size());
        row.lives().forEach(life -> writeLife(life, origins, out));
    }

    private static Set<Origin> originsOf(RowLives<?, ?> row) {
        Set<Origin> all = new HashSet<>();
        for (Life<?, ?> life : row.lives()) {
            all.add(life.id().origin());
            life.live().forEach(dot -> all.add(dot.origin()));
            life.supersedes().forEach(dot -> all.add(dot.origin()));
            life.registers().values().forEach(register -> all.add(register.dot().origin()));
            life.counters()
                    .values()
                    .forEach(counter -> all.addAll(counter.tallies().keySet()));
        }
        return all;
    }

    private void writeLife(Life<K, V> life, OriginTable origins, ByteWriter out) {
        origins.writeDot(life.id(), out);
        out.varint(life.rank()).u8(life.policy().ordinal());
        writeDots(life.live(), origins, out);
        writeDots(life.supersedes(), origins, out);
        out.varint(life.registers().size());
        life.registers().forEach((key, register) -> {
            keys.write(key, out);
            origins.writeDot(register.dot(), out);
            out.varint(register.rank());
            values.write(register.value(), out);
        });
        out.varint(life.counters().size());
        life.counters().forEach((key, counter) -> {
            keys.write(key, out);
            out.varint(counter.tallies().size());
            counter.tallies().forEach((origin, tally) -> {
                origins.writeOrigin(origin, out);
                out.varint(tally.added()).varint(tally.removed());
            });
        });
    }

    private static void writeDots(SortedSet<Dot> dots, OriginTable origins, ByteWriter out) {
        out.varint(dots.size());
        dots.forEach(dot -> origins.writeDot(dot, out));
    }

    @Override
    public RowLives<K, V> read(ByteReader in) {
        OriginTable origins = OriginTable.read(in);
        int count = in.count(MIN_LIFE_BYTES, "lives");
        List<Life<K, V>> lives = new ArrayList<>(count);
        Ascending<Dot> ids = new Ascending<>("life");
        for (int i = 0; i < count; i++) {
            lives.add(readLife(ids.next(in, origins.readDot(in)), origins, in));
        }
        origins.requireAllUsed(in);
        return RowLives.of(lives);
    }

    private Life<K, V> readLife(Dot id, OriginTable origins, ByteReader in) {
        long rank = readRank(in);
        DeletePolicy policy =
                in.varint(0, 1, "a delete policy") == 0 ? DeletePolicy.EDIT_WINS : DeletePolicy.DELETE_WINS;
        SortedSet<Dot> live = readDots(origins, in);
        if (live.isEmpty() && policy == DeletePolicy.DELETE_WINS) {
            throw in.error("a live dot of a delete-wins life before here", "none");
        }
        SortedSet<Dot> supersedes = readDots(origins, in);
        return new Life<>(id, rank, policy, live, supersedes, readRegisters(origins, in), readCounters(origins, in));
    }

    private static long readRank(ByteReader in) {
        return in.varint(0, HybridTime.ABSURD_RANK - 1, "a rank");
    }

    private static SortedSet<Dot> readDots(OriginTable origins, ByteReader in) {
        int count = in.count(2, "dots");
        TreeSet<Dot> dots = new TreeSet<>();
        Ascending<Dot> ascending = new Ascending<>("dot");
        for (int i = 0; i < count; i++) {
            dots.add(ascending.next(in, origins.readDot(in)));
        }
        return dots;
    }

    private SortedMap<K, LwwRegister<V>> readRegisters(OriginTable origins, ByteReader in) {
        int count = in.count(keys.minBytes() + values.minBytes() + 3, "registers");
        TreeMap<K, LwwRegister<V>> registers = new TreeMap<>();
        Ascending<K> ascending = new Ascending<>("key");
        for (int i = 0; i < count; i++) {
            K key = ascending.next(in, keys.read(in));
            Dot dot = origins.readDot(in);
            long rank = readRank(in);
            registers.put(key, new LwwRegister<>(dot, rank, values.read(in)));
        }
        return registers;
    }

    private SortedMap<K, PnCounter> readCounters(OriginTable origins, ByteReader in) {
        int count = in.count(keys.minBytes() + 1, "counters");
        TreeMap<K, PnCounter> counters = new TreeMap<>();
        Ascending<K> ascending = new Ascending<>("key");
        for (int i = 0; i < count; i++) {
            counters.put(ascending.next(in, keys.read(in)), readCounter(origins, in));
        }
        return counters;
    }

    private static PnCounter readCounter(OriginTable origins, ByteReader in) {
        int count = in.count(3, "tallies");
        TreeMap<Origin, PnCounter.Tally> tallies = new TreeMap<>();
        Ascending<Origin> ascending = new Ascending<>("origin");
        for (int i = 0; i < count; i++) {
            Origin origin = ascending.next(in, origins.readOrigin(in));
            tallies.put(origin, PnCounterCodec.readTally(in));
        }
        return PnCounter.of(tallies);
    }

    @Override
    public int minBytes() {
        return 2;
    }
}
