// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who holds the write lock of an SQLite file, as far as the operating system says: Linux lists locks with their processes. Locks
 * are held on the file, or on the index of its write-ahead log beside it.
 */
final class LockHolders {
    /** What SQLite locks to write, in the index of the log and in the file itself. */
    private static final Set<String> WRITE_BYTES = Set.of("120", "1073741824", "1073741825");

    /** {@code 1: POSIX  ADVISORY  WRITE 4711 08:01:131 120 120}: kind, process, device and inode, first and last byte. */
    private static final Pattern LOCK =
            Pattern.compile(".*\\sWRITE\\s+(\\d+)\\s+[0-9a-f]+:[0-9a-f]+:(\\d+)\\s+(\\d+)\\s.*");

    private LockHolders() {}

    /** Returns the names and numbers of the processes, for people; empty if nothing is known. */
    static List<String> of(Path file) {
        List<String> holders = new ArrayList<>();
        try {
            Set<String> inodes = Set.of(inode(file), inode(file.resolveSibling(file.getFileName() + "-shm")));
            Set<Long> processes = new TreeSet<>();
            for (String line : Files.readAllLines(Paths.get("/proc/locks"))) {
                Matcher lock = LOCK.matcher(line);
                if (lock.matches()
                        && inodes.contains(String.valueOf(lock.group(2)))
                        && WRITE_BYTES.contains(String.valueOf(lock.group(3)))) {
                    processes.add(Long.parseLong(String.valueOf(lock.group(1))));
                }
            }
            for (long process : processes) {
                holders.add(name(process));
            }
        } catch (IOException | RuntimeException e) {
            return holders; // Not Linux, or not ours to see.
        }
        return holders;
    }

    private static String inode(Path file) throws IOException {
        return Files.exists(file) ? String.valueOf(Files.getAttribute(file, "unix:ino")) : "none of " + file;
    }

    private static String name(long process) throws IOException {
        Path folder = Paths.get("/proc/" + process);
        boolean isThis = Paths.get("/proc/self").toRealPath().equals(folder);
        String program = new String(Files.readAllBytes(folder.resolve("comm")), StandardCharsets.UTF_8).trim();
        return isThis ? "this process, on another connection" : program + " (process " + process + ")";
    }
}
