// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import io.anabranch.crdt.CellKind;
import io.anabranch.crdt.CellOp;
import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.DecodeException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of change sets, version 1; {@code docs/protocol.md} lists every one.
 *
 * <p>A header that anybody can read, a signature (none yet), and a body of dictionaries and length-prefixed operations.
 * The hash covers all but the signature. A reader passes over operations and cells of kinds that it does not know.
 */
public final class ChangeSetCodec {
    static final int VERSION = 1;

    /** A flag: the body is elsewhere, and the list of its parts in its place. */
    private static final int IN_PARTS = 1;

    private static final int MAX_BODY_BYTES = 1 << 30;
    private static final int MAX_SIGNATURE_BYTES = 1024;
    private static final int MAX_NAME_BYTES = 4096;

    private static final int DECLARE = 1;
    private static final int INSERT = 16;
    private static final int EDIT = 17;
    private static final int DELETE = 18;

    /** The first two kinds of cells came without a length; all others have one, so that a reader can pass over them. */
    private static final int PUT = CellKind.REGISTER.code();

    private static final int ADD = CellKind.COUNTER.code();

    private ChangeSetCodec() {}

    // ---- Writing

    /** Returns the bytes of a change set with these operations, in this order. The body must not need parts. */
    public static EncodedChangeSet encode(ChangeSetHeader header, List<TableOp> ops) {
        BodyWriter body = new BodyWriter(header);
        ops.forEach(body::add);
        return encode(header, body.toBody(), PartList.NONE);
    }

    /** @param body the body, or the list of its parts if there are any */
    static EncodedChangeSet encode(ChangeSetHeader header, byte[] body, PartList parts) {
        ByteWriter out = new ByteWriter(body.length + 128);
        out.u8(VERSION)
                .u8(parts.count() == 0 ? 0 : IN_PARTS)
                .origin(header.origin())
                .varint(header.seq());
        header.previousHash().write(out);
        out.varint(header.stamp()).varint(header.context().size());
        for (ContextEntry entry : header.context()) {
            out.origin(entry.origin()).varint(entry.seq()).fixed64(entry.hashPrefix());
        }
        byte[] start = out.toByteArray();
        out.varint(0); // No signature.
        out.blob(body);
        return new EncodedChangeSet(header, Hash128.of(start, body), out.toByteArray(), parts);
    }

    /** Collects the dictionaries while it writes the operations. */
    static final class BodyWriter {
        private final ChangeSetHeader header;
        private final Map<Origin, Integer> origins = new LinkedHashMap<>();
        private final Map<Dot, Integer> dots = new LinkedHashMap<>();
        private final Map<String, Integer> tables = new LinkedHashMap<>();
        private final Map<ColumnRef, Integer> columns = new LinkedHashMap<>();
        private final ByteWriter ops = new ByteWriter(1024);
        private final ByteWriter payload = new ByteWriter(256);
        private final ByteWriter cell = new ByteWriter(64);
        private final CellOpCodec.Writer cellWriter =
                new CellOpCodec.Writer(dot -> index(dots, dot), origin -> index(origins, origin));

        BodyWriter(ChangeSetHeader header) {
            this.header = header;
            origins.put(header.origin(), 0);
        }

        /** Returns how many bytes the operations take so far, without dictionaries. */
        int sizeBytes() {
            return ops.size();
        }

        boolean isEmpty() {
            return ops.size() == 0;
        }

        void add(TableOp op) {
            payload.clear();
            int kind = writeOp(op);
            ops.varint(kind).nested(payload);
        }

        byte[] toBody() {
            ByteWriter out = new ByteWriter(ops.size() + 1024);
            ByteWriter dotBytes = new ByteWriter();
            for (Dot dot : dots.keySet()) {
                dotBytes.varint(index(origins, dot.origin())).varint(dot.seq());
            }
            out.varint(origins.size() - 1);
            for (Origin origin : origins.keySet()) {
                if (!origin.equals(header.origin())) {
                    out.origin(origin);
                }
            }
            out.varint(dots.size()).nested(dotBytes);
            out.varint(tables.size());
            tables.keySet().forEach(out::text);
            out.varint(columns.size());
            for (ColumnRef column : columns.keySet()) {
                out.varint(column.table).text(column.name).u8(column.kind);
            }
            return out.nested(ops).toByteArray();
        }

