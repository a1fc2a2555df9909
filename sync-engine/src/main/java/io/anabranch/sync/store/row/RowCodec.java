// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.row;

import io.anabranch.crdt.Cell;
import io.anabranch.crdt.CellCodec;
import io.anabranch.crdt.CellKind;
import io.anabranch.crdt.CellName;
import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.Life;
import io.anabranch.crdt.LwwRegister;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.store.log.Origins;
import io.anabranch.sync.store.schema.EnrolledTable;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Rows as the packed bytes of {@code _ab_row}: the same {@link RowLives} that {@code crdt} merges, with origins and columns
 * as the file's small numbers, and with values left out where the application's own table, or the log, holds them.
 *
 * <p>A row that one change set inserted takes about 20 bytes here. Registers are grouped by dot and rank, since most were
 * written together.
 */
final class RowCodec {
    /**
     * Stands for a value that only the change set named by its register's dot still holds, after the row that showed it is
     * gone. Compared by identity; {@link RowStore} resolves it before anybody reads it.
     */
    static final Value IN_LOG = Value.text(new byte[] {'?'});

    private static final int VERSION = 1;

    private static final int DELETE_WINS = 1;
    private static final int LIVES_BY_OWN_DOT = 2;
    private static final int SUPERSEDES = 4;
    private static final int CELLS = 8;

    private static final int OWN_DOT = 1;
    private static final int HAS_IN_COLUMN = 2;
    private static final int HAS_IN_LOG = 4;
    private static final int HAS_INLINE = 8;

    private final Origins origins;
    private final CellCodec<Value> cells;

    RowCodec(Origins origins) {
        this.origins = origins;
        this.cells = new CellCodec<>(Value.codec(), new CellCodec.OriginNames() {
            @Override
            public void write(Origin origin, ByteWriter out) {
                out.varint(origins.id(origin));
            }

            @Override
            public Origin read(ByteReader in) {
                return origins.name(in.varint());
            }
        });
    }

    // ---- Writing

    /**
     * @param image what the application's table shows of this row, by {@link EnrolledTable#shown}; null if it shows none
     */
    byte[] encode(EnrolledTable table, RowLives<String, Value> row, Value @Nullable [] image) {
        ByteWriter out = new ByteWriter(64);
        Collection<Life<String, Value>> lives = row.lives();
        out.u8(VERSION).varint(lives.size());
        @Nullable LwwRegister<Value>[] winners = winnersKept(table, row, image);
        for (Life<String, Value> life : lives) {
            encode(table, life, winners, out);
        }
        return out.toByteArray();
    }

    /** Returns, by the column's number, the registers whose values the table shows and gives back unchanged. */
    private static @Nullable LwwRegister<Value>[] winnersKept(
            EnrolledTable table, RowLives<String, Value> row, Value @Nullable [] image) {
        @SuppressWarnings("unchecked") // Holds registers of this type alone.
        @Nullable
        LwwRegister<Value>[] winners = new LwwRegister[table.columns().size()];
        List<Life<String, Value>> shown = image == null ? List.of() : row.shown();
        for (int i = 0; image != null && i < image.length; i++) {
            EnrolledTable.Column column = table.shown().get(i);
            if (column.rule().kind().cells() == CellKind.REGISTER) {
                LwwRegister<Value> winner =
                        shown.size() == 1 ? shown.get(0).registers().get(column.name()) : row.register(column.name());
                if (winner != null
                        && winner.value() != IN_LOG
                        && column.affinity().keeps(winner.value())
                        && winner.value().equals(image[i])) {
                    winners[column.id()] = winner;
                }
            }
        }
        return winners;
    }

