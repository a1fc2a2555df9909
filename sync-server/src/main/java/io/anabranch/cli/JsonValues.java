// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import com.fasterxml.jackson.core.JsonParser;
import io.anabranch.sync.change.Value;
import java.io.IOException;

/** SQLite's values as JSON has them: numbers, texts, truth values as 1 and 0, null. */
final class JsonValues {
    private JsonValues() {}

    /** Returns the scalar at which the parser stands. */
    static Value read(JsonParser json) throws IOException {
        return switch (json.currentToken()) {
            case VALUE_NUMBER_INT ->
                json.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                        ? Value.of(json.getDoubleValue()) // Beyond 64 bits SQLite has only reals.
                        : Value.of(json.getLongValue());
            case VALUE_NUMBER_FLOAT -> Value.of(json.getDoubleValue());
            case VALUE_TRUE -> Value.of(1);
            case VALUE_FALSE -> Value.of(0);
            case VALUE_NULL -> Value.NULL;
            default -> Value.of(json.getText());
        };
    }
}
