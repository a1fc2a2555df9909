// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli.bench;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** What a user waits for so as to read what was written; by the names of the command line. */
public enum Guarantee {
    /** Nothing: a write is done once it is on this disk, and reads take what the other replica shows. */
    NONE,
    /** Each client reads at the replica that it writes to. */
    READ_HERE,
    /** A write is done once the relay has it, too: {@code whenReached(1)}. */
    REACHED_RELAY,
    /** A write is done once the relay and the other replica have it: {@code whenReached(2)}. */
    REACHED_2,
    /** Before it reads, a client waits for the version that it wrote or read last: {@code awaitVersion(token)}. */
    AWAIT_VERSION;

    /** Returns the guarantees that a list names: {@code all}, or names with commas between. */
    public static Set<Guarantee> parse(String list) {
        if (list.equals("all")) {
            return EnumSet.allOf(Guarantee.class);
        }
        Set<Guarantee> guarantees = EnumSet.noneOf(Guarantee.class);
        for (String name : list.split(",", -1)) {
            guarantees.add(named(name));
        }
        return guarantees;
    }

    private static Guarantee named(String name) {
        List<String> known = new ArrayList<>();
        for (Guarantee guarantee : values()) {
            if (guarantee.toString().equals(name)) {
                return guarantee;
            }
            known.add(guarantee.toString());
        }
        throw new IllegalArgumentException(
                "there is no guarantee '" + name + "': use all, or of " + String.join(", ", known));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