    private void encode(
            EnrolledTable table, Life<String, Value> life, @Nullable LwwRegister<Value>[] inColumns, ByteWriter out) {
        boolean ownDot = life.live().size() == 1 && life.live().first().equals(life.id());
        out.u8((life.policy() == DeletePolicy.DELETE_WINS ? DELETE_WINS : 0)
                | (ownDot ? LIVES_BY_OWN_DOT : 0)
                | (life.supersedes().isEmpty() ? 0 : SUPERSEDES)
                | (life.cells().isEmpty() ? 0 : CELLS));
        dot(life.id(), out);
        out.varint(life.rank());
        if (!ownDot) {
            dots(life.live(), out);
        }
        if (!life.supersedes().isEmpty()) {
            dots(life.supersedes(), out);
        }
        List<List<Map.Entry<String, LwwRegister<Value>>>> groups = groups(life);
        out.varint(groups.size());
        for (List<Map.Entry<String, LwwRegister<Value>>> group : groups) {
            encodeGroup(table, life, group, inColumns, out);
        }
        if (!life.cells().isEmpty()) {
            out.varint(life.cells().size());
            life.cells().forEach((name, cell) -> {
                out.varint(columnId(table, name.key())).u8(name.kind().code());
                cells.write(cell, out);
            });
        }
    }

    private static List<List<Map.Entry<String, LwwRegister<Value>>>> groups(Life<String, Value> life) {
        if (isOfOneWriter(life.registers().values())) {
            return List.of(new ArrayList<>(life.registers().entrySet()));
        }
        Map<Object, List<Map.Entry<String, LwwRegister<Value>>>> groups = new LinkedHashMap<>();
        for (Map.Entry<String, LwwRegister<Value>> entry : life.registers().entrySet()) {
            Object writer = new Writer(entry.getValue().dot(), entry.getValue().rank());
            groups.computeIfAbsent(writer, w -> new ArrayList<>()).add(entry);
        }
        return new ArrayList<>(groups.values());
    }

    private static boolean isOfOneWriter(Collection<LwwRegister<Value>> registers) {
        LwwRegister<Value> first = null;
        for (LwwRegister<Value> register : registers) {
            first = first == null ? register : first;
            if (register.rank() != first.rank() || !register.dot().equals(first.dot())) {
                return false;
            }
        }
        return first != null;
    }

    private void encodeGroup(
            EnrolledTable table,
            Life<String, Value> life,
            List<Map.Entry<String, LwwRegister<Value>>> group,
            @Nullable LwwRegister<Value>[] inColumns,
            ByteWriter out) {
        BitSet inColumn = new BitSet();
        BitSet inLog = new BitSet();
        TreeMap<Integer, Value> inline = new TreeMap<>();
        for (Map.Entry<String, LwwRegister<Value>> entry : group) {
            int column = columnId(table, entry.getKey());
            LwwRegister<Value> winner = inColumns[column];
            if (winner != null && winner.dot().equals(entry.getValue().dot())) {
                inColumn.set(column);
            } else if (entry.getValue().value() == IN_LOG) {
                inLog.set(column);
            } else {
                inline.put(column, entry.getValue().value());
            }
        }
        LwwRegister<Value> any = group.get(0).getValue();
        boolean own = any.dot().equals(life.id()) && any.rank() == life.rank();
        out.u8((own ? OWN_DOT : 0)
                | (inColumn.isEmpty() ? 0 : HAS_IN_COLUMN)
                | (inLog.isEmpty() ? 0 : HAS_IN_LOG)
                | (inline.isEmpty() ? 0 : HAS_INLINE));
        if (!own) {
            dot(any.dot(), out);
            out.varint(any.rank());
        }
        if (!inColumn.isEmpty()) {
            out.blob(inColumn.toByteArray());
        }
        if (!inLog.isEmpty()) {
            out.blob(inLog.toByteArray());
        }
        if (!inline.isEmpty()) {
            out.varint(inline.size());
            inline.forEach((column, value) -> {
                out.varint(column);
                value.write(out);
            });
        }
    }

    private static int columnId(EnrolledTable table, String name) {
        EnrolledTable.Column column = table.column(name);
        if (column == null) {
            throw new AssertionError("state of a column that is not in the catalog: " + table + "." + name);
        }
        return column.id();
    }

    private void dot(Dot dot, ByteWriter out) {
        out.varint(origins.id(dot.origin())).varint(dot.seq());
    }

    private void dots(SortedSet<Dot> dots, ByteWriter out) {
        out.varint(dots.size());
        dots.forEach(dot -> dot(dot, out));
    }

    // ---- Reading