        private int writeOp(TableOp op) {
            if (op instanceof TableOp.Declare declare) {
                declare.definition().write(payload);
                return DECLARE;
            }
            if (op instanceof TableOp.Change change) {
                return writeChange(change);
            }
            throw new IllegalArgumentException("an operation that is not understood cannot be written: " + op);
        }

        private int writeChange(TableOp.Change change) {
            int table = index(tables, change.table());
            payload.varint(table).varint(change.key().size());
            for (Value value : change.key()) {
                value.write(payload);
            }
            if (change.op() instanceof RowOp.Insert<String, Value> insert) {
                payload.zigzag(insert.rank() - header.stamp());
                payload.u8(insert.policy() == DeletePolicy.EDIT_WINS ? 0 : 1);
                writeDots(insert.supersedes());
                writeCells(table, insert.cells(), insert.rank());
                return INSERT;
            }
            if (change.op() instanceof RowOp.Edit<String, Value> edit) {
                long base = lowestRank(edit.cells());
                payload.zigzag(base - header.stamp()).varint(edit.touches().size());
                for (RowOp.Touch touch : edit.touches()) {
                    payload.varint(index(dots, touch.life()));
                    writeDots(touch.replaces());
                }
                writeCells(table, edit.cells(), base);
                return EDIT;
            }
            writeDots(((RowOp.Delete<String, Value>) change.op()).removes());
            return DELETE;
        }

        private long lowestRank(SortedMap<String, CellOp<Value>> cells) {
            long lowest = Long.MAX_VALUE;
            for (CellOp<Value> op : cells.values()) {
                if (op instanceof CellOp.Put<Value> put) {
                    lowest = Math.min(lowest, put.rank());
                } else if (op instanceof CellOp.Replace<Value> replace) {
                    lowest = Math.min(lowest, replace.rank());
                }
            }
            return lowest == Long.MAX_VALUE ? header.stamp() : lowest;
        }

        private void writeDots(SortedSet<Dot> set) {
            payload.varint(set.size());
            for (Dot dot : set) {
                payload.varint(index(dots, dot));
            }
        }

        private void writeCells(int table, SortedMap<String, CellOp<Value>> cells, long baseRank) {
            payload.varint(cells.size());
            cells.forEach((name, op) -> {
                payload.varint(
                        index(columns, new ColumnRef(table, name, op.kind().code())));
                if (op instanceof CellOp.Put<Value> put) {
                    payload.varint(put.rank() - baseRank);
                    payload.varint(put.replaces() == null ? 0 : index(dots, put.replaces()) + 1);
                    put.value().write(payload);
                } else if (op instanceof CellOp.Add<Value> add) {
                    payload.zigzag(add.amount());
                } else {
                    cell.clear();
                    cellWriter.write(op, baseRank, cell);
                    payload.nested(cell);
                }
            });
        }

        private static <T> int index(Map<T, Integer> dictionary, T entry) {
            Integer known = dictionary.putIfAbsent(entry, dictionary.size());
            return known == null ? dictionary.size() - 1 : known;
        }
    }

    private record ColumnRef(int table, String name, int kind) {}

    // ---- Reading

    static EncodedChangeSet open(byte[] bytes) {
        ByteReader in = new ByteReader(bytes);
        ChangeSetHeader header = readHeader(in);
        int startLength = in.position();
        in.blob(MAX_SIGNATURE_BYTES, "a signature");
        ByteReader body = in.nested(BodyLimits.MAX_INLINE_BYTES, "a body");
        in.end();
        MessageDigest digest = Hash128.sha256();
        digest.update(bytes, 0, startLength);
        digest.update(bytes, body.position(), body.remaining());
        PartList parts = isInParts(bytes) ? PartList.decode(body) : PartList.NONE;
        return new EncodedChangeSet(header, Hash128.finish(digest), bytes, parts);
    }

