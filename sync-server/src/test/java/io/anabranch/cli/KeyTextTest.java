// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.sync.change.Value;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeyTextTest {
    @Test
    void textIsASingleKey() {
        assertThat(KeyText.parse("lamp")).containsExactly(Value.of("lamp"));
        assertThat(KeyText.parse("7")).containsExactly(Value.of("7"));
        assertThat(KeyText.parse("")).containsExactly(Value.of(""));
    }

    @Test
    void anArrayNamesAllColumnsOfTheKey() {
        assertThat(KeyText.parse("[7, \"a\", 1.5, true, 9223372036854775807]"))
                .containsExactly(Value.of(7), Value.of("a"), Value.of(1.5), Value.of(1), Value.of(Long.MAX_VALUE));
    }

    @Test
    void aTextThatLooksLikeAnArrayIsWrittenAsOne() {
        assertThat(KeyText.parse("[\"[7]\"]")).containsExactly(Value.of("[7]"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "[draft]", "[7", "[7] and more", "[[7]]", "[]", "{\"a\": 1}", "\"a\""})
    void whatIsNoArrayOfValuesIsText(String text) {
        assertThat(KeyText.parse(text)).containsExactly(Value.of(text));
    }
}
