// SPDX-License-Identifier: Apache-2.0
package io.anabranch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * The launcher {@code ./anabranch}, copied to a folder that looks like the project: its jar is empty but leads to the classes
 * under test, and its {@code mvn} is a script that writes down that it was called. So nothing is ever built in here, whatever
 * state the real {@code target} is in. Nothing is random.
 */
@DisabledOnOs(OS.WINDOWS)
@Timeout(120)
class LauncherTest {
    @TempDir
    Path folder;

    private Path project;
    private Path launcher;

    @BeforeEach
    void makeAProject() throws IOException {
        project = Files.createDirectories(folder.resolve("the project"));
        launcher = Files.copy(Path.of("..", "anabranch"), project.resolve("anabranch"));
        Files.createDirectories(project.resolve("sync-server/src/main"));
        Files.writeString(project.resolve("sync-server/pom.xml"), "<project/>");
        Path target = Files.createDirectories(project.resolve("sync-server/target"));
        writeJar(target.resolve("anabranch-sync-server.jar"));
        Files.createDirectories(folder.resolve("bin"));
        Path mvn = Files.writeString(folder.resolve("bin/mvn"), """
                #!/usr/bin/env bash
                echo "built" >> "$BUILDS"
                echo "a word from Maven"
                : > sync-server/target/classpath.txt
                """);
        Files.setPosixFilePermissions(mvn, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private static void writeJar(Path jar) throws IOException {
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes()
                .put(
                        Attributes.Name.CLASS_PATH,
                        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                                .map(entry -> Path.of(entry).toUri().toString())
                                .collect(Collectors.joining(" ")));
        new JarOutputStream(Files.newOutputStream(jar), manifest).close();
    }

    @Test
    void startsWithoutBuildingWhenThereIsABuild() throws Exception {
        stamp();

        Ended help = run(folder, launcher, "--help");

        assertThat(help.err()).isEmpty();
        assertThat(help.out()).contains("Usage: anabranch", "serve", "sync", "digest");
        assertThat(help.exitCode()).isZero();
        assertThat(builds()).isEmpty();
    }

    @Test
    void worksThroughSymbolicLinksAndPassesArgumentsAndExitCodesOn() throws Exception {
        stamp();
        Path elsewhere = Files.createDirectories(folder.resolve("else where/deep"));
        Files.createSymbolicLink(elsewhere.resolve("first"), Path.of("../../the project/anabranch"));
        Path link = Files.createSymbolicLink(folder.resolve("ab"), elsewhere.resolve("first"));

        assertThat(run(elsewhere, link, "init", "my shop.db", "--space", "a shop")
                        .exitCode())
                .isZero();
        Ended status = run(elsewhere, link, "status", "my shop.db");

        assertThat(elsewhere.resolve("my shop.db")).exists();
        assertThat(status.out()).contains("space    a shop");
        assertThat(run(elsewhere, link, "status", "nothing.db").exitCode()).isEqualTo(1);
        assertThat(run(elsewhere, link, "fly").exitCode()).isEqualTo(2);
        assertThat(builds()).isEmpty();
    }

    @Test
    void twoThatFindNoBuildMakeOneAndKeepItOffStandardOutput() throws Exception {
        Process first = start(folder, launcher, "--version");
        Process second = start(folder, launcher, "--version");

        for (Process process : List.of(first, second)) {
            Ended version = await(process);
            assertThat(version.out().lines()).hasSize(1).allMatch(line -> line.startsWith("anabranch "));
            assertThat(version.exitCode()).isZero();
        }
        assertThat(builds()).containsExactly("built");
    }

    @Test
    void buildsAgainWhenASourceIsNewer() throws Exception {
        stamp();
        Path source = Files.writeString(project.resolve("sync-server/src/main/New.java"), "class New {}");
        source.toFile().setLastModified(System.currentTimeMillis() + 60_000);

        Ended version = run(folder, launcher, "--version");

        assertThat(version.err()).contains("anabranch: building sync-server", "a word from Maven");
        assertThat(version.exitCode()).isZero();
        assertThat(builds()).containsExactly("built");
    }

    private void stamp() throws IOException {
        Files.createFile(project.resolve("sync-server/target/classpath.txt"));
    }

    private List<String> builds() throws IOException {
        Path builds = folder.resolve("builds.txt");
        return Files.exists(builds) ? Files.readAllLines(builds) : List.of();
    }

    // ---- Processes

    private Ended run(Path from, Path command, String... args) throws Exception {
        return await(start(from, command, args));
    }

    private Process start(Path from, Path command, String... args) throws IOException {
        List<String> line = new ArrayList<>(List.of(command.toString()));
        line.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(line).directory(from.toFile());
        Map<String, String> environment = builder.environment();
        environment.put("PATH", folder.resolve("bin") + File.pathSeparator + environment.get("PATH"));
        environment.put("JAVA_HOME", System.getProperty("java.home"));
        environment.put("BUILDS", folder.resolve("builds.txt").toString());
        environment.remove("ANABRANCH_JAVA_OPTS");
        return builder.start();
    }

    private static Ended await(Process process) throws Exception {
        // Little enough to fit into the pipes.
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Ended(
                process.exitValue(),
                new String(process.getInputStream().readAllBytes()),
                new String(process.getErrorStream().readAllBytes()));
    }

    private record Ended(int exitCode, String out, String err) {}
}
