// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

/** What a network does to what it carries, decided message by message. */
interface Weather {
    /** Nothing is lost, and nothing takes time. */
    Weather FAIR = new Weather() {};

    default boolean losesRequest(Node from, Node to) {
        return false;
    }

    default boolean losesReply(Node from, Node to) {
        return false;
    }

    /** Whether a request that is lost arrives after all, later. */
    default boolean comesLate() {
        return false;
    }

    /** Whether a request arrives once more, later. */
    default boolean duplicates() {
        return false;
    }

    default long delayMillis() {
        return 0;
    }

    /** Returns the bytes that arrive. */
    default byte[] damage(byte[] message) {
        return message;
    }

    /** Called while a message is under way: others may act. Returns whether they did. */
    default boolean meanwhile(Node from, Node to) {
        return false;
    }
}
