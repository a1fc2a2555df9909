// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.sync.Conflict;
import java.io.PrintWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A conflict as JSON and as lines for people. */
final class ConflictText {
    private ConflictText() {}

    static Map<String, @Nullable Object> document(Conflict conflict) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("id", conflict.id());
        document.put("kind", conflict.kind().label());
        document.put("table", conflict.table());
        document.put("key", conflict.key());
        document.put("column", conflict.column());
        document.put("rule", conflict.rule().isEmpty() ? null : conflict.rule());
        Conflict.Write kept = conflict.kept();
        document.put("kept", kept == null ? null : document(kept));
        document.put("lost", document(conflict.lost()));
        document.put("reason", conflict.reason().isEmpty() ? null : conflict.reason());
        document.put("noticed", conflict.noticed().toString());
        return document;
    }

    private static Map<String, @Nullable Object> document(Conflict.Write write) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("value", write.value());
        document.put("origin", write.origin().toString());
        document.put("time", Times.json(write.time()));
        return document;
    }

    static void print(Conflict conflict, PrintWriter out) {
        String row = conflict.table() + " (" + KeyText.print(conflict.key()) + ")";
        switch (conflict.kind()) {
            case VALUE -> {
                Conflict.Write kept = conflict.kept();
                out.println(conflict.id() + "  " + row + " " + conflict.column() + "  " + conflict.rule());
                out.println("  kept  " + (kept == null ? "nothing: the row was gone" : describe(kept)));
                out.println("  lost  " + describe(conflict.lost()));
            }
            case IDENTITY -> {
                out.println(conflict.id() + "  " + row + "  was inserted twice, apart; it is one row now");
                Conflict.Write kept = conflict.kept();
                out.println("  first   " + (kept == null ? "unknown" : who(kept)));
                out.println("  second  " + who(conflict.lost()));
                if (!conflict.reason().isEmpty()) {
                    out.println("  " + conflict.reason());
                }
            }
            case REJECTED -> {
                out.println(conflict.id() + "  " + row + " " + conflict.column() + "  " + conflict.rule());
                out.println("  rejected  " + describe(conflict.lost()) + ": " + conflict.reason());
            }
        }
    }

    private static String describe(Conflict.Write write) {
        return TextTable.printable(write.value().toString()) + "  " + who(write);
    }

    private static String who(Conflict.Write write) {
        return "by " + write.origin() + "  " + Times.print(write.time());
    }
}
