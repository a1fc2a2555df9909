// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.sync.Version;
import java.util.Set;
import java.util.TreeSet;

/**
 * A person with several devices, who writes and reads now on this one, now on that, and takes the version along: a device that
 * includes it shows all that was seen before (the session guarantees of Terry et al., "Session guarantees for weakly consistent
 * replicated data", PDIS 1994).
 */
final class TravellingReader {
    private final Checks checks;
    private Version version = Version.NOTHING;
    private Set<String> seen = Set.of();

    TravellingReader(Checks checks) {
        this.checks = checks;
    }

    /** Reads at a replica that shows {@code shown}, unless it would have to wait for what was seen elsewhere. Seals. */
    void read(SimulatedReplica replica, Set<String> shown) {
        Version here = replica.replica().version();
        if (here.includes(version)) {
            checks.that(
                    Oracle.SESSION_GUARANTEES,
                    shown.containsAll(seen),
                    () -> replica + " includes the version of a reader and lacks what that reader saw: "
                            + missing(shown));
            version = here;
            seen = Set.copyOf(shown);
        }
    }

    private Set<String> missing(Set<String> shown) {
        Set<String> missing = new TreeSet<>(seen);
        missing.removeAll(shown);
        return missing;
    }

    /** A file was put back: what was seen there may exist no more. */
    void forget() {
        version = Version.NOTHING;
        seen = Set.of();
    }
}
