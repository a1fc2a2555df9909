// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.CellOp;
import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.Codecs;
import io.anabranch.crdt.codec.DecodeException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.zip.Deflater;
import org.junit.jupiter.api.Test;

/**
 * The bytes of snapshots: what was once written stays readable, and bytes that are cut, changed or made up give a {@link
 * DecodeException} and nothing else.
 */
class SnapshotBytesTest {
    private static final Origin ANN = Origin.parse("a0000000000000000000000000000001");
    private static final Origin BOB = Origin.parse("b0000000000000000000000000000002");
    private static final long STAMP = HybridTime.of(1_800_000_000_000L, 1).bits();

    @Test
    void whatWasOnceWrittenIsReadTheSame() throws IOException {
        List<Snapshot.Entry> read = read(golden());

        assertThat(read).hasSameSizeAs(entries());
        for (int i = 0; i < read.size(); i++) {
            assertThat(text(read.get(i))).isEqualTo(text(entries().get(i)));
        }
    }

    @Test
    void theNameIsTheHashOfWhatComesBeforeIt() throws IOException {
        byte[] golden = golden();
        byte[] end = Arrays.copyOfRange(golden, golden.length - Hash128.SIZE_BYTES, golden.length);

        assertThat(SnapshotReader.hash(List.of(golden).iterator(), golden.length))
                .isEqualTo(Hash128.of(end));
        assertThat(read(written())).hasSameSizeAs(entries());
    }

    @Test
    void itMayBeCutIntoPartsAnywhere() throws IOException {
        byte[] golden = golden();
        for (int size : new int[] {1, 7, 100}) {
            List<byte[]> parts = new ArrayList<>();
            for (int at = 0; at < golden.length; at += size) {
                parts.add(Arrays.copyOfRange(golden, at, Math.min(golden.length, at + size)));
            }
            List<Snapshot.Entry> read = new ArrayList<>();
            SnapshotReader.read(parts.iterator(), read::add);
            assertThat(read).hasSameSizeAs(entries());
        }
    }

    // ---- Hostile bytes

    @Test
    void everyTruncationIsRefused() throws IOException {
        byte[] golden = golden();
        for (int length = 0; length < golden.length; length++) {
            byte[] cut = Arrays.copyOf(golden, length);
            assertThatThrownBy(() -> read(cut)).as("cut to %s bytes", length).isInstanceOf(DecodeException.class);
        }
    }

    @Test
    void everyFlippedBitIsReadOrRefused() throws IOException {
        byte[] golden = golden();
        for (int bit = 0; bit < golden.length * 8; bit++) {
            byte[] flipped = golden.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            readOrRefuse(flipped);
        }
    }

    @Test
    void bytesReplacedAtRandomAreReadOrRefused() throws IOException {
        byte[] golden = golden();
        Random random = new Random(13);
        for (int i = 0; i < 5_000; i++) {
            byte[] changed = golden.clone();
            for (int n = 1 + random.nextInt(4); n > 0; n--) {
                changed[4 + random.nextInt(changed.length - 4)] =
                        (byte) (random.nextInt(4) == 0 ? 0xff : random.nextInt());
            }
            readOrRefuse(changed);
        }
    }

    /** Deflated bytes hide most changes from the reader behind them; these are changed before they are deflated. */
    @Test
    void chunksWhoseContentChangedAreReadOrRefused() {
        List<byte[]> chunks = inflatedChunks();
        Random random = new Random(17);
        for (int i = 0; i < 10_000; i++) {
            ByteWriter out = new ByteWriter(1024);
            out.raw(SnapshotFormat.START);
            int victim = random.nextInt(chunks.size());
            for (int c = 0; c < chunks.size(); c++) {
                byte[] chunk = chunks.get(c).clone();
                if (c == victim) {
                    int at = 1 + random.nextInt(chunk.length - 1);
                    chunk = random.nextInt(5) == 0 ? Arrays.copyOf(chunk, at) : chunk;
                    if (at < chunk.length) {
                        chunk[at] = (byte) (random.nextInt(3) == 0 ? 0xff : random.nextInt());
                    }
                }
                byte[] content = Arrays.copyOfRange(chunk, 1, chunk.length);
                out.u8(chunk[0]).varint(content.length).blob(deflate(content));
            }
            out.u8(SnapshotFormat.END).raw(new byte[Hash128.SIZE_BYTES]);
            readOrRefuse(out.toByteArray());
        }
    }

