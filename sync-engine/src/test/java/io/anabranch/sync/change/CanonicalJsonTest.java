// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CanonicalJsonTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "1 1",
                "1.0 1",
                "-0 0",
                "-0.0 0",
                "1e2 100",
                "0.000001 0.000001",
                "0.0000001 1e-7",
                "123456789012345680000 123456789012345680000",
                "1e21 1e+21",
                "1.5e300 1.5e+300",
                "4.50 4.5",
                "2e-3 0.002",
                "5e-324 5e-324",
                "1.7976931348623157e308 1.7976931348623157e+308",
                "333333333.33333329 333333333.3333333",
                "9007199254740993 9007199254740993",
                "-9223372036854775809 -9223372036854775809",
                "9007199254740992.0 9007199254740992"
            })
    void numbersAreWrittenAsRfc8785SaysAndLargeIntegersExactly(String given, String canonical) throws Exception {
        assertThat(CanonicalJson.of(given)).isEqualTo(canonical);
    }

    @Test
    void membersAreSortedAndStringsEscapedAsLittleAsPossible() throws Exception {
        assertThat(CanonicalJson.of(" { \"b\" : [ 1 , true , null ] , \"a\\u0041\" : \"\\u00e4\\/\\n\\u0001\\\"\" } "))
                .isEqualTo("{\"aA\":\"ä/\\n\\u0001\\\"\",\"b\":[1,true,null]}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[1",
                "[1,]",
                "01",
                "1.",
                "1e",
                "+1",
                "nul",
                "\"\\x\"",
                "\"\u0001\"",
                "{\"a\":1,\"a\":2}",
                "[1] 2",
                "\"\\ud800\"",
                "1e999",
                "'a'",
                "{a:1}"
            })
    void whatIsNoJsonIsMalformed(String text) {
        assertThatThrownBy(() -> CanonicalJson.of(text))
                .isInstanceOf(CanonicalJson.Malformed.class)
                .hasMessageContaining("at character");
    }

    @Test
    void nestingEndsAt32() throws Exception {
        assertThat(CanonicalJson.of("[".repeat(32) + "]".repeat(32))).hasSize(64);
        assertThatThrownBy(() -> CanonicalJson.of("[".repeat(33) + "1" + "]".repeat(33)))
                .isInstanceOf(CanonicalJson.Malformed.class)
                .hasMessage("it is nested deeper than 32, at character 34");
    }

    @Test
    void bytesThatAreNotUtf8AreMalformed() {
        assertThatThrownBy(() -> CanonicalJson.elements(new byte[] {'[', '"', (byte) 0xff, '"', ']'}))
                .hasMessage("it is not UTF-8");
        assertThatThrownBy(() -> CanonicalJson.elements("\"a\"".getBytes(StandardCharsets.UTF_8)))
                .hasMessage("'[' was expected, at character 1");
    }
}
