// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.sync.Divergence;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** How a divergence is told. */
final class DivergenceText {
    private DivergenceText() {}

    static Map<String, @Nullable Object> document(Divergence divergence) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("found", divergence.found().toString());
        document.put("noticedBy", divergence.noticedBy());
        document.put("state", divergence.state().name().toLowerCase(Locale.ROOT));
        document.put("detail", divergence.detail());
        List<Object> ranges = new ArrayList<>();
        for (Divergence.Range range : divergence.ranges()) {
            Map<String, @Nullable Object> each = new LinkedHashMap<>();
            each.put("table", range.table());
            each.put("problems", range.problems());
            each.put("firstKey", range.firstKey());
            each.put("lastKey", range.lastKey());
            ranges.add(each);
        }
        document.put("ranges", ranges);
        return document;
    }

    /** Returns what happened, where, and when, in one line. */
    static String of(Divergence divergence) {
        return outcome(divergence.state()) + where(divergence) + " at " + divergence.found()
                + (divergence.noticedBy() == null ? "" : ", noticed by " + divergence.noticedBy()) + ": "
                + divergence.detail();
    }

    private static String outcome(Divergence.State state) {
        switch (state) {
            case MENDED:
                return "rows that were not what their history says were made again";
            case ELSEWHERE:
                return "rows differ from another replica's, and here they are what their history says";
            case SETTLED:
                return "rows differed from another replica's, which agrees again";
            default:
                return "rows are not what they must be, and their history is damaged too";
        }
    }

    private static String where(Divergence divergence) {
        if (divergence.ranges().isEmpty()) {
            return "";
        }
        return divergence.ranges().stream().map(DivergenceText::where).collect(Collectors.joining("; ", " (", ")"));
    }

    private static String where(Divergence.Range range) {
        if (range.firstKey() == null) {
            return "table " + range.table();
        }
        boolean isOne = range.firstKey().equals(range.lastKey());
        return "table " + range.table() + ", key" + (isOne ? " " : "s ") + range.firstKey()
                + (isOne ? "" : " to " + range.lastKey());
    }

    /** Returns what to do about one that is open. */
    static String remedy(Divergence divergence, String file) {
        return divergence.state() == Divergence.State.DAMAGED
                ? "restore a backup, or make a new file with 'anabranch init' and sync it"
                : "'anabranch verify' on the other replica's file; if that is sound too, have both run the same version."
                        + " If they still differ, replace the one whose rows are wrong by a new file that 'anabranch init'"
                        + " makes and 'anabranch sync' fills; here " + file + " is as its history says";
    }
}
