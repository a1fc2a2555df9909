// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.sync.ClockAhead;
import io.anabranch.sync.Divergence;
import io.anabranch.sync.PeerStatus;
import io.anabranch.sync.Replica;
import io.anabranch.sync.RuleConflict;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.SyncStatus;
import io.anabranch.sync.Verification;
import io.anabranch.sync.store.FileLook;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Looks at a replica: its name, its clock, and whether state, log and tables agree. */
final class ReplicaDoctor {
    private static final Duration CLOCK_TOLERANCE = Duration.ofMinutes(5);
    private static final Duration LONG_AGO = Duration.ofDays(7);
    private static final long LARGE_LOG_BYTES = 1 << 20;

    private ReplicaDoctor() {}

    static void look(Path file, FileLook look, Clock clock, Checkup checkup) {
        identity(look, checkup);
        clock(look, clock, checkup);
        log(file, look, checkup);
        try (Replica replica = Replica.open(file)) {
            agreement(file, replica.verify(), checkup);
            look(file, replica, clock, checkup);
        } catch (SyncException.CannotWrite | SyncException.BadFile e) {
            lookWithoutWriting(file, e, clock, checkup);
        } catch (SyncException e) {
            checkup.error("open", String.valueOf(e.getMessage()), "do what that says, then look again");
        }
    }

    private static void look(Path file, Replica replica, Clock clock, Checkup checkup) {
        SyncStatus status = replica.status();
        tables(file, replica.lostTables(), checkup);
        divergence(file, status.divergence(), clock, checkup);
        rows(file, status, replica, checkup);
        peers(file, status, clock, checkup);
    }

    /** Whether state and tables agree is not looked at: what other programs wrote would have to be sealed first. */
    private static void lookWithoutWriting(Path file, SyncException why, Clock clock, Checkup checkup) {
        checkup.error("open", String.valueOf(why.getMessage()), "do what that says, then look again");
        try (Replica replica = Replica.openToRead(file)) {
            look(file, replica, clock, checkup);
        } catch (SyncException e) {
            // Said already, why.
        }
    }

    private static void tables(Path file, List<String> lost, Checkup checkup) {
        for (String table : lost) {
            checkup.warning(
                    "tables",
                    "table " + table + " replicates, and was dropped from this file or given another primary key: what"
                            + " others write to it is kept and not shown",
                    "make it again as it was to have its rows back, or end its replication here with 'anabranch drop "
                            + file + " " + table + "'");
        }
    }

    private static void identity(FileLook look, Checkup checkup) {
        if (look.doubt().isPresent()) {
            checkup.warning(
                    "identity",
                    "it may not be the only file that writes under its name ("
                            + look.doubt().get() + "), so it takes a new one when it is opened, as now",
                    "nothing, if it is a copy or a backup; if it happens again and again, see whether the folder "
                            + "of ANABRANCH_STATE_DIR is kept");
        } else {
            checkup.ok("identity", "it is the file that it was, and as far as it has ever sent");
        }
    }

    private static void clock(FileLook look, Clock clock, Checkup checkup) {
        Duration ahead = Duration.ofMillis(look.clockMillis() - clock.millis());
        if (ahead.compareTo(CLOCK_TOLERANCE) > 0) {
            checkup.warning(
                    "clock",
                    "it has seen a time that is " + ahead.toSeconds() + " s ahead of this machine's clock",
                    "set the clock by the network's; until it has caught up, what is written here ranks as later than it is");
        } else {
            checkup.ok("clock", "no time that it has seen is ahead of this machine's clock by more than five minutes");
        }
    }

    private static void log(Path file, FileLook look, Checkup checkup) {
        long others = Math.max(1, look.bytes() - look.logBytes());
        String message = "the change log has " + look.logBytes() + " bytes of " + look.bytes();
        if (look.logBytes() > LARGE_LOG_BYTES && look.logBytes() > 3 * others) {
            checkup.warning("log", message, "'anabranch compact " + file + "' cuts what a snapshot can stand for");
        } else {
            checkup.ok("log", message);
        }
    }

