// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.Codecs;
import io.anabranch.crdt.codec.DecodeException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Reads a snapshot from bytes that may be hostile, a chunk at a time: every failure is a {@link DecodeException}. Whoever
 * reads from a peer checks the hash of all bytes first. Memory O(chunk).
 */
public final class SnapshotReader {
    private final Iterator<byte[]> parts;
    private byte[] buffer = new byte[0];
    /** How many bytes of the buffer were taken. */
    private int at;
    /** How many bytes were taken in all. */
    private long taken;

    private SnapshotReader(Iterator<byte[]> parts) {
        this.parts = parts;
    }

    /** Passes every entry to {@code each}, in order. {@code parts} are the bytes, cut anywhere. */
    public static void read(Iterator<byte[]> parts, Consumer<Snapshot.Entry> each) {
        new SnapshotReader(parts).readAll(each);
    }

    /** Passes the head alone to {@code each}. */
    public static void readHead(Iterator<byte[]> parts, Consumer<Snapshot.Head> each) {
        SnapshotReader reader = new SnapshotReader(parts);
        reader.readStart();
        reader.readNext(true, entry -> each.accept((Snapshot.Head) entry));
    }

    /** Returns the hash that names a snapshot of these bytes. It says nothing of what they mean. */
    public static Hash128 hash(Iterator<byte[]> parts, long sizeBytes) {
        var digest = Hash128.sha256();
        long left = sizeBytes - 1 - Hash128.SIZE_BYTES; // The end does not hash itself.
        while (parts.hasNext() && left > 0) {
            byte[] part = parts.next();
            int length = (int) Math.min(left, part.length);
            digest.update(part, 0, length);
            left -= length;
        }
        return Hash128.finish(digest);
    }

    /** Returns the rows of one chunk as {@link SnapshotWriter} gave it to its sink; empty if it holds none. */
    public static List<Snapshot.Row> rows(byte[] chunk) {
        List<Snapshot.Row> rows = new ArrayList<>();
        ByteReader in = new ByteReader(chunk);
        int kind = in.u8();
        if (kind == SnapshotFormat.ROWS) {
            int length = (int) in.varint(0, SnapshotFormat.MAX_CHUNK_BYTES, "a chunk");
            readRows(new ByteReader(inflate(in.blob(in.remaining(), "a chunk"), length)), rows::add);
        }
        return rows;
    }

    private void readAll(Consumer<Snapshot.Entry> each) {
        readStart();
        boolean isFirst = true;
        while (readNext(isFirst, each)) {
            isFirst = false;
        }
        requireEnd();
    }

    private void readStart() {
        if (!Arrays.equals(take(SnapshotFormat.START.length), SnapshotFormat.START)) {
            throw new DecodeException(0, "a snapshot of version 1", "something else");
        }
    }

    /** Reads one chunk. Returns false at the end. */
    private boolean readNext(boolean isFirst, Consumer<Snapshot.Entry> each) {
        int kind = take(1)[0];
        if (isFirst != (kind == SnapshotFormat.HEAD)) {
            throw new DecodeException(position(), isFirst ? "a head first" : "one head", "chunk " + kind);
        }
        if (kind == SnapshotFormat.END) {
            take(Hash128.SIZE_BYTES);
            return false;
        }
        int plain = (int) takeVarint(SnapshotFormat.MAX_CHUNK_BYTES);
        int length = (int) takeVarint(SnapshotFormat.MAX_CHUNK_BYTES);
        readChunk(kind, new ByteReader(inflate(take(length), plain)), each);
        return true;
    }

    private static void readChunk(int kind, ByteReader in, Consumer<Snapshot.Entry> each) {
        switch (kind) {
            case SnapshotFormat.HEAD:
                Heads heads = Heads.of(HeadsCodec.read(in));
                VersionVector purged = Codecs.versionVector().read(in);
                each.accept(new Snapshot.Head(heads, purged, in.varint(0, Long.MAX_VALUE, "a clock")));
                break;
            case SnapshotFormat.DECLARED:
                while (in.remaining() > 0) {
                    each.accept(readDeclared(in));
                }
                break;
            case SnapshotFormat.ROWS:
                readRows(in, each::accept);
                break;
            case SnapshotFormat.HELD:
                while (in.remaining() > 0) {
                    each.accept(new Snapshot.Held(EncodedChangeSet.of(in.blob(in.remaining(), "a change set"))));
                }
                break;
            case SnapshotFormat.HELD_PARTS:
                while (in.remaining() > 0) {
                    each.accept(new Snapshot.HeldPart(readPart(in)));
                }
                break;
            default:
                throw in.error("a chunk of kind 0 to 5", Integer.toString(kind));
        }
        in.end();
    }

