// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;

class SettingsTest {
    @TempDir
    Path folder;

    private final CommandLine anabranch = new CommandLine(new Anabranch());
    private final CommandLine serve = anabranch.getSubcommands().get("serve");

    @Test
    void anArgumentCountsBeforeTheEnvironmentAndThatBeforeTheFile() throws IOException {
        Path file = Files.writeString(folder.resolve("relay.properties"), "port=1111\nhost=::1\nrate=7\nopen=true\n");
        parse(
                Map.of("ANABRANCH_PORT", "2222", "ANABRANCH_HOST", "127.0.0.2"),
                "--config",
                file.toString(),
                "--port",
                "3333");

        assertThat(value("--port")).isEqualTo(3333);
        assertThat(value("--host")).isEqualTo("127.0.0.2");
        assertThat(value("--rate")).isEqualTo(7);
        assertThat(value("--open")).isEqualTo(true);
        assertThat(value("--idle-timeout-seconds")).isEqualTo(60);
    }

    @Test
    void theEnvironmentMayNameTheFileAndListsAreSeparatedByCommas() throws IOException {
        Path file = Files.writeString(
                folder.resolve("relay.properties"), "# A comment.\ntrusted-proxy=10.0.0.1,10.0.0.2\n");
        parse(Map.of("ANABRANCH_CONFIG", file.toString()));

        assertThat(value("--trusted-proxy")).hasToString("[10.0.0.1, 10.0.0.2]");
    }

    @Test
    void aSettingThatIsNoneIsNamed() throws IOException {
        Path file = Files.writeString(folder.resolve("relay.properties"), "prot=1111\n");

        assertThatThrownBy(() -> parse(Map.of(), "--config=" + file))
                .isInstanceOf(ParameterException.class)
                .hasMessageContaining(file + ":1: 'prot' is no setting")
                .hasMessageContaining("port");
        Cli.run("serve", "--config", folder.resolve("none")).assertFailed(2, "cannot read the settings in");
    }

    @Test
    void valuesThatCannotBeAreNamedWhereverTheyComeFrom() throws IOException {
        Path file = Files.writeString(folder.resolve("relay.properties"), "burst=0\n");
        Cli.run("serve", "--port", "0", "--config", file)
                .assertFailed(2, "--burst < 1: 0 (--burst was set by " + file + ":1)");
        Cli.run("serve", "--port", "0", "--rate", "0").assertFailed(2, "--rate < 1: 0");
        Cli.run("serve", "--port", "0", "--max-space-bytes", "0").assertFailed(2, "--max-space-bytes < 1: 0");
        Cli.run("serve", "--port", "0", "--rate", "fast").assertFailed(2, "--rate", "'fast' is not a whole number");
        Cli.run("serve", "--port", "0", "--idle-timeout-seconds", "0").assertFailed(2, "--idle-timeout-seconds < 1: 0");
        Cli.run("serve", "--port", "0", "--tls-cert", "x.pem").assertFailed(2, "--tls-cert and --tls-key go together");
    }

    /** They would be believed never, and nobody would know why. */
    @Test
    void aProxyWithoutAnAddressAndAnOriginThatNoBrowserSaysAreRefused() {
        Path data = folder.resolve("nowhere").resolve("relay.db"); // One that is let through does not start either.
        for (String proxy : List.of("proxy.example", "10.0.0.0/8")) {
            Cli.run("serve", "--data", data, "--trusted-proxy", "10.0.0.1," + proxy)
                    .assertFailed(2, "'" + proxy + "' is no IP address, such as 10.0.0.1");
        }
        for (String origin : List.of("*", "null", "app.example", "https://app.example/", "https://App.example")) {
            Cli.run("serve", "--data", data, "--cors-origin", origin)
                    .assertFailed(2, "'" + origin + "' is no origin of web pages, such as https://app.example");
        }
    }

    @Test
    void aLineThatIsNoSettingAndOneThatIsSetTwiceAreNamedByTheirPlace() throws IOException {
        Path file = folder.resolve("relay.properties");
        Files.writeString(file, "# The office.\n\nport 7878\n");
        Cli.run("serve", "--config", file).assertFailed(2, file + ":3: 'port 7878' is no setting");
        Files.writeString(file, "port=7878\nrate=5\nport=7879\n");
        Cli.run("serve", "--config", file)
                .assertFailed(2, file + ":3: 'port' is set twice; it was at " + file + ":1 before");
    }

    @Test
    void aWrongValueIsSaidWithWhereItCameFrom() throws IOException {
        Path file = Files.writeString(
                folder.resolve("relay.properties"),
                "rate=fast\ntls-cert = /no/such/cert.pem\ntls-key=/no/such/key.pem\n");
        Cli.run("serve", "--config", file).assertFailed(2, "--rate", "'fast'", "--rate was set by " + file + ":1)");
        Cli.run("serve", "--port", "0", "--config", file, "--rate", "5")
                .assertFailed(1, "cannot use /no/such/cert.pem", "--tls-cert was set by " + file + ":2)");

        Settings settings = Settings.of(serve, new String[] {"serve"}, Map.of("ANABRANCH_PORT", "tcp://10.0.0.7:80"));
        assertThat(settings.sourcesOf("'tcp://10.0.0.7:80' is not an int"))
                .isEqualTo("--port was set by the environment variable ANABRANCH_PORT");
        assertThat(settings.sourcesOf("Invalid value for option '--port'")).contains("ANABRANCH_PORT");
        assertThat(settings.sourcesOf("--portable")).isEmpty();
    }

    @Test
    void aSwitchThatIsSetTwiceIsStillOn() {
        parse(Map.of("ANABRANCH_OPEN", "true"), "--open");

        assertThat(value("--open")).isEqualTo(true);
    }

    private void parse(Map<String, String> environment, String... args) {
        serve.setDefaultValueProvider(Settings.of(serve, args, environment));
        List<String> words = new ArrayList<>(List.of(args));
        words.add(0, "serve");
        anabranch.parseArgs(words.toArray(new String[0]));
    }

    private Object value(String option) {
        return serve.getCommandSpec().findOption(option).getValue();
    }
}
