// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.anabranch.server.store.RelayStoreException;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.sql.SqlException;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class FailuresTest {
    private static final long SECOND = 1_000_000_000L;

    private final Logger log = (Logger) LoggerFactory.getLogger("relay");
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private long now = 17;
    private final Failures failures = new Failures(() -> now);

    @BeforeEach
    void listen() {
        lines.start();
        log.addAppender(lines);
        log.setAdditive(false);
    }

    @AfterEach
    void stop() {
        log.detachAppender(lines);
        log.setAdditive(true);
    }

    /** Each request wrote a stack trace, onto a disk that was full. */
    @Test
    void aFullDiskIsALineAMinuteWithWhatToDo() {
        for (int i = 0; i < 1_000; i++) {
            assertThat(failures.problem(refusing(SqlException.Kind.FULL)).code())
                    .isEqualTo("disk-full");
        }
        now += 60 * SECOND - 1;
        failures.problem(refusing(SqlException.Kind.FULL));
        assertThat(lines.list).singleElement().satisfies(line -> {
            assertThat(line.getFormattedMessage())
                    .startsWith("disk-full requests=1 ")
                    .contains("make room");
            assertThat(line.getThrowableProxy()).isNull();
        });

        now += 1;
        failures.problem(refusing(SqlException.Kind.FULL));
        assertThat(lines.list).hasSize(2);
        assertThat(lines.list.get(1).getFormattedMessage()).startsWith("disk-full requests=1001 ");
    }

    @Test
    void whoeverHasToWaitHearsHowLong() {
        assertThat(failures.problem(refusing(SqlException.Kind.FULL)).headers()).containsEntry("Retry-After", "300");
        assertThat(failures.problem(refusing(SqlException.Kind.BUSY)).headers()).containsEntry("Retry-After", "5");
    }

    @Test
    void eachKindIsToldByItself() {
        assertThat(failures.problem(refusing(SqlException.Kind.BUSY)).code()).isEqualTo("busy");
        assertThat(failures.problem(new RelayStoreException("change set a:1 is damaged", null))
                        .code())
                .isEqualTo("storage");
        assertThat(failures.problem(new SyncException.CannotWrite("full", null)).code())
                .isEqualTo("disk-full");
        assertThat(failures.problem(new SyncException.Locked("locked", null)).code())
                .isEqualTo("busy");

        assertThat(messages())
                .satisfiesExactly(
                        line -> assertThat(line).startsWith("file-busy requests=1 "),
                        line -> assertThat(line).isEqualTo("damaged requests=1 change set a:1 is damaged"),
                        line -> assertThat(line).startsWith("disk-full requests=1 "));
    }

    @Test
    void whatNobodyExpectedIsToldWithItsTraceOnceAMinute() {
        for (int i = 0; i < 3; i++) {
            assertThat(failures.problem(new IllegalStateException("a bug")).code())
                    .isEqualTo("internal");
            assertThat(failures.problem(refusing(SqlException.Kind.IO)).code()).isEqualTo("storage");
        }

        assertThat(messages()).containsExactly("failed requests=1", "failed requests=1");
        assertThat(lines.list)
                .allSatisfy(line -> assertThat(line.getThrowableProxy()).isNotNull());
    }

    @Test
    void whatClientsDoIsNoLine() {
        failures.problem(new Problem(400, "malformed", "No", "no"));
        failures.problem(new IOException("cut short"));

        assertThat(lines.list).isEmpty();
    }

    private List<String> messages() {
        return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    private static SqlException refusing(SqlException.Kind kind) {
        return new SqlException(kind, "refused", new RuntimeException());
    }
}
