// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import java.nio.ByteBuffer;

/**
 * What has to be known of SQLite's write-ahead log to cut it: a header of 32 bytes, then frames of 24 bytes and a page each. A
 * frame counts if its salts are the header's; it ends a commit if the size of the database in it is not zero.
 */
final class WalFile {
    private static final int HEADER_BYTES = 32;
    private static final int FRAME_HEADER_BYTES = 24;

    private WalFile() {}

    /** Returns how many bytes from the front hold whole commits. */
    static int endOfLastCommit(byte[] log) {
        if (log.length < HEADER_BYTES) {
            return 0;
        }
        ByteBuffer bytes = ByteBuffer.wrap(log);
        int frameBytes = FRAME_HEADER_BYTES + bytes.getInt(8);
        long salts = bytes.getLong(16);
        int end = 0;
        for (int frame = HEADER_BYTES; frame + frameBytes <= log.length; frame += frameBytes) {
            if (bytes.getLong(frame + 8) != salts) {
                break;
            }
            if (bytes.getInt(frame + 4) != 0) {
                end = frame + frameBytes;
            }
        }
        return end;
    }
}