    private static void agreement(Path file, Verification found, Checkup checkup) {
        if (found.isSound()) {
            checkup.ok(
                    "agreement",
                    "log, state, digests, triggers and tables agree: " + Count.of(found.changeSets(), "change set")
                            + ", " + Count.of(found.rows(), "row"));
            return;
        }
        Verification.Problem first = found.problems().get(0);
        checkup.error(
                "agreement",
                found.problemCount() + (found.problemCount() == 1 ? " thing does" : " things do")
                        + " not agree; the first: "
                        + first.kind().name().toLowerCase(Locale.ROOT)
                        + (first.table() == null ? "" : " of " + first.table()) + ", " + first.message(),
                "'anabranch verify " + file + "' lists them, and 'anabranch verify " + file + " --repair' mends them");
    }

    private static void divergence(Path file, @Nullable Divergence last, Clock clock, Checkup checkup) {
        if (last == null) {
            checkup.ok("divergence", "no rows were ever found to differ from another replica's");
        } else if (last.isOpen()) {
            checkup.error("divergence", DivergenceText.of(last), DivergenceText.remedy(last, file.toString()));
        } else if (Duration.between(last.found(), clock.instant()).compareTo(LONG_AGO) > 0) {
            checkup.ok("divergence", DivergenceText.of(last));
        } else {
            checkup.warning(
                    "divergence",
                    DivergenceText.of(last),
                    "nothing, if it happened once and a program that switches triggers off explains it; else look after the"
                            + " disk and the programs that write to the file");
        }
    }

    private static void rows(Path file, SyncStatus status, Replica replica, Checkup checkup) {
        if (status.hidden() > 0) {
            checkup.warning(
                    "hidden",
                    status.hidden() + " rows are hidden, since their table's constraints would not have them",
                    "'anabranch hidden " + file + "' says why, and what would show them");
        } else {
            checkup.ok("hidden", "no row is hidden");
        }
        if (status.rejected() > 0) {
            checkup.warning(
                    "rejected",
                    status.rejected() + " values were put back, since their column's rule could not take them",
                    "'anabranch conflicts " + file + "' lists them; have the program that writes them mended");
        } else {
            checkup.ok("rejected", "no value was rejected");
        }
        if (status.violations() > 0) {
            checkup.warning(
                    "checks",
                    status.violations() + " rows fail a CHECK of their table since legal writes merged",
                    "'anabranch status " + file + "' lists them; write them anew");
        }
        for (ClockAhead clock : status.clocksAhead()) {
            if (!clock.origin().equals(status.origin())) { // Its own is looked at already.
                checkup.warning(
                        "clock",
                        "origin " + clock.origin() + " stamped what it wrote " + clock.stamp() + ", which is "
                                + clock.ahead().toMinutes() + " minutes ahead of this machine's clock",
                        "set the clock of its machine right, or this one if it is behind");
            }
        }
        for (RuleConflict conflict : status.ruleConflicts()) {
            checkup.warning("rules", RuleConflictText.of(conflict, status.origin()), RuleConflictText.REMEDY);
        }
        replica.mergeProblems()
                .forEach((rule, reason) -> checkup.warning(
                        "merges",
                        "columns of rule " + rule + " show the latest value: " + reason,
                        "open it once with the program that has this merge function"));
    }

    private static void peers(Path file, SyncStatus status, Clock clock, Checkup checkup) {
        List<PeerStatus> peers = status.peers();
        if (peers.isEmpty()) {
            checkup.warning(
                    "peers",
                    "it has never exchanged with anybody, so nothing of it is anywhere else",
                    "'anabranch sync " + file + " URL'");
            return;
        }
        Instant last = peers.stream()
                .map(PeerStatus::lastExchange)
                .max(Instant::compareTo)
                .orElseThrow();
        String when = "the last exchange was at " + last + ", and " + status.pending() + " writes are known to no peer";
        if (status.pending() > 0 && Duration.between(last, clock.instant()).compareTo(LONG_AGO) > 0) {
            checkup.warning(
                    "peers",
                    when,
                    "'anabranch sync " + file + " " + peers.get(0).url() + "' brings them there");
        } else {
            checkup.ok("peers", when);
        }
    }
}