    @Test
    void aByteTooManyIsRefused() throws IOException {
        byte[] golden = golden();
        assertThatThrownBy(() -> read(Arrays.copyOf(golden, golden.length + 1))).isInstanceOf(DecodeException.class);
    }

    @Test
    void aChunkThatClaimsMoreThanItHoldsIsRefusedBeforeRoomIsMadeForIt() {
        ByteWriter out = new ByteWriter(64);
        out.raw(SnapshotFormat.START).u8(SnapshotFormat.HEAD).varint(SnapshotFormat.MAX_CHUNK_BYTES);
        out.blob(deflate(new byte[10]));
        assertThatThrownBy(() -> read(out.toByteArray()))
                .isInstanceOf(DecodeException.class)
                .hasMessageContaining("only 10");
        ByteWriter longer = new ByteWriter(64);
        longer.raw(SnapshotFormat.START).u8(SnapshotFormat.HEAD).varint(10).varint(SnapshotFormat.MAX_CHUNK_BYTES);
        assertThatThrownBy(() -> read(longer.toByteArray())).isInstanceOf(DecodeException.class);
    }

    private static void readOrRefuse(byte[] bytes) {
        try {
            read(bytes);
        } catch (DecodeException refused) {
            assertThat(refused.getMessage()).contains("expected");
        }
    }

    private static List<Snapshot.Entry> read(byte[] bytes) {
        List<Snapshot.Entry> entries = new ArrayList<>();
        Iterator<byte[]> parts = bytes.length == 0
                ? List.<byte[]>of().iterator()
                : List.of(bytes).iterator();
        SnapshotReader.read(parts, entries::add);
        return entries;
    }

    // ---- What is written

    /** Each kind of chunk, with rows of a counter, a set, two lives and a hidden one, and a change set in parts. */
    private static List<Snapshot.Entry> entries() {
        List<byte[]> parts = new ArrayList<>();
        EncodedChangeSet held = held(parts);
        List<Snapshot.Entry> entries = new ArrayList<>();
        entries.add(new Snapshot.Head(
                Heads.of(Map.of(ANN, new Head(4, new Hash128(1, 2)), BOB, new Head(300, new Hash128(3, 4)))),
                VersionVector.of(new TreeMap<>(Map.of(ANN, 2L))),
                STAMP + 9));
        entries.add(new Snapshot.Declared(
                new TableDefinition(
                        "item",
                        false,
                        false,
                        false,
                        DeletePolicy.EDIT_WINS,
                        List.of(
                                new TableDefinition.Column("id", "TEXT", true, 1, Value.NULL, "", "BINARY", Rule.LWW),
                                new TableDefinition.Column(
                                        "stock", "INTEGER", false, 0, Value.of(0), "", "BINARY", Rule.COUNTER)),
                        List.of(),
                        List.of()),
                STAMP,
                ANN));
        entries.add(new Snapshot.Row("item", List.of(Value.of("cup")), twoLives()));
        entries.add(new Snapshot.Row("item", List.of(Value.of("pan")), hidden()));
        entries.add(new Snapshot.Row("tag", List.of(Value.of(7), Value.blob(new byte[] {0, 1})), hidden()));
        entries.add(new Snapshot.Held(held));
        for (int i = 0; i < parts.size(); i++) {
            entries.add(new Snapshot.HeldPart(new Part(ANN, 4, i, parts.get(i))));
        }
        return entries;
    }

    private static RowLives<String, Value> twoLives() {
        return RowLives.<String, Value>none()
                .apply(insert(new Dot(ANN, 1), "Böttger's", -300))
                .apply(insert(new Dot(BOB, 2), "Bob's", 5));
    }

    private static RowLives<String, Value> hidden() {
        RowLives<String, Value> shown = RowLives.<String, Value>none().apply(insert(new Dot(BOB, 7), "", 1));
        return shown.apply(shown.delete(new Dot(ANN, 3)));
    }

