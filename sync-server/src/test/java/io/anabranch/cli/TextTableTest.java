// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class TextTableTest {
    @Test
    void columnsAreAsWideAsTheirWidestCell() {
        TextTable table = new TextTable("ID", "VALUE");
        table.add("10", "a");
        table.add("7", "longer");

        assertThat(print(table)).isEqualTo("ID  VALUE\n10  a\n7   longer\n");
    }

    @Test
    void nothingIsPrintedForNoLine() {
        assertThat(print(new TextTable("ID"))).isEmpty();
    }

    @Test
    void whatWouldBreakTheLineOrSteerTheTerminalIsEscaped() {
        TextTable table = new TextTable("VALUE");
        table.add("a\nb\u001b[2J");

        assertThat(print(table)).isEqualTo("VALUE\na\\nb\\u001b[2J\n");
    }

    private static String print(TextTable table) {
        StringWriter text = new StringWriter();
        table.print(new PrintWriter(text, true));
        return text.toString().replace(System.lineSeparator(), "\n");
    }
}
