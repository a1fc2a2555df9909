// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

/** A command that could not do what it was asked. The message says what failed, why, and what to do now. */
final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1;

    Failure(String message) {
        super(message);
    }
}