    /** Flags are the second byte. */
    private static boolean isInParts(byte[] bytes) {
        return bytes[1] == IN_PARTS;
    }

    private static ChangeSetHeader readHeader(ByteReader in) {
        int version = in.u8();
        if (version != VERSION) {
            throw new DecodeException(0, "change set format " + VERSION, "format " + version);
        }
        int flags = in.u8();
        if (flags > IN_PARTS) {
            throw new DecodeException(1, "flags of 0 or " + IN_PARTS, "flags " + flags);
        }
        Origin origin = in.origin();
        long seq = in.varint(1, Long.MAX_VALUE, "a seq");
        Hash128 previousHash = Hash128.read(in);
        long stamp = in.varint(0, Long.MAX_VALUE, "a stamp");
        List<ContextEntry> context = new ArrayList<>();
        Origin last = null;
        for (int n = in.count(25, "context entries"); n > 0; n--) {
            int at = in.position();
            ContextEntry entry = new ContextEntry(in.origin(), in.varint(1, Long.MAX_VALUE, "a seq"), in.fixed64());
            if (last != null && last.compareTo(entry.origin()) >= 0) {
                throw new DecodeException(at, "origins in ascending order", "another order");
            }
            if (entry.origin().equals(origin)) {
                throw new DecodeException(at, "other origins in a context", "the change set's own");
            }
            last = entry.origin();
            context.add(entry);
        }
        return new ChangeSetHeader(origin, seq, previousHash, stamp, context);
    }

    /**
     * Returns the operations of a change set that carries its body itself; of others see {@link ChangeSetReader}. One that does not decode is {@link TableOp.Unknown}: others may understand it, and
     * accepting a change set must not depend on that.
     *
     * @throws DecodeException if the body as a whole cannot be read
     */
    public static List<TableOp> ops(EncodedChangeSet changeSet) {
        if (changeSet.isInParts()) {
            throw new IllegalArgumentException(
                    "the body of " + changeSet.header().dot() + " is in parts: read it section by section");
        }
        ByteReader in = new ByteReader(changeSet.bytes());
        readHeader(in);
        in.blob(MAX_SIGNATURE_BYTES, "a signature");
        return new BodyReader(changeSet.header()).read(in.nested(MAX_BODY_BYTES, "a body"));
    }

    /** Returns the operations of one section of a body in parts. */
    static List<TableOp> ops(ChangeSetHeader header, byte[] section) {
        return new BodyReader(header).read(new ByteReader(section));
    }

    private static final class BodyReader {
        private final ChangeSetHeader header;
        private final List<Origin> origins = new ArrayList<>();
        private final List<Dot> dots = new ArrayList<>();
        private final List<String> tables = new ArrayList<>();
        private final List<ColumnRef> columns = new ArrayList<>();
        private final CellOpCodec.Reader cellReader =
                new CellOpCodec.Reader(in -> entry(dots, in, "a dot"), in -> entry(origins, in, "an origin"));
        private boolean understood;

        BodyReader(ChangeSetHeader header) {
            this.header = header;
            origins.add(header.origin());
        }

        List<TableOp> read(ByteReader in) {
            for (int n = in.count(Origin.SIZE_BYTES, "origins"); n > 0; n--) {
                origins.add(in.origin());
            }
            int dotCount = in.count(2, "dots");
            ByteReader dotBytes = in.nested(MAX_BODY_BYTES, "dots");
            for (int i = 0; i < dotCount; i++) {
                Origin origin = entry(origins, dotBytes, "an origin");
                dots.add(new Dot(origin, dotBytes.varint(1, Long.MAX_VALUE, "a seq")));
            }
            dotBytes.end();
            for (int n = in.count(1, "tables"); n > 0; n--) {
                tables.add(in.text(MAX_NAME_BYTES, "a table name"));
            }
            for (int n = in.count(3, "columns"); n > 0; n--) {
                int table = (int) in.varint(0, tables.size() - 1L, "a table");
                columns.add(new ColumnRef(table, in.text(MAX_NAME_BYTES, "a column name"), in.u8()));
            }
            ByteReader opBytes = in.nested(MAX_BODY_BYTES, "operations");
            in.end();
            List<TableOp> ops = new ArrayList<>();
            while (opBytes.remaining() > 0) {
                int kind = (int) opBytes.varint(0, Integer.MAX_VALUE, "an operation kind");
                ops.add(readOp(kind, opBytes.nested(MAX_BODY_BYTES, "an operation")));
            }
            return ops;
        }

