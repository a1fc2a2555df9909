// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

/** Lower-case hexadecimal. */
public final class Hex {
    private static final char[] DIGITS = "0123456789abcdef".toCharArray();

    private Hex() {}

    public static String of(byte[] bytes) {
        char[] hex = new char[2 * bytes.length];
        for (int i = 0; i < bytes.length; i++) {
            hex[2 * i] = DIGITS[bytes[i] >> 4 & 15];
            hex[2 * i + 1] = DIGITS[bytes[i] & 15];
        }
        return new String(hex);
    }
}
