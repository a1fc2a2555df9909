// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.Codecs;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;
import java.util.zip.Deflater;
import org.jspecify.annotations.Nullable;

/**
 * Writes a snapshot as chunks, each as soon as it is full, so that memory stays O(chunk). Entries come in the order that
 * {@link Snapshot} says, rows of one table together and in ascending order. Confined to one thread; {@link #close} frees
 * the deflater.
 */
public final class SnapshotWriter implements AutoCloseable {
    private final Sink sink;
    private final Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    private final MessageDigest digest = Hash128.sha256();
    private final ByteWriter chunk = new ByteWriter(SnapshotFormat.CHUNK_BYTES + 4096);
    private long written;

    private int kind = SnapshotFormat.END;
    private String table = "";
    private @Nullable List<Value> firstKey;

    /** Takes the bytes of a snapshot, in order. */
    public interface Sink {
        /**
         * Takes the bytes of one chunk.
         *
         * @param firstKey the first row in it, of {@code table}; null if it holds no rows
         */
        void chunk(byte[] bytes, String table, @Nullable List<Value> firstKey);
    }

    public SnapshotWriter(Sink sink) {
        this.sink = sink;
        emit(SnapshotFormat.START);
    }

    public void head(Snapshot.Head head) {
        begin(SnapshotFormat.HEAD, "");
        HeadsCodec.write(head.heads().entries(), chunk);
        Codecs.versionVector().write(head.purged(), chunk);
        chunk.varint(head.clock());
    }

    public void declared(Snapshot.Declared declared) {
        begin(SnapshotFormat.DECLARED, "");
        chunk.varint(declared.rank()).origin(declared.origin());
        ByteWriter definition = new ByteWriter(512);
        declared.definition().write(definition);
        chunk.nested(definition);
    }

    public void row(String rowTable, List<Value> key, RowLives<String, Value> lives) {
        begin(SnapshotFormat.ROWS, rowTable);
        if (firstKey == null) {
            firstKey = key;
            chunk.text(rowTable);
        }
        chunk.varint(key.size());
        key.forEach(value -> value.write(chunk));
        SnapshotFormat.ROW.write(lives, chunk);
    }

    public void held(EncodedChangeSet changeSet) {
        begin(SnapshotFormat.HELD, "");
        chunk.blob(changeSet.bytes());
    }

    public void heldPart(Part part) {
        begin(SnapshotFormat.HELD_PARTS, "");
        chunk.origin(part.origin()).varint(part.seq()).varint(part.index()).blob(part.bytes());
    }

    /** Ends the snapshot and returns its name. */
    public Snapshot.Id end() {
        flush();
        Hash128 hash = Hash128.finish(digest);
        ByteWriter end = new ByteWriter(20);
        end.u8(SnapshotFormat.END);
        hash.write(end);
        byte[] bytes = end.toByteArray();
        sink.chunk(bytes, "", null);
        written += bytes.length;
        return new Snapshot.Id(hash, written);
    }

    private void begin(int nextKind, String nextTable) {
        if (kind != nextKind || !table.equals(nextTable) || chunk.size() >= SnapshotFormat.CHUNK_BYTES) {
            flush();
            kind = nextKind;
            table = nextTable;
        }
    }

    private void flush() {
        if (chunk.size() == 0) {
            return;
        }
        byte[] plain = chunk.toByteArray();
        byte[] deflated = deflate(plain);
        ByteWriter out = new ByteWriter(deflated.length + 16);
        out.u8(kind).varint(plain.length).blob(deflated);
        emit(out.toByteArray());
        chunk.clear();
        firstKey = null;
    }

    private void emit(byte[] bytes) {
        digest.update(bytes);
        written += bytes.length;
        sink.chunk(bytes, table, firstKey);
    }

    private byte[] deflate(byte[] plain) {
        deflater.reset();
        deflater.setInput(plain);
        deflater.finish();
        byte[] out = new byte[Math.max(64, plain.length / 2)];
        int length = 0;
        while (!deflater.finished()) {
            if (length == out.length) {
                out = Arrays.copyOf(out, 2 * length);
            }
            length += deflater.deflate(out, length, out.length - length);
        }
        return Arrays.copyOf(out, length);
    }

    @Override
    public void close() {
        deflater.end();
    }
}
