// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.apply;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TogetherTest {
    private final Together together = new Together();

    @Test
    void theFirstTransactionTakesOneSlice() {
        assertThat(together.most()).isEqualTo(1);
    }

    @Test
    void whileCommitsAreQuickTwiceAsManyFollow() {
        together.took(1, 2);
        assertThat(together.most()).isEqualTo(2);
        together.took(2, 12);
        assertThat(together.most()).isEqualTo(4);
    }

    @Test
    void nearTheBoundOneMoreFollows() {
        together.took(4, 13);
        assertThat(together.most()).isEqualTo(5);
        together.took(5, 24);
        assertThat(together.most()).isEqualTo(6);
    }

    @Test
    void beyondTheBoundSoManyFollowAsWouldHaveKeptIt() {
        together.took(6, 50);
        assertThat(together.most()).isEqualTo(3);
        together.took(3, 1_000);
        assertThat(together.most()).isEqualTo(1);
    }

    @Test
    void neverMoreThanAboutTenThousandRows() {
        together.took(12, 0);
        assertThat(together.most()).isEqualTo(12);
    }

    @Test
    void aClockThatWasPutBackDoesNoHarm() {
        together.took(2, -3_600_000);
        assertThat(together.most()).isEqualTo(4);
    }
}
