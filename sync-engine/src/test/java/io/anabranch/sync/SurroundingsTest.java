// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.store.log.Place;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SurroundingsTest {
    @TempDir
    Path folder;

    @Test
    void equalSurroundingsMakeEqualReplicas() {
        try (Replica one = note("one", new Random(7));
                Replica same = note("same", new Random(7));
                Replica other = note("other", new Random(8))) {
            assertThat(same.origin()).isEqualTo(one.origin());
            assertThat(other.origin()).isNotEqualTo(one.origin());
            assertThat(one.log(null).get(1).time()).hasToString("2001-09-09T01:46:40Z");
        }
    }

    @Test
    void aReplicaExchangesOverAnyTransport() {
        try (Replica one = note("one", new Random(7));
                Replica other = note("other", new Random(8))) {
            assertThat(one.sync("other", new World.Direct(other.asPeer()))).isInstanceOf(SyncOutcome.Settled.class);

            assertThat(other.query("SELECT body FROM note ORDER BY id"))
                    .containsExactly(Map.of("body", "by 7"), Map.of("body", "by 8"))
                    .isEqualTo(one.query("SELECT body FROM note ORDER BY id"));
        }
    }

    private Replica note(String name, Random random) {
        Place place = new Place(folder.resolve("state"));
        Surroundings around = new Surroundings(new JdbcDriver(), place, () -> 1_000_000_000_000L, random);
        Replica replica = Replica.create(folder.resolve(name + ".db"), "notes", setup -> {}, around);
        replica.execute("CREATE TABLE note(id TEXT PRIMARY KEY, body TEXT)");
        replica.enrol("note", TableRules.defaults());
        String by = name.equals("other") ? "8" : "7";
        replica.execute("INSERT INTO note VALUES (?, ?)", by, "by " + by);
        return replica;
    }
}
