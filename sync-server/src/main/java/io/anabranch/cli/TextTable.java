// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Lines of cells under a heading, each column as wide as its widest cell. What a terminal could not show is escaped. */
final class TextTable {
    private static final int GAP = 2;

    private final List<String[]> lines = new ArrayList<>();

    TextTable(String... heading) {
        lines.add(heading);
    }

    /** Adds a line with as many cells as the heading has. */
    void add(String... cells) {
        if (cells.length != lines.get(0).length) {
            throw new IllegalArgumentException(cells.length + " cells under " + Arrays.toString(lines.get(0)));
        }
        lines.add(Arrays.stream(cells).map(TextTable::printable).toArray(String[]::new));
    }

    boolean isEmpty() {
        return lines.size() == 1;
    }

    /** Prints heading and lines, or nothing where there is no line. */
    void print(PrintWriter out) {
        if (isEmpty()) {
            return;
        }
        int[] widths = new int[lines.get(0).length];
        for (String[] line : lines) {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], length(line[i]));
            }
        }
        for (String[] line : lines) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                text.append(line[i]);
                if (i < widths.length - 1) {
                    text.append(" ".repeat(widths[i] - length(line[i]) + GAP));
                }
            }
            out.println(text);
        }
    }

    private static int length(String cell) {
        return cell.codePointCount(0, cell.length());
    }

    /** Returns a text that stays on its line and steers no terminal. */
    static String printable(String text) {
        StringBuilder printable = new StringBuilder(text.length());
        text.codePoints().forEach(c -> {
            if (c == '\n') {
                printable.append("\\n");
            } else if (Character.isISOControl(c)) {
                printable.append(String.format("\\u%04x", c));
            } else {
                printable.appendCodePoint(c);
            }
        });
        return printable.toString();
    }
}
