// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.anabranch.crdt.causality.Origin;
import io.javalin.http.Context;
import jakarta.servlet.AsyncContext;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** Telling clients, unasked, that there is something new: server-sent events, or one answer to a long poll. */
final class EventRoutes {
    static final String MEDIA_TYPE = "text/event-stream";

    private static final int LONGEST_POLL_SECONDS = 25;
    private static final int BUFFER_BYTES = 1024;

    private final SpaceDoor door;
    private final Listeners listeners;
    private final ClientAddress addresses;

    EventRoutes(SpaceDoor door, Listeners listeners, ClientAddress addresses) {
        this.door = door;
        this.listeners = listeners;
        this.addresses = addresses;
    }

    List<Route> routes() {
        return List.of(Route.get("/v1/spaces/{space}/events", Need.READ, this::listen));
    }

    /**
     * {@code self} is the origin that listens. With {@code wait}, in seconds, the answer is one event, sent once the space's
     * sum is another than {@code sum}, or empty after that time.
     */
    private void listen(Context context, Caller caller) throws IOException {
        String space = SyncRoutes.spaceName(context.pathParam("space"));
        Origin self = self(context.queryParam("self"));
        int waitSeconds = waitSeconds(context.queryParam("wait"));
        String known = String.valueOf(context.queryParam("sum")).toLowerCase(Locale.ROOT);
        String counted = addresses.counted(context, caller);
        door.enter(space, caller);
        listeners.enter(counted);
        context.contentType(MEDIA_TYPE);
        context.header("X-Accel-Buffering", "no"); // A proxy that waits for more would make it late.
        context.res().setBufferSize(BUFFER_BYTES);
        AsyncContext connection = context.req().startAsync();
        connection.setTimeout(0);
        // Javalin ends the answer when this does: never, since the stream ends it.
        context.future(CompletableFuture::new);
        AtomicBoolean left = new AtomicBoolean();
        EventStream stream = new EventStream(caller, counted, self, waitSeconds > 0, connection, ended -> {
            listeners.remove(space, ended);
            if (left.compareAndSet(false, true)) {
                listeners.leave(counted);
            }
        });
        stream.begin();
        listeners.add(space, stream, sum -> !sum.toString().equals(known));
        if (stream.isOnce()) {
            CompletableFuture.delayedExecutor(waitSeconds, TimeUnit.SECONDS).execute(stream::end);
        }
    }

    private static @Nullable Origin self(@Nullable String text) {
        try {
            return text == null ? null : Origin.parse(text);
        } catch (IllegalArgumentException e) {
            throw malformed("'self' is not an origin");
        }
    }

    /** Returns 0 for a stream without end. */
    private static int waitSeconds(@Nullable String text) {
        if (text == null) {
            return 0;
        }
        int seconds = text.matches("[0-9]{1,2}") ? Integer.parseInt(text) : 0;
        if (seconds < 1 || seconds > LONGEST_POLL_SECONDS) {
            throw malformed("'wait' is not a number of seconds from 1 to " + LONGEST_POLL_SECONDS);
        }
        return seconds;
    }

    private static Problem malformed(String why) {
        return new Problem(400, "malformed", "Not a way to listen", "nobody listens: " + why + ". Correct it");
    }
}
