// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.server.store.SqliteRelayStore;
import io.anabranch.sync.HealReport;
import io.anabranch.sync.Healer;
import io.anabranch.sync.Replica;
import io.anabranch.sync.Verification;
import io.anabranch.sync.Verification.Problem;
import java.net.URI;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "verify",
        description = {
            "Checks a replica against itself: works its state out from snapshot and log, and compares that with what"
                    + " the file keeps and what its tables show. Changes nothing, unless told to repair. Exits with 1 if anything is wrong.",
            "Of a relay's file: checks that each change set in it is what its writer wrote."
        })
final class VerifyCommand extends ReplicaCommand {
    @Option(names = "--repair", description = "First make state, digests and tables again what snapshot and log say.")
    private boolean repair;

    @Option(
            names = "--from",
            paramLabel = "URL",
            description = "With --repair: before that, fetch change sets that the disk has damaged from this peer.")
    private @Nullable String from;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private PeerFlags flags;

    @Override
    public Integer call() {
        if (from != null && !repair) {
            throw wrongUsage("--from without --repair: nothing is fetched where nothing is to be changed");
        }
        if (FileKinds.isRelay(file())) {
            return verifyRelay();
        }
        return super.call();
    }

    // ---- A relay's file

    private int verifyRelay() {
        if (repair && from == null) {
            throw wrongUsage("--repair of a relay's file needs --from URL: what is damaged is fetched from a peer");
        }
        List<String> problems = new ArrayList<>();
        long changeSets = 0;
        try (SqliteRelayStore store = SqliteRelayStore.open(FileKinds.DRIVER, file())) {
            for (String space : store.spaceNames()) {
                if (from != null) {
                    heal(store, space, peer(from));
                }
                changeSets += store.space(space).usage().changeSets();
                store.damagedLog(space)
                        .damaged()
                        .forEach(damaged -> problems.add(
                                "log: space " + space + ", change set " + damaged.dot() + " is not what arrived"));
            }
        }
        tellRelay(changeSets, problems);
        return problems.isEmpty() ? 0 : 1;
    }

    private void heal(SqliteRelayStore store, String space, URI peer) {
        tell(new Healer(store.damagedLog(space), store.relay(), space).from(peer, flags.options()), peer);
    }

    private void tellRelay(long changeSets, List<String> problems) {
        if (json()) {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("sound", problems.isEmpty());
            document.put("changeSets", changeSets);
            document.put("problemCount", problems.size());
            List<Object> told = new ArrayList<>();
            problems.forEach(problem -> told.add(Map.of("kind", "log", "message", problem)));
            document.put("problems", told);
            Json.print(out(), document);
            return;
        }
        problems.forEach(out()::println);
        out().println(
                        problems.isEmpty()
                                ? "sound: " + changeSets + " change sets are what their writers wrote"
                                : problems.size() + " problems in " + changeSets
                                        + " change sets; try --repair --from URL, or restore a backup");
    }

    // ---- A replica

    private void tell(HealReport report, URI peer) {
        if (report.healed() > 0) {
            err().println("note: healed " + report.healed() + " damaged change sets from " + peer);
        }
        if (!report.left().isEmpty()) {
            err().println("note: " + peer + " does not have " + report.left() + " in its log; try another peer");
        }
    }

    @Override
    int run(Replica replica) {
        if (from != null) {
            URI peer = peer(from);
            tell(replica.heal(peer, flags.options()), peer);
        }
        if (repair) {
            replica.repair();
        }
        Verification found = replica.verify();
        if (json()) {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("sound", found.isSound());
            document.put("changeSets", found.changeSets());
            document.put("rows", found.rows());
            document.put("unsealed", found.unsealed());
            document.put("problemCount", found.problemCount());
            List<Object> problems = new ArrayList<>();
            found.problems().forEach(problem -> problems.add(document(problem)));
            document.put("problems", problems);
            Json.print(out(), document);
        } else {
            found.problems().forEach(problem -> out().println(text(problem)));
            long more = found.problemCount() - found.problems().size();
            if (more > 0) {
                out().println("and " + more + " more problems");
            }
            out().println((found.isSound() ? "sound: " : Count.of(found.problemCount(), "problem") + " in ")
                    + Count.of(found.changeSets(), "change set")
                    + " and " + Count.of(found.rows(), "row")
                    + (found.isSound()
                            ? " agree"
                            : (repair ? "; repairing does not mend them: restore a backup" : "; try --repair")
                                    + ", or make a new replica of the space and sync it"));
            if (found.unsealed() > 0) {
                err().println("note: " + found.unsealed() + " captured rows are not sealed yet and were not compared");
            }
        }
        return found.isSound() ? 0 : 1;
    }

    private static Map<String, Object> document(Problem problem) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("kind", problem.kind().name().toLowerCase(Locale.ROOT));
        document.put("table", problem.table());
        document.put("key", problem.key().isEmpty() ? null : problem.key());
        document.put("column", problem.column());
        document.put("message", problem.message());
        return document;
    }

    private static String text(Problem problem) {
        StringBuilder text = new StringBuilder(problem.kind().name().toLowerCase(Locale.ROOT));
        if (problem.table() != null) {
            text.append(": ").append(problem.table());
            if (problem.column() != null) {
                text.append('.').append(problem.column());
            }
        }
        if (!problem.key().isEmpty()) {
            text.append(", row ").append(KeyText.print(problem.key()));
        }
        return text.append(": ").append(problem.message()).toString();
    }
}
