// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.CellOp;
import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.DecodeException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChangeSetWriterTest {
    private static final ChangeSetHeader HEADER =
            new ChangeSetHeader(Origin.of(1, 1), 1, Hash128.ZERO, 7 << 16, List.of());

    /** Small enough to see what happens at each limit. */
    private static final BodyLimits SMALL = new BodyLimits(1_000, 300, 5_000);

    private final List<byte[]> parts = new ArrayList<>();

    private static TableOp op(int key, int bytes) {
        TreeMap<String, CellOp<Value>> cells = new TreeMap<>();
        cells.put("b", new CellOp.Put<Value>(7 << 16, Value.blob(new byte[bytes]), null));
        return new TableOp.Change(
                "t",
                List.of(Value.of(key)),
                new RowOp.Insert<String, Value>(HEADER.dot(), 7 << 16, DeletePolicy.EDIT_WINS, new TreeSet<>(), cells),
                true);
    }

    private EncodedChangeSet write(int... sizes) {
        parts.clear();
        ChangeSetWriter writer = new ChangeSetWriter(HEADER, SMALL, (index, bytes) -> {
            assertThat(index).isEqualTo(parts.size());
            parts.add(bytes);
        });
        for (int i = 0; i < sizes.length; i++) {
            writer.add(op(i, sizes[i]));
        }
        return writer.finish();
    }

    private List<TableOp> read(EncodedChangeSet changeSet) {
        ChangeSetReader reader = new ChangeSetReader(changeSet, parts::get);
        List<TableOp> all = new ArrayList<>();
        for (List<TableOp> ops = reader.next(); ops != null; ops = reader.next()) {
            all.addAll(ops);
        }
        return all;
    }

    /** Returns how many bytes a value may have so that the body of its row alone has {@code bodyBytes}. */
    private static int valueFor(int bodyBytes) {
        ChangeSetCodec.BodyWriter body = new ChangeSetCodec.BodyWriter(HEADER);
        body.add(op(0, 800));
        return 800 + bodyBytes - body.toBody().length;
    }

    @Test
    void aBodyThatFitsStaysInTheChangeSet() {
        for (int bytes : new int[] {999, 1_000}) {
            EncodedChangeSet changeSet = write(valueFor(bytes));

            assertThat(changeSet.isInParts()).isFalse();
            assertThat(parts).isEmpty();
            assertThat(ChangeSetCodec.ops(changeSet)).containsExactly(op(0, valueFor(bytes)));
        }
    }

    @Test
    void aBodyOfOneByteMoreIsCutIntoParts() {
        EncodedChangeSet changeSet = write(valueFor(1_001));

        // The section has its length of two bytes before it.
        assertThat(changeSet.parts().totalBytes()).isEqualTo(1_003);
        assertThat(parts).extracting(part -> part.length).containsExactly(300, 300, 300, 103);
        assertThat(changeSet.bytes()).hasSizeLessThan(200);
        assertThat(read(EncodedChangeSet.of(changeSet.bytes()))).containsExactly(op(0, valueFor(1_001)));
    }

    @Test
    void sectionsAreCutIntoPartsWithoutRegardToWhereTheyBegin() {
        EncodedChangeSet changeSet = write(700, 700, 10, 2_000, 0, 5);

        assertThat(parts).extracting(part -> part.length).startsWith(300).allMatch(length -> length <= 300);
        assertThat(read(EncodedChangeSet.of(changeSet.bytes())))
                .containsExactly(op(0, 700), op(1, 700), op(2, 10), op(3, 2_000), op(4, 0), op(5, 5));
    }

    @Test
    void theHashCoversEveryPart() {
        EncodedChangeSet one = write(2_000);
        byte[] changed = parts.get(3).clone();
        changed[7] ^= 1;

        assertThat(one.parts().matches(3, parts.get(3))).isTrue();
        assertThat(one.parts().matches(3, changed)).isFalse();
        assertThat(one.parts().matches(2, parts.get(3))).isTrue(); // Zeros are zeros.
        assertThat(one.parts().matches(0, parts.get(3))).isFalse();
        assertThat(one.parts().matches(99, parts.get(3))).isFalse();
        assertThat(write(2_001).hash()).isNotEqualTo(one.hash());
    }

    @Test
    void theLargestBodyIsWrittenAndOneByteMoreIsNot() {
        // Behind a length of two bytes, as both are.
        write(valueFor(4_997));
        assertThat(parts.stream().mapToInt(part -> part.length).sum()).isEqualTo(4_999);
        write(valueFor(4_998));
        assertThat(parts.stream().mapToInt(part -> part.length).sum()).isEqualTo(5_000);

        assertThatThrownBy(() -> write(valueFor(4_999))).isInstanceOf(ChangeSetWriter.TooLarge.class);
    }

    // ---- Lists of parts

    private static EncodedChangeSet list(long totalBytes, long partBytes, int hashes) {
        ByteWriter list = new ByteWriter(64).varint(totalBytes).varint(partBytes);
        for (int i = 0; i < hashes; i++) {
            Hash128.ZERO.write(list);
        }
        ByteWriter out = new ByteWriter(256).u8(1).u8(1).origin(Origin.of(1, 1)).varint(1);
        Hash128.ZERO.write(out);
        return EncodedChangeSet.of(
                out.varint(5).varint(0).varint(0).nested(list).toByteArray());
    }

    @Test
    void aBodyOfOneGibibyteIsReadAndOneByteMoreIsNot() {
        assertThat(list((1 << 30) - 1, 1 << 20, 1024).parts().totalBytes()).isEqualTo((1 << 30) - 1);
        assertThat(list(1 << 30, 1 << 20, 1024).parts().count()).isEqualTo(1024);

        assertThatThrownBy(() -> list((1L << 30) + 1, 1 << 20, 1025))
                .isInstanceOf(DecodeException.class)
                .hasMessageContaining("a body's length");
    }

    @Test
    void aPartOfTwoMebibytesIsReadAndOneByteMoreIsNot() {
        assertThat(list(8 << 20, (2 << 20) - 1, 5).parts().count()).isEqualTo(5);
        assertThat(list(8 << 20, 2 << 20, 4).parts().sizeOf(3)).isEqualTo(2 << 20);

        assertThatThrownBy(() -> list(8 << 20, (2 << 20) + 1, 4))
                .isInstanceOf(DecodeException.class)
                .hasMessageContaining("a part's length");
    }

    @Test
    void upTo65536PartsAreRead() {
        assertThat(list(65_535, 1, 65_535).parts().count()).isEqualTo(65_535);
        assertThat(list(65_536, 1, 65_536).parts().count()).isEqualTo(65_536);

        assertThatThrownBy(() -> list(65_537, 1, 65_537)).isInstanceOf(DecodeException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 5})
    void aListWithTooFewOrTooManyHashesIsRefused(int hashes) {
        assertThatThrownBy(() -> list(4_000, 1_000, hashes)).isInstanceOf(DecodeException.class);
    }

    @Test
    void aBodyInsideAChangeSetHasAtMostTwoMebibytes() {
        ByteWriter out = new ByteWriter(256).u8(1).u8(0).origin(Origin.of(1, 1)).varint(1);
        Hash128.ZERO.write(out);
        byte[] start = out.varint(5).varint(0).varint(0).toByteArray();
        for (int bytes : new int[] {(2 << 20) - 1, 2 << 20}) {
            EncodedChangeSet.of(
                    new ByteWriter(bytes).raw(start).blob(new byte[bytes]).toByteArray());
        }

        byte[] larger =
                new ByteWriter(3 << 20).raw(start).blob(new byte[(2 << 20) + 1]).toByteArray();
        assertThatThrownBy(() -> EncodedChangeSet.of(larger)).isInstanceOf(DecodeException.class);
    }

    // ---- Garbage in parts

    private List<TableOp> readBody(byte[] body) {
        parts.clear();
        parts.add(body);
        PartList list = new PartList(body.length, body.length, List.of(Hash128.of(body, new byte[0])));
        return read(ChangeSetCodec.encode(HEADER, list.encode(), list));
    }

    private static byte[] section(int key) {
        ChangeSetCodec.BodyWriter body = new ChangeSetCodec.BodyWriter(HEADER);
        body.add(op(key, 3));
        return body.toBody();
    }

    @Test
    void aSectionThatDoesNotDecodeCostsItselfAlone() {
        byte[] body = new ByteWriter()
                .blob(section(1))
                .blob(new byte[] {1, 2, 3})
                .blob(section(2))
                .toByteArray();

        assertThat(readBody(body)).containsExactly(op(1, 3), new TableOp.Unknown(0), op(2, 3));
    }

    @Test
    void aLengthThatPointsBeyondTheEndCostsTheRest() {
        byte[] body = new ByteWriter().blob(section(1)).varint(1_000).u8(7).toByteArray();

        assertThat(readBody(body)).containsExactly(op(1, 3), new TableOp.Unknown(0));
    }

    @Test
    void aLengthWithoutEndCostsTheRest() {
        byte[] body = new ByteWriter().blob(section(1)).u8(0xff).toByteArray();

        assertThat(readBody(body)).containsExactly(op(1, 3), new TableOp.Unknown(0));
    }
}
