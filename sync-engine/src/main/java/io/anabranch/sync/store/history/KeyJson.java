// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.history;

import io.anabranch.sync.change.Value;
import io.anabranch.sync.store.schema.Key;
import java.util.Locale;

/** A key as a JSON array, for people who read the side tables. Blobs are texts of SQL literals. */
public final class KeyJson {
    private KeyJson() {}

    public static String of(Key key) {
        StringBuilder json = new StringBuilder("[");
        for (Value value : key.values()) {
            json.append(json.length() == 1 ? "" : ", ");
            if (value instanceof Value.Int || value instanceof Value.Real) {
                json.append(value);
            } else if (value instanceof Value.Null) {
                json.append("null");
            } else {
                quote(json, value.toString());
            }
        }
        return json.append(']').toString();
    }

    private static void quote(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                json.append('\\').append(c);
            } else if (c < ' ') {
                json.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            } else {
                json.append(c);
            }
        }
        json.append('"');
    }
}
