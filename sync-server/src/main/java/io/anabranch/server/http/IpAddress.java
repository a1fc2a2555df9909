// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The address of one machine, however it was spelled: {@code ::1} and {@code [0:0:0:0:0:0:0:1]} are equal, and so are {@code
 * 192.0.2.1} and {@code ::ffff:192.0.2.1}. Immutable.
 */
public final class IpAddress {
    /** A byte without leading zeros: {@code 010} is 10 to some and 8 to others. */
    private static final String BYTE = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";

    private static final String V4 = "(?:" + BYTE + "\\.){3}" + BYTE;
    private static final Pattern FORM =
            Pattern.compile("(" + V4 + ")(?::[0-9]{1,5})?|\\[([0-9a-fA-F:.]{2,45})(?:%[^\\]]{0,30})?\\](?::[0-9]{1,5})?"
                    + "|([0-9a-fA-F:.]{2,45})(?:%.{0,30})?");
    /** What one holder of IPv6 addresses has of them, at the least. */
    private static final int NETWORK_BYTES = 8;

    private final InetAddress address;

    private IpAddress(InetAddress address) {
        this.address = address;
    }

    /**
     * Returns what {@code text} names.
     *
     * @throws IllegalArgumentException if it is no address
     */
    public static IpAddress of(String text) {
        IpAddress address = parse(text);
        if (address == null) {
            throw new IllegalArgumentException("'" + text + "' is no IP address, such as 10.0.0.1");
        }
        return address;
    }

    /** Returns what {@code text} names, a port or zone left out; null if it is no address. Asks no name server. */
    static @Nullable IpAddress parse(String text) {
        Matcher form = FORM.matcher(text.strip());
        if (!form.matches()) {
            return null;
        }
        String v4 = form.group(1);
        String v6 = form.group(2) == null ? form.group(3) : form.group(2);
        try {
            // Brackets keep a name from being looked up.
            return new IpAddress(InetAddress.getByName(v4 == null ? "[" + v6 + "]" : v4));
        } catch (UnknownHostException e) {
            return null;
        }
    }

    /** Returns whether it leads to the machine itself. */
    boolean isLoopback() {
        return address.isLoopbackAddress();
    }

    /** Returns a name for all the addresses that one client is taken to have: itself, of IPv4; its /64 network, of IPv6. */
    String network() {
        if (address instanceof Inet4Address) {
            return address.getHostAddress();
        }
        try {
            byte[] network = Arrays.copyOf(Arrays.copyOf(address.getAddress(), NETWORK_BYTES), 2 * NETWORK_BYTES);
            return InetAddress.getByAddress(network).getHostAddress() + "/64";
        } catch (UnknownHostException e) {
            throw new AssertionError("an address of 16 bytes", e);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof IpAddress that && address.equals(that.address);
    }

    @Override
    public int hashCode() {
        return address.hashCode();
    }
}
