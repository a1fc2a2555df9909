// SPDX-License-Identifier: Apache-2.0
package io.anabranch.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Equal seeds give equal traces on every JDK of 17 and above that is installed beside this one; skipped where there is none. */
class OtherJdkTest {
    private static final Path INSTALLED = Path.of("/usr/lib/jvm");

    @TempDir
    Path folder;

    @Test
    void anotherJdkGivesTheSameTraces() throws Exception {
        List<Path> others = others();
        assumeTrue(!others.isEmpty(), "no other JDK of 17 or above in " + INSTALLED);
        for (Object[] run : List.of(
                new Object[] {"simulate", "--seed", 7, "--topology", "star", "--ops", 60},
                new Object[] {"simulate", "--seed", 8, "--topology", "changing", "--ops", 60, "--in-memory"})) {
            String here = Command.good(run).out();
            for (Path java : others) {
                assertThat(on(java, run)).as(java.toString()).isEqualTo(here);
            }
        }
    }

    /** Returns the java commands of other feature releases; symbolic links are other names of the same. */
    private static List<Path> others() throws IOException {
        List<Path> others = new ArrayList<>();
        if (!Files.isDirectory(INSTALLED)) {
            return others;
        }
        try (Stream<Path> homes = Files.list(INSTALLED)) {
            for (Path home :
                    homes.filter(each -> !Files.isSymbolicLink(each)).sorted().toList()) {
                Path java = home.resolve("bin/java");
                int feature = feature(home.resolve("release"));
                if (Files.isExecutable(java)
                        && feature >= 17
                        && feature != Runtime.version().feature()) {
                    others.add(java);
                }
            }
        }
        return others;
    }

    private static int feature(Path release) throws IOException {
        if (!Files.exists(release)) {
            return 0;
        }
        String version = Files.readString(release).replaceAll("(?s).*JAVA_VERSION=\"([0-9]+).*", "$1");
        return version.matches("[0-9]{1,3}") ? Integer.parseInt(version) : 0;
    }

    private String on(Path java, Object... args) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(
                List.of(java.toString(), "-cp", System.getProperty("java.class.path"), "io.anabranch.cli.Main"));
        for (Object arg : args) {
            command.add(arg.toString());
        }
        Path out = folder.resolve("out");
        Process process = new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(folder.resolve("err").toFile())
                .start();
        assertThat(process.waitFor()).as(() -> read(folder.resolve("err"))).isZero();
        return read(out);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
