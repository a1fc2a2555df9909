// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** Files that hold what others must not read: SQLite gives to what it keeps beside a file the permissions of that file. */
final class PrivateFile {
    private PrivateFile() {}

    /**
     * Makes an empty file that only its owner reads and writes, where the system knows of owners. Does nothing if there is
     * one already, or none can be made: whoever opens it says why.
     */
    static void make(Path file) {
        try {
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        } catch (IOException | UnsupportedOperationException e) {
            // As above.
        }
    }
}
