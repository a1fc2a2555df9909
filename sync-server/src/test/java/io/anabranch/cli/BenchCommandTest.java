// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(300)
class BenchCommandTest {
    private static Map<String, JsonNode> measure(Object... args) throws Exception {
        Map<String, JsonNode> results = new TreeMap<>();
        for (JsonNode row : Cli.good(args).json().get("results")) {
            results.put(row.get("guarantee").asText(), row);
        }
        return results;
    }

    /** The workload writes as often as it reads and never pauses: without a guarantee nothing else is to be expected. */
    @ParameterizedTest
    @ValueSource(strings = {"one", "both"})
    void noGuaranteeIsBrokenByTheReadsThatItIsFor(String side) throws Exception {
        Map<String, JsonNode> of = measure(
                "bench",
                "consistency",
                "--ops",
                120,
                "--keys",
                2,
                "--write-ratio",
                0.5,
                "--clients",
                2,
                "--write-to",
                side,
                "--json");

        assertThat(of.get("none").get("stale_read_rate").asDouble()).isPositive();
        assertThat(of.get("none").get("ryw_violation_rate").asDouble()).isPositive();
        for (String guarantee : new String[] {"read-here", "reached-2", "await-version"}) {
            assertThat(of.get(guarantee).get("ryw_violation_rate").asDouble())
                    .as(guarantee)
                    .isZero();
            assertThat(of.get(guarantee).get("monotonic_violation_rate").asDouble())
                    .as(guarantee)
                    .isZero();
        }
        assertThat(of.get("reached-2").get("stale_read_rate").asDouble()).isZero();
        assertThat(of.get("reached-2").get("conflicts").asLong()).isZero();
        if (side.equals("one")) {
            assertThat(of.get("read-here").get("stale_read_rate").asDouble()).isZero();
            of.values().forEach(row -> assertThat(row.get("conflicts").asLong()).isZero());
        } else {
            assertThat(of.get("none").get("conflicts").asLong()).isPositive();
        }
        of.values().forEach(row -> {
            assertThat(row.get("writes").asLong() + row.get("reads").asLong()).isEqualTo(120);
            assertThat(row.get("writes").asLong())
                    .isEqualTo(of.get("none").get("writes").asLong());
            assertThat(row.get("write_p95_ms").asDouble()).isPositive();
            assertThat(row.get("read_avg_ms").asDouble()).isPositive();
        });
    }

    /** One replica never goes back; who changes between two does, unless it says what it has seen. */
    @Test
    void whoReadsAtTwoReplicasGoesBackUnlessItWaits() throws Exception {
        Map<String, JsonNode> of = measure(
                "bench",
                "consistency",
                "--ops",
                200,
                "--keys",
                1,
                "--write-ratio",
                0.3,
                "--read-from",
                "both",
                "--guarantees",
                "none,await-version,reached-2",
                "--json");

        assertThat(of.get("none").get("monotonic_violation_rate").asDouble()).isPositive();
        assertThat(of.get("await-version").get("monotonic_violation_rate").asDouble())
                .isZero();
        assertThat(of.get("reached-2").get("monotonic_violation_rate").asDouble())
                .isZero();
    }

    @Test
    void aTableIsForPeople() {
        assertThat(Cli.good("bench", "consistency", "--ops", 20, "--guarantees", "read-here,await-version")
                        .out())
                .startsWith("GUARANTEE")
                .containsPattern("\nread-here +\\d+ +[\\d.]+ +[\\d.]+ +\\d+ +[\\d.]+ +[\\d.]+ +0\\.0 %")
                .contains("\nawait-version ")
                .doesNotContain("reached-2");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            consistency --ops 0              | --ops 0 is not between 1 and 1000000
            consistency --keys 0             | --keys 0 is not between 1 and 100000
            consistency --clients -1         | --clients -1 is not between 1 and 1000
            consistency --write-ratio 1.5    | --write-ratio 1.5 is not between 0 and 1
            consistency --write-ratio NaN    | --write-ratio NaN is not between 0 and 1
            consistency --write-to neither   | Invalid value for option '--write-to'
            consistency --guarantees strong  | there is no guarantee 'strong': use all, or of none, read-here
            consistency --ops many           | Invalid value for option '--ops'
            ''                               | say what to measure: consistency
            """)
    void whatMakesNoSenseIsRefused(String options, String complaint) {
        Object[] args = ("bench " + options).strip().split(" +");

        Cli.run(args).assertFailed(2, complaint);
    }
}
