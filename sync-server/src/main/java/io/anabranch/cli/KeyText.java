// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.anabranch.sync.change.CanonicalJson;
import io.anabranch.sync.change.Value;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A row's key as people write it: the text of a single key, or a JSON array of the values of all key columns. Text that is
 * no JSON array is a text, so only a key that looks like one has to be written as one.
 *
 * <p>Whether {@code 7} is a number or a text is for the column to say: {@code Replica} converts as SQLite would.
 */
final class KeyText {
    /** How the option is described in help texts. */
    static final String DESCRIPTION =
            "The row's primary key: the text of a single key, or a JSON array such as '[7,\"a\"]', which a text that looks"
                    + " like one needs too: '[\"[1]\"]'.";

    private KeyText() {}

    static List<Value> parse(String text) {
        return array(text).orElse(List.of(Value.of(text)));
    }

    /** Returns a key as people read it. */
    static String print(List<Value> key) {
        return key.stream().map(Value::toString).collect(Collectors.joining(", "));
    }

    /** Returns what to add where a row is not found, for those who meant a text that looks like an array of one value. */
    static String ifNotFound(String text) {
        return array(text).filter(values -> values.size() == 1).isPresent()
                ? "; a KEY that begins with [ is read as a JSON array, so the text " + text + " is written '["
                        + CanonicalJson.quote(text) + "]'"
                : "";
    }

    private static Optional<List<Value>> array(String text) {
        try (JsonParser json = new JsonFactory().createParser(text)) {
            if (json.nextToken() != JsonToken.START_ARRAY) {
                return Optional.empty();
            }
            List<Value> values = new ArrayList<>();
            for (JsonToken token = json.nextToken(); token != JsonToken.END_ARRAY; token = json.nextToken()) {
                if (token == null || !token.isScalarValue()) {
                    return Optional.empty();
                }
                values.add(JsonValues.read(json));
            }
            return json.nextToken() == null && !values.isEmpty() ? Optional.of(values) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
