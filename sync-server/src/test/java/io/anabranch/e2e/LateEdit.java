// SPDX-License-Identifier: Apache-2.0
package io.anabranch.e2e;

import io.anabranch.server.ShippedRelays;
import io.anabranch.simulator.SimulatedRelay;
import io.anabranch.simulator.SimulatedReplica;
import io.anabranch.simulator.SyncWorld;
import io.anabranch.simulator.Topology;
import io.anabranch.simulator.Violation;
import io.anabranch.sync.TableRules;
import java.time.Duration;

/**
 * A replica that was away edits a row that all others have deleted and forgotten meanwhile. The fence has the row begin a new life,
 * whole; without one the others get half of a row of which they know nothing.
 */
final class LateEdit {
    static final String NAME = "late-edit";

    private LateEdit() {}

    /** Returns the name of the oracle that failed; empty if none. */
    static String play() {
        try (SyncWorld world = SyncWorld.seeded(1)
                .replicas(2)
                .topology(Topology.STAR)
                .relays(1, ShippedRelays.keepingLittle())
                .start()) {
            SimulatedReplica here = world.replica(0);
            SimulatedReplica away = world.replica(1);
            here.sql("CREATE TABLE item(id TEXT PRIMARY KEY, title TEXT, shelf TEXT)");
            here.enrol("item", TableRules.defaults());
            here.sql("INSERT INTO item VALUES ('cup', 'Cup', 'upper')");
            world.settle();
            here.sql("DELETE FROM item");
            forget(world, here);
            away.sql("UPDATE item SET title = 'Mug'");
            world.settle();
            return "";
        } catch (Violation e) {
            return e.oracle().toString();
        }
    }

    private static void forget(SyncWorld world, SimulatedReplica replica) {
        SimulatedRelay relay = world.relay(0);
        for (int i = 0; i < 3; i++) {
            replica.sync(relay);
            world.pass(Duration.ofHours(1));
            relay.tend();
        }
        replica.sync(relay);
        if (replica.compact().livesPurged() == 0) {
            throw new AssertionError("nothing was forgotten");
        }
    }
}
