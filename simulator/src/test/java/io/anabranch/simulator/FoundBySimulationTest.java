// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.sync.SyncException;
import io.anabranch.sync.session.SyncOutcome;
import org.junit.jupiter.api.Test;

/** What simulations found, each as small as it can be; {@code docs/testing.md} tells of them. */
class FoundBySimulationTest {
    @Test
    void aDiskThatFailsIsToldInTheLibrarysOwnWords() {
        try (SyncWorld world = SyncWorld.seeded(1).replicas(2).start()) {
            SimulatedReplica a = world.replica(0);
            a.driver().arm(FaultyDriver.Kind.IO_ERROR, 0);

            assertThatThrownBy(a::origin).isInstanceOf(SyncException.class).hasMessageContaining("disk I/O error");
        }
    }

    @Test
    void aDiskThatFailsWhileItAnswersIsToldInTheLibrarysOwnWords() {
        for (int statements = 0; statements < 40; statements++) {
            try (SyncWorld world = SyncWorld.seeded(1).replicas(2).start()) {
                SimulatedReplica a = world.replica(0);
                a.driver().arm(FaultyDriver.Kind.IO_ERROR, statements);

                assertThat(world.replica(1).sync(a))
                        .isInstanceOfAny(SyncOutcome.Failed.class, SyncOutcome.Settled.class);
                a.disarm();
                world.settle();
            }
        }
    }
}
