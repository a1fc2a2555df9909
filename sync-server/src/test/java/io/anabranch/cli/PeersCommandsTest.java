// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.anabranch.server.RelayServer;
import io.anabranch.server.ReplicaServer;
import io.anabranch.server.ServerOptions;
import io.anabranch.sync.Replica;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Several addresses, links that go one way, and waiting for a version, as a script would ask for them. */
class PeersCommandsTest {
    private static final String NOBODY = "http://127.0.0.1:9";

    @TempDir
    Path folder;

    private RelayServer relay;
    private Path ann;
    private Path bob;

    @BeforeEach
    void start() {
        relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, folder.resolve("relay.db")));
        ann = folder.resolve("ann.db");
        bob = folder.resolve("bob.db");
        Cli.execute(ann, "CREATE TABLE note(id TEXT PRIMARY KEY, title TEXT)", "INSERT INTO note VALUES ('a', 'Ann')");
        Cli.good("init", ann, "--space", "notes", "--table", "note");
        Cli.good("sync", ann, relay.url());
        Cli.good("init", bob, "--space", "notes");
        Cli.good("sync", bob, relay.url());
        Cli.execute(ann, "INSERT INTO note VALUES ('b', 'Ann again')");
        Cli.execute(bob, "INSERT INTO note VALUES ('c', 'Bob')");
    }

    @AfterEach
    void stop() {
        relay.close();
    }

    @Test
    void aFileThatIsNoReplicaYetIsMadeOneOfTheSpaceThatIsNamed() {
        Path cat = folder.resolve("cat.db");
        assertThat(Cli.good("sync", cat, relay.url(), "--space", "notes").out())
                .contains("made " + cat + ", a replica of space notes", "settled with " + relay.url());
        assertThat(Cli.query(cat, "SELECT id FROM note")).containsExactly("a");

        Path dan = folder.resolve("dan.db");
        Cli.execute(dan, "CREATE TABLE note(id TEXT PRIMARY KEY, title TEXT)", "INSERT INTO note VALUES ('d', 'Dan')");
        assertThat(Cli.good("sync", dan, relay.url(), "--space", "notes").out()).contains("enrolled note with 1 row");
        assertThat(Cli.query(dan, "SELECT id FROM note ORDER BY id")).containsExactly("a", "d");
        assertThat(Cli.good("sync", dan, relay.url(), "--space", "notes").out())
                .isEqualToIgnoringNewLines(
                        "settled with " + relay.url() + ": sent 0 change sets, received 0 change sets");
    }

    @Test
    void aReplicaOfAnotherSpaceIsNotMadeAnythingElse() {
        Cli.run("sync", ann, relay.url(), "--space", "office").assertFailed(1, "notes", "office");
        Cli.run("sync", folder.resolve("new.db"), relay.url(), "--space", "..").assertFailed(2, "cannot name a space");
        assertThat(folder.resolve("new.db")).doesNotExist();
    }

    @Test
    void theFirstAddressThatAnswersIsUsed() {
        assertThat(Cli.good("sync", ann, NOBODY, relay.url()).out())
                .contains("settled with " + relay.url() + ": sent 1 change set");
    }

    @Test
    void ifNoneAnswersEachIsNamedWithItsReason() {
        Cli.run("sync", ann, NOBODY, "http://127.0.0.1:10")
                .assertFailed(1, "with " + NOBODY + ": nobody listens", "with http://127.0.0.1:10: nobody listens");
    }

    @Test
    void aPushSaysNoMoreThanItKnows() {
        assertThat(Cli.good("sync", ann, relay.url(), "--push-only").out())
                .isEqualToIgnoringNewLines(
                        "pushed to " + relay.url() + ": sent 1 change set; it holds all that is here");
        Cli.good("sync", bob, relay.url());

        assertThat(Cli.good("sync", ann, relay.url(), "--push-only").out()).contains("sent 0 change sets");
        assertThat(Cli.query(ann, "SELECT id FROM note ORDER BY id")).containsExactly("a", "b");
    }

    @Test
    void aPullTakesAndBringsNothing() {
        Cli.good("sync", bob, relay.url());
        assertThat(Cli.good("sync", ann, relay.url(), "--pull-only").out())
                .isEqualToIgnoringNewLines(
                        "pulled from " + relay.url() + ": received 1 change set; all that it holds is here");

        assertThat(Cli.query(ann, "SELECT id FROM note ORDER BY id")).containsExactly("a", "b", "c");
        Cli.good("sync", bob, relay.url());
        assertThat(Cli.query(bob, "SELECT id FROM note ORDER BY id")).containsExactly("a", "c");
    }

    @Test
    void aLinkGoesOneWayOrTheOther() {
        Cli.run("sync", ann, relay.url(), "--push-only", "--pull-only").assertFailed(2, "--push-only", "--pull-only");
    }

    @Test
    void awaitStaysUntilAVersionIsThere() throws Exception {
        Cli.good("sync", ann, relay.url());
        JsonNode status = Cli.good("status", ann, "--json").json();
        String version = status.get("version").asText();

        assertThat(Cli.good("sync", bob, relay.url(), "--await", version).out()).contains("reached: " + bob);
        assertThat(Cli.query(bob, "SELECT id FROM note ORDER BY id")).containsExactly("a", "b", "c");
    }

    @Test
    void awaitSaysWhatIsStillMissingWhenItsTimeIsOver() throws Exception {
        String version = Cli.good("status", ann, "--json").json().get("version").asText();
        // The row that Ann has captured belongs to no version before it is sealed.
        try (Replica replica = Replica.open(ann)) {
            version = replica.version().toString();
        }
        Cli.Result result = Cli.run("sync", bob, relay.url(), "--await", version, "--timeout", "1");

        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).contains("after 1 s", "still lacks 1 change sets of that version");
    }

    @Test
    void whatIsNoVersionIsWrongUsage() {
        Cli.run("sync", bob, relay.url(), "--await", "yesterday").assertFailed(2, "not a version");
        Cli.run("sync", bob, relay.url(), "--await", "v1.AA", "--watch").assertFailed(2, "--watch");
    }

    @Test
    void statusSaysHowFarAPeerIsBehindAndSince() throws Exception {
        Cli.good("sync", ann, relay.url());
        try (Replica replica = Replica.open(ann)) {
            replica.execute("INSERT INTO note VALUES ('d', 'not sent yet')");
        }
        JsonNode peer = Cli.good("status", ann, "--json").json().get("peers").get(0);

        assertThat(peer.get("upToDate").asBoolean()).isFalse();
        assertThat(peer.get("toSend").asLong()).isEqualTo(1);
        assertThat(peer.get("toReceive").asLong()).isZero();
        assertThat(peer.get("lagMillis").isNumber()).isTrue();
        assertThat(Math.abs(peer.get("clockOffsetMillis").asLong())).isLessThan(60_000);
        assertThat(Cli.good("status", ann).out()).contains("not up to date, 1 to send");
    }

    @Test
    void aReplicaIsServedToOthersOfItsSpace() {
        try (Replica replica = Replica.open(ann);
                ReplicaServer server = ReplicaServer.start(replica, 0)) {
            assertThat(Cli.good("sync", bob, server.url()).out()).contains("sent 1 change set, received 1 change set");
        }
        assertThat(Cli.query(bob, "SELECT id FROM note ORDER BY id")).containsExactly("a", "b", "c");
    }

    @Test
    void aReplicaHasNoPeersOfARelay() {
        Cli.run("serve", "--port", "0", "--replica", ann, "--peer", relay.url())
                .assertFailed(2, "--peer is for relays", "sync " + ann + " URL --watch");
    }

    @Test
    void serveTellsWhatIsNoReplica() {
        Cli.run("serve", "--port", "0", "--replica", folder.resolve("none.db"))
                .assertFailed(1, "there is no such file");
        Cli.run("serve", "--port", "0", "--replica", folder.resolve("relay.db"))
                .assertFailed(1, "it is a relay's file");
    }
}
