// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.store.Place;
import io.anabranch.sync.store.ReplicaFile;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PlaceTest {
    @TempDir
    Path folder;

    private final Random random = new Random(3);

    private Origin originSeenFrom(String state) {
        try (ReplicaFile file = ReplicaFile.open(
                folder.resolve("a.db"), "shop", new JdbcDriver(), new Place(folder.resolve(state)), () -> 0, random)) {
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
}
