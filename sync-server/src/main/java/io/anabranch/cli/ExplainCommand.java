// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.sync.Conflict;
import io.anabranch.sync.Explanation;
import io.anabranch.sync.Replica;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
        name = "explain",
        description = "Says where the values of a row come from, why they show, and which ones lost.")
final class ExplainCommand extends ReplicaCommand {
    @Parameters(index = "1", paramLabel = "TABLE", description = "The row's table.")
    @SuppressWarnings("NullAway.Init")
    private String table;

    @Parameters(index = "2", paramLabel = "KEY", description = KeyText.DESCRIPTION)
    @SuppressWarnings("NullAway.Init")
    private String key;

    @Parameters(index = "3", arity = "0..1", paramLabel = "COLUMN", description = "Only this column; all unless given.")
    private @Nullable String column;

    @Override
    boolean onlyReads() {
        return true;
    }

    @Override
    int run(Replica replica) {
        Explanation explanation = replica.explain(table, KeyText.parse(key), column);
        String hint = KeyText.ifNotFound(key);
        if (explanation.presence() == Explanation.Presence.UNKNOWN && !hint.isEmpty()) {
            err().println("note: nothing is known of " + explanation.table() + " (" + KeyText.print(explanation.key())
                    + ")" + hint);
        }
        if (json()) {
            Json.print(out(), document(explanation));
        } else {
            print(explanation);
        }
        return 0;
    }

    private static Map<String, Object> document(Explanation explanation) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("table", explanation.table());
        document.put("key", explanation.key());
        document.put("presence", explanation.presence().name().toLowerCase(Locale.ROOT));
        document.put("because", explanation.because());
        document.put(
                "columns",
                explanation.columns().stream().map(ExplainCommand::document).collect(Collectors.toList()));
        return document;
    }

    private static Map<String, Object> document(Explanation.Column column) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("column", column.name());
        document.put("rule", column.rule());
        document.put("value", column.value());
        document.put(
                "sources",
                column.sources().stream().map(ExplainCommand::document).collect(Collectors.toList()));
        document.put("because", column.because());
        document.put("lost", column.lost().stream().map(ConflictText::document).collect(Collectors.toList()));
        return document;
    }

    private static Map<String, @Nullable Object> document(Explanation.Source source) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("value", source.value());
        document.put("origin", source.origin().toString());
        document.put("seq", source.seq() == 0 ? null : source.seq());
        document.put("time", Times.json(source.time()));
        return document;
    }

    private void print(Explanation explanation) {
        String row = explanation.table() + " (" + KeyText.print(explanation.key()) + ")";
        out().println(row + " is " + explanation.presence().name().toLowerCase(Locale.ROOT) + ": "
                + explanation.because());
        for (Explanation.Column column : explanation.columns()) {
            out().println(column.name() + "  " + column.rule() + "  "
                    + text(column.value().toString()));
            for (Explanation.Source source : column.sources()) {
                out().println("  from " + text(source.value().toString()) + "  " + who(source));
            }
            out().println("  because " + column.because());
            for (Conflict conflict : column.lost()) {
                Conflict.Write lost = conflict.lost();
                out().println("  lost " + text(lost.value().toString()) + "  by " + lost.origin() + "  "
                        + Times.print(lost.time()) + "  (conflict " + conflict.id() + ")");
            }
        }
    }

    private static String who(Explanation.Source source) {
        return source.seq() == 0
                ? "in all by " + source.origin()
                        + (source.time() == null ? "" : ", last at " + Times.print(source.time()))
                : "by " + source.origin() + ":" + source.seq() + "  " + Times.print(source.time());
    }

    private static String text(String value) {
        return TextTable.printable(value);
    }
}