    /** @param image as for {@link #encode}; null leaves values that were in columns to the log */
    RowLives<String, Value> decode(EnrolledTable table, byte[] state, @Nullable Value @Nullable [] image) {
        ByteReader in = new ByteReader(state);
        int version = in.u8();
        if (version != VERSION) {
            throw in.error("row format " + VERSION, "format " + version);
        }
        @Nullable Value[] byColumn = new @Nullable Value[table.columns().size()];
        if (image != null) {
            for (int i = 0; i < image.length; i++) {
                byColumn[table.shown().get(i).id()] = image[i];
            }
        }
        List<Life<String, Value>> lives = new ArrayList<>();
        for (int n = in.count(3, "lives"); n > 0; n--) {
            lives.add(decodeLife(table, in, byColumn));
        }
        in.end();
        return RowLives.of(lives);
    }

    private Life<String, Value> decodeLife(EnrolledTable table, ByteReader in, @Nullable Value[] image) {
        int flags = in.u8();
        Dot id = readDot(in);
        long rank = in.varint();
        SortedSet<Dot> live = (flags & LIVES_BY_OWN_DOT) != 0 ? new TreeSet<>(List.of(id)) : readDots(in);
        SortedSet<Dot> supersedes = (flags & SUPERSEDES) != 0 ? readDots(in) : new TreeSet<>();
        TreeMap<String, LwwRegister<Value>> registers = new TreeMap<>();
        for (int n = in.count(1, "groups"); n > 0; n--) {
            decodeGroup(table, in, id, rank, image, registers);
        }
        TreeMap<CellName<String>, Cell<Value>> others = new TreeMap<>();
        if ((flags & CELLS) != 0) {
            for (int n = in.count(3, "cells"); n > 0; n--) {
                String name = table.columns().get((int) in.varint()).name();
                CellKind kind = readKind(in);
                others.put(new CellName<>(name, kind), cells.read(kind, in));
            }
        }
        DeletePolicy policy = (flags & DELETE_WINS) != 0 ? DeletePolicy.DELETE_WINS : DeletePolicy.EDIT_WINS;
        return new Life<>(id, rank, policy, live, supersedes, registers, others);
    }

    private static CellKind readKind(ByteReader in) {
        int code = in.u8();
        for (CellKind kind : CellKind.values()) {
            if (kind.code() == code) {
                return kind;
            }
        }
        throw in.error("a kind of cell", Integer.toString(code));
    }

    private void decodeGroup(
            EnrolledTable table,
            ByteReader in,
            Dot life,
            long lifeRank,
            @Nullable Value[] image,
            SortedMap<String, LwwRegister<Value>> registers) {
        int flags = in.u8();
        boolean own = (flags & OWN_DOT) != 0;
        Dot dot = own ? life : readDot(in);
        long rank = own ? lifeRank : in.varint();
        if ((flags & HAS_IN_COLUMN) != 0) {
            BitSet columns = BitSet.valueOf(in.blob(in.remaining(), "columns"));
            columns.stream().forEach(column -> {
                Value value = image[column];
                registers.put(
                        table.columns().get(column).name(),
                        new LwwRegister<>(dot, rank, value == null ? IN_LOG : value));
            });
        }
        if ((flags & HAS_IN_LOG) != 0) {
            BitSet columns = BitSet.valueOf(in.blob(in.remaining(), "columns"));
            columns.stream()
                    .forEach(column ->
                            registers.put(table.columns().get(column).name(), new LwwRegister<>(dot, rank, IN_LOG)));
        }
        if ((flags & HAS_INLINE) != 0) {
            for (int n = in.count(2, "values"); n > 0; n--) {
                String name = table.columns().get((int) in.varint()).name();
                registers.put(name, new LwwRegister<>(dot, rank, Value.read(in)));
            }
        }
    }

    private Dot readDot(ByteReader in) {
        return new Dot(origins.name(in.varint()), in.varint());
    }

    private SortedSet<Dot> readDots(ByteReader in) {
        TreeSet<Dot> dots = new TreeSet<>();
        for (int n = in.count(2, "dots"); n > 0; n--) {
            dots.add(readDot(in));
        }
        return dots;
    }

    private record Writer(Dot dot, long rank) {}
}
