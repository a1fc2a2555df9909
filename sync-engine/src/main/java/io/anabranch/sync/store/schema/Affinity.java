// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.schema;

import io.anabranch.sync.change.Value;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Pattern;

/** What SQLite makes of values that are stored in a column, by its declared type. */
public enum Affinity {
    INTEGER,
    NUMERIC,
    REAL,
    TEXT,
    NONE;

    private static final Pattern NUMERAL =
            Pattern.compile("\\s*+[+-]?+(\\d++\\.?+\\d*+|\\.\\d++)([eE][+-]?+\\d++)?+\\s*+");
    private static final Pattern INTEGER_TEXT = Pattern.compile("-?[0-9]+");

    /** The rules of SQLite's documentation, "Determination Of Column Affinity", in its order. */
    public static Affinity of(String declaredType, boolean strict) {
        String type = declaredType.toUpperCase(Locale.ROOT);
        if (strict && type.equals("ANY")) {
            return NONE;
        }
        if (type.contains("INT")) {
            return INTEGER;
        }
        if (type.contains("CHAR") || type.contains("CLOB") || type.contains("TEXT")) {
            return TEXT;
        }
        if (type.isEmpty() || type.contains("BLOB")) {
            return NONE;
        }
        if (type.contains("REAL") || type.contains("FLOA") || type.contains("DOUB")) {
            return REAL;
        }
        return NUMERIC;
    }

    /** Returns whether a column of this affinity gives back exactly what was put in. In doubt, false. */
    public boolean keeps(Value value) {
        if (value instanceof Value.Null || value instanceof Value.Blob) {
            return true;
        }
        switch (this) {
            case NONE:
                return true;
            case TEXT:
                return value instanceof Value.Text;
            case REAL:
                return value instanceof Value.Real || value instanceof Value.Text text && !maybeNumeral(text);
            default:
                return value instanceof Value.Int
                        || value instanceof Value.Real real && !isInteger(real.value())
                        || value instanceof Value.Text text && !maybeNumeral(text);
        }
    }

    /** Returns whether a key in a column of this affinity stays that key: 1 and 1.0 are one. In doubt, false. */
    boolean keepsKey(Value value) {
        return keeps(value)
                || this == REAL
                        && value instanceof Value.Int integer
                        && isExact(integer.value(), (double) integer.value());
    }

    private static boolean isExact(long value, double real) {
        return real < 0x1p63 && (long) real == value;
    }

    /** Returns whether SQLite stores a number as an integer where it may. */
    private static boolean isInteger(double value) {
        return value == Math.rint(value) && Math.abs(value) < 0x1p63;
    }

    /** Returns what a column of this affinity makes of an integer, or of text that is one; other values unchanged. */
    Value apply(Value value) {
        if (this == TEXT && value instanceof Value.Int integer) {
            return Value.of(Long.toString(integer.value()));
        }
        boolean isNumeric = this == INTEGER || this == NUMERIC || this == REAL;
        if (isNumeric
                && value instanceof Value.Text text
                && text.utf8().length <= 18
                && INTEGER_TEXT.matcher(text.toString()).matches()) {
            return Value.of(Long.parseLong(text.toString()));
        }
        return value;
    }

    private static boolean maybeNumeral(Value.Text text) {
        return NUMERAL.matcher(new String(text.utf8(), StandardCharsets.ISO_8859_1))
                .matches();
    }
}
