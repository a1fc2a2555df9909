// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.trie;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Two of 4,096 keys share 32 bits in one run of 500; more than three pairs do in none that will ever be seen. */
class SecondHashTest {
    private static final int COUNT = 4096;

    @Test
    void textsOfOneHashCodeAreToldApart() {
        List<Object> texts = new ArrayList<>();
        for (int i = 0; i < COUNT; i++) {
            StringBuilder text = new StringBuilder();
            for (int bit = 0; bit < 12; bit++) {
                text.append((i >> bit & 1) == 0 ? "Aa" : "BB");
            }
            texts.add(text.toString());
        }

        assertThat(texts).allMatch(text -> text.hashCode() == texts.get(0).hashCode());
        assertSpread(texts);
    }

    @Test
    void numbersOfOneHashCodeAreToldApart() {
        List<Object> numbers = new ArrayList<>();
        for (long i = 0; i < COUNT; i++) {
            numbers.add(i << 32 | i);
        }

        assertThat(numbers).allMatch(number -> number.hashCode() == 0);
        assertSpread(numbers);
    }

    @Test
    void textsOfZerosDifferByTheirLength() {
        List<Object> texts = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            texts.add("\0".repeat(i));
        }

        assertThat(hashes(texts)).hasSizeGreaterThan(196);
    }

    @Test
    void equalKeysHaveOneHash() {
        assertThat(SecondHash.of(new StringBuilder("text").toString())).isEqualTo(SecondHash.of("text"));
        assertThat(SecondHash.of(Long.valueOf(1L << 40))).isEqualTo(SecondHash.of(Long.valueOf(1L << 40)));
        assertThat(SecondHash.of(List.of(1, 2))).isEqualTo(SecondHash.of(new ArrayList<>(List.of(1, 2))));
        assertThat(SecondHash.of(List.of(1, 2))).isNotEqualTo(SecondHash.of(List.of(1, 3)));
    }

    /** All differ, and each bit is set in about half. */
    private static void assertSpread(List<Object> keys) {
        assertThat(hashes(keys)).hasSizeGreaterThan(COUNT - 4);
        for (int bit = 0; bit < 32; bit++) {
            int mask = 1 << bit;
            assertThat(keys.stream().filter(key -> (SecondHash.of(key) & mask) != 0))
                    .hasSizeBetween(COUNT / 2 - 500, COUNT / 2 + 500);
        }
    }

    private static Set<Integer> hashes(List<Object> keys) {
        Set<Integer> hashes = new HashSet<>();
        keys.forEach(key -> hashes.add(SecondHash.of(key)));
        return hashes;
    }
}
