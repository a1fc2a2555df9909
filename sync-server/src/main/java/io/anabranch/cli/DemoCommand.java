// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "demo",
        description = "Shows it all: a relay, replicas that write the same rows offline with plain SQL, and what they"
                + " hold once they met.")
final class DemoCommand extends BaseCommand {
    private static final int MOST_REPLICAS = 50;

    @Option(names = "--replicas", paramLabel = "N", description = "How many replicas, from 2 to 50; 3 unless given.")
    private int replicas = 3;

    @Option(
            names = "--dir",
            paramLabel = "DIR",
            description = "Where the files stay; a new folder for temporary files unless given.")
    private @Nullable Path dir;

    @Override
    public Integer call() throws IOException {
        if (replicas < 2 || replicas > MOST_REPLICAS) {
            throw wrongUsage("--replicas " + replicas + " is not between 2 and " + MOST_REPLICAS);
        }
        new Demo(folder(), replicas, out()).run();
        return 0;
    }

    private Path folder() throws IOException {
        if (dir == null) {
            return Files.createTempDirectory("anabranch-demo-");
        }
        if (Files.exists(dir)) {
            requireEmpty(dir);
        }
        return Files.createDirectories(dir).toAbsolutePath().normalize();
    }

    private static void requireEmpty(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new Failure(
                    "cannot run the demo in " + folder + ": it is not a folder; name one that is empty or new");
        }
        try (Stream<Path> files = Files.list(folder)) {
            if (files.findAny().isPresent()) {
                throw new Failure("cannot run the demo in " + folder
                        + ": there are files in it already; name a folder that is empty or new");
            }
        }
    }
}
