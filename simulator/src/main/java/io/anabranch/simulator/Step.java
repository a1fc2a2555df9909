// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import java.util.Locale;
import java.util.Random;

/**
 * One step of a scenario. Complete in itself: what it draws comes from its own salt, so that other steps can be left out and
 * this one stays what it is.
 *
 * @param salt its number in the scenario it was made for
 * @param one a number that stands for a node, and {@code other} for another
 */
record Step(Kind kind, int salt, int one, int other) {
    Random random(long seed) {
        return new Random(Simulation.spread(seed * 0x9E3779B97F4A7C15L + salt));
    }

    @Override
    public String toString() {
        return "#" + salt + " " + kind + " " + one + " " + other;
    }

    enum Kind {
        WRITE,
        SEAL,
        EXCHANGE,
        WAIT,
        FOREIGN_WRITE,
        LATE_ARRIVAL,
        CUT,
        HEAL,
        DEAF,
        LINK_CHANGE,
        CRASH,
        CRASH_SOON,
        POWER_CUT_SOON,
        DISK_FULL_SOON,
        IO_ERROR_SOON,
        RESTART,
        RELAY_CRASH_SOON,
        RELAY_POWER_CUT_SOON,
        RELAY_DISK_FULL_SOON,
        RELAY_IO_ERROR_SOON,
        RELAY_BACKUP,
        RELAY_RESTORE,
        BACKUP,
        RESTORE,
        CLONE,
        COMPACT,
        RELAY_TEND,
        CLOCK_JUMP,
        CLOCK_STOP,
        CLOCK_GO,
        POISON,
        UPGRADE,
        STRANGER;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }
}
