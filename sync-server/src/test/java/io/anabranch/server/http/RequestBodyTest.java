// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.api.Test;

/** How fast a body has to come; its size is tested against a running relay. */
class RequestBodyTest {
    private static final long SECOND = 1_000_000_000L;

    private long now;
    private final RequestBody body = new RequestBody(1 << 20, 1_000, () -> now);

    @Test
    void aBodyThatIsJustFastEnoughIsRead() throws IOException {
        assertThat(body.read(arriving(30, 1_000))).hasSize(30_000);
    }

    @Test
    void aBodyThatIsJustTooSlowIsNot() {
        assertThatThrownBy(() -> body.read(arriving(1_000, 700)))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo("too-slow"));
    }

    @Test
    void theFirstTenSecondsDoNotCount() throws IOException {
        assertThat(body.read(arriving(10, 1))).hasSize(10);
    }

    @Test
    void afterElevenSecondsThereHasToBeWhatOneSecondBrings() throws IOException {
        assertThat(body.read(after(11, 1_001))).hasSize(1_001);
        assertThat(body.read(after(11, 1_000))).hasSize(1_000);
        assertThatThrownBy(() -> body.read(after(11, 999)))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo("too-slow"));
    }

    @Test
    void theSizeIsBounded() throws IOException {
        RequestBody small = new RequestBody(5, 1_000, () -> now);
        assertThat(small.read(after(0, 4))).hasSize(4);
        assertThat(small.read(after(0, 5))).hasSize(5);
        assertThatThrownBy(() -> small.read(after(0, 6)))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo("too-large"));
    }

    /** Returns what gives so many bytes at once, so many seconds late. */
    private InputStream after(int seconds, int bytes) {
        return new InputStream() {
            private boolean given;

            @Override
            public int read() {
                throw new AssertionError("read in chunks");
            }

            @Override
            public int read(byte[] target) {
                if (given) {
                    return -1;
                }
                given = true;
                now += seconds * SECOND;
                return bytes;
            }
        };
    }

    /** Returns what gives so many bytes each second, for so many seconds. */
    private InputStream arriving(int seconds, int bytes) {
        return new InputStream() {
            private int left = seconds;

            @Override
            public int read() {
                throw new AssertionError("read in chunks");
            }

            @Override
            public int read(byte[] target) {
                now += SECOND;
                return left-- > 0 ? bytes : -1;
            }
        };
    }
}
