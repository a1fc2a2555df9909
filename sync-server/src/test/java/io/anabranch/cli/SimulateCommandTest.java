// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SimulateCommandTest {
    @ParameterizedTest
    @ValueSource(strings = {"ring", "star", "mesh", "tree", "random", "changing"})
    void equalSeedsGiveEqualTracesInEveryTopology(String topology) throws Exception {
        Object[] seven = {"simulate", "--seed", 7, "--topology", topology, "--ops", 60, "--json"};
        Object[] eight = {"simulate", "--seed", 8, "--topology", topology, "--ops", 60, "--json"};

        JsonNode first = Cli.good(seven).json();
        JsonNode again = Cli.good(seven).json();
        JsonNode other = Cli.good(eight).json();

        assertThat(first.get("ok").asBoolean()).isTrue();
        assertThat(again).isEqualTo(first);
        assertThat(other.get("trace")).isNotEqualTo(first.get("trace"));
    }

    @Test
    void theTraceIsTheLastLine() {
        Cli.Result result = Cli.good("simulate", "--seed", 3, "--ops", 30, "--faults", "none", "--in-memory");

        assertThat(result.out())
                .containsPattern("\ntrace [0-9a-f]{38}\n$")
                .contains("seed 3, 3 replicas, mesh, 30 ops");
    }

    @Test
    void anotherTraceThanTheExpectedOneIsTold() {
        String options = "simulate --seed 3 --ops 5 --faults none --in-memory";
        String out = Cli.good((Object[]) options.split(" ")).out();
        String trace = out.substring(out.lastIndexOf(' ') + 1).trim();

        Cli.good((Object[]) (options + " --expect " + trace).split(" "));
        Cli.run((Object[]) (options + " --expect " + trace.substring(0, 6) + "0".repeat(32)).split(" "))
                .assertFailed(3, "but " + trace + ": give the options");
    }

    @Test
    void aTraceOfAnotherVersionIsRefused() {
        String trace = "020a01" + "0".repeat(32);

        Cli.run("simulate", "--expect", trace)
                .assertFailed(2, "--expect: trace " + trace + " was made by version 2.10.1; this is ");
    }

    @Test
    void anExpectedTraceContradictsManySeeds() {
        String out = Cli.good("simulate", "--ops", 1, "--faults", "none", "--in-memory")
                .out();
        String trace = out.substring(out.lastIndexOf(' ') + 1).trim();

        Cli.run("simulate", "--expect", trace, "--for", "1s").assertFailed(2, "--expect contradicts --for");
    }

    @Test
    void logsThatAreCutMeanwhileBreakNothing() throws Exception {
        Object[] args = {"simulate", "--seed", 7, "--replicas", 5, "--topology", "ring", "--ops", 2_000, "--json"};

        assertThat(Cli.good(args).json().get("failure").isNull()).isTrue();
    }

    @Test
    void manySeedsAddUp() throws Exception {
        JsonNode sums = Cli.good("simulate", "--from", 5, "--for", "1s", "--ops", 20, "--in-memory", "--json")
                .json();

        long runs = sums.get("runs").asLong();
        assertThat(sums.get("next").asLong()).isEqualTo(5 + runs);
        assertThat(sums.get("counts").get("step write").asLong()).isGreaterThanOrEqualTo(runs);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            --topology circle           | there is no topology 'circle': it is ring, star, mesh
            --replicas 1                | a simulation has 2 to 50 replicas, not 1
            --ops 0                     | a simulation has 1 to 100000 ops, not 0
            --faults fire               | there is no fault 'fire': use all, none, or of loss
            --faults none,loss          | 'none' contradicts the other faults in 'none,loss'
            --faults power-cut --in-memory     | power-cut contradicts a run in memory
            --faults relay-restore      | relay-restore contradicts topology mesh, which has no relay
            --from 3                    | --from without --for
            --for soon                  | --for soon is no length of time
            --expect zzzz               | --expect: 'zzzz' is no trace: one has 38
            --expect 0123456789abcdef0123456789abcdef | is no trace: one has 38
            --seed 3 --for 1s           | --seed contradicts --for
            --seed x                    | Invalid value for option '--seed'
            """)
    void whatMakesNoSenseIsRefused(String options, String complaint) {
        Object[] args = ("simulate " + options).split(" +");

        Cli.run(args).assertFailed(2, complaint);
    }
}
