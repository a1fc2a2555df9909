// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

/**
 * The file of a replica that has made and enrolled the tables of {@link Workload}, made once in a process: to enrol them in
 * each replica of each run would take half of its time. Thread-safe.
 */
final class Template {
    private Template() {}

    /** Returns the file, for a world in memory or on files. The same on every machine. */
    static Disk.Image image(boolean onFiles) {
        return onFiles ? OnFiles.IMAGE : InMemory.IMAGE;
    }

    private static Disk.Image make(SyncWorld world) {
        SimulatedReplica replica = world.replica(0);
        Workload.setUp(replica);
        replica.heads(); // Seals, so that nobody who begins with a copy of the file seals the same again.
        return replica.save();
    }

    private static SyncWorld.Builder world() {
        return SyncWorld.seeded(0).replicas(1);
    }

    private static final class OnFiles {
        static final Disk.Image IMAGE = make();

        private static Disk.Image make() {
            try (SyncWorld world = world().onFiles().start()) {
                return Template.make(world);
            }
        }
    }

    private static final class InMemory {
        static final Disk.Image IMAGE = make();

        /** The world is left open: a database in memory ends with its last connection. */
        private static Disk.Image make() {
            SyncWorld world = world().start();
            Runtime.getRuntime().addShutdownHook(new Thread(world::deleteFolder, "delete the template"));
            return Template.make(world);
        }
    }
}
