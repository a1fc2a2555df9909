// SPDX-License-Identifier: Apache-2.0
package io.anabranch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** simulate as people run it: in a process of its own. */
class SimulateProcessTest {
    @TempDir
    Path folder;

    private Path errors() {
        return folder.resolve("errors.txt");
    }

    /** It warned of each replica's name and of clocks, which are wrong on purpose. */
    @Test
    void whatReplicasWarnOfIsNoWordOfTheCommands() {
        try (CommandProcess simulate = CommandProcess.start(errors(), "simulate", "--seed", 7, "--ops", 100)) {
            simulate.awaitLine("trace ");
            assertThat(simulate.stop()).isNotNegative();
            assertThat(simulate.errors()).isEmpty();
        }
        try (CommandProcess simulate =
                CommandProcess.start(errors(), "simulate", "--seed", 7, "--ops", 100, "--verbose")) {
            simulate.awaitLine("trace ");
            assertThat(simulate.errors()).contains("writes as");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "--json"})
    void aRunThatIsEndedSaysWhatItReachedAndWhereToGoOn(String format) {
        String options = "simulate --from 5 --for 1h --ops 30 --in-memory --faults none " + format;
        try (CommandProcess simulate =
                CommandProcess.start(errors(), (Object[]) options.strip().split(" "))) {
            simulate.awaitCpu(Duration.ofSeconds(4));
            assertThat(simulate.stop()).isZero();
            String line = simulate.awaitLine(format.isEmpty() ? "" : "  \"next\"");
            while (format.isEmpty() && !line.contains("go on with --from")) {
                line = simulate.awaitLine("");
            }
            assertThat(line)
                    .matches(format.isEmpty() ? "\\d+ runs, 0 failed; go on with --from \\d+" : "  \"next\" : \\d+,");
        }
    }
}