    private static Part readPart(ByteReader in) {
        return new Part(
                in.origin(),
                in.varint(1, Long.MAX_VALUE, "a seq"),
                (int) in.varint(0, BodyLimits.MAX_PARTS, "a part's number"),
                in.blob(BodyLimits.MAX_PART_BYTES, "a part"));
    }

    private static Snapshot.Declared readDeclared(ByteReader in) {
        long rank = in.varint(0, Long.MAX_VALUE, "a rank");
        Origin origin = in.origin();
        ByteReader nested = in.nested(in.remaining(), "a definition");
        TableDefinition definition = TableDefinition.read(nested);
        nested.end();
        return new Snapshot.Declared(definition, rank, origin);
    }

    private static void readRows(ByteReader in, Consumer<Snapshot.Row> each) {
        String table = in.text(SnapshotFormat.MAX_NAME_BYTES, "a table name");
        while (in.remaining() > 0) {
            List<Value> key = new ArrayList<>();
            for (long n = in.varint(1, SnapshotFormat.MAX_KEY_VALUES, "key values"); n > 0; n--) {
                key.add(Value.read(in));
            }
            each.accept(new Snapshot.Row(table, key, SnapshotFormat.ROW.read(in)));
        }
        in.end();
    }

    private static byte[] inflate(byte[] deflated, int length) {
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(deflated);
            // Grows as bytes come: an announced length alone allocates nothing.
            byte[] plain = new byte[(int) Math.min(length, 16L * deflated.length + 64)];
            int done = 0;
            while (done < length) {
                if (done == plain.length) {
                    plain = Arrays.copyOf(plain, (int) Math.min(length, 2L * done));
                }
                int n = inflater.inflate(plain, done, plain.length - done);
                if (n == 0) {
                    throw new DecodeException(0, "a chunk of " + length + " bytes once inflated", "only " + done);
                }
                done += n;
            }
            if (inflater.inflate(new byte[1]) != 0 || !inflater.finished() || inflater.getRemaining() > 0) {
                throw new DecodeException(0, "a chunk of " + length + " bytes once inflated", "more");
            }
            return plain.length == length ? plain : Arrays.copyOf(plain, length);
        } catch (DataFormatException e) {
            throw new DecodeException(0, "deflated bytes", "bytes that are not");
        } finally {
            inflater.end();
        }
    }

    // ---- Bytes across parts

    private long takeVarint(long max) {
        long value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            int b = take(1)[0] & 0xff;
            value |= (long) (b & 0x7f) << shift;
            if (b < 0x80) {
                if (value > max) {
                    throw new DecodeException(position(), "a length of at most " + max, Long.toString(value));
                }
                return value;
            }
        }
        throw new DecodeException(position(), "a length in at most 5 bytes", "more");
    }

    private byte[] take(int length) {
        byte[] result = new byte[0];
        int done = 0;
        while (done < length) {
            if (at == buffer.length) {
                if (!parts.hasNext()) {
                    throw new DecodeException(position(), length + " bytes", done + " bytes left");
                }
                buffer = parts.next();
                at = 0;
            }
            int more = Math.min(length - done, buffer.length - at);
            result = Arrays.copyOf(result, done + more); // Grows as bytes come.
            System.arraycopy(buffer, at, result, done, more);
            done += more;
            at += more;
        }
        taken += length;
        return result;
    }

    private void requireEnd() {
        if (at < buffer.length || parts.hasNext()) {
            throw new DecodeException(position(), "the end", "more bytes");
        }
    }

    private int position() {
        return (int) Math.min(taken, Integer.MAX_VALUE);
    }
}
