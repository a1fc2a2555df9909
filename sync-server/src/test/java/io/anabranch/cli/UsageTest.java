// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class UsageTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "init",
                "serve",
                "sync",
                "token",
                "status",
                "log",
                "conflicts",
                "resolve",
                "history",
                "explain",
                "digest",
                "peer",
                "demo"
            })
    void everyCommandHelps(String command) {
        Cli.Result help = Cli.good(command, "--help");

        assertThat(help.out()).contains("Usage: anabranch " + command);
        assertThat(Cli.good("--help").out()).contains("\n  " + command + " ");
    }

    @Test
    void helpMayComeFirst() {
        assertThat(Cli.good("help", "sync").out()).contains("Usage: anabranch sync", "--watch");
        assertThat(Cli.good("help").out()).contains("Usage: anabranch", "conflicts");
    }

    @Test
    void rulesThatContradictEachOtherAreWrongUsage() {
        Cli.run("init", "x.db", "--space", "s", "--table", "t", "--rule", "t.c=lww", "--rule", "T.C=counter")
                .assertFailed(2, "--rule says both 't.c=lww' and 'T.C=counter': give one");
        Cli.run("init", "x.db", "--space", "s", "--on-delete", "t=edit-wins", "--on-delete", "t=delete-wins")
                .assertFailed(2, "--on-delete says both 't=edit-wins' and 't=delete-wins'");
    }

    @Test
    void tellsItsVersion() {
        assertThat(Cli.good("--version").out()).startsWith("anabranch ");
    }

    @Test
    void noCommandIsWrongUsage() {
        Cli.run().assertFailed(2, "no command was given", "anabranch --help");
    }

    @Test
    void anUnknownCommandIsWrongUsage() {
        Cli.run("push").assertFailed(2, "push");
    }

    @Test
    void aMissingSpaceIsWrongUsage() {
        Cli.run("init", "shop.db").assertFailed(2, "--space", "anabranch init --help");
    }

    @Test
    void anUnknownRuleIsWrongUsage() {
        for (String rule : new String[] {"sum", "bounded", "bounded:x", "custom:", "custom:9", "custom:a@0", "MAX"}) {
            Cli.run("init", "x.db", "--space", "s", "--table", "t", "--rule", "t.c=" + rule)
                    .assertFailed(
                            2,
                            "unknown rule '" + rule
                                    + "'; the rules are lww, counter, gcounter, bounded:MINIMUM, max, min,"
                                    + " set, mv, list, rename, rename:NAME, ranges and custom:NAME or custom:NAME@VERSION");
        }
        Cli.run("init", "x.db", "--space", "s", "--table", "t", "--rule", "c=lww")
                .assertFailed(2, "TABLE.COLUMN=RULE");
    }

    @Test
    void groupsThatAreNoneAreWrongUsage() {
        String[][] wrong = {
            {"t", "does not look like TABLE:COLUMN,COLUMN"},
            {"t:a", "a group has at least two columns, not 1"},
            {"u:a,b", "is for a table u, and x.db has none of that name"},
        };
        for (String[] each : wrong) {
            Cli.run("init", "x.db", "--space", "s", "--table", "t", "--group", each[0])
                    .assertFailed(2, each[1]);
        }
        Cli.run("init", "x.db", "--space", "s", "--table", "t", "--rule", "t.a=max", "--group", "t:a,b")
                .assertFailed(2, "--group 't:a,b': a column of rule max cannot be in a group");
    }

    @Test
    void anUnknownPolicyIsWrongUsage() {
        Cli.run("init", "x.db", "--space", "s", "--table", "t", "--on-delete", "t=never")
                .assertFailed(2, "unknown delete policy 'never'");
        Cli.run("init", "x.db", "--space", "s", "--table", "t", "--on-delete", "t")
                .assertFailed(2, "TABLE=POLICY");
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost:7878", "ftp://host", "http://", "not a url", "http:host"})
    void anAddressThatIsNoneIsWrongUsage(String url) {
        Cli.run("sync", "shop.db", url).assertFailed(2, "it looks like http://localhost:7878");
    }

    @Test
    void aPortThatIsNoneIsWrongUsage() {
        Cli.run("serve", "--port", "70000").assertFailed(2, "--port 70000");
        Cli.run("serve", "--port", "x").assertFailed(2, "--port");
    }

    @Test
    void bothWaysAtOnceAreWrongUsage() {
        Cli.run("sync", "shop.db", "http://localhost:7878", "--push-only", "--pull-only")
                .assertFailed(2, "anabranch: --push-only, --pull-only are mutually exclusive");
    }

    @Test
    void tooFewReplicasAreWrongUsage() {
        Cli.run("demo", "--replicas", "1").assertFailed(2, "--replicas 1");
    }
}
