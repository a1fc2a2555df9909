// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.sync.sql.SqlException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Brings about the faults that are steps of their own. */
final class Mischief {
    private static final long TEN_YEARS_SECONDS = 10L * 365 * 24 * 3600;
    private static final int MOST_STATEMENTS = 80;
    private static final int MOST_REPLICAS = 12;

    private final SyncWorld world;
    private final LedgerOracle ledger;
    private final TravellingReader reader;
    private final Map<SimulatedReplica, Disk.Image> backups = new HashMap<>();
    private final Set<Node> deaf = new HashSet<>();

    Mischief(SyncWorld world, LedgerOracle ledger, TravellingReader reader) {
        this.world = world;
        this.ledger = ledger;
        this.reader = reader;
    }

    /** Returns the nodes that no answer reaches. */
    Set<Node> deaf() {
        return deaf;
    }

    String act(Step.Kind kind, SimulatedReplica one, Node other, Random random) {
        return switch (kind) {
            case CUT -> cut(one, other, random);
            case DEAF -> deafen(one);
            case HEAL -> heal();
            case LATE_ARRIVAL -> lateArrival(random);
            case LINK_CHANGE -> changeLink(one, other, random);
            case CLOCK_JUMP, CLOCK_STOP, CLOCK_GO -> bend(kind, other, random);
            case RESTART -> restart();
            case CRASH -> crash(one);
            case CRASH_SOON -> arm(FaultyDriver.Kind.CRASH, one.driver(), random.nextInt(MOST_STATEMENTS));
            case POWER_CUT_SOON -> arm(FaultyDriver.Kind.POWER_CUT, one.driver(), random.nextInt(3));
            case DISK_FULL_SOON -> arm(FaultyDriver.Kind.DISK_FULL, one.driver(), random.nextInt(MOST_STATEMENTS / 4));
            case IO_ERROR_SOON -> arm(FaultyDriver.Kind.IO_ERROR, one.driver(), random.nextInt(MOST_STATEMENTS / 4));
            case BACKUP -> backUp(one);
            case RESTORE -> restore(one);
            case CLONE -> copy(one, random);
            case RELAY_CRASH_SOON,
                    RELAY_POWER_CUT_SOON,
                    RELAY_DISK_FULL_SOON,
                    RELAY_IO_ERROR_SOON,
                    RELAY_BACKUP,
                    RELAY_RESTORE,
                    RELAY_TEND -> relay(kind, random);
            default -> throw new IllegalArgumentException("no mischief: " + kind);
        };
    }

    // ---- The network

    private String cut(SimulatedReplica one, Node other, Random random) {
        if (random.nextBoolean()) {
            world.isolate(one);
            return "is cut off";
        }
        world.cut(one, other);
        return "is cut off from " + other.name();
    }

    private String deafen(SimulatedReplica one) {
        deaf.add(one);
        return "gets no answers";
    }

    private String heal() {
        world.heal();
        deaf.clear();
        return "and all others are connected again";
    }

    private String lateArrival(Random random) {
        if (world.network().lateRequests() == 0) {
            return "sees nothing come late";
        }
        world.network().deliverLate(random.nextInt(1 << 16));
        return "sees a late request arrive";
    }

    private String changeLink(SimulatedReplica one, Node other, Random random) {
        if (random.nextBoolean()) {
            world.link(one, other);
            return "may ask " + other.name();
        }
        world.unlink(one, other);
        return "may not ask " + other.name();
    }

    // ---- Clocks

    private static String bend(Step.Kind kind, Node node, Random random) {
        switch (kind) {
            case CLOCK_JUMP -> {
                // From the world's time, so that jumps never add up to beyond what the machine's own clock shows:
                // captures
                // read that one, and traces would differ from day to day.
                node.clock().setAhead(Duration.ofSeconds(random.nextLong() % TEN_YEARS_SECONDS));
            }
            case CLOCK_STOP -> node.clock().stop();
            default -> node.clock().goOn();
        }
        return "sees " + node.name() + "'s clock at " + node.clock().getAsLong() + " after " + kind;
    }

    // ---- Processes and files

    private String restart() {
        world.nodes().forEach(Node::restart);
        return "and all others run again";
    }

    private static String crash(SimulatedReplica one) {
        one.crash();
        return "is killed";
    }

    private static String arm(FaultyDriver.Kind kind, FaultyDriver driver, int statements) {
        driver.arm(kind, statements);
        return "will meet " + kind + " after " + statements;
    }

    private String backUp(SimulatedReplica one) {
        if (!one.isUp()) {
            return "is down";
        }
        one.disarm();
        one.heads(); // A raw copy with unsealed writes in it may count them twice.
        backups.put(one, one.save());
        return "is backed up";
    }

    private String restore(SimulatedReplica one) {
        Disk.Image backup = backups.get(one);
        if (backup == null) {
            return "has no backup";
        }
        one.restore(backup);
        ledger.putBack(one, world.replicas());
        reader.forget();
        return "is put back";
    }

    private String copy(SimulatedReplica one, Random random) {
        if (!one.isUp() || world.replicas().size() >= MOST_REPLICAS) {
            return "is not copied";
        }
        one.disarm();
        return "is copied to " + world.copy(one, random.nextBoolean());
    }

    private String relay(Step.Kind kind, Random random) {
        SimulatedRelay relay = world.relay(random.nextInt(world.relays().size()));
        switch (kind) {
            case RELAY_CRASH_SOON -> relay.driver().arm(FaultyDriver.Kind.CRASH, random.nextInt(MOST_STATEMENTS / 2));
            case RELAY_POWER_CUT_SOON -> relay.driver().arm(FaultyDriver.Kind.POWER_CUT, random.nextInt(3));
            case RELAY_DISK_FULL_SOON ->
                relay.driver().arm(FaultyDriver.Kind.DISK_FULL, random.nextInt(MOST_STATEMENTS / 4));
            case RELAY_IO_ERROR_SOON ->
                relay.driver().arm(FaultyDriver.Kind.IO_ERROR, random.nextInt(MOST_STATEMENTS / 4));
            case RELAY_BACKUP -> relay.backUp();
            case RELAY_TEND -> tend(relay);
            default -> relay.restore();
        }
        return "sees " + kind + " of " + relay.name();
    }

    private static void tend(SimulatedRelay relay) {
        try {
            if (relay.isUp()) {
                relay.tend();
            }
        } catch (Crash crash) {
            // It had been told to.
        } catch (SqlException e) {
            if (!relay.driver().takeHappened()) {
                throw e;
            }
        }
    }

    /** Ends everything that was begun. */
    void end() {
        world.heal();
        deaf.clear();
        world.network().forgetLate();
        world.replicas().forEach(SimulatedReplica::disarm);
        world.relays().forEach(relay -> relay.driver().disarm());
        restart();
        connect();
    }

    /** Links that went may have left nodes without any. */
    private void connect() {
        for (Node node : world.nodes()) {
            world.link(world.replica(0), node);
        }
    }
}
