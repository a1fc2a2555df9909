// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.sql;

/** Text of SQL. */
public final class Sql {
    private Sql() {}

    /** Returns {@code name} quoted as an identifier. */
    public static String name(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** Returns {@code text} quoted as a string literal. */
    public static String literal(String text) {
        return '\'' + text.replace("'", "''") + '\'';
    }
}
