// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Who of this process writes to a file next: first come, first served. SQLite's own lock is whoever's asks at the right
 * moment, and a waiting connection asks ever more seldom, so one that writes slice after slice would shut it out. Thread-safe.
 */
final class WriteTurns {
    /** One for each file that was ever open, which a process has few of. */
    private static final ConcurrentMap<Path, WriteTurns> OF_FILES = new ConcurrentHashMap<>();

    private final ReentrantLock lock = new ReentrantLock(true);

    static WriteTurns of(Path file) {
        Path real;
        try {
            real = file.toRealPath();
        } catch (IOException e) {
            real = file.toAbsolutePath().normalize();
        }
        return OF_FILES.computeIfAbsent(real, path -> new WriteTurns());
    }

    /** Waits for a turn. Returns false if none came in time. */
    boolean begin(long timeoutMillis) {
        try {
            return lock.tryLock(timeoutMillis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    void end() {
        lock.unlock();
    }

    /** Returns whether anybody waits. */
    boolean isAwaited() {
        return lock.hasQueuedThreads();
    }
}
