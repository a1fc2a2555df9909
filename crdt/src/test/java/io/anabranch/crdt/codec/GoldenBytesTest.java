// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.Examples;
import io.anabranch.crdt.OrSet;
import io.anabranch.crdt.causality.Origin;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What we once wrote, we can always read. Golden files are added to, never edited; a new one is written by {@code mvn
 * test -Danabranch.golden=write}.
 */
class GoldenBytesTest {
    static List<Examples.Example<?>> examples() {
        return Examples.all();
    }

    @ParameterizedTest
    @MethodSource("examples")
    <T> void theBytesAreThoseOfTheGoldenFile(Examples.Example<T> example) throws IOException {
        byte[] golden = golden(example);

        assertThat(HexFormat.of().formatHex(example.codec().encode(example.value())))
                .isEqualTo(HexFormat.of().formatHex(golden));
        assertThat(example.codec().decode(golden)).isEqualTo(example.value());
    }

    @ParameterizedTest
    @MethodSource("examples")
    <T> void everyTruncationIsAnError(Examples.Example<T> example) throws IOException {
        byte[] golden = golden(example);
        for (int length = 0; length < golden.length; length++) {
            byte[] part = Arrays.copyOf(golden, length);
            assertThatThrownBy(() -> example.codec().decode(part))
                    .as("%s bytes", length)
                    .isInstanceOf(DecodeException.class)
                    .hasMessageMatching("at byte \\d+: expected .+, found .+");
        }
        byte[] longer = Arrays.copyOf(golden, golden.length + 1);
        assertThatThrownBy(() -> example.codec().decode(longer)).isInstanceOf(DecodeException.class);
    }

    @ParameterizedTest
    @MethodSource("examples")
    <T> void everyFlippedBitGivesAnErrorOrTheBytesOfAnotherValue(Examples.Example<T> example) throws IOException {
        byte[] golden = golden(example);
        for (int bit = 0; bit < 8 * golden.length; bit++) {
            byte[] flipped = golden.clone();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            T other;
            try {
                other = example.codec().decode(flipped);
            } catch (DecodeException expected) {
                continue;
            }
            assertThat(example.codec().encode(other)).as("bit %s", bit).isEqualTo(flipped);
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    <T> void theBytesOfAForeignTypeAreNamed(Examples.Example<T> example) {
        for (Examples.Example<?> foreign : Examples.all()) {
            if (foreign.codec().getClass() != example.codec().getClass()) {
                assertThatThrownBy(() -> example.codec().decode(encode(foreign)))
                        .isInstanceOf(DecodeException.class)
                        .hasMessageStartingWith("at byte 0: expected the tag ");
            }
        }
    }

    @ParameterizedTest
    @MethodSource("examples")
    <T> void aFormatFromTheFutureIsNamed(Examples.Example<T> example) {
        byte[] bytes = example.codec().encode(example.value());
        bytes[1]++;
        assertThatThrownBy(() -> example.codec().decode(bytes))
                .isInstanceOf(DecodeException.class)
                .hasMessageMatching("at byte 1: expected format version 1 of [A-Z_]+, found 2");
    }

    /** Several bytes changed, cut out or doubled at once. */
    @ParameterizedTest
    @MethodSource("examples")
    <T> void mangledBytesGiveAnErrorOrTheBytesOfAnotherValue(Examples.Example<T> example) {
        byte[] bytes = encode(example);
        Random random = new Random(7);
        for (int i = 0; i < 3000; i++) {
            byte[] mangled = Arrays.copyOf(bytes, bytes.length + random.nextInt(20) - Math.min(9, bytes.length - 3));
            for (int edits = random.nextInt(4); edits >= 0; edits--) {
                int at = 2 + random.nextInt(mangled.length - 2);
                int from = 2 + random.nextInt(mangled.length - 2);
                if (random.nextBoolean()) {
                    mangled[at] = (byte) random.nextInt();
                } else {
                    System.arraycopy(mangled, from, mangled, at, mangled.length - Math.max(at, from));
                }
            }
            T other;
            try {
                other = example.codec().decode(mangled);
            } catch (DecodeException expected) {
                continue;
            }
            assertThat(example.codec().encode(other)).isEqualTo(mangled);
        }
    }

    /** A hundred thousand dots of one element: nothing recurses over them, nor does the time explode. */
    @Test
    void manyDotsOfOneElementAreRead() {
        ByteWriter out = new ByteWriter();
        Codec<OrSet<String>> codec = OrSet.codec(Codecs.text());
        codec.writeHeader(out);
        out.varint(1).origin(Origin.of(0, 1)).varint(1).varint(0).varint(99_999).varint(100_000);
        for (int i = 0; i < 100_000; i++) {
            out.varint(0).text("");
        }
        OrSet<String> set = codec.decode(out.toByteArray());

        assertThat(set.size()).isEqualTo(1);
        assertThat(set.remove("").isEmpty()).isTrue();
        assertThat(set.add(Origin.of(0, 2), "").size()).isEqualTo(1);
    }

    private static <T> byte[] encode(Examples.Example<T> example) {
        return example.codec().encode(example.value());
    }

    private static <T> byte[] golden(Examples.Example<T> example) throws IOException {
        String name = "/fixtures/v1/" + example.name() + ".hex";
        try (InputStream in = GoldenBytesTest.class.getResourceAsStream(name)) {
            if (in != null) {
                String hex = new String(in.readAllBytes(), StandardCharsets.US_ASCII);
                return HexFormat.of().parseHex(hex.replaceAll("\\s", ""));
            }
        }
        if (!"write".equals(System.getProperty("anabranch.golden"))) {
            throw new AssertionError("no golden file " + name);
        }
        String hex = HexFormat.of().formatHex(encode(example)).replaceAll("(.{64})", "$1\n");
        Files.writeString(Path.of("src/test/resources" + name), hex.endsWith("\n") ? hex : hex + "\n");
        return encode(example);
    }
}
