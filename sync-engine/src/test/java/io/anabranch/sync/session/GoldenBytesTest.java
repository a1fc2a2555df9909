// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.CellOp;
import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.RightsChange;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.BodyLimits;
import io.anabranch.sync.change.ChangeSetCodec;
import io.anabranch.sync.change.ChangeSetHeader;
import io.anabranch.sync.change.ChangeSetReader;
import io.anabranch.sync.change.ChangeSetWriter;
import io.anabranch.sync.change.ContextEntry;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.ForeignKeyRule;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Hex;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.PartsHeld;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.TableDefinition;
import io.anabranch.sync.change.TableDefinition.Column;
import io.anabranch.sync.change.TableDefinition.ForeignKey;
import io.anabranch.sync.change.TableDefinition.Index;
import io.anabranch.sync.change.TableDefinition.IndexColumn;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.change.Value;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/**
 * What we once wrote, we can always read, and still write alike: the files are added to, never edited. They hold
 * hexadecimal digits, 32 bytes a line. {@code docs/protocol.md} explains them.
 */
class GoldenBytesTest {
    private static final Origin ANN = Origin.parse("a0000000000000000000000000000001");
    private static final Origin BOB = Origin.parse("b0000000000000000000000000000002");
    private static final Origin RELAY = Origin.parse("f000000000000000000000000000000f");
    private static final DigestPost POST = new DigestPost(
            new Hash128(15, 16), new TreeMap<>(Map.of("product", new Hash128(17, 18), "Größe", new Hash128(19, 20))));
    private static final long STAMP = HybridTime.of(1_800_000_000_000L, 1).bits();

    @Test
    void aChangeSet() throws IOException {
        EncodedChangeSet changeSet = changeSet();

        assertThat(lines(changeSet.bytes())).isEqualTo(fixture("change-set.hex"));
        EncodedChangeSet read = EncodedChangeSet.of(bytes("change-set.hex"));
        assertThat(read.header()).isEqualTo(changeSet.header());
        assertThat(read.hash()).hasToString("2b60e72717ad9b3d56d98eefa2954a81");
        assertThat(ChangeSetCodec.ops(read)).isEqualTo(ops());
    }

    @Test
    void aRequest() throws IOException {
        SyncRequest request = new SyncRequest(
                ANN,
                new Head(3, changeSet().hash()),
                new Hash128(1, 2),
                new Hash128(3, 4),
                new TreeMap<>(Map.of(ANN, new Head(3, changeSet().hash()), BOB, Head.NONE)),
                4 << 20,
                List.of());

        assertThat(lines(MessageCodec.encode(request))).isEqualTo(fixture("request.hex"));
        assertThat(MessageCodec.decodeRequest(bytes("request.hex"))).isEqualTo(request);
    }

    @Test
    void aReply() throws IOException {
        SyncReply reply = new SyncReply(
                RELAY,
                new Hash128(5, 6),
                1_800_000_000_123L,
                false,
                new Hash128(7, 8),
                new TreeMap<>(Map.of(BOB, new Head(9, new Hash128(10, 11)))),
                new Head(2, new Hash128(12, 13)),
                List.of(changeSet()),
                true);

        SyncReply read = MessageCodec.decodeReply(bytes("reply.hex"));
        assertThat(read.changeSets().get(0).bytes()).isEqualTo(changeSet().bytes());
        // A message may be deflated, and no two deflaters need agree: what it holds is golden, not how it is packed.
        assertThat(lines(MessageCodec.encode(read))).isEqualTo(lines(MessageCodec.encode(reply)));
    }

    @Test
    void aRequestThatSaysADigest() throws IOException {
        SyncRequest request = new SyncRequest(
                ANN,
                new Head(3, changeSet().hash()),
                new Hash128(1, 2),
                new Hash128(3, 4),
                new TreeMap<>(),
                4 << 20,
                List.of(),
                List.of(),
                List.of(),
                Aside.NOTHING.withDigest(POST));

        assertThat(MessageCodec.decodeRequest(bytes("request-with-digest.hex"))).isEqualTo(request);
    }

