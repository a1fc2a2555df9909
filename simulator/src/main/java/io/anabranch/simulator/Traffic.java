// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

/**
 * What has crossed the network of a world since it began.
 *
 * @param exchanges requests that were answered, each with its answer
 * @param bytes of both together, as they are before HTTP and TLS add their own
 */
public record Traffic(long exchanges, long bytes) {
    /** Returns what came since {@code before}. */
    public Traffic since(Traffic before) {
        return new Traffic(exchanges - before.exchanges, bytes - before.bytes);
    }
}
