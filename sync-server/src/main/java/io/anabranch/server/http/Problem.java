// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * An error as it is told to a client: RFC 9457, with a {@code code} for programs and a {@code detail} for people that
 * says what failed, why, and what to do.
 */
final class Problem extends RuntimeException {
    static final String MEDIA_TYPE = "application/problem+json";

    private static final long serialVersionUID = 1;
    private static final JsonFactory JSON = new JsonFactory();

    private final int status;
    private final String code;
    private final String title;
    /** In the order in which they were added. Values are strings and longs. */
    private final transient Map<String, Object> members = new LinkedHashMap<>();

    private final transient Map<String, String> headers = new LinkedHashMap<>();

    Problem(int status, String code, String title, String detail) {
        super(detail, null, false, false);
        this.status = status;
        this.code = code;
        this.title = title;
    }

    /** Adds a member for programs to read. */
    Problem with(String name, Object value) {
        members.put(name, value);
        return this;
    }

    /** Adds a header to the answer. */
    Problem header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    Map<String, String> headers() {
        return headers;
    }

    int status() {
        return status;
    }

    String code() {
        return code;
    }

    byte[] json() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("type", "urn:anabranch:problem:" + code);
            json.writeStringField("title", title);
            json.writeNumberField("status", status);
            json.writeStringField("code", code);
            json.writeStringField("detail", getMessage());
            for (Map.Entry<String, Object> member : members.entrySet()) {
                json.writeObjectField(member.getKey(), member.getValue());
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
        return out.toByteArray();
    }
}
