// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.sql;

import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds, in a text of one or several SQL statements, one that an application may not run on a replica's own connection: it begins or
 * ends a transaction, or it sets a pragma that would keep the replica from its file. Savepoints do not; neither do BEGIN and END around
 * the body of a trigger. Confined to one call.
 */
public final class TransactionControl {
    private static final Set<String> LASTING = Set.of("QUERY_ONLY", "LOCKING_MODE");

    private final String sql;
    private int at;

    private TransactionControl(String sql) {
        this.sql = sql;
    }

    /** Returns the keyword of the first such statement, and the name of a pragma; null if there is none. Costs O(text). */
    public static @Nullable String find(String sql) {
        return new TransactionControl(sql).find();
    }

    /** Returns why {@code found} is refused and what to do instead. */
    public static String why(String found) {
        return found.startsWith("PRAGMA")
                ? "it would outlive the transaction and keep the replica from its own file; use a connection of your own"
                : "the transaction begins and ends with the replica's own; return to commit, throw to roll back, or use"
                        + " savepoints";
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
                case "PRAGMA" -> {
                    String lasting = lastingPragma();
                    if (lasting != null) {
                        return lasting;
                    }
                }
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

    /** To ask for its value does no harm. */
    private @Nullable String lastingPragma() {
        String name = next();
        String token = next();
        if (".".equals(token)) {
            name = next();
            token = next();
        }
        if (name != null && LASTING.contains(name) && ("=".equals(token) || "(".equals(token))) {
            return "PRAGMA " + name.toLowerCase(Locale.ROOT);
        }
        if (token != null && !token.equals(";")) {
            skipStatement();
        }
        return null;
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
