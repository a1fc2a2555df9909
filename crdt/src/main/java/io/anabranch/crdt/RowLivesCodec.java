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
 * delete-wins, and 2 more if there are cells of other kinds), live dots, superseded lives, registers and counters, and then
 * key, kind and content of each cell of another kind; each list with its count and in ascending order.
 */
final class RowLivesCodec<K extends Comparable<K>, V extends Comparable<V>> extends TaggedCodec<RowLives<K, V>> {
    private static final int MIN_LIFE_BYTES = 8;
    private static final int DELETE_WINS = 1;
    private static final int OTHER_CELLS = 2;

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
            life.cells().values().forEach(cell -> cell.forEachOrigin(all::add));
        }
        return all;
    }

    private void writeLife(Life<K, V> life, OriginTable origins, ByteWriter out) {
        SortedMap<CellName<K>, Cell<V>> counters = cells(life, true);
        SortedMap<CellName<K>, Cell<V>> others = cells(life, false);
        origins.writeDot(life.id(), out);
        out.varint(life.rank());
        out.u8((life.policy() == DeletePolicy.DELETE_WINS ? DELETE_WINS : 0) | (others.isEmpty() ? 0 : OTHER_CELLS));
        writeDots(life.live(), origins, out);
        writeDots(life.supersedes(), origins, out);
        out.varint(life.registers().size());
        life.registers().forEach((key, register) -> {
            keys.write(key, out);
            origins.writeDot(register.dot(), out);
            out.varint(register.rank());
            values.write(register.value(), out);
        });
        CellCodec<V> cells = cells(origins);
        out.varint(counters.size());
        counters.forEach((name, cell) -> {
            keys.write(name.key(), out);
            cells.write(cell, out);
        });
        if (!others.isEmpty()) {
            out.varint(others.size());
            others.forEach((name, cell) -> {
                keys.write(name.key(), out);
                out.u8(name.kind().code());
                cells.write(cell, out);
            });
        }
    }

    private static <K extends Comparable<K>, V extends Comparable<V>> SortedMap<CellName<K>, Cell<V>> cells(
            Life<K, V> life, boolean counters) {
        TreeMap<CellName<K>, Cell<V>> cells = new TreeMap<>(life.cells());
        cells.keySet().removeIf(name -> (name.kind() == CellKind.COUNTER) != counters);
        return cells;
    }

    private CellCodec<V> cells(OriginTable origins) {
        return new CellCodec<>(values, new CellCodec.OriginNames() {
            @Override
            public void write(Origin origin, ByteWriter out) {
                origins.writeOrigin(origin, out);
            }

            @Override
            public Origin read(ByteReader in) {
                return origins.readOrigin(in);
            }
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
        int flags = (int) in.varint(0, DELETE_WINS | OTHER_CELLS, "a delete policy");
        DeletePolicy policy = (flags & DELETE_WINS) == 0 ? DeletePolicy.EDIT_WINS : DeletePolicy.DELETE_WINS;
        SortedSet<Dot> live = readDots(origins, in);
        if (live.isEmpty() && policy == DeletePolicy.DELETE_WINS) {
            throw in.error("a live dot of a delete-wins life before here", "none");
        }
        SortedSet<Dot> supersedes = readDots(origins, in);
        SortedMap<K, LwwRegister<V>> registers = readRegisters(origins, in);
        SortedMap<CellName<K>, Cell<V>> cells = readCounters(origins, in);
        if ((flags & OTHER_CELLS) != 0) {
            cells.putAll(readCells(origins, in));
        }
        return new Life<>(id, rank, policy, live, supersedes, registers, cells);
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

    private SortedMap<CellName<K>, Cell<V>> readCounters(OriginTable origins, ByteReader in) {
        int count = in.count(keys.minBytes() + 1, "counters");
        TreeMap<CellName<K>, Cell<V>> counters = new TreeMap<>();
        Ascending<K> ascending = new Ascending<>("key");
        CellCodec<V> cells = cells(origins);
        for (int i = 0; i < count; i++) {
            K key = ascending.next(in, keys.read(in));
            counters.put(new CellName<>(key, CellKind.COUNTER), cells.read(CellKind.COUNTER, in));
        }
        return counters;
    }

    private SortedMap<CellName<K>, Cell<V>> readCells(OriginTable origins, ByteReader in) {
        int count = in.count(keys.minBytes() + 3, "cells");
        if (count == 0) {
            throw in.error("a cell of another kind", "none");
        }
        TreeMap<CellName<K>, Cell<V>> others = new TreeMap<>();
        Ascending<CellName<K>> ascending = new Ascending<>("cell");
        CellCodec<V> cells = cells(origins);
        for (int i = 0; i < count; i++) {
            CellName<K> name = ascending.next(in, new CellName<>(keys.read(in), readKind(in)));
            others.put(name, cells.read(name.kind(), in));
        }
        return others;
    }

    private static CellKind readKind(ByteReader in) {
        int code = in.u8();
        for (CellKind kind : CellKind.values()) {
            if (kind.code() == code && kind != CellKind.REGISTER && kind != CellKind.COUNTER) {
                return kind;
            }
        }
        throw in.error("a kind of cell before here", Integer.toString(code));
    }

    @Override
    public int minBytes() {
        return 2;
    }
}
