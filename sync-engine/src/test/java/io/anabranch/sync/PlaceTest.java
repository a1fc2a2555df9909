// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.store.ReplicaFile;
import io.anabranch.sync.store.log.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlaceTest {
    @TempDir
    Path folder;

    private final Random random = new Random(3);

    private Origin originSeenFrom(String state) {
        try (ReplicaFile file = open(state)) {
            return file.self();
        }
    }

    @Test
    void twoProgramsThatKeepTheirStateApartTakeTurnsWithTwoOriginsOnly() {
        Origin first = originSeenFrom("one");
        Origin second = originSeenFrom("two");

        assertThat(second).isNotEqualTo(first);
        assertThat(originSeenFrom("one")).isEqualTo(first);
        assertThat(originSeenFrom("two")).isEqualTo(second);
        assertThat(originSeenFrom("two")).isEqualTo(second);
    }

    @Test
    void nothingIsSentBeforeItIsNotedHowFarItHasGone() throws IOException {
        Path state = folder.resolve("state");
        Path away = folder.resolve("away");
        try (ReplicaFile file = open("state")) {
            file.transaction(db -> db.execute("CREATE TABLE note (id TEXT NOT NULL PRIMARY KEY)"));
            file.enrol("note", TableRules.defaults());
            file.transaction(db -> db.execute("INSERT INTO note VALUES ('n1')"));
            Files.move(state, away);
            Files.createFile(state);
            assertThatThrownBy(() -> file.missing(VersionVector.EMPTY, 1_000_000))
                    .isInstanceOf(SyncException.CannotWrite.class);

            Files.delete(state);
            Files.move(away, state);
            file.missing(VersionVector.EMPTY, 1_000_000);

            assertThat(state.resolve(file.self() + ".json")).content().contains("\"seqSent\":1");
        }
    }

    private ReplicaFile open(String state) {
        return ReplicaFile.open(
                folder.resolve("a.db"), "shop", new JdbcDriver(), new Place(folder.resolve(state)), () -> 0, random);
    }
}
