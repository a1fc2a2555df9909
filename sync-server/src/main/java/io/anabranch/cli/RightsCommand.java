// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.Explanation;
import io.anabranch.sync.Replica;
import io.anabranch.sync.ReplicaRow;
import io.anabranch.sync.SyncException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "rights",
        description = {
            "Lists which replica may take how much from a column of rule bounded, claims all of it, or gives some away.",
            "Rights to rows that were there when their table was enrolled are nobody's until one replica claims them."
        })
final class RightsCommand extends ReplicaCommand {
    private static final String BOUNDED = "bounded:";

    @Parameters(index = "1", paramLabel = "TABLE", description = "The row's table.")
    @SuppressWarnings("NullAway.Init")
    private String table;

    @Parameters(index = "2", paramLabel = "KEY", description = KeyText.DESCRIPTION)
    @SuppressWarnings("NullAway.Init")
    private String key;

    @Parameters(index = "3", paramLabel = "COLUMN", description = "A column of rule bounded.")
    @SuppressWarnings("NullAway.Init")
    private String column;

    @Option(
            names = "--claim",
            description =
                    "Make the rights of everybody to this row, in all its bounded columns, those of this replica. The row"
                            + " begins anew with what it shows: what others write to it without having heard of that is lost, and"
                            + " listed. Claim on one replica only, or the claims add up.")
    private boolean claim;

    @Option(names = "--give", paramLabel = "N", description = "Give rights to so much away; needs --to.")
    private @Nullable Long give;

    @Option(names = "--to", paramLabel = "ORIGIN", description = "To whom; 'anabranch status' of that replica says it.")
    private @Nullable String to;

    @Override
    boolean onlyReads() {
        return !claim && give == null;
    }

    @Override
    int run(Replica replica) {
        if ((give == null) != (to == null) || claim && give != null) {
            throw wrongUsage("give --claim, or --give N with --to ORIGIN, or none of them");
        }
        seal(replica);
        Explanation explanation = replica.explain(table, KeyText.parse(key), column);
        if (explanation.columns().isEmpty()) {
            throw new Failure(explanation.table() + " (" + KeyText.print(explanation.key()) + ") does not show: "
                    + explanation.because() + KeyText.ifNotFound(key));
        }
        Explanation.Column shown = explanation.columns().get(0);
        if (!shown.rule().startsWith(BOUNDED)) {
            throw new Failure("there are no rights to " + explanation.table() + "." + shown.name() + ": its rule is "
                    + shown.rule() + ", and only bounded:MINIMUM has some");
        }
        ReplicaRow row = replica.table(table).row(explanation.key().toArray());
        if (claim) {
            row.claimRights();
        } else if (give != null && to != null) {
            give(replica, row, give, to);
        }
        SortedMap<Origin, Long> rights = row.rights(column);
        List<Origin> holders = holders(replica, rights);
        if (json()) {
            Json.print(out(), document(replica, explanation, shown, rights, holders));
        } else {
            print(replica, shown, rights, holders);
        }
        return 0;
    }

    /** What other programs took is counted, too. */
    private static void seal(Replica replica) {
        try {
            replica.transaction(sql -> {});
        } catch (SyncException.CannotWrite e) {
            // It is read as it is, as was said.
        }
    }

    private void give(Replica replica, ReplicaRow row, long amount, String receiver) {
        Origin origin;
        try {
            origin = Origin.parse(receiver);
        } catch (IllegalArgumentException e) {
            throw wrongUsage(
                    "--to " + receiver + " is no origin: 'anabranch status' of the other replica says its own");
        }
        if (amount < 1) {
            throw wrongUsage("--give " + amount + ": give 1 or more");
        }
        if (origin.equals(replica.origin())) {
            throw wrongUsage("--to " + receiver + " is this replica itself");
        }
        try {
            row.transferRights(column, origin, amount);
        } catch (IllegalArgumentException e) {
            throw new Failure(e.getMessage() + "; whoever holds more gives, or one replica claims all with --claim");
        }
    }

    /** Returns this replica first, and then others, or the origins of rows that were there, whose rights are nobody's. */
    private static List<Origin> holders(Replica replica, SortedMap<Origin, Long> rights) {
        List<Origin> holders = new ArrayList<>();
        holders.add(replica.origin());
        rights.keySet().stream()
                .filter(origin -> !origin.equals(replica.origin()))
                .forEach(holders::add);
        return holders;
    }

    private static Map<String, Object> document(
            Replica replica,
            Explanation explanation,
            Explanation.Column shown,
            SortedMap<Origin, Long> rights,
            List<Origin> holders) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("table", explanation.table());
        document.put("key", explanation.key());
        document.put("column", shown.name());
        document.put("rule", shown.rule());
        document.put("value", shown.value());
        document.put("origin", replica.origin().toString());
        Map<String, Long> byOrigin = new LinkedHashMap<>();
        holders.forEach(origin -> byOrigin.put(origin.toString(), rights.getOrDefault(origin, 0L)));
        document.put("rights", byOrigin);
        return document;
    }

    private void print(
            Replica replica, Explanation.Column shown, SortedMap<Origin, Long> rights, List<Origin> holders) {
        out().println(shown.name() + "  " + shown.rule() + "  " + shown.value());
        for (Origin origin : holders) {
            out().println("  " + origin + "  " + rights.getOrDefault(origin, 0L)
                    + (origin.equals(replica.origin()) ? "  this replica" : ""));
        }
        if (rights.getOrDefault(replica.origin(), 0L) == 0 && !rights.isEmpty()) {
            out().println("this replica may take nothing: another gives it some with --give N --to " + replica.origin()
                    + ", or it claims all with --claim, if those who hold them are gone or nobody");
        }
    }
}
