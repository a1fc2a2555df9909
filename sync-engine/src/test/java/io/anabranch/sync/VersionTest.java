// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class VersionTest {
    private static final Origin ANN = Origin.of(1, 1);
    private static final Origin BOB = Origin.of(2, 2);
    private static final Version VERSION = Version.of(VersionVector.of(Map.of(ANN, 3L, BOB, 300L)));

    @Test
    void isTheSameTextForEver() {
        assertThat(VERSION).hasToString("v1.AgAAAAAAAAABAAAAAAAAAAEDAAAAAAAAAAIAAAAAAAAAAqwC");
        assertThat(Version.parse("v1.AgAAAAAAAAABAAAAAAAAAAEDAAAAAAAAAAIAAAAAAAAAAqwC"))
                .isEqualTo(VERSION);
    }

    @Test
    void comesBackFromItsText() {
        assertThat(Version.parse(VERSION.toString())).isEqualTo(VERSION).hasSameHashCodeAs(VERSION);
        assertThat(Version.parse(" " + VERSION + "\n")).isEqualTo(VERSION);
        assertThat(Version.parse(Version.NOTHING.toString())).isEqualTo(Version.NOTHING);
    }

    @Test
    void oneIncludesAnotherIfItHoldsAllOfIt() {
        Version less = Version.of(VersionVector.of(Map.of(ANN, 3L)));

        assertThat(VERSION.includes(less)).isTrue();
        assertThat(less.includes(VERSION)).isFalse();
        assertThat(less.includes(Version.NOTHING)).isTrue();
    }

    @Test
    void whatIsNoneIsRefusedInWords() {
        for (String text : new String[] {"", "v1", "v2.AA", "v1.!!", VERSION + "AA", "{\"a\": 1}"}) {
            assertThatThrownBy(() -> Version.parse(text))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("not a version");
        }
    }

    @Test
    void anyPartOfOneIsRefused() {
        String text = VERSION.toString();
        for (int length = 0; length < text.length(); length++) {
            String part = text.substring(0, length);
            assertThatThrownBy(() -> Version.parse(part)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void mangledOnesAreRefusedOrRead() {
        Random random = new Random(5);
        for (int i = 0; i < 20_000; i++) {
            char[] text = VERSION.toString().toCharArray();
            text[3 + random.nextInt(text.length - 3)] = (char) (33 + random.nextInt(94));
            try {
                Version read = Version.parse(new String(text));
                assertThat(Version.parse(read.toString())).isEqualTo(read);
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageContaining("not a version");
            }
        }
    }
}
