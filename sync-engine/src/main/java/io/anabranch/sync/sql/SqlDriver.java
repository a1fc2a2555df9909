// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.sql;

import java.nio.file.Path;

/** Opens connections. One per platform. Thread-safe. */
public interface SqlDriver {
    /** Opens a file, creating it if it is missing. Waits for locks up to {@code busyTimeoutMillis}. */
    SqlDatabase open(Path file, int busyTimeoutMillis);

    /**
     * Opens a file that is only to be read, where neither it nor its folder may be writable. Whatever else opens it meanwhile
     * may go unnoticed there.
     */
    default SqlDatabase openToRead(Path file, int busyTimeoutMillis) {
        return open(file, busyTimeoutMillis);
    }

    /** Opens an empty database in memory, gone when it is closed. */
    SqlDatabase openInMemory();
}
