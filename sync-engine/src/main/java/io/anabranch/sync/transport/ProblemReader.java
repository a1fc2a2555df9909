// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.transport;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.transport.Transport.Result;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An error as a relay tells it: RFC 9457, of our own kind. Anybody's else is not taken for one. */
final class ProblemReader {
    static final String MEDIA_TYPE = "application/problem+json";
    static final int MAX_BYTES = 64 << 10;

    private static final String OUR_TYPES = "urn:anabranch:problem:";
    private static final JsonFactory JSON = new JsonFactory();

    private final int status;
    private final Map<String, String> members;

    private ProblemReader(int status, Map<String, String> members) {
        this.status = status;
        this.members = members;
    }

    /** Returns null if {@code json} is not a problem of ours. */
    static @Nullable ProblemReader read(int status, byte[] json) {
        Map<String, String> members = new HashMap<>();
        try (JsonParser parser = JSON.createParser(json)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                return null;
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                if (parser.nextToken().isScalarValue()) {
                    members.put(name, parser.getText());
                } else {
                    parser.skipChildren();
                }
            }
        } catch (IOException e) {
            return null;
        }
        return members.getOrDefault("type", "").startsWith(OUR_TYPES) ? new ProblemReader(status, members) : null;
    }

    /** @param retryAfter the header of that name; null without */
    Result result(String url, @Nullable String retryAfter) {
        Admission why = refusal();
        if (why != null) {
            return new Result.Refused(why);
        }
        String said = url + " answered: " + members.getOrDefault("detail", "HTTP " + status);
        Duration pause = seconds(retryAfter);
        if (pause != null) {
            return new Result.Later(said, pause);
        }
        return HttpTransport.isGateway(status) ? new Result.Unreachable(said) : new Result.Failed(said);
    }

    private static @Nullable Duration seconds(@Nullable String retryAfter) {
        return retryAfter != null && retryAfter.matches("[0-9]{1,6}")
                ? Duration.ofSeconds(Long.parseLong(retryAfter))
                : null;
    }

    private @Nullable Admission refusal() {
        try {
            switch (members.getOrDefault("code", "")) {
                case "gap":
                    return new Admission.Gap(origin(), number("expectedSeq"), number("foundSeq"));
                case "missing-context":
                    return new Admission.MissingContext(origin(), number("neededSeq"), number("knownSeq"));
                case "fork":
                    return new Admission.Fork(origin(), number("seq"));
                case "bad-part":
                    return new Admission.BadPart(origin(), number("seq"), Math.toIntExact(number("index")));
                default:
                    return null;
            }
        } catch (IllegalArgumentException | ArithmeticException e) {
            return null; // A member is missing or is no number: what it says to people is still worth showing.
        }
    }

    private Origin origin() {
        return Origin.parse(members.getOrDefault("origin", ""));
    }

    private long number(String name) {
        return Long.parseLong(members.getOrDefault(name, ""));
    }
}
