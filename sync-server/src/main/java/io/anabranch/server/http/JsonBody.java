// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.javalin.http.Context;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Small JSON in and out. What is doubtful (a name twice, text behind the end, deep nesting) is refused. */
final class JsonBody {
    static final String MEDIA_TYPE = "application/json";

    private static final int MAX_BYTES = 16 << 10;
    private static final int MIN_BYTES_PER_SECOND = 1024;
    private static final RequestBody BODY = new RequestBody(MAX_BYTES, MIN_BYTES_PER_SECOND, System::nanoTime);
    private static final int MAX_DEPTH = 32;
    private static final ObjectMapper JSON = new ObjectMapper(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .build())
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private final ObjectNode members;

    private JsonBody(ObjectNode members) {
        this.members = members;
    }

    static JsonBody read(Context context) throws IOException {
        return new JsonBody(parse(BODY.read(context, MEDIA_TYPE)));
    }

    private static ObjectNode parse(byte[] body) throws IOException {
        try {
            if (JSON.readTree(body) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            throw malformed("it is not JSON: " + e.getOriginalMessage().replaceAll("\\s+", " "));
        }
        throw malformed("it is not a JSON object");
    }

    /** Returns a text, or {@code absent} if there is no such member. */
    String text(String name, String absent) {
        JsonNode value = members.path(name);
        if (value.isMissingNode()) {
            return absent;
        }
        if (!value.isTextual()) {
            throw malformed("'" + name + "' is not a text");
        }
        return value.textValue();
    }

    /** Returns a list of texts; empty if there is no such member. */
    List<String> texts(String name) {
        JsonNode value = members.path(name);
        List<String> texts = new ArrayList<>();
        if (!value.isArray() && !value.isMissingNode()) {
            throw malformed("'" + name + "' is not a list");
        }
        for (JsonNode element : value) {
            if (!element.isTextual()) {
                throw malformed("'" + name + "' is not a list of texts");
            }
            texts.add(element.textValue());
        }
        return texts;
    }

    static Problem malformed(String why) {
        return new Problem(
                400,
                "malformed",
                "Not the JSON that is needed",
                "nothing of the request was done: " + why + ". Correct it; docs/protocol.md shows what it looks like");
    }

    static void answer(Context context, int status, Object document) throws JsonProcessingException {
        context.status(status).contentType(MEDIA_TYPE).result(JSON.writeValueAsBytes(document));
    }
}
