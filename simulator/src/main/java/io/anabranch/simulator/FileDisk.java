// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.sql.SqlDriver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/** Real files: the database and its write-ahead log. */
final class FileDisk implements Disk {
    private final SqlDriver driver = new JdbcDriver();

    @Override
    public SqlDriver driver() {
        return driver;
    }

    @Override
    public Bytes save(Path file) {
        return new Bytes(read(file), read(log(file)));
    }

    @Override
    public void put(Path file, Image image) {
        Bytes files = (Bytes) image;
        try {
            Files.deleteIfExists(sibling(file, "-shm"));
            Files.deleteIfExists(log(file));
            Files.write(file, files.main); // In place: the inode, by which a copy is known, stays.
            if (files.log.length > 0) {
                Files.write(log(file), files.log);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    @Override
    public void abandon(Path file, FaultyDriver driver, Random random, Runnable close) {
        Bytes left = save(file);
        FaultyDriver.PowerCut cut = driver.powerCut();
        close.run(); // Would checkpoint the log, which a dead process does not.
        put(file, cut == null ? left : cut((Bytes) cut.before(), (Bytes) cut.after(), random));
    }

    /**
     * Returns what a power cut may leave of {@code written}: the log cut at any byte after the last commit in {@code synced}.
     * What is checkpointed was synced too.
     */
    private static Bytes cut(Bytes synced, Bytes written, Random random) {
        int from = WalFile.endOfLastCommit(synced.log);
        boolean isSameLog = written.log.length >= from
                && Arrays.equals(synced.log, 0, from, written.log, 0, from)
                && Arrays.equals(synced.main, written.main);
        if (!isSameLog) {
            return written; // A checkpoint came between, and that syncs.
        }
        int end = from + random.nextInt(written.log.length - from + 1);
        return new Bytes(written.main, Arrays.copyOf(written.log, end));
    }

    private static byte[] read(Path file) {
        try {
            return Files.exists(file) ? Files.readAllBytes(file) : new byte[0];
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }

    private static Path log(Path file) {
        return sibling(file, "-wal");
    }

    private static Path sibling(Path file, String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }

    @Override
    public void close() {}

    /** The bytes of both. */
    private static final class Bytes implements Image {
        private final byte[] main;
        private final byte[] log;

        Bytes(byte[] main, byte[] log) {
            this.main = main;
            this.log = log;
        }
    }
}
