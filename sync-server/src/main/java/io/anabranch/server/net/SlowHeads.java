// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.net;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.internal.HttpConnection;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * Ends connections whose next request takes too long from its first byte to the end of its head, and those that open and
 * send no request. An idle time-out does not: a byte now and then keeps a connection busy for ever. Looks at all
 * connections once a second. When the server stops it ends those on which nothing is under way, which Jetty would wait for.
 * Thread-safe.
 */
final class SlowHeads extends Handler.Wrapper implements Connection.Listener {
    private static final long LOOK_EVERY_MILLIS = 1_000;
    /** By when a connection has left a request behind that was just answered. */
    private static final long SOON_MILLIS = 10;

    private static final String BODY = "{\"type\":\"urn:anabranch:problem:too-slow\",\"title\":\"Request too slow\","
            + "\"status\":408,\"code\":\"too-slow\",\"detail\":\"the request was not read: its head came too slowly."
            + " Send it again over a better line\"}";
    private static final String ANSWER = "HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n"
            + "Content-Type: application/problem+json\r\nContent-Length: " + BODY.length() + "\r\n\r\n" + BODY;

    private final Scheduler scheduler;
    private final long limitNanos;
    private final LongSupplier nanoTime;
    private final Map<Connection, Progress> connections = new ConcurrentHashMap<>();
    private volatile boolean ending;

    SlowHeads(Scheduler scheduler, long limitMillis, LongSupplier nanoTime) {
        this.scheduler = scheduler;
        this.limitNanos = TimeUnit.MILLISECONDS.toNanos(limitMillis);
        this.nanoTime = nanoTime;
    }

    void lookLater() {
        scheduler.schedule(
                () -> {
                    look();
                    if (!isStopping() && !isStopped()) {
                        lookLater();
                    }
                },
                LOOK_EVERY_MILLIS,
                TimeUnit.MILLISECONDS);
    }

    private void look() {
        long now = nanoTime.getAsLong();
        connections.forEach((connection, progress) -> {
            if (progress.isLate(connection.getBytesIn(), now)) {
                connections.remove(connection);
                answer(connection);
            }
        });
    }

    /**
     * Ends the connections without a request under way, and from now on each when its request is answered. A client that keeps such a
     * connection finds it closed before its next request, and opens another.
     */
    void end() {
        ending = true;
        endIdle();
    }

    private void endIdle() {
        connections.forEach((connection, progress) -> {
            if (progress.isIdle(connection.getBytesIn())) {
                connection.close();
            }
        });
    }

    private void answer(Connection connection) {
        ByteBuffer answer = ByteBuffer.wrap(ANSWER.getBytes(StandardCharsets.US_ASCII));
        connection.getEndPoint().write(Callback.from(() -> endSoon(connection), failure -> connection.close()), answer);
    }

    /** A connection that is closed while its client sends is reset, and the client may never see the answer. */
    private void endSoon(Connection connection) {
        connection.getEndPoint().shutdownOutput();
        scheduler.schedule(connection::close, LOOK_EVERY_MILLIS, TimeUnit.MILLISECONDS);
    }

    // ---- What happens on connections

    @Override
    public void onOpened(Connection connection) {
        if (connection instanceof HttpConnection) {
            watch(connection);
        }
    }

    Progress watch(Connection connection) {
        Progress progress = new Progress(nanoTime.getAsLong(), limitNanos);
        connections.put(connection, progress);
        return progress;
    }

    @Override
    public void onClosed(Connection connection) {
        connections.remove(connection);
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        Connection connection = request.getConnectionMetaData().getConnection();
        Progress progress = connections.get(connection);
        if (progress != null) {
            progress.begun();
            Request.addCompletionListener(request, failure -> answered(connection, progress));
        }
        return super.handle(request, response, callback);
    }

    /** The client may have its answer a moment before this is told. */
    void answered(Connection connection, Progress progress) {
        progress.ended(connection.getBytesIn());
        if (ending) {
            scheduler.schedule(this::endIdle, SOON_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    /** How far one connection is. Thread-safe. */
    static final class Progress {
        private static final long NOT_BEGUN = Long.MIN_VALUE;

        private final long limitNanos;
        private boolean handling;
        /** How many bytes had come when the last request ended; what comes after them is the head of the next. */
        private long bytesSettled;
        /** Since when a head has been awaited. */
        private long since;

        Progress(long openedAt, long limitNanos) {
            this.since = openedAt;
            this.limitNanos = limitNanos;
        }

        synchronized void begun() {
            handling = true;
        }

        synchronized void ended(long bytes) {
            handling = false;
            bytesSettled = bytes;
            since = NOT_BEGUN;
        }

        /** Returns whether no byte of a request has come since the last one was answered. */
        synchronized boolean isIdle(long bytes) {
            return !handling && bytes == bytesSettled;
        }

        synchronized boolean isLate(long bytes, long now) {
            if (handling) {
                return false;
            }
            if (since == NOT_BEGUN) {
                since = bytes > bytesSettled ? now : NOT_BEGUN;
                return false;
            }
            return now - since > limitNanos;
        }
    }
}
