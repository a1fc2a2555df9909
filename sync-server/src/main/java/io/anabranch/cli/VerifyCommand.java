// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.sync.Replica;
import io.anabranch.sync.Verification;
import io.anabranch.sync.Verification.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "verify",
        description =
                "Checks a replica against itself: works its state out from snapshot and log, and compares that with what"
                        + " the file keeps and what its tables show. Changes nothing, unless told to repair. Exits with 1 if anything is wrong.")
final class VerifyCommand extends ReplicaCommand {
    @Option(names = "--repair", description = "First make state, digests and tables again what snapshot and log say.")
    private boolean repair;

    @Override
    int run(Replica replica) {
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
            out().println((found.isSound() ? "sound: " : found.problemCount() + " problems in ") + found.changeSets()
                    + " change sets and " + found.rows() + " rows"
                    + (found.isSound() ? " agree" : "; try --repair, or make a new replica of the space and sync it"));
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
