// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** A file that is open and in use, as its disk has it. Each question costs a call of the system. Thread-safe. */
public final class DataFile {
    private final Path path;
    /** What the system tells files apart by, wherever they are; null where it does not. */
    private final @Nullable Object key;

    private DataFile(Path path, @Nullable Object key) {
        this.path = path;
        this.key = key;
    }

    /** Notes which file is at {@code path} now. */
    public static DataFile at(Path path) {
        return new DataFile(path, key(path));
    }

    private static @Nullable Object key(Path path) {
        try {
            return Files.readAttributes(path, BasicFileAttributes.class).fileKey();
        } catch (IOException e) {
            return null;
        }
    }

    public Path path() {
        return path;
    }

    /** Returns its size; 0 if it cannot be told. */
    public long sizeBytes() {
        try {
            return Files.size(path);
        } catch (IOException e) {
            return 0;
        }
    }

    /** Returns how much room its disk has. */
    public long freeDiskBytes() {
        try {
            return Files.getFileStore(path).getUsableSpace();
        } catch (IOException e) {
            return Long.MAX_VALUE; // Not known is not low.
        }
    }

    /**
     * Returns whether it is still there. One that was moved away, deleted, or replaced by a backup is written to as before, by those who have it
     * open, and nobody will find it again.
     */
    public boolean isInPlace() {
        return key == null || key.equals(key(path));
    }
}
