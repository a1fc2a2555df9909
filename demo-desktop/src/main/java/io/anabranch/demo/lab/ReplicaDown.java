// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

/** A replica was asked for something while its process was down. The message is a sentence for people. */
public final class ReplicaDown extends RuntimeException {
    private static final long serialVersionUID = 1;

    ReplicaDown(String message) {
        super(message);
    }
}
