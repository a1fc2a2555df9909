// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import org.junit.jupiter.api.Test;

class LwwRegisterTest {
    private static final Dot A1 = new Dot(Origin.of(0, 1), 1);
    private static final Dot B1 = new Dot(Origin.of(0, 2), 1);

    @Test
    void equalTimesGoToTheHigherOriginWhateverTheValues() {
        LwwRegister<String> a = new LwwRegister<>(A1, 7, "z");
        LwwRegister<String> b = new LwwRegister<>(B1, 7, "a");

        assertThat(a.merge(b).value()).isEqualTo("a");
        assertThat(b.merge(a).value()).isEqualTo("a");
    }

    @Test
    void aWriteThatSawAValueBeatsItUnderAnyClock() {
        LwwRegister<String> future = new LwwRegister<>(B1, 2036, "future");

        assertThat(future.write(A1, 7, "now").merge(future).value()).isEqualTo("now");
    }

    @Test
    void ranksHaveBounds() {
        assertThatThrownBy(() -> new LwwRegister<>(A1, -1, "x")).hasMessage("rank < 0: -1");
        assertThatThrownBy(() -> new LwwRegister<>(A1, Long.MAX_VALUE, "x").write(B1, 7, "y"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no rank is left");
    }
}
