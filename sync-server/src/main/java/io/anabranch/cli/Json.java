// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.anabranch.sync.change.Value;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Prints maps, lists, texts, numbers, truth values, nulls and SQLite's values as one JSON document. */
final class Json {
    private Json() {}

    static void print(PrintWriter out, Object document) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.useDefaultPrettyPrinter();
            write(json, document);
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        out.println(text);
    }

    private static void write(JsonGenerator json, @Nullable Object node) throws IOException {
        if (node instanceof Map<?, ?> map) {
            json.writeStartObject();
            for (Map.Entry<?, ?> entry : map.entrySet()) {
                json.writeFieldName(String.valueOf(entry.getKey()));
                write(json, entry.getValue());
            }
            json.writeEndObject();
        } else if (node instanceof List<?> list) {
            json.writeStartArray();
            for (Object element : list) {
                write(json, element);
            }
            json.writeEndArray();
        } else if (node instanceof Value value) {
            write(json, plain(value));
        } else {
            json.writeObject(node);
        }
    }

    /** Blobs, and numbers that JSON lacks, become text. */
    private static @Nullable Object plain(Value value) {
        if (value instanceof Value.Int integer) {
            return integer.value();
        }
        if (value instanceof Value.Real real && !Double.isInfinite(real.value())) {
            return real.value();
        }
        return value instanceof Value.Null ? null : value.toString();
    }
}
