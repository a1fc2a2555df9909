// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.sql;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Finds, in a text of one or several SQL statements, one that begins or ends a transaction. Those of savepoints do not;
 * neither do BEGIN and END around the body of a trigger. Confined to one call.
 */
public final class TransactionControl {
    private final String sql;
    private int at;

    private TransactionControl(String sql) {
        this.sql = sql;
    }

    /** Returns the keyword of the first such statement, null if there is none. Costs O(text). */
    public static @Nullable String find(String sql) {
        return new TransactionControl(sql).find();
    }

    private @Nullable String find() {
        for (String token = next(); token != null; token = next()) {
            switch (token) {
                case ";" -> {}
                case "BEGIN", "COMMIT", "END" -> {
                    return token;
                }
                case "ROLLBACK" -> {
                    if (!rollsBackToSavepoint()) {
                        return token;
                    }
                }
                case "CREATE" -> skipCreate();
                default -> skipStatement();
            }
        }
        return null;
    }

    private boolean rollsBackToSavepoint() {
        String token = next();
        if ("TRANSACTION".equals(token)) {
            token = next();
        }
        boolean toSavepoint = "TO".equals(token);
        if (toSavepoint) {
            skipStatement();
        }
        return toSavepoint;
    }

    /** The body of a trigger has semicolons of its own; it ends with END after one of them. */
    private void skipCreate() {
        String token = next();
        if ("TEMP".equals(token) || "TEMPORARY".equals(token)) {
            token = next();
        }
        if (!"TRIGGER".equals(token)) {
            if (!";".equals(token)) {
                skipStatement();
            }
            return;
        }
        boolean afterSemicolon = false;
        for (token = next(); token != null; token = next()) {
            if (afterSemicolon && token.equals("END")) {
                skipStatement();
                return;
            }
            afterSemicolon = token.equals(";");
        }
    }

    private void skipStatement() {
        String token = next();
        while (token != null && !token.equals(";")) {
            token = next();
        }
    }

    /** Returns the next word in capitals, or another token by its first character; null at the end. */
    private @Nullable String next() {
        skipBlanksAndComments();
        if (at >= sql.length()) {
            return null;
        }
        int from = at;
        char first = sql.charAt(at++);
        if (Character.isLetter(first) || first == '_') {
            while (at < sql.length() && isOfWord(sql.charAt(at))) {
                at++;
            }
            return sql.substring(from, at).toUpperCase(Locale.ROOT);
        }
        if (first == '\'' || first == '"' || first == '`' || first == '[') {
            // A doubled quote inside is the end of one token and the beginning of the next: all the same here.
            int end = sql.indexOf(first == '[' ? ']' : first, at);
            at = end < 0 ? sql.length() : end + 1;
        }
        return String.valueOf(first);
    }

    private static boolean isOfWord(char c) {
        return Character.isLetterOrDigit(c) || c == '_' || c == '$';
    }

    private void skipBlanksAndComments() {
        while (at < sql.length()) {
            if (Character.isWhitespace(sql.charAt(at)) || sql.charAt(at) == '\uFEFF') {
                at++;
            } else if (sql.startsWith("--", at)) {
                int end = sql.indexOf('\n', at);
                at = end < 0 ? sql.length() : end + 1;
            } else if (sql.startsWith("/*", at)) {
                int end = sql.indexOf("*/", at + 2);
                at = end < 0 ? sql.length() : end + 2;
            } else {
                return;
            }
        }
    }
}
