// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

/** Nothing can listen where it should. The message is a sentence for people. */
public final class PortException extends RuntimeException {
    private static final long serialVersionUID = 1;

    PortException(String message, Throwable cause) {
        super(message, cause);
    }
}
