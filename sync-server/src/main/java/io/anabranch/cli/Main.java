// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

/** The command line. Thin: everything it does, the library can do. */
public final class Main {
    private Main() {}

    public static void main(String[] args) {
        System.out.println("Usage: anabranch <command>");
    }
}