        private TableOp readOp(int kind, ByteReader in) {
            try {
                switch (kind) {
                    case DECLARE:
                        TableDefinition definition = TableDefinition.read(in);
                        in.end();
                        return new TableOp.Declare(definition);
                    case INSERT:
                    case EDIT:
                    case DELETE:
                        return readChange(kind, in);
                    default:
                        return new TableOp.Unknown(kind);
                }
            } catch (DecodeException e) {
                return new TableOp.Unknown(kind);
            }
        }

        private TableOp readChange(int kind, ByteReader in) {
            understood = true;
            int table = (int) in.varint(0, tables.size() - 1L, "a table");
            List<Value> key = new ArrayList<>();
            for (int n = in.count(1, "key values"); n > 0; n--) {
                key.add(Value.read(in));
            }
            RowOp<String, Value> op;
            if (kind == DELETE) {
                op = new RowOp.Delete<>(header.dot(), readDots(in));
            } else if (kind == INSERT) {
                long rank = header.stamp() + in.zigzag();
                int policy = (int) in.varint(0, 1, "a delete policy");
                SortedSet<Dot> supersedes = readDots(in);
                op = new RowOp.Insert<>(
                        header.dot(),
                        Math.max(-1, rank),
                        policy == 0 ? DeletePolicy.EDIT_WINS : DeletePolicy.DELETE_WINS,
                        supersedes,
                        readCells(table, rank, in));
            } else {
                long base = header.stamp() + in.zigzag();
                List<RowOp.Touch> touches = new ArrayList<>();
                for (int n = (int) in.varint(1, in.remaining(), "a count of lives"); n > 0; n--) {
                    touches.add(new RowOp.Touch(entry(dots, in, "a dot"), readDots(in)));
                }
                op = new RowOp.Edit<>(header.dot(), touches, readCells(table, base, in));
            }
            in.end();
            return new TableOp.Change(tables.get(table), key, op, understood);
        }

        private SortedSet<Dot> readDots(ByteReader in) {
            TreeSet<Dot> set = new TreeSet<>();
            for (int n = in.count(1, "dots"); n > 0; n--) {
                set.add(entry(dots, in, "a dot"));
            }
            return set;
        }

        private SortedMap<String, CellOp<Value>> readCells(int table, long baseRank, ByteReader in) {
            TreeMap<String, CellOp<Value>> cells = new TreeMap<>();
            for (int n = in.count(2, "cells"); n > 0; n--) {
                ColumnRef column = entry(columns, in, "a column");
                if (column.table != table) {
                    throw in.error("a column of the row's table", "one of another table");
                }
                CellOp<Value> op = readCell(column.kind, baseRank, in);
                if (op == null) {
                    understood = false;
                } else {
                    cells.put(column.name, op);
                }
            }
            return cells;
        }

        private @Nullable CellOp<Value> readCell(int kind, long baseRank, ByteReader in) {
            if (kind == PUT) {
                long bump = in.varint(0, Long.MAX_VALUE, "a rank");
                int replaces = (int) in.varint(0, dots.size(), "a dot");
                Value value = Value.read(in);
                // A rank that overflows turns negative, and so void for everyone alike.
                return new CellOp.Put<>(baseRank + bump, value, replaces == 0 ? null : dots.get(replaces - 1));
            }
            if (kind == ADD) {
                return new CellOp.Add<>(in.zigzag());
            }
            return cellReader.read(kind, baseRank, in.nested(MAX_BODY_BYTES, "a cell"));
        }

        private static <T> T entry(List<T> dictionary, ByteReader in, String what) {
            return dictionary.get((int) in.varint(0, dictionary.size() - 1L, what));
        }
    }
}
