// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.schema;

import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * Binds values bit for bit. SQLite holds any bytes under the name of text, and drivers take text as a String, which cannot:
 * text that is not UTF-8 goes in as bytes and is cast where it arrives.
 */
public final class ExactText {
    private ExactText() {}

    /** Returns the statement with {@code values} bound to its parameters, which are plain question marks. */
    public static SqlStatement bind(SqlDatabase db, String sql, List<Value> values) {
        boolean broken = false;
        for (Value value : values) {
            broken |= isBroken(value);
        }
        SqlStatement statement = db.prepare(broken ? withCasts(sql, values) : sql);
        for (int i = 0; i < values.size(); i++) {
            if (broken && isBroken(values.get(i))) {
                statement.bind(i + 1, ((Value.Text) values.get(i)).utf8());
            } else {
                statement.bind(i + 1, values.get(i));
            }
        }
        return statement;
    }

    private static String withCasts(String sql, List<Value> values) {
        StringBuilder cast = null;
        int from = 0;
        int at = -1;
        for (Value value : values) {
            at = nextParameter(sql, at + 1);
            if (isBroken(value)) {
                cast = cast == null ? new StringBuilder() : cast;
                // The plus takes away the affinity of a cast, so that a comparison is the one that the column makes.
                cast.append(sql, from, at).append("+CAST(? AS TEXT)");
                from = at + 1;
            }
        }
        return cast == null ? sql : cast.append(sql, from, sql.length()).toString();
    }

    /** A question mark inside a quoted name is none. */
    private static int nextParameter(String sql, int from) {
        boolean quoted = false;
        for (int i = from; i < sql.length(); i++) {
            char c = sql.charAt(i);
            if (c == '"') {
                quoted = !quoted;
            } else if (c == '?' && !quoted) {
                return i;
            }
        }
        throw new IllegalArgumentException("more values than parameters: " + sql);
    }

    private static boolean isBroken(Value value) {
        if (!(value instanceof Value.Text text)) {
            return false;
        }
        if (isAscii(text.utf8())) {
            return false;
        }
        String decoded = text.toString();
        return decoded.indexOf('\uFFFD') >= 0 && !Arrays.equals(decoded.getBytes(StandardCharsets.UTF_8), text.utf8());
    }

    private static boolean isAscii(byte[] bytes) {
        for (byte b : bytes) {
            if (b < 0) {
                return false;
            }
        }
        return true;
    }
}
