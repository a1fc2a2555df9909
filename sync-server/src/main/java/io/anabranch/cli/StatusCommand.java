// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.ClockAhead;
import io.anabranch.sync.Divergence;
import io.anabranch.sync.HiddenRow;
import io.anabranch.sync.PeerStatus;
import io.anabranch.sync.Replica;
import io.anabranch.sync.SyncStatus;
import io.anabranch.sync.Violation;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

@Command(name = "status", description = "Says what a replica holds and what it has still to tell others.")
final class StatusCommand extends ReplicaCommand {
    private static final int MOST_VIOLATIONS = 10;
    private static final int MOST_HIDDEN = 10;
    private static final long WORTH_TELLING_MILLIS = 1_000;

    @Override
    boolean onlyReads() {
        return true;
    }

    @Override
    int run(Replica replica) {
        SyncStatus status = replica.status();
        if (json()) {
            Map<String, @Nullable Object> document = document(status);
            Divergence divergence = status.divergence();
            document.put("divergence", divergence == null ? null : DivergenceText.document(divergence));
            document.put("hiddenRows", HiddenText.documents(replica.hidden()));
            document.put("mergeProblems", replica.mergeProblems());
            Json.print(out(), document);
        } else {
            print(status);
            status.clocksAhead().forEach(clock -> print(clock, status.origin()));
            status.ruleConflicts()
                    .forEach(conflict -> out().println("warning  " + RuleConflictText.of(conflict, status.origin())
                            + "; " + RuleConflictText.REMEDY));
            printHidden(replica.hidden());
            replica.mergeProblems()
                    .forEach((rule, reason) -> out().println("warning  columns of rule " + rule
                            + " show what they would without it in some rows: " + reason));
            print(replica.violations());
        }
        return 0;
    }

    private void printHidden(List<HiddenRow> hidden) {
        if (!hidden.isEmpty()) {
            out().println("hidden rows");
        }
        hidden.stream().limit(MOST_HIDDEN).forEach(row -> HiddenText.print(row, "  ", out()));
        if (hidden.size() > MOST_HIDDEN) {
            out().println("  and " + (hidden.size() - MOST_HIDDEN) + " more; 'anabranch hidden' lists all");
        }
    }

    private static Map<String, @Nullable Object> document(SyncStatus status) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("at", status.at().toString());
        document.put("space", status.space());
        document.put("origin", status.origin().toString());
        document.put("vv", status.vector().entries());
        document.put("version", status.version().toString());
        document.put("pending", status.pending());
        document.put("unsealed", status.unsealed());
        document.put("unacknowledged", status.unacknowledged());
        document.put("hidden", status.hidden());
        document.put("violations", status.violations());
        document.put("rejected", status.rejected());
        document.put(
                "clocksAhead",
                status.clocksAhead().stream().map(StatusCommand::document).toList());
        document.put("schemaChanged", status.schemaChanged());
        document.put(
                "ruleConflicts",
                status.ruleConflicts().stream().map(RuleConflictText::document).toList());
        List<Map<String, @Nullable Object>> peers =
                status.peers().stream().map(StatusCommand::document).collect(Collectors.toList());
        document.put("peers", peers);
        return document;
    }

    private static Map<String, @Nullable Object> document(PeerStatus peer) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("url", peer.url());
        document.put("lastExchange", peer.lastExchange().toString());
        document.put("upToDate", peer.upToDate());
        document.put("toSend", peer.toSend());
        document.put("toReceive", peer.toReceive());
        document.put("lagMillis", peer.lagMillis());
        document.put("clockOffsetMillis", peer.clockOffsetMillis());
        return document;
    }

    private static Map<String, Object> document(ClockAhead clock) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("origin", clock.origin().toString());
        document.put("stamp", clock.stamp().toString());
        document.put("aheadMillis", clock.ahead().toMillis());
        return document;
    }

    private void print(SyncStatus status) {
        out().println("space    " + status.space());
        out().println("origin   " + status.origin());
        out().println("pending  " + status.pending() + " (" + Count.of(status.unsealed(), "captured row") + ", "
                + Count.of(status.unacknowledged(), "change set") + ")");
        if (status.hidden() > 0) {
            out().println("hidden   " + Count.of(status.hidden(), "row") + " that their table would not have");
        }
        if (status.rejected() > 0) {
            out().println("rejected " + status.rejected()
                    + " values that their column's rule could not take; _ab_rejected lists them");
        }
        if (!status.schemaChanged().isEmpty()) {
            out().println("warning  the schema of " + String.join(", ", status.schemaChanged())
                    + " was changed by a program without the library: what was written there since is found, and counted"
                    + " here, by the next sync");
        }
        if (status.divergence() != null) {
            out().println((status.divergence().isOpen() ? "warning  " : "diverged ")
                    + DivergenceText.of(status.divergence()));
        }
        out().println("holds");
        status.vector().entries().forEach((origin, seq) -> out().println("  " + origin + "  " + seq));
        out().println("peers");
        for (PeerStatus peer : status.peers()) {
            out().println("  " + peer.url() + "  last exchange " + peer.lastExchange() + ", " + standing(peer));
        }
    }

    private void print(ClockAhead clock, Origin self) {
        boolean isOwn = clock.origin().equals(self);
        out().println("warning  " + (isOwn ? "this replica" : "origin " + clock.origin()) + " stamped what it wrote "
                + clock.stamp() + ", " + duration(clock.ahead())
                + " ahead of this machine's clock; until then its writes win over others made at the same time. Set "
                + (isOwn ? "this clock right, if it is behind" : "its clock right, or this one if it is behind"));
    }

    /** Says a time above five minutes in the largest unit of which it has two. */
    private static String duration(Duration time) {
        if (time.toDays() >= 2) {
            return time.toDays() + " days";
        }
        return time.toHours() >= 2 ? time.toHours() + " hours" : time.toMinutes() + " minutes";
    }

    /** Says how far the peer was behind then, and what is known of its clock. */
    private static String standing(PeerStatus peer) {
        StringBuilder text = new StringBuilder(peer.upToDate() ? "up to date" : "not up to date");
        if (peer.toSend() > 0) {
            text.append(", ").append(peer.toSend()).append(" to send");
            text.append(peer.lagMillis() > 0 ? " (the oldest " + seconds(peer.lagMillis()) + " old)" : "");
        }
        if (peer.toReceive() > 0) {
            text.append(", ").append(peer.toReceive()).append(" to receive");
        }
        Long offset = peer.clockOffsetMillis();
        if (offset != null && Math.abs(offset) >= WORTH_TELLING_MILLIS) {
            text.append(", its clock ").append(seconds(Math.abs(offset))).append(offset > 0 ? " ahead" : " behind");
        }
        return text.toString();
    }

    private static String seconds(long millis) {
        return String.format(Locale.ROOT, "%.1f s", millis / 1000.0);
    }

    private void print(List<Violation> violations) {
        violations.stream()
                .limit(MOST_VIOLATIONS)
                .forEach(row -> out().println("warning  " + row.table() + " (" + KeyText.print(row.key())
                        + ") merged from legal writes into one that is not: " + row.reason()));
        if (violations.size() > MOST_VIOLATIONS) {
            out().println("warning  and " + (violations.size() - MOST_VIOLATIONS) + " more; _ab_violation lists them");
        }
    }
}
