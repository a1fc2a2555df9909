// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

/** What a space takes up: how many change sets, their bytes, and those of snapshots. */
public record Usage(long changeSets, long logBytes, long snapshotBytes) {
    public long bytes() {
        return logBytes + snapshotBytes;
    }
}
