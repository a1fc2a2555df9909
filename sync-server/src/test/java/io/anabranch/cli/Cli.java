// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Runs the command line inside the test, and SQLite files beside it as any other program would. */
final class Cli {
    private Cli() {}

    static Result run(Object... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] texts = Arrays.stream(args).map(Object::toString).toArray(String[]::new);
        int exitCode = Main.run(new PrintWriter(out), new PrintWriter(err), texts);
        return new Result(exitCode, out.toString(), err.toString());
    }

    /** Runs a command that has to succeed without a word on standard error. */
    static Result good(Object... args) {
        Result result = run(args);
        assertThat(result.err()).isEmpty();
        assertThat(result.exitCode()).isZero();
        return result;
    }

    static void execute(Path file, String... statements) {
        try (SqlDatabase database = new JdbcDriver().open(file, 5_000)) {
            for (String statement : statements) {
                database.execute(statement);
            }
        }
    }

    /** Returns the rows, their columns joined by "|". */
    static List<String> query(Path file, String sql) {
        try (SqlDatabase database = new JdbcDriver().open(file, 5_000)) {
            SqlStatement rows = database.prepare(sql);
            List<String> lines = new ArrayList<>();
            while (rows.step()) {
                List<String> columns = new ArrayList<>();
                for (int i = 0; i < rows.columnCount(); i++) {
                    Value value = rows.getValue(i);
                    columns.add(value.toString());
                }
                lines.add(String.join("|", columns));
            }
            return lines;
        }
    }

    record Result(int exitCode, String out, String err) {
        JsonNode json() throws JsonProcessingException {
            return new ObjectMapper().readTree(out);
        }

        /** Checks that it failed with one clear line on standard error and nothing that looks like a stack trace. */
        void assertFailed(int expectedExitCode, String... parts) {
            assertThat(err).contains(parts).startsWith("anabranch: ").doesNotContain("\tat ", "Exception");
            assertThat(err.strip()).doesNotContain("\n");
            assertThat(exitCode).isEqualTo(expectedExitCode);
        }
    }
}
