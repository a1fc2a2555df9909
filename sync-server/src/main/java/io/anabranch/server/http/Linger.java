// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.javalin.http.Context;
import jakarta.servlet.ServletInputStream;
import java.io.IOException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers a request before it has ended, and then reads on for a moment. A client that is still sending would lose the
 * answer otherwise: a connection closed with bytes unread is reset, and a reset throws away what is on its way. What is read
 * is dropped. Bounded in time, in bytes, and in how many requests at once. Thread-safe.
 */
final class Linger {
    private static final Logger LOG = LoggerFactory.getLogger(Linger.class);
    private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long MOST_BYTES = 32L << 20;
    private static final long MOST_SILENCE_MILLIS = 500;
    private static final int MOST_AT_ONCE = 64;
    private static final int CHUNK_BYTES = 16 << 10;

    private final LongSupplier nanoTime;
    private final Semaphore places = new Semaphore(MOST_AT_ONCE);

    Linger(LongSupplier nanoTime) {
        this.nanoTime = nanoTime;
    }

    /** Tells whether a body was announced that has not been read to its end. */
    static boolean isNeeded(Context context) {
        boolean announced = context.req().getContentLengthLong() > 0 || context.header("Transfer-Encoding") != null;
        // Who asked whether to send the body waits for the answer and sends none.
        return announced && context.header("Expect") == null && !input(context).isFinished();
    }

    void answer(Context context, byte[] body) {
        try {
            context.res().setContentLength(body.length);
            context.res().getOutputStream().write(body);
            context.res().flushBuffer();
            if (places.tryAcquire()) {
                try {
                    readOn(context);
                } finally {
                    places.release();
                }
            }
        } catch (IOException e) {
            LOG.debug("a client went before it had its answer: {}", e.getMessage());
        }
    }

    /** Jetty ends the connection once it was silent for too long, or if there is more than this reads. */
    private void readOn(Context context) throws IOException {
        ServletContextRequest.getServletContextRequest(context.req())
                .getConnectionMetaData()
                .getConnection()
                .getEndPoint()
                .setIdleTimeout(MOST_SILENCE_MILLIS);
        ServletInputStream in = input(context);
        byte[] chunk = new byte[CHUNK_BYTES];
        long began = nanoTime.getAsLong();
        long bytes = 0;
        for (int n = in.read(chunk); n >= 0 && bytes < MOST_BYTES; n = in.read(chunk)) {
            bytes += n;
            if (nanoTime.getAsLong() - began > MOST_NANOS) {
                return;
            }
        }
    }

    private static ServletInputStream input(Context context) {
        try {
            return context.req().getInputStream();
        } catch (IOException e) {
            throw new AssertionError("opening what is open", e);
        }
    }
}
