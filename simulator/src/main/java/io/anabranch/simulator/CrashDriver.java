// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlDriver;
import java.nio.file.Path;
import java.util.Random;

/**
 * The driver of a process that can be ended at any moment, over real files: what {@code kill -9} does to a program, done to a
 * replica within this one. For demonstrations and tests. Thread-safe.
 *
 * <pre>{@code
 * CrashDriver driver = new CrashDriver();
 * Replica replica = Replica.open(file, new Surroundings(driver, place, clock, random));
 * driver.kill();                          // Whatever it was doing ends in a Crash.
 * driver.abandon(file, replica::close);   // The file is as the system finds it: the next open recovers it.
 * }</pre>
 */
public final class CrashDriver implements SqlDriver {
    private final FileDisk disk = new FileDisk();
    private final FaultyDriver process = new FaultyDriver(disk);

    @Override
    public SqlDatabase open(Path file, int busyTimeoutMillis) {
        return process.open(file, busyTimeoutMillis);
    }

    @Override
    public SqlDatabase openInMemory() {
        return process.openInMemory();
    }

    /** Ends the process: from now on every statement over its connections throws {@link Crash}. */
    public void kill() {
        process.kill();
    }

    /**
     * Closes the connections of a process that was killed, and leaves the file as the system finds it then: what was committed
     * is there, in a write-ahead log that nobody has folded in.
     *
     * @param close closes them; nobody may be using them, or have the file open otherwise
     */
    public void abandon(Path file, Runnable close) {
        Runnable closeAll = () -> {
            close.run();
            process.closeAll();
        };
        disk.abandon(file, process, new Random(0), closeAll); // Only a power cut leaves anything to chance.
    }
}