    private static RowOp.Insert<String, Value> insert(Dot dot, String title, long stock) {
        return new RowOp.Insert<>(
                dot,
                STAMP,
                DeletePolicy.EDIT_WINS,
                new TreeSet<>(),
                new TreeMap<>(Map.<String, CellOp<Value>>of(
                        "stock", new CellOp.Add<Value>(stock),
                        "title", new CellOp.Put<Value>(STAMP, Value.of(title), null),
                        "tags",
                                new CellOp.Change<>(
                                        new TreeSet<>(List.of(Value.of("1"), Value.of("\"a\""))), new TreeMap<>()))));
    }

    private static EncodedChangeSet held(List<byte[]> parts) {
        ChangeSetWriter writer = new ChangeSetWriter(
                new ChangeSetHeader(ANN, 4, new Hash128(5, 6), STAMP, List.of()),
                new BodyLimits(60, 60, 1 << 20),
                (index, bytes) -> parts.add(bytes));
        for (int i = 0; i < 3; i++) {
            writer.add(
                    new TableOp.Change("later", List.of(Value.of(i)), insert(new Dot(ANN, 4), "title " + i, i), true));
        }
        return writer.finish();
    }

    private static byte[] written() {
        ByteWriter out = new ByteWriter(1024);
        try (SnapshotWriter writer = new SnapshotWriter((bytes, table, firstKey) -> out.raw(bytes))) {
            for (Snapshot.Entry entry : entries()) {
                if (entry instanceof Snapshot.Head head) {
                    writer.head(head);
                } else if (entry instanceof Snapshot.Declared declared) {
                    writer.declared(declared);
                } else if (entry instanceof Snapshot.Row row) {
                    writer.row(row.table(), row.key(), row.lives());
                } else if (entry instanceof Snapshot.Held held) {
                    writer.held(held.changeSet());
                } else if (entry instanceof Snapshot.HeldPart part) {
                    writer.heldPart(part.part());
                }
            }
            writer.end();
        }
        return out.toByteArray();
    }

    /** Returns the kind and the content of each chunk but the end. */
    private static List<byte[]> inflatedChunks() {
        List<byte[]> chunks = new ArrayList<>();
        for (Snapshot.Entry entry : entries()) {
            ByteWriter out = new ByteWriter(256);
            if (entry instanceof Snapshot.Head head) {
                out.u8(SnapshotFormat.HEAD);
                HeadsCodec.write(head.heads().entries(), out);
                Codecs.versionVector().write(head.purged(), out);
                out.varint(head.clock());
            } else if (entry instanceof Snapshot.Declared declared) {
                ByteWriter definition = new ByteWriter(256);
                declared.definition().write(definition);
                out.u8(SnapshotFormat.DECLARED)
                        .varint(declared.rank())
                        .origin(declared.origin())
                        .nested(definition);
            } else if (entry instanceof Snapshot.Row row) {
                out.u8(SnapshotFormat.ROWS).text(row.table()).varint(row.key().size());
                row.key().forEach(value -> value.write(out));
                SnapshotFormat.ROW.write(row.lives(), out);
            } else if (entry instanceof Snapshot.Held held) {
                out.u8(SnapshotFormat.HELD).blob(held.changeSet().bytes());
            } else {
                continue;
            }
            chunks.add(out.toByteArray());
        }
        return chunks;
    }

    private static byte[] deflate(byte[] plain) {
        Deflater deflater = new Deflater(Deflater.BEST_SPEED, true);
        deflater.setInput(plain);
        deflater.finish();
        byte[] out = new byte[plain.length + 64];
        int length = deflater.deflate(out);
        deflater.end();
        return Arrays.copyOf(out, length);
    }

    /** Entries hold arrays of bytes, which are equal only to themselves. */
    private static String text(Snapshot.Entry entry) {
        if (entry instanceof Snapshot.Held held) {
            return Hex.of(held.changeSet().bytes());
        }
        if (entry instanceof Snapshot.HeldPart part) {
            return part.part().index() + " " + Hex.of(part.part().bytes());
        }
        return entry.toString();
    }

    private static byte[] golden() throws IOException {
        try (InputStream in = SnapshotBytesTest.class.getResourceAsStream("/fixtures/v1/snapshot.hex")) {
            String hex = new String(in.readAllBytes(), StandardCharsets.US_ASCII).replaceAll("\\s", "");
            byte[] bytes = new byte[hex.length() / 2];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
            }
            return bytes;
        }
    }
}
