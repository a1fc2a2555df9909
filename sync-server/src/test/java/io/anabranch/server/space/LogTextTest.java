// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.space;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LogTextTest {
    @Test
    void whatOthersChoseStaysInItsQuotes() {
        assertThat(LogText.quoted("Lager / S\u00fcd \ud83d\ude80")).isEqualTo("\"Lager / S\u00fcd \ud83d\ude80\"");
        assertThat(LogText.quoted("x\" outcome=\"Settled")).isEqualTo("\"x\\\" outcome=\\\"Settled\"");
        assertThat(LogText.quoted("a\\")).isEqualTo("\"a\\\\\"");
    }

    @Test
    void noLineIsEndedAndNothingIsTurnedRound() {
        assertThat(LogText.quoted("a\nb\r\tc\u0085d\u2028e\u2029f\u001b[2J")).isEqualTo("\"a?b??c?d?e?f?[2J\"");
        assertThat(LogText.quoted("\u202egnp.exe\ud800")).isEqualTo("\"?gnp.exe?\"");
    }

    @Test
    void whatIsTooLongIsCut() {
        assertThat(LogText.quoted("x".repeat(10_000))).hasSize(502);
    }
}
