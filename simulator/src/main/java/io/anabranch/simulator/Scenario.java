// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.simulator.Step.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;

/** The steps of a run, drawn from a seed: mostly writes and exchanges, and now and then a fault that is on. */
final class Scenario {
    private final List<Kind> lots = new ArrayList<>();

    private Scenario(Set<Fault> faults, boolean hasRelay) {
        put(Kind.WRITE, 30);
        put(Kind.EXCHANGE, 30);
        put(Kind.SEAL, 3);
        put(Kind.WAIT, 3);
        for (Fault fault : faults) {
            put(fault, hasRelay);
        }
    }

    static List<Step> draw(int ops, Set<Fault> faults, boolean hasRelay, Random random) {
        List<Kind> lots = new Scenario(faults, hasRelay).lots;
        List<Step> steps = new ArrayList<>();
        for (int i = 0; i < ops; i++) {
            Kind kind = lots.get(random.nextInt(lots.size()));
            steps.add(new Step(kind, i, random.nextInt(1 << 16), random.nextInt(1 << 16)));
        }
        return steps;
    }

    private void put(Fault fault, boolean hasRelay) {
        switch (fault) {
            case FOREIGN_SQL -> put(Kind.FOREIGN_WRITE, 15);
            case DUPLICATION, REORDERING -> put(Kind.LATE_ARRIVAL, 4);
            case PARTITION -> {
                put(Kind.CUT, 3);
                put(Kind.HEAL, 1);
            }
            case ONE_WAY -> {
                put(Kind.DEAF, 2);
                put(Kind.HEAL, 1);
            }
            case LINK_CHANGE -> put(Kind.LINK_CHANGE, 3);
            case CRASH -> {
                put(Kind.CRASH, 1);
                put(Kind.CRASH_SOON, 3);
                put(Kind.RESTART, 6);
                put(Kind.RELAY_CRASH_SOON, hasRelay ? 2 : 0);
            }
            case POWER_CUT -> {
                put(Kind.POWER_CUT_SOON, 3);
                put(Kind.RESTART, 6);
                put(Kind.RELAY_POWER_CUT_SOON, hasRelay ? 2 : 0);
            }
            case DISK_FULL -> {
                put(Kind.DISK_FULL_SOON, 3);
                put(Kind.RELAY_DISK_FULL_SOON, hasRelay ? 2 : 0);
            }
            case IO_ERROR -> {
                put(Kind.IO_ERROR_SOON, 3);
                put(Kind.RELAY_IO_ERROR_SOON, hasRelay ? 2 : 0);
            }
            case RELAY_RESTORE -> {
                put(Kind.RELAY_BACKUP, 1);
                put(Kind.RELAY_RESTORE, 1);
            }
            case RESTORE -> {
                put(Kind.BACKUP, 1);
                put(Kind.RESTORE, 1);
            }
            case CLONE -> put(Kind.CLONE, 1);
            case COMPACTION -> {
                put(Kind.COMPACT, 3);
                put(Kind.RELAY_TEND, hasRelay ? 3 : 0);
            }
            case CLOCK_JUMP -> put(Kind.CLOCK_JUMP, 2);
            case CLOCK_STOP -> {
                put(Kind.CLOCK_STOP, 1);
                put(Kind.CLOCK_GO, 1);
            }
            case POISON -> put(Kind.POISON, 3);
            case MIXED_SCHEMA -> put(Kind.UPGRADE, 4);
            case MIXED_PROTOCOL -> put(Kind.STRANGER, 2);
            // Decided message by message.
            case LOSS, DELAY, SLOW_PEER, CORRUPTION -> {}
        }
    }

    private void put(Kind kind, int weight) {
        for (int i = 0; i < weight; i++) {
            lots.add(kind);
        }
    }
}