    @Test
    void aReplyThatComparesDigests() throws IOException {
        Comparison compared = new Comparison(
                7,
                List.of(
                        new Comparison.Other(ANN, POST.withoutTables()),
                        new Comparison.Other(
                                BOB, new DigestPost(new Hash128(21, 22), new TreeMap<>(Map.of("t", Hash128.ZERO))))));
        SyncReply reply = new SyncReply(
                RELAY,
                new Hash128(5, 6),
                1_800_000_000_123L,
                false,
                new Hash128(7, 8),
                new TreeMap<>(),
                new Head(2, new Hash128(12, 13)),
                List.of(),
                false,
                List.of(),
                List.of(),
                Aside.NOTHING.withCompared(compared));

        SyncReply read = MessageCodec.decodeReply(bytes("reply-with-comparison.hex"));
        assertThat(read).isEqualTo(reply);
        assertThat(lines(MessageCodec.encode(read))).isEqualTo(lines(MessageCodec.encode(reply)));
    }

    @Test
    void aChangeSetWithCellsOfEveryKind() throws IOException {
        EncodedChangeSet changeSet = ChangeSetCodec.encode(
                new ChangeSetHeader(ANN, 3, new Hash128(1, 2), STAMP, List.of()), cellsOfEveryKind());

        assertThat(lines(changeSet.bytes())).isEqualTo(fixture("cells.hex"));
        assertThat(ChangeSetCodec.ops(EncodedChangeSet.of(bytes("cells.hex")))).isEqualTo(cellsOfEveryKind());
    }

    private static List<TableOp> cellsOfEveryKind() {
        Dot own = new Dot(ANN, 3);
        Dot before = new Dot(ANN, 1);
        Dot bobs = new Dot(BOB, 5);
        TreeMap<String, CellOp<Value>> first = new TreeMap<>();
        first.put("best", new CellOp.Raise<>(Value.of(9)));
        first.put("price", new CellOp.Replace<>(STAMP, Value.of(2.5), new TreeSet<>()));
        first.put("stock", new CellOp.Trade<>(new TreeMap<>(Map.of(own, new RightsChange(100, 0, new TreeMap<>())))));
        first.put(
                "tags", new CellOp.Change<>(new TreeSet<>(List.of(Value.of("7"), Value.of("\"a\""))), new TreeMap<>()));
        first.put("views", new CellOp.Grow<>(300));
        TreeMap<String, CellOp<Value>> later = new TreeMap<>();
        later.put("first", new CellOp.Lower<>(Value.NULL));
        later.put("price", new CellOp.Replace<>(STAMP + 2, Value.of("3"), new TreeSet<>(List.of(before, bobs))));
        later.put(
                "stock",
                new CellOp.Trade<>(new TreeMap<>(
                        Map.of(before, new RightsChange(0, 4, new TreeMap<>(Map.of(BOB, 6L)))))));
        TreeMap<Value, SortedSet<Dot>> removes = new TreeMap<>();
        removes.put(Value.of("7"), new TreeSet<>(List.of(before, bobs)));
        later.put("tags", new CellOp.Change<>(new TreeSet<>(List.of(Value.of("8"))), removes));
        List<RowOp.Touch> touches = List.of(new RowOp.Touch(before, new TreeSet<>(List.of(before))));
        return List.of(
                new TableOp.Change(
                        "item",
                        List.of(Value.of("p-1")),
                        new RowOp.Insert<String, Value>(own, STAMP, DeletePolicy.EDIT_WINS, new TreeSet<>(), first),
                        true),
                new TableOp.Change(
                        "item", List.of(Value.of("p-2")), new RowOp.Edit<String, Value>(own, touches, later), true));
    }

    @Test
    void aChangeSetInPartsWithItsParts() throws IOException {
        List<byte[]> parts = new ArrayList<>();
        EncodedChangeSet changeSet = inParts(parts);

        assertThat(lines(changeSet.bytes())).isEqualTo(fixture("change-set-in-parts.hex"));
        assertThat(changeSet.hash()).hasToString("cab639d5823f7b32971b1a95584b570d");
        EncodedChangeSet read = EncodedChangeSet.of(bytes("change-set-in-parts.hex"));
        ChangeSetReader reader = new ChangeSetReader(read, parts::get);
        assertThat(reader.next()).isEqualTo(ops().subList(0, 1));
        assertThat(reader.next()).isEqualTo(ops().subList(1, 4));
        assertThat(reader.next()).isNull();
    }

