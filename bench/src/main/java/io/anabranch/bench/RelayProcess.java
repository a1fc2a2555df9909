// SPDX-License-Identifier: Apache-2.0
package io.anabranch.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A relay in a process of its own, on a loopback address, with the Java of this one and its class path. */
final class RelayProcess implements AutoCloseable {
    private static final String LISTENING = "listening on ";

    private final Process process;
    private final URI url;
    private final long startMillis;

    private RelayProcess(Process process, URI url, long startMillis) {
        this.process = process;
        this.url = url;
        this.startMillis = startMillis;
    }

    /** Starts it with the options of the launcher; {@code -Drelay.options="…"} come after them and so win. */
    static RelayProcess start(Path data) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xms16m",
                "-Xshare:auto",
                "--enable-native-access=ALL-UNNAMED"));
        command.addAll(List.of(System.getProperty("relay.options", "").split(" +")));
        command.remove("");
        command.addAll(List.of(
                "-cp",
                System.getProperty("java.class.path"),
                "io.anabranch.cli.Main",
                "serve",
                "--port",
                "0",
                "--data",
                data.toString()));
        long began = System.nanoTime();
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            if (line.startsWith(LISTENING)) {
                long millis = (System.nanoTime() - began) / 1_000_000;
                return new RelayProcess(process, URI.create(line.substring(LISTENING.length())), millis);
            }
        }
        throw new IOException("the relay ended before it listened; its own words are above");
    }

    URI url() {
        return url;
    }

    long startMillis() {
        return startMillis;
    }

    /** Returns what the process has in memory, as Linux counts it; -1 elsewhere. */
    long residentMiB() throws IOException {
        Path status = Path.of("/proc/" + process.pid() + "/status");
        if (!Files.exists(status)) {
            return -1;
        }
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", "")) >> 10;
            }
        }
        return -1;
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
    }
}
