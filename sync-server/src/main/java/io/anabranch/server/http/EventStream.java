// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.anabranch.crdt.causality.Origin;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.ServletOutputStream;
import jakarta.servlet.WriteListener;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One listener's connection. Whoever has something to tell leaves it here and goes on: what the connection does not take at
 * once waits, up to a bound, beyond which only the newest hint is kept. No thread waits for a listener. Thread-safe.
 */
final class EventStream implements WriteListener, AsyncListener {
    private static final int MOST_WAITING_BYTES = 256 << 10;

    private final Caller caller;
    private final String countedAs;
    private final @Nullable Origin self;
    /** Whether the first event is the last, as of an answer to a long poll. */
    private final boolean once;

    private final AsyncContext connection;
    private final ServletOutputStream out;
    private final Consumer<EventStream> ended;

    /** Guarded by this, as are the fields that follow. */
    private final Deque<byte[]> waiting = new ArrayDeque<>();

    private int waitingBytes;
    private boolean flushed = true;
    private boolean over;

    /**
     * @param countedAs whose listeners it is one of
     * @param self the origin that listens, which is not told of what it brought itself
     */
    EventStream(
            Caller caller,
            String countedAs,
            @Nullable Origin self,
            boolean once,
            AsyncContext connection,
            Consumer<EventStream> ended)
            throws IOException {
        this.caller = caller;
        this.countedAs = countedAs;
        this.self = self;
        this.once = once;
        this.connection = connection;
        this.out = connection.getResponse().getOutputStream();
        this.ended = ended;
    }

    void begin() {
        connection.addListener(this);
        out.setWriteListener(this);
    }

    Caller caller() {
        return caller;
    }

    String countedAs() {
        return countedAs;
    }

    boolean isOnce() {
        return once;
    }

    boolean isOf(Origin origin) {
        return origin.equals(self);
    }

    /** Returns who listens; null if that was not said. */
    @Nullable
    Origin self() {
        return self;
    }

    /** Tells something. If too much waits already, it and all that waits give way to {@code hint}. */
    synchronized void tell(byte[] event, byte[] hint) {
        if (over) {
            return;
        }
        if (waitingBytes + event.length > MOST_WAITING_BYTES) {
            waiting.clear();
            waitingBytes = 0;
            add(hint);
        } else {
            add(event);
        }
        over = once;
        write();
    }

    private void add(byte[] bytes) {
        waiting.add(bytes);
        waitingBytes += bytes.length;
    }

    private void write() {
        try {
            while (out.isReady()) {
                byte[] next = waiting.poll();
                if (next != null) {
                    waitingBytes -= next.length;
                    out.write(next);
                    flushed = false;
                } else if (!flushed) {
                    flushed = true;
                    out.flush();
                } else {
                    finishIfOver();
                    return;
                }
            }
        } catch (IOException | IllegalStateException e) {
            end();
        }
    }

    private void finishIfOver() {
        if (over) {
            end();
        }
    }

    /** Ends the connection. */
    synchronized void end() {
        over = true;
        try {
            connection.complete();
        } catch (IllegalStateException e) {
            // It has ended by itself.
        }
        ended.accept(this);
    }

    // ---- What the container says

    @Override
    public synchronized void onWritePossible() {
        write();
    }

    @Override
    public void onError(Throwable failure) {
        end();
    }

    @Override
    public void onComplete(AsyncEvent event) {
        ended.accept(this);
    }

    @Override
    public void onTimeout(AsyncEvent event) {
        end();
    }

    @Override
    public void onError(AsyncEvent event) {
        end();
    }

    @Override
    public void onStartAsync(AsyncEvent event) {}

    /** Returns one event in the form of server-sent events. */
    static byte[] event(String name, String data) {
        return ("event: " + name + "\ndata: " + data + "\n\n").getBytes(StandardCharsets.US_ASCII);
    }
}
