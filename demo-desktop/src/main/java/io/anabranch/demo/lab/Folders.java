// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Folders that something is kept in, and what is in the way, in a sentence. */
public final class Folders {
    private Folders() {}

    /** A folder cannot be written. The message is a sentence for people. */
    public static final class FolderException extends RuntimeException {
        private static final long serialVersionUID = 1;

        FolderException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /**
     * Makes a folder unless it is there, and tries whether it can be written.
     *
     * @param what is to be kept there
     * @param instead what to do if it cannot be, as a sentence
     * @throws FolderException if it cannot be written
     */
    public static void prepare(Path folder, String what, String instead) {
        try {
            Files.createDirectories(folder);
            Files.delete(Files.createTempFile(folder, "try", ".tmp"));
        } catch (IOException e) {
            throw new FolderException(what + " cannot be kept in " + folder + ": " + inWords(e) + ". " + instead, e);
        }
    }

    private static String inWords(IOException e) {
        if (e instanceof FileAlreadyExistsException exists) {
            return exists.getFile() + " is a file, not a folder";
        }
        if (e instanceof AccessDeniedException denied) {
            return denied.getFile() + " may not be written";
        }
        if (e instanceof FileSystemException other) {
            return other.getReason() != null
                    ? other.getFile() + ": " + other.getReason()
                    : other.getFile() + " cannot be made";
        }
        return String.valueOf(e.getMessage());
    }

    /**
     * Makes a folder for files that are not kept.
     *
     * @throws FolderException if there is no room for it
     */
    public static Path temporary(String name) {
        try {
            return Files.createTempDirectory(name);
        } catch (IOException e) {
            throw new FolderException(
                    "There is no room for temporary files: " + inWords(e) + ". Choose a folder with --data.", e);
        }
    }

    /** Deletes a folder with all that is in it. */
    public static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + folder, e);
        }
    }

    /** Deletes a file of SQLite's, with those that SQLite keeps beside it. */
    static void deleteDatabase(Path file) {
        try {
            for (String suffix : List.of("", "-wal", "-shm")) {
                Files.deleteIfExists(file.resolveSibling(file.getFileName() + suffix));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + file, e);
        }
    }
}
