// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.server.RelayClient.Answer;
import io.anabranch.server.store.RelayBackup;
import io.anabranch.sync.change.ChangeSets;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.session.MessageCodec;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Somebody moves a relay's file, or puts another one in its place, while the relay has it open. */
class ReplacedFileTest {
    @TempDir
    Path folder;

    private final ChangeSets ann = ChangeSets.of(1);
    private Path data;
    private RelayServer relay;
    private RelayClient client;

    @BeforeEach
    void start() {
        data = folder.resolve("relay.db");
        relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, data));
        client = new RelayClient(relay.url());
        assertThat(client.sync("shop", null, ann.origin(), ann.write("a1")).status())
                .isEqualTo(200);
    }

    @AfterEach
    void stop() {
        relay.close();
    }

    /** It acknowledged what was in the file that had been moved away, and so in none of its own. */
    @Test
    void nothingIsAcknowledgedThatTheFileInPlaceDoesNotHold() throws Exception {
        Path backup = folder.resolve("backup.db");
        RelayBackup.copy(new JdbcDriver(), data, backup);
        moveAway();
        RelayBackup.restore(new JdbcDriver(), backup, data);

        EncodedChangeSet late = ann.write("a2");
        Answer refused = client.sync("shop", null, ann.origin(), late);
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.code()).isEqualTo("file-replaced");
        assertThat(refused.header("Retry-After")).isEqualTo("30");
        assertThat(client.json("GET", "/health/ready", null, null).status()).isEqualTo(503);
        assertThat(MessageCodec.decodeReply(
                                client.sync("shop", null, ChangeSets.of(2).origin())
                                        .body())
                        .changeSets())
                .as("what it holds it still gives")
                .hasSize(1);

        relay.close();
        relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, data));
        assertThat(new RelayClient(relay.url())
                        .sync("shop", null, ann.origin(), late)
                        .status())
                .isEqualTo(200);
    }

    @Test
    void aFileThatIsPutBackIsTheSame() throws Exception {
        Path away = moveAway();
        assertThat(client.sync("shop", null, ann.origin(), ann.write("a2")).code())
                .isEqualTo("file-replaced");
        for (String end : new String[] {"", "-wal", "-shm"}) {
            Files.move(away.resolveSibling("relay.db" + end), data.resolveSibling("relay.db" + end));
        }

        assertThat(client.json("GET", "/health/ready", null, null).status()).isEqualTo(200);
    }

    private Path moveAway() throws Exception {
        Path away = Files.createDirectory(folder.resolve("away"));
        for (String end : new String[] {"-wal", "-shm"}) {
            Files.move(data.resolveSibling("relay.db" + end), away.resolve("relay.db" + end));
        }
        return Files.move(data, away.resolve("relay.db"));
    }
}
