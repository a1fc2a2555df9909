// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;

/** What can go wrong in a simulation, by the names of the command line. */
public enum Fault {
    /** A request, or the answer to it, is lost. */
    LOSS,
    /** A request arrives again, some time later. */
    DUPLICATION,
    /** A request that was lost arrives after all, behind later ones. */
    REORDERING,
    /** While a message is under way, others act: they write, exchange, crash. */
    DELAY,
    /** One replica's exchanges always take so long that others act meanwhile. */
    SLOW_PEER,
    /** Bytes change on the way. */
    CORRUPTION,
    /** Nodes are cut off from each other for a while. */
    PARTITION,
    /** Answers from one replica never arrive, for a while. */
    ONE_WAY,
    /** Links come and go. */
    LINK_CHANGE,
    /** A process ends before some statement. */
    CRASH,
    /** The power goes during a commit: the write-ahead log is cut at any byte after the last synced one. Files only. */
    POWER_CUT,
    /** A statement fails because the disk is full. */
    DISK_FULL,
    /** A statement fails because the disk does. */
    IO_ERROR,
    /** A relay's file is put back from a backup. */
    RELAY_RESTORE,
    /** A replica's file is put back from a backup. */
    RESTORE,
    /** A replica's file is copied to another device, and both go on. */
    CLONE,
    /** Replicas compact, and relays cut their logs and let others forget, at any moment. */
    COMPACTION,
    /** A clock jumps, by up to ten years, either way. */
    CLOCK_JUMP,
    /** A clock shows the same time for a while. */
    CLOCK_STOP,
    /** Programs that know nothing of Anabranch write to the files. */
    FOREIGN_SQL,
    /** Values that no rule can take, beside others in the same transaction. */
    POISON,
    /** Some replicas begin empty and get their tables from the space; applications are upgraded, each when it likes. */
    MIXED_SCHEMA,
    /** Some speak an older or a newer version of the protocol. */
    MIXED_PROTOCOL;

    /** Returns the faults that a list names: {@code all}, {@code none}, or names with commas between. */
    public static Set<Fault> parse(String list) {
        if (list.equals("all")) {
            return EnumSet.allOf(Fault.class);
        }
        Set<Fault> faults = EnumSet.noneOf(Fault.class);
        if (list.equals("none")) {
            return faults;
        }
        for (String name : list.split(",", -1)) {
            if (name.equals("all") || name.equals("none")) {
                throw new IllegalArgumentException("'" + name + "' contradicts the other faults in '" + list
                        + "': give it alone, or leave it out");
            }
            faults.add(named(name));
        }
        return faults;
    }

    private static Fault named(String name) {
        List<String> known = new ArrayList<>();
        for (Fault fault : values()) {
            if (fault.toString().equals(name)) {
                return fault;
            }
            known.add(fault.toString());
        }
        throw new IllegalArgumentException(
                "there is no fault '" + name + "': use all, none, or of " + String.join(", ", known));
    }

    /**
     * Draws about half of {@code allowed}: a fault that is always on hides what only its absence lets happen. Once in four
     * nothing gets in the way of messages, so that what must come of them can be told to the last one.
     */
    static Set<Fault> swarm(Set<Fault> allowed, Random random) {
        Set<Fault> drawn = EnumSet.noneOf(Fault.class);
        boolean isFair = random.nextInt(4) == 0;
        for (Fault fault : allowed) {
            if (random.nextBoolean() && (fault.sparesMessages() || !isFair)) {
                drawn.add(fault);
            }
        }
        return drawn;
    }

    /** Returns whether messages arrive and are answered all the same. */
    boolean sparesMessages() {
        return switch (this) {
            case RELAY_RESTORE, RESTORE, CLONE, COMPACTION, CLOCK_JUMP, CLOCK_STOP, FOREIGN_SQL, POISON, MIXED_SCHEMA ->
                true;
            default -> false;
        };
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