    @Test
    void aRequestWithParts() throws IOException {
        List<byte[]> parts = new ArrayList<>();
        EncodedChangeSet changeSet = inParts(parts);
        SyncRequest request = new SyncRequest(
                ANN,
                new Head(3, changeSet.hash()),
                new Hash128(1, 2),
                null,
                new TreeMap<>(Map.of(ANN, new Head(3, changeSet.hash()))),
                4 << 20,
                List.of(),
                List.of(new PartsHeld(BOB, 6, new Hash128(5, 6), 7)),
                List.of(new Part(ANN, 3, 2, parts.get(2)), new Part(ANN, 3, 3, parts.get(3))));

        SyncRequest read = MessageCodec.decodeRequest(bytes("request-with-parts.hex"));
        assertThat(lines(MessageCodec.encode(read))).isEqualTo(lines(MessageCodec.encode(request)));
        assertThat(read.waiting()).isEqualTo(request.waiting());
        assertThat(read.parts()).extracting(Part::index).containsExactly(2, 3);
    }

    /** The change set of this test, in parts of 100 bytes. */
    private static EncodedChangeSet inParts(List<byte[]> parts) {
        ChangeSetWriter writer = new ChangeSetWriter(
                changeSet().header(), new BodyLimits(100, 100, 1 << 20), (index, bytes) -> parts.add(bytes));
        ops().forEach(writer::add);
        return writer.finish();
    }

    private static EncodedChangeSet changeSet() {
        ChangeSetHeader header = new ChangeSetHeader(
                ANN,
                3,
                new Hash128(0x0123456789abcdefL, 0xfedcba9876543210L),
                STAMP,
                List.of(new ContextEntry(BOB, 5, 0x1122334455667788L)));
        return ChangeSetCodec.encode(header, ops());
    }

    private static List<TableOp> ops() {
        Dot own = new Dot(ANN, 3);
        Dot before = new Dot(ANN, 1);
        Dot bobs = new Dot(BOB, 5);
        TableDefinition products = new TableDefinition(
                "products",
                false,
                false,
                false,
                DeletePolicy.EDIT_WINS,
                List.of(
                        new Column("id", "TEXT", true, 1, Value.NULL, "", "BINARY", Rule.LWW),
                        new Column("title", "TEXT", true, 0, Value.of("untitled"), "", "NOCASE", Rule.LWW),
                        new Column("stock", "INTEGER", false, 0, Value.of(0), "", "BINARY", Rule.COUNTER),
                        new Column("changed", "TEXT", false, 0, Value.NULL, "CURRENT_TIMESTAMP", "BINARY", Rule.LWW)),
                List.of(new Index("by_title", true, List.of(new IndexColumn("title", "NOCASE", true)))),
                List.of(new ForeignKey(
                        List.of("id"), "articles", List.of("id"), "NO ACTION", "CASCADE", ForeignKeyRule.DEFAULT)));
        RowOp.Insert<String, Value> insert = new RowOp.Insert<String, Value>(
                own,
                STAMP,
                DeletePolicy.EDIT_WINS,
                new TreeSet<Dot>(),
                new TreeMap<>(Map.<String, CellOp<Value>>of(
                        "stock", new CellOp.Add<Value>(-300),
                        "title", new CellOp.Put<Value>(STAMP, Value.of("Böttger's pot"), null))));
        RowOp.Edit<String, Value> edit = new RowOp.Edit<String, Value>(
                own,
                List.of(new RowOp.Touch(before, new TreeSet<>(List.of(before, bobs)))),
                new TreeMap<>(Map.<String, CellOp<Value>>of(
                        "changed", new CellOp.Put<Value>(STAMP, Value.of(-1.5), bobs),
                        "title", new CellOp.Put<Value>(STAMP + 7, Value.blob(new byte[] {0, (byte) 0xff}), before))));
        RowOp.Delete<String, Value> delete =
                new RowOp.Delete<String, Value>(own, new TreeSet<>(List.of(new Dot(BOB, 2), bobs)));
        return List.of(
                new TableOp.Declare(products),
                new TableOp.Change("products", List.of(Value.of("p-1")), insert, true),
                new TableOp.Change("products", List.of(Value.of("p-2")), edit, true),
                new TableOp.Change("products", List.of(Value.of(Long.MIN_VALUE)), delete, true));
    }

    private static String lines(byte[] bytes) {
        return Hex.of(bytes).replaceAll("(.{64})", "$1\n").strip();
    }

    private static byte[] bytes(String name) throws IOException {
        String hex = fixture(name).replace("\n", "");
        byte[] bytes = new byte[hex.length() / 2];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) Integer.parseInt(hex.substring(2 * i, 2 * i + 2), 16);
        }
        return bytes;
    }

    private static String fixture(String name) throws IOException {
        try (InputStream in = GoldenBytesTest.class.getResourceAsStream("/fixtures/v1/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII).strip();
        }
    }
}
