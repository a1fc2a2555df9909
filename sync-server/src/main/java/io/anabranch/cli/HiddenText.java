// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.sync.HiddenRow;
import io.anabranch.sync.RenamedRow;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Rows that do not show, or not as they were written, as people and as programs read them. */
final class HiddenText {
    private HiddenText() {}

    static List<Map<String, @Nullable Object>> documents(List<HiddenRow> hidden) {
        List<Map<String, @Nullable Object>> documents = new ArrayList<>();
        hidden.forEach(row -> documents.add(document(row)));
        return documents;
    }

    private static Map<String, @Nullable Object> document(HiddenRow row) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("table", row.table());
        document.put("key", row.key());
        document.put("values", row.values());
        document.put("kind", row.kind());
        document.put("reason", row.reason());
        HiddenRow.Awaited awaited = row.waitsFor();
        document.put(
                "waitsFor", awaited == null ? null : Map.of("table", awaited.table(), "columns", awaited.columns()));
        document.put("remedy", row.remedy());
        return document;
    }

    static Map<String, @Nullable Object> document(RenamedRow row) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("table", row.table());
        document.put("key", row.key());
        document.put("kind", "renamed");
        document.put("column", row.column());
        document.put("written", row.written());
        document.put("shown", row.shown());
        document.put("reason", row.reason());
        return document;
    }

    static void print(HiddenRow row, String indent, PrintWriter out) {
        out.println(indent + row.table() + " (" + KeyText.print(row.key()) + ")  " + row.kind() + ": " + row.reason());
        out.println(indent + "  holds  "
                + row.values().entrySet().stream()
                        .map(column -> column.getKey() + " = "
                                + TextTable.printable(column.getValue().toString()))
                        .collect(Collectors.joining(", ")));
        out.println(indent + "  to show it, " + row.remedy());
    }

    static void print(RenamedRow row, PrintWriter out) {
        out.println(row.table() + " (" + KeyText.print(row.key()) + ")  renamed: " + row.reason());
        out.println("  shows  " + row.column() + " = "
                + TextTable.printable(row.shown().toString()) + " instead of "
                + TextTable.printable(row.written().toString()));
        out.println("  to settle it, write another " + row.column() + " to one of the two");
    }
}
