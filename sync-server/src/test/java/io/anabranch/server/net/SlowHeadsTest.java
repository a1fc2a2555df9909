// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.server.net.SlowHeads.Progress;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.util.thread.Scheduler;
import org.junit.jupiter.api.Test;

/** When a connection is too slow, in nanoseconds that are given; that it is ended then is tested against a running relay. */
class SlowHeadsTest {
    private static final long LIMIT = 10_000_000_000L;
    private static final long OPENED = 77;

    private final Progress progress = new Progress(OPENED, LIMIT);

    @Test
    void theFirstHeadHasTenSecondsFromTheOpening() {
        assertThat(progress.isLate(0, OPENED + LIMIT - 1)).isFalse();
        assertThat(progress.isLate(5, OPENED + LIMIT)).isFalse();
        assertThat(progress.isLate(5, OPENED + LIMIT + 1)).isTrue();
    }

    @Test
    void whatIsBeingAnsweredIsNeverLate() {
        progress.begun();
        assertThat(progress.isLate(500, OPENED + 1_000 * LIMIT)).isFalse();
    }

    @Test
    void nothingIsUnderWayBetweenTwoRequests() {
        assertThat(progress.isIdle(0)).isTrue();
        assertThat(progress.isIdle(1)).as("a head has begun").isFalse();
        progress.begun();
        assertThat(progress.isIdle(500)).isFalse();
        progress.ended(500);
        assertThat(progress.isIdle(500)).isTrue();
        assertThat(progress.isIdle(501)).as("the next head has begun").isFalse();
    }

    /** A client has its answer, and somebody stops the relay, before the relay is told that the request is over. */
    @Test
    void whatIsAnsweredWhileTheServerEndsIsEndedToo() {
        List<Runnable> later = new ArrayList<>();
        AtomicInteger closed = new AtomicInteger();
        Scheduler scheduler = fake(Scheduler.class, (name, arguments) -> later.add((Runnable) arguments[0]));
        Connection connection = fake(Connection.class, (name, arguments) -> {
            if (name.equals("close")) {
                closed.incrementAndGet();
            }
        });
        SlowHeads heads = new SlowHeads(scheduler, 10_000, () -> OPENED);
        Progress ofConnection = heads.watch(connection);

        ofConnection.begun();
        heads.end();
        assertThat(closed).hasValue(0);
        heads.answered(connection, ofConnection);
        later.forEach(Runnable::run);
        assertThat(closed).hasValue(1);
    }

    /** Returns an object whose methods only tell that they were called, and answer 0 or null. */
    private static <T> T fake(Class<T> type, BiConsumer<String, Object[]> called) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    if (method.getName().equals("hashCode") || method.getName().equals("equals")) {
                        return method.getName().equals("equals") ? self == arguments[0] : System.identityHashCode(self);
                    }
                    called.accept(method.getName(), arguments);
                    return method.getReturnType() == long.class ? 0L : null;
                }));
    }

    @Test
    void theNextHeadHasTenSecondsFromItsFirstByte() {
        progress.begun();
        progress.ended(500);
        long later = OPENED + 1_000 * LIMIT;
        assertThat(progress.isLate(500, later)).as("nothing has come").isFalse();
        assertThat(progress.isLate(501, later)).as("a byte is seen").isFalse();
        assertThat(progress.isLate(502, later + LIMIT - 1)).isFalse();
        assertThat(progress.isLate(503, later + LIMIT)).isFalse();
        assertThat(progress.isLate(504, later + LIMIT + 1)).isTrue();
    }
}
