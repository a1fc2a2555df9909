// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.schema;

import io.anabranch.sync.sql.Sql;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The terms of an index and the condition of a partial one, from the statement that made it: no pragma gives their text.
 * Immutable. SQLite has parsed the statement before, so this only finds where the parts begin and end.
 *
 * @param terms without collation and order
 * @param condition which rows the index is over; null if all
 */
public record IndexText(List<String> terms, @Nullable String condition) {
    /** Comments and space, quoted names and texts, words, and what is left one by one. */
    private static final Pattern TOKEN = Pattern.compile(
            "(?<blank>\\s++|--[^\\n]*+|/\\*.*?(?:\\*/|\\z))|(?<name>\"(?:[^\"]|\"\")*+\"|`(?:[^`]|``)*+`|\\[[^]]*+])"
                    + "|(?<text>[xX]?'(?:[^']|'')*+')|(?<word>[\\p{L}_\\x{80}-\\x{10FFFF}][\\p{L}\\p{N}_$\\x{80}-\\x{10FFFF}]*+)"
                    + "|(?<other>[0-9.]++(?:[eE][+-]?[0-9]++)?|.)",
            Pattern.DOTALL);

    public IndexText {
        terms = List.copyOf(terms);
    }

    /** Returns the parts of a {@code CREATE INDEX} statement. */
    static IndexText parse(String createIndex) {
        List<String> terms = new ArrayList<>();
        StringBuilder term = new StringBuilder();
        StringBuilder condition = new StringBuilder();
        int depth = 0;
        boolean isClosed = false;
        boolean isCondition = false;
        for (Token token : tokens(createIndex)) {
            if (isCondition) {
                condition.append(token.sql());
            } else if (isClosed) {
                isCondition = token.isWord("WHERE");
            } else if (depth == 0) {
                depth = token.text.equals("(") ? 1 : 0;
            } else {
                depth += token.text.equals("(") ? 1 : token.text.equals(")") ? -1 : 0;
                isClosed = depth == 0;
                if (isClosed || depth == 1 && token.text.equals(",")) {
                    terms.add(bare(term.toString()));
                    term.setLength(0);
                } else {
                    term.append(token.sql());
                }
            }
        }
        return new IndexText(terms, isCondition ? condition.toString().trim() : null);
    }

    /** Returns a term without the collation and the order that follow it. */
    private static String bare(String term) {
        List<Token> tokens = tokens(term);
        trimEnd(tokens);
        if (endsWith(tokens, "ASC") || endsWith(tokens, "DESC")) {
            tokens.remove(tokens.size() - 1);
            trimEnd(tokens);
        }
        int last = tokens.size() - 1;
        int before = last - 1;
        while (before >= 0 && tokens.get(before).isBlank) {
            before--;
        }
        if (before > 0 && tokens.get(before).isWord("COLLATE")) {
            tokens.subList(before, tokens.size()).clear();
        }
        StringBuilder bare = new StringBuilder();
        tokens.forEach(token -> bare.append(token.sql()));
        return bare.toString().trim();
    }

    private static void trimEnd(List<Token> tokens) {
        while (!tokens.isEmpty() && tokens.get(tokens.size() - 1).isBlank) {
            tokens.remove(tokens.size() - 1);
        }
    }

    private static boolean endsWith(List<Token> tokens, String word) {
        return tokens.size() > 1 && tokens.get(tokens.size() - 1).isWord(word);
    }

    /**
     * Returns an expression with its columns said to be those of {@code row}.
     *
     * @param columns of the table, in small letters, each with its own spelling
     */
    static String qualify(String expression, Map<String, String> columns, String row) {
        StringBuilder qualified = new StringBuilder();
        forEachName(
                expression,
                columns,
                (text, column) -> qualified.append(column == null ? text : row + "." + Sql.name(column)));
        return qualified.toString();
    }

    /** Returns the columns that an expression names, in their own spelling. */
    public static List<String> columnsOf(String expression, Map<String, String> columns) {
        Map<String, String> named = new TreeMap<>();
        forEachName(expression, columns, (text, column) -> {
            if (column != null) {
                named.put(column, column);
            }
        });
        return new ArrayList<>(named.keySet());
    }

    private interface Names {
        /** @param column that the text names; null if it names none */
        void accept(String text, @Nullable String column);
    }

    /** A name before a bracket is a function's, one after COLLATE a collation's, and one after AS a type's. */
    private static void forEachName(String expression, Map<String, String> columns, Names names) {
        List<Token> tokens = tokens(expression);
        for (int i = 0; i < tokens.size(); i++) {
            Token token = tokens.get(i);
            Token before = neighbour(tokens, i, -1);
            Token after = neighbour(tokens, i, 1);
            boolean isOther = after != null && after.text.equals("(")
                    || before != null && (before.isWord("COLLATE") || before.isWord("AS"));
            String name = token.name();
            names.accept(token.sql(), name == null || isOther ? null : columns.get(name.toLowerCase(Locale.ROOT)));
        }
    }

    private static @Nullable Token neighbour(List<Token> tokens, int index, int step) {
        int i = index + step;
        while (i >= 0 && i < tokens.size() && tokens.get(i).isBlank) {
            i += step;
        }
        return i >= 0 && i < tokens.size() ? tokens.get(i) : null;
    }

    // ---- Tokens

    private static List<Token> tokens(String sql) {
        List<Token> tokens = new ArrayList<>();
        Matcher matcher = TOKEN.matcher(sql);
        while (matcher.find()) {
            tokens.add(new Token(
                    matcher.group(),
                    matcher.group("blank") != null,
                    matcher.group("name") != null,
                    matcher.group("word") != null));
        }
        return tokens;
    }

    private record Token(String text, boolean isBlank, boolean isQuoted, boolean isWord) {
        boolean isWord(String word) {
            return isWord && text.equalsIgnoreCase(word);
        }

        /** Returns what stands for it: a comment is a blank, or it would hide what is put behind it. */
        String sql() {
            return isBlank ? " " : text;
        }

        /** Returns the name that it is, without quotes; null if it is none. */
        @Nullable
        String name() {
            if (isWord) {
                return text;
            }
            if (!isQuoted) {
                return null;
            }
            String quote = text.substring(text.length() - 1);
            String inner = text.substring(1, text.length() - 1);
            return quote.equals("]") ? inner : inner.replace(quote + quote, quote);
        }
    }
}
