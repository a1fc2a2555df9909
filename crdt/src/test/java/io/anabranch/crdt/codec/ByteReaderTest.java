// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.causality.Origin;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

class ByteReaderTest {
    @Property
    void numbersComeBack(@ForAll long number, @ForAll String text, @ForAll byte[] blob) {
        ByteWriter inner = new ByteWriter().fixed64(number);
        ByteWriter out = new ByteWriter()
                .varint(number)
                .zigzag(number)
                .fixed64(number)
                .blob(blob)
                .origin(Origin.of(number, ~number))
                .nested(inner)
                .u8(255);

        ByteReader in = new ByteReader(out.toByteArray());

        assertThat(in.varint()).isEqualTo(number);
        assertThat(in.zigzag()).isEqualTo(number);
        assertThat(in.fixed64()).isEqualTo(number);
        assertThat(in.blob(1 << 20, "blob")).isEqualTo(blob);
        assertThat(in.origin()).isEqualTo(Origin.of(number, ~number));
        assertThat(in.nested(8, "inner").fixed64()).isEqualTo(number);
        assertThat(in.u8()).isEqualTo(255);
        in.end();
    }

    @Property
    void anyBytesGiveAValueOrADecodeException(@ForAll byte[] bytes) {
        ByteReader in = new ByteReader(bytes);
        try {
            in.text(100, "text");
            in.count(2, "things");
            in.varint(1, 1000, "a number");
            in.origin();
        } catch (DecodeException e) {
            assertThat(e.offset()).isBetween(0L, (long) bytes.length);
        }
    }

    @Example
    void theLargestNumbersTakeTenBytes() {
        assertThat(new ByteWriter().varint(-1).toByteArray()).hasSize(10);
        assertThat(new ByteWriter().varint(127).toByteArray()).containsExactly(127);
        assertThat(new ByteWriter().varint(300).toByteArray()).containsExactly(0xac, 2);
        assertThat(new ByteWriter().zigzag(-1).toByteArray()).containsExactly(1);
    }

    @Example
    void aNumberThatIsLongerThanNeededIsRefused() {
        assertError(
                new byte[] {(byte) 0x80, 0}, "at byte 0: expected the shortest form of a varint, found a longer one");
    }

    @Example
    void aNumberOfMoreThan64BitsIsRefused() {
        byte[] bytes = {-1, -1, -1, -1, -1, -1, -1, -1, -1, 2};
        assertError(bytes, "at byte 0: expected a varint of at most 64 bits, found more");
    }

    @Example
    void aNumberThatIsCutOffIsRefused() {
        assertError(new byte[] {(byte) 0x80}, "at byte 1: expected a varint, found 0 bytes left");
    }

    private static void assertError(byte[] bytes, String message) {
        assertThatThrownBy(() -> new ByteReader(bytes).varint())
                .isInstanceOf(DecodeException.class)
                .hasMessage(message);
    }

    @Example
    void hugeLengthsAreRefusedBeforeAnythingIsAllocated() {
        byte[] bytes = new ByteWriter().varint(1L << 31).toByteArray();
        assertThatThrownBy(() -> new ByteReader(bytes).blob(Long.MAX_VALUE, "a blob"))
                .hasMessage("at byte 0: expected a blob of 2147483648 bytes, found 0 bytes left");
        assertThatThrownBy(() -> new ByteReader(bytes).blob(10, "a blob"))
                .hasMessage("at byte 0: expected a length of a blob of 0 to 10, found 2147483648");
        assertThatThrownBy(() -> new ByteReader(bytes).count(1, "things"))
                .hasMessage("at byte 0: expected a count of things of 0 to 0, found 2147483648");
    }

    @Example
    void textMustBeUtf8() {
        byte[] bytes = {2, (byte) 0xc3, 0x28};
        assertThatThrownBy(() -> new ByteReader(bytes).text(10, "a name"))
                .hasMessage("at byte 1: expected a name in UTF-8, found bytes that are not");
        assertThatThrownBy(() -> Codecs.text().encode("a\ud800"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("an unpaired surrogate at index 1");
    }

    @Example
    void aNestedReaderEndsWhereItsLengthSays() {
        ByteReader inner = new ByteReader(new byte[] {1, 7, 9}).nested(10, "inner");
        assertThat(inner.u8()).isEqualTo(7);
        assertThatThrownBy(inner::u8).hasMessage("at byte 2: expected a byte, found 0 bytes left");
        inner.end();
    }

    @Example
    void whatIsLeftOverIsAnError() {
        assertThatThrownBy(() -> new ByteReader(new byte[3]).end())
                .hasMessage("at byte 0: expected the end, found 3 more bytes");
    }

    @Example
    void aByteHasEightBits() {
        assertThatThrownBy(() -> new ByteWriter().u8(256)).hasMessage("not a byte: 256");
    }
}
