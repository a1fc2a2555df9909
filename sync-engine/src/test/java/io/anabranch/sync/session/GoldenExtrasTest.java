// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Hex;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.PartsHeld;
import io.anabranch.sync.change.Snapshot;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * One reply for each kind of extra, in {@code extra-KIND.hex}: what we once wrote, we can always read, and still write alike. A
 * kind that is added to the code and is in no golden message, or has no row on the protocol's page, fails here.
 */
class GoldenExtrasTest {
    private static final Origin ANN = Origin.parse("a0000000000000000000000000000001");
    private static final Origin RELAY = Origin.parse("f000000000000000000000000000000f");
    private static final VersionVector SEEN = VersionVector.of(Map.of(ANN, 300L));
    private static final Snapshot.Id SNAPSHOT = new Snapshot.Id(new Hash128(3, 4), 70_000);
    /** No kind above this is looked for. */
    private static final int MOST_KINDS = 100;

    private static final SortedMap<Integer, SyncReply> REPLIES = new TreeMap<>(Map.ofEntries(
            Map.entry(1, reply(List.of(new PartsHeld(ANN, 6, new Hash128(5, 6), 7)), List.of(), Aside.NOTHING)),
            Map.entry(2, reply(List.of(), List.of(new Part(ANN, 6, 7, new byte[] {1, 2, 3})), Aside.NOTHING)),
            Map.entry(16, reply(Aside.NOTHING.withOffer(new Aside.Offer(SNAPSHOT, SEEN)))),
            Map.entry(17, reply(Aside.NOTHING.withWant(new Aside.Range(SNAPSHOT, 65_536)))),
            Map.entry(18, reply(Aside.of(new Aside.Part(SNAPSHOT, 65_536, new byte[] {9, 8, 7})))),
            Map.entry(19, reply(Aside.NOTHING.withPurged(SEEN))),
            Map.entry(20, reply(Aside.NOTHING.withChecked(Aside.hash(SEEN)))),
            Map.entry(21, reply(Aside.NOTHING.withFenced())),
            Map.entry(22, reply(Aside.NOTHING.withAsks(true))),
            Map.entry(23, reply(Aside.NOTHING.withForgotten(SEEN))),
            Map.entry(24, reply(Aside.NOTHING.withWords(List.of(new Aside.Word(RELAY, VersionVector.EMPTY, SEEN))))),
            Map.entry(
                    32,
                    reply(Aside.NOTHING.withDigest(
                            new DigestPost(new Hash128(15, 16), new TreeMap<>(Map.of("t", new Hash128(17, 18))))))),
            Map.entry(
                    33,
                    reply(Aside.NOTHING.withCompared(new Comparison(
                            7,
                            List.of(new Comparison.Other(
                                    ANN, new DigestPost(new Hash128(19, 20), new TreeMap<>())))))))));

    private static SyncReply reply(Aside aside) {
        return reply(List.of(), List.of(), aside);
    }

    private static SyncReply reply(List<PartsHeld> waiting, List<Part> parts, Aside aside) {
        return new SyncReply(
                RELAY,
                new Hash128(1, 2),
                1_800_000_000_123L,
                false,
                Hash128.ZERO,
                new TreeMap<>(),
                Head.NONE,
                List.of(),
                false,
                waiting,
                parts,
                aside);
    }

    @Test
    void eachKindHasTheseBytesForEver() throws IOException {
        for (Map.Entry<Integer, SyncReply> said : REPLIES.entrySet()) {
            byte[] golden = fixture(said.getKey());
            SyncReply read = MessageCodec.decodeReply(golden);
            // What deflaters make of a message is theirs; what it holds is golden.
            byte[] wanted = MessageMutator.content(MessageCodec.encode(said.getValue()));
            assertThat(Hex.of(MessageMutator.content(golden)))
                    .as("extra %d", said.getKey())
                    .isEqualTo(Hex.of(wanted));
            assertThat(Hex.of(MessageMutator.content(MessageCodec.encode(read))))
                    .isEqualTo(Hex.of(wanted));
        }
    }

    @Test
    void everyKindThatIsReadHasAGoldenFileAndARowOfThePage() throws IOException {
        List<Integer> known = IntStream.rangeClosed(1, MOST_KINDS)
                .filter(GoldenExtrasTest::isRead)
                .boxed()
                .collect(Collectors.toList());

        assertThat(known).containsAll(REPLIES.keySet());
        assertThat(kindsInGoldenMessages()).containsAll(known);
        String page = Files.readString(Path.of("../docs/protocol.md"));
        String extras = page.substring(page.indexOf("**Extras**"), page.indexOf("A `vector` is"));
        for (int kind : known) {
            assertThat(extras).contains("\n| " + kind + " | ");
        }
    }

    private static Set<Integer> kindsInGoldenMessages() throws IOException {
        Set<Integer> kinds = new TreeSet<>();
        try (DirectoryStream<Path> files =
                Files.newDirectoryStream(Path.of("src/test/resources/fixtures/v1"), "{request,reply,extra}*.hex")) {
            for (Path file : files) {
                byte[] message = parse(Files.readString(file));
                if (message[3] == 1) {
                    SyncRequest request = MessageCodec.decodeRequest(message);
                    add(kinds, request.waiting(), request.parts(), request.aside());
                } else {
                    SyncReply reply = MessageCodec.decodeReply(message);
                    add(kinds, reply.waiting(), reply.parts(), reply.aside());
                }
            }
        }
        return kinds;
    }

    private static void add(Set<Integer> kinds, List<PartsHeld> waiting, List<Part> parts, Aside aside) {
        if (!waiting.isEmpty()) {
            kinds.add(1);
        }
        if (!parts.isEmpty()) {
            kinds.add(2);
        }
        kinds.addAll(aside.encode().keySet());
    }

    /** A kind that is known is refused when it holds nonsense; any other is passed over. */
    private static boolean isRead(int kind) {
        byte[] none = MessageMutator.content(MessageCodec.encode(reply(Aside.NOTHING)));
        byte[] content = new ByteWriter(none.length + 8)
                .raw(Arrays.copyOf(none, none.length - 1))
                .varint(1)
                .varint(kind)
                .blob(new byte[] {(byte) 0xff, 1})
                .toByteArray();
        try {
            MessageCodec.decodeReply(MessageMutator.framed(2, content));
            return false;
        } catch (DecodeException e) {
            return true;
        }
    }

    private static byte[] fixture(int kind) throws IOException {
        String name = "/fixtures/v1/extra-" + kind + ".hex";
        try (InputStream in = GoldenExtrasTest.class.getResourceAsStream(name)) {
            assertThat(in).as(name).isNotNull();
            return parse(new String(in.readAllBytes(), StandardCharsets.US_ASCII));
        }
    }

    private static byte[] parse(String hex) {
        return HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
    }
}
