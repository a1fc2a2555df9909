// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.sync.sql.SqlDriver;
import java.nio.file.Path;
import java.util.Random;

/** Where the files of a world are: in a folder, or in memory. */
interface Disk extends AutoCloseable {
    SqlDriver driver();

    /** Returns what {@code file} holds at this moment. Connections to it may be open, also within a transaction. */
    Image save(Path file);

    /** Makes {@code file}, which nobody has open, hold what {@code image} does. It stays the same file to the system. */
    void put(Path file, Image image);

    /**
     * Closes the connections that a dead process had to {@code file}, and leaves the file as the system finds it then: the
     * write-ahead log still there, after a power cut perhaps without its end.
     */
    void abandon(Path file, FaultyDriver driver, Random random, Runnable close);

    @Override
    void close();

    /** What a file held at one moment. Of use only to the disk that it came from. */
    interface Image {}
}
