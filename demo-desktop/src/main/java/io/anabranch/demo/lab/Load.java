// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Many small writes, as of many people at work: each changes the stock of some item at some replica. */
public final class Load {
    private static final long SECOND_NANOS = 1_000_000_000;

    private Load() {}

    /** Writes that often, as far as the machine can, until {@code stopped} says so. Blocks. */
    public static void run(Lab lab, int changesPerSecond, BooleanSupplier stopped) throws InterruptedException {
        Random random = new Random();
        long due = System.nanoTime();
        while (!stopped.getAsBoolean()) {
            write(lab, random);
            // What a slow second left undone is not made up for later on.
            due = Math.max(due + SECOND_NANOS / changesPerSecond, System.nanoTime() - SECOND_NANOS);
            TimeUnit.NANOSECONDS.sleep(due - System.nanoTime());
        }
    }

    private static void write(Lab lab, Random random) {
        List<LabReplica> replicas = lab.replicas();
        if (replicas.isEmpty()) {
            return;
        }
        try {
            Board board = lab.board(replicas.get(random.nextInt(replicas.size())));
            String id = board.anyId(random);
            if (id != null) {
                board.addStock(id, random.nextBoolean() ? 1 : -1);
            }
        } catch (ReplicaDown e) {
            return; // Nobody is there to write.
        }
    }
}
