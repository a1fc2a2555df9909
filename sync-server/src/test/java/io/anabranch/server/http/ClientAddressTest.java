// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ClientAddressTest {
    private final ClientAddress addresses = trusting("10.0.0.1", "10.0.0.2", "::1");

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

    /** One line of a home or a server has at least 2^64 of them. */
    @Test
    void ofIpv6TheNetworkOf64BitsCounts() {
        assertThat(addresses.of("2001:db8:7:8::1", null))
                .isEqualTo(addresses.of("[2001:db8:7:8:ffff:ffff:ffff:ffff]", null))
                .isNotEqualTo(addresses.of("2001:db8:7:9::1", null));
        assertThat(addresses.of("10.0.0.1", "2001:db8:7:8::1"))
                .isEqualTo(addresses.of("2001:db8:7:8::2%eth0", null))
                .isEqualTo("2001:db8:7:8:0:0:0:0/64");
    }

    @Test
    void anAddressIsTheSameHoweverItIsSpelled() {
        assertThat(addresses.of("[0:0:0:0:0:0:0:1]", "203.0.113.9")).isEqualTo("203.0.113.9");
        assertThat(addresses.of("::ffff:10.0.0.1", "203.0.113.9")).isEqualTo("203.0.113.9");
    }

    /** Some proxies write the port too, which is another one for each connection. */
    @Test
    void aPortIsNoPartOfAnAddress() {
        assertThat(addresses.of("10.0.0.1", "203.0.113.9:4711")).isEqualTo("203.0.113.9");
        assertThat(addresses.of("10.0.0.1", "[2001:db8::1]:4711")).isEqualTo(addresses.of("2001:db8::1", null));
    }

    @Test
    void whatIsNoAddressCountsAsTheProxyThatWroteIt() {
        for (String hop :
                List.of("unknown", "", "_hidden", "abc", "1.2.3", "010.0.0.9", "256.1.1.1", "x".repeat(9_000))) {
            assertThat(addresses.of("10.0.0.1", "203.0.113.9, " + hop)).as(hop).isEqualTo("10.0.0.1");
        }
    }

    private static ClientAddress trusting(String... proxies) {
        return new ClientAddress(Stream.of(proxies).map(IpAddress::of).collect(Collectors.toList()));
    }
}
