// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.cli.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The page on relays names every flag of {@code serve}, and none that there is not. */
class LimitsPageTest {
    private static final Pattern FLAG = Pattern.compile("--[a-z][a-z-]+");
    /** Of other commands on that page, or of all commands. */
    private static final Set<String> OTHERS = Set.of(
            "--space",
            "--rights",
            "--name",
            "--renew",
            "--token-file",
            "--ca-cert",
            "--json",
            "--repair",
            "--from",
            "--members");

    @Test
    void everyFlagOfServeIsOnThePageAndTheOtherWayRound() throws IOException {
        StringWriter help = new StringWriter();
        Main.run(new PrintWriter(help), new PrintWriter(help), "serve", "--help");
        Set<String> page = flags(Files.readString(Path.of("../docs/relay.md")));
        Set<String> serve = flags(help.toString());
        serve.remove("--help");
        serve.remove("--verbose");
        serve.remove("--version");

        assertThat(page).containsAll(serve);
        page.removeAll(OTHERS);
        assertThat(serve).containsAll(page);
    }

    private static Set<String> flags(String text) {
        Set<String> flags = new TreeSet<>();
        Matcher matcher = FLAG.matcher(text);
        while (matcher.find()) {
            flags.add(matcher.group());
        }
        return flags;
    }
}
