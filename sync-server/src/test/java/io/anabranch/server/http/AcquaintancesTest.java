// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class AcquaintancesTest {
    private final Acquaintances acquaintances = new Acquaintances();

    /** Any holder of a token may say that it holds any number of origins, under any number of names. */
    @Test
    void ofThoseWhoSayThatTheyHoldVeryMuchTheLatestAreRemembered() {
        VersionVector huge = origins(80_000);
        for (int i = 1; i <= 4; i++) {
            meet(i, huge);
        }
        assertThat(acquaintances.of("shop"))
                .extracting(Acquaintances.Replica::origin)
                .containsExactlyInAnyOrder(Origin.of(0, 3), Origin.of(0, 4));

        meet(4, origins(10));
        meet(5, huge);
        assertThat(acquaintances.of("shop"))
                .as("what one holds no more counts no more")
                .hasSize(3);
        acquaintances.forget("shop", Origin.of(0, 3));
        meet(6, huge);
        assertThat(acquaintances.of("shop"))
                .as("nor does one that was forgotten")
                .hasSize(3);
    }

    private void meet(int number, VersionVector holds) {
        acquaintances.met(
                "shop",
                new Acquaintances.Replica(Origin.of(0, number), false, null, "", number, null, holds, 0, 0),
                List.of(),
                List.of());
    }

    private static VersionVector origins(int count) {
        TreeMap<Origin, Long> entries = new TreeMap<>();
        for (int i = 1; i <= count; i++) {
            entries.put(Origin.of(1, i), 1L);
        }
        return VersionVector.of(entries);
    }
}
