// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class UpgradeTest {
    @Test
    void theApplicationGoesThroughAllVersionsInTheirOrder() {
        try (SyncWorld world = world().start()) {
            SimulatedReplica a = world.replica(0);

            assertThat(upgrade(a)).containsExactly(Upgrade.values());

            assertThat(Upgrade.version(a)).isEqualTo(Upgrade.values().length);
            assertThat(a.rows("SELECT id, name, colour, views FROM item ORDER BY id"))
                    .containsExactly("cup|Cup|none|0", "shelf|Shelf|none|0");
            assertThat(a.rows("SELECT * FROM memo")).containsExactly("0|x|null|Sunday|3", "1|y|x|Monday|3");
        }
    }

    @Test
    void anOldVersionTakesPartAndLosesNothingOfANewerOne() {
        try (SyncWorld world = world().start()) {
            SimulatedReplica a = world.replica(0);
            SimulatedReplica b = world.replica(1);
            upgrade(a);
            a.sql("UPDATE item SET name = 'Mug', colour = 'red', views = views + 2 WHERE id = 'cup'");
            world.settle();
            b.sql("UPDATE item SET label = 'old', price = 2.5 WHERE id = 'cup'");
            world.settle();
            assertThat(b.rows("SELECT title, price, label FROM item WHERE id = 'cup'"))
                    .containsExactly("Mug|2.5|old");

            upgrade(b);
            world.settle();

            assertThat(b.rows("SELECT name, price, colour, views FROM item WHERE id = 'cup'"))
                    .containsExactly("Mug|2.5|red|2");
        }
    }

    /** As after a crash between the two. */
    @Test
    void theRuleOfANewColumnIsSaidWhenTheApplicationStartsAgain() {
        try (SyncWorld world = world().opening(Workload::opening).start()) {
            for (SimulatedReplica replica : world.replicas()) {
                replica.sql("ALTER TABLE item ADD COLUMN views INTEGER NOT NULL DEFAULT 0");
                replica.crash();
                replica.restart();
                replica.sql("UPDATE item SET views = views + 1 WHERE id = 'cup'");
            }
            world.settle();

            assertThat(world.replica(0).rows("SELECT views FROM item WHERE id = 'cup'"))
                    .containsExactly("2");
        }
    }

    private static SyncWorld.Builder world() {
        return SyncWorld.seeded(1).replicas(2).setUp(Workload::setUp);
    }

    private static List<Upgrade> upgrade(SimulatedReplica replica) {
        List<Upgrade> made = new ArrayList<>();
        for (Upgrade next = Upgrade.next(replica); next != null; next = Upgrade.next(replica)) {
            next.run(replica);
            made.add(next);
        }
        return made;
    }
}
