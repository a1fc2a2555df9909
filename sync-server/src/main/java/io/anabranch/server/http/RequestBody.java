// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.javalin.http.Context;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/** Reads a body that is of the right type, not too long, and does not come too slowly. Immutable. */
final class RequestBody {
    private static final long GRACE_NANOS = 10_000_000_000L;
    private static final long NANOS_PER_SECOND = 1_000_000_000L;
    private static final int CHUNK_BYTES = 16 << 10;

    private final int maxBytes;
    private final int bytesPerSecond;
    private final LongSupplier nanoTime;

    /** @param bytesPerSecond how fast it must come on the whole, once ten seconds have passed */
    RequestBody(int maxBytes, int bytesPerSecond, LongSupplier nanoTime) {
        this.maxBytes = maxBytes;
        this.bytesPerSecond = bytesPerSecond;
        this.nanoTime = nanoTime;
    }

    byte[] read(Context context, String mediaType) throws IOException {
        requireType(context, mediaType);
        if (context.req().getContentLengthLong() > maxBytes) {
            throw tooLarge();
        }
        return read(context.bodyInputStream());
    }

    private static void requireType(Context context, String mediaType) {
        String type = context.contentType() == null ? "" : context.contentType();
        String bare = type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (!bare.equals(mediaType)) {
            throw new Problem(
                    415,
                    "unsupported-media-type",
                    "Not what is needed",
                    "the request was not read: its Content-Type is '" + type + "'. Send " + mediaType);
        }
    }

    byte[] read(InputStream in) throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        byte[] chunk = new byte[CHUNK_BYTES];
        long began = nanoTime.getAsLong();
        for (int n = next(in, chunk); n >= 0; n = next(in, chunk)) {
            body.write(chunk, 0, n);
            if (body.size() > maxBytes) {
                throw tooLarge();
            }
            long late = nanoTime.getAsLong() - began - GRACE_NANOS;
            if (late > 0 && body.size() < late / NANOS_PER_SECOND * bytesPerSecond) {
                throw tooSlow();
            }
        }
        return body.toByteArray();
    }

    private static int next(InputStream in, byte[] chunk) throws IOException {
        try {
            return in.read(chunk);
        } catch (IOException e) {
            if (e.getCause() instanceof TimeoutException) {
                throw tooSlow();
            }
            throw e;
        }
    }

    private Problem tooLarge() {
        return new Problem(
                        413,
                        "too-large",
                        "Request too large",
                        "the request was not read: its body is larger than " + maxBytes + " bytes. Send less at once")
                .with("maxBytes", (long) maxBytes);
    }

    private static Problem tooSlow() {
        return new Problem(
                408,
                "too-slow",
                "Request too slow",
                "the request was not read: its body came too slowly. Send it again over a better line, or less at once");
    }
}
