// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ClientAddressTest {
    private final ClientAddress addresses = new ClientAddress(List.of("10.0.0.1", "10.0.0.2"));

    @Test
    void withoutAProxyItIsTheOtherEndOfTheConnection() {
        assertThat(addresses.of("203.0.113.9", null)).isEqualTo("203.0.113.9");
    }

    @Test
    void whatAStrangerSaysOfItselfIsNotBelieved() {
        assertThat(addresses.of("203.0.113.9", "127.0.0.1")).isEqualTo("203.0.113.9");
    }

    @Test
    void aTrustedProxySaysWhomItSaw() {
        assertThat(addresses.of("10.0.0.1", "203.0.113.9")).isEqualTo("203.0.113.9");
        assertThat(addresses.of("10.0.0.1", "127.0.0.1, 203.0.113.9")).isEqualTo("203.0.113.9");
    }

    @Test
    void aChainOfTrustedProxiesIsFollowedAndNoFurther() {
        assertThat(addresses.of("10.0.0.1", "198.51.100.7, 203.0.113.9, 10.0.0.2"))
                .isEqualTo("203.0.113.9");
    }
}
