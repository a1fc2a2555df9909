// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.sql.SqlDriver;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.ReplicaFile;
import io.anabranch.sync.store.log.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Joining a snapshot and beginning anew, when the process dies at any statement, or the power goes while the file is written:
 * the file is as it was or as it is to be, and goes on from there. Tries some thirty statements of each, and all of them with
 * {@code -Danabranch.long=true}.
 */
class CrashTest {
    private static final int POINTS = 30;

    @TempDir
    Path folder;

    private World world;
    private TestReplica a;
    private TestReplica b;

    @BeforeEach
    void world() {
        world = new World(folder);
        a = world.replica("a");
        a.sql("CREATE TABLE item(id TEXT PRIMARY KEY, title TEXT, stock INTEGER)");
        a.enrol("item", TableRules.defaults().counter("stock"));
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 5), ('pot', 'Pot', 7)");
        b = world.replica("b");
        world.settle(a, b);
    }

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void aForkedFileThatDiesWhileItBeginsAnewIsAsItWasOrWhole() throws IOException {
        Path path = folder.resolve("a.db");
        a.sql("PRAGMA wal_checkpoint(TRUNCATE)");
        a.close();
        Image machine = Image.of(path, folder.resolve("state"));
        a = world.replica("a");
        a.sql("UPDATE item SET stock = stock - 1, title = 'of a' WHERE id = 'cup'");
        world.settle(a, b);
        a.close();
        b.file().compact();
        b.sql("INSERT INTO item VALUES ('jar', 'Jar', 3)");
        b.seal();
        machine.putBack();
        try (ReplicaFile file = open(path, new JdbcDriver())) {
            file.transaction(db -> db.execute("UPDATE item SET stock = stock - 2 WHERE id = 'cup'"));
            file.transaction(db -> db.execute("INSERT INTO item VALUES ('pan', 'Pan', 1)"));
        }
        Snapshot.Id id = b.snapshotFor(VersionVector.EMPTY);
        byte[] snapshot = b.file().readSnapshot(id, 0, Integer.MAX_VALUE);
        List<EncodedChangeSet> tail = b.changeSets();

        tryEverywhere(
                path,
                file -> {
                    int at = (int) file.receivedOf(id);
                    file.freshBeginning().stage(id, at, Arrays.copyOfRange(snapshot, at, snapshot.length));
                    file.freshBeginning().from(List.of(id), tail, VersionVector.EMPTY, VersionVector.EMPTY);
                },
                "[cup|Cup|3, pan|Pan|1, pot|Pot|7]",
                "[cup|of a|2, jar|Jar|3, pan|Pan|1, pot|Pot|7]");
    }

    @Test
    void aFileThatDiesWhileItJoinsASnapshotIsAsItWasOrWhole() throws IOException {
        TestReplica c = world.replica("other");
        world.settle(a, c);
        c.sql("UPDATE item SET stock = stock + 10, title = 'Mine' WHERE id = 'cup'");
        c.sql("DELETE FROM item WHERE id = 'pot'");
        c.seal();
        c.sql("PRAGMA wal_checkpoint(TRUNCATE)");
        c.close();
        b.sql("UPDATE item SET stock = stock - 1 WHERE id = 'cup'");
        b.sql("INSERT INTO item VALUES ('jar', 'Jar', 3)");
        b.file().compact();
        Snapshot.Id id = b.snapshotFor(VersionVector.EMPTY);
        byte[] snapshot = b.file().readSnapshot(id, 0, Integer.MAX_VALUE);

        tryEverywhere(
                folder.resolve("other.db"),
                file -> {
                    // All bytes may be here, and nothing joined yet.
                    int first = (int) Math.min(file.receivedOf(id), snapshot.length - 1);
                    for (int at = first; at < snapshot.length; at += 400) {
                        int end = Math.min(snapshot.length, at + 400);
                        file.receive(id, at, Arrays.copyOfRange(snapshot, at, end));
                    }
                },
                "[cup|Mine|15]",
                "[cup|Mine|14, jar|Jar|3]");
    }

    /** The log in which SQLite writes ahead ends where a power cut may end it: a commit is in it whole, or not at all. */
    @Test
    void aPowerCutWhileASnapshotIsJoinedTakesItBackWhole() throws IOException {
        b.file().compact();
        Snapshot.Id id = b.snapshotFor(VersionVector.EMPTY);
        byte[] snapshot = b.file().readSnapshot(id, 0, Integer.MAX_VALUE);
        Path path = folder.resolve("new.db");
        Path wal = folder.resolve("new.db-wal");
        world.replica("new").close();
        byte[] main = Files.readAllBytes(path);
        byte[] written;
        try (ReplicaFile file = open(path, new JdbcDriver())) {
            file.receive(id, 0, snapshot);
            assertThat(Files.readAllBytes(path))
                    .as("nothing is checkpointed yet")
                    .isEqualTo(main);
            written = Files.readAllBytes(wal);
        }
        List<String> seen = new ArrayList<>();
        for (int cut = 0; cut <= POINTS; cut++) {
            Files.deleteIfExists(folder.resolve("new.db-shm"));
            Files.write(path, main);
            Files.write(wal, Arrays.copyOf(written, written.length - cut * (written.length / POINTS)));
            try (ReplicaFile file = open(path, new JdbcDriver())) {
                seen.add(look(file));
                int at = (int) Math.min(file.receivedOf(id), snapshot.length - 1);
                file.receive(id, at, Arrays.copyOfRange(snapshot, at, snapshot.length));
                assertThat(file.verify().problems()).isEmpty();
                assertThat(look(file)).isEqualTo("[cup|Cup|5, pot|Pot|7]");
            }
        }
        assertThat(seen).contains("[]", "[cup|Cup|5, pot|Pot|7]").containsOnly("[]", "[cup|Cup|5, pot|Pot|7]");
    }

    // ---- Dying

    /** Lets the process die at one statement after the other, and looks each time at what the next one finds. */
    private void tryEverywhere(Path path, Consumer<ReplicaFile> work, String before, String after) throws IOException {
        Image image = Image.of(path, folder.resolve("state"));
        long statements;
        try (CrashingDriver driver = new CrashingDriver();
                ReplicaFile file = open(path, driver)) {
            assertThat(look(file)).isEqualTo(before);
            work.accept(file);
            statements = driver.run();
            assertThat(look(file)).isEqualTo(after);
        }
        long step = Boolean.getBoolean("anabranch.long") ? 1 : Math.max(1, statements / POINTS);
        List<String> seen = new ArrayList<>();
        for (long at = 0; at < statements; at += step) {
            image.putBack();
            die(path, work, at);
            try (ReplicaFile file = open(path, new JdbcDriver())) {
                seen.add(look(file));
                assertThat(file.verify().problems()).as("after dying at %s", at).isEmpty();
                if (look(file).equals(before)) {
                    work.accept(file);
                }
                assertThat(look(file)).as("after dying at %s", at).isEqualTo(after);
                assertThat(file.verify().problems()).isEmpty();
            }
        }
        assertThat(seen).contains(before).isSubsetOf(before, after);
    }

    private void die(Path path, Consumer<ReplicaFile> work, long at) {
        try (CrashingDriver driver = new CrashingDriver()) {
            driver.dieAfter(at);
            work.accept(open(path, driver));
        } catch (CrashingDriver.Crash died) {
            assertThat(died).hasMessageStartingWith("died");
        }
    }

    private ReplicaFile open(Path path, SqlDriver driver) {
        return ReplicaFile.open(path, null, driver, new Place(folder.resolve("state")), world::now, new Random(5));
    }

    /** Returns the rows of the table, none if there is no table. */
    private static String look(ReplicaFile file) {
        List<String> rows = new ArrayList<>();
        file.reading(db -> {
            if (db.queryLong("SELECT count(*) FROM sqlite_master WHERE name = 'item'") > 0) {
                SqlStatement query = db.prepare("SELECT id || '|' || title || '|' || stock FROM item ORDER BY id");
                while (query.step()) {
                    rows.add(String.valueOf(query.getText(0)));
                }
            }
        });
        return rows.toString();
    }

    /** A file and what is remembered of it beside it, as of one moment: what a snapshot of the whole machine puts back. */
    private record Image(Path path, byte[] bytes, Map<Path, byte[]> state) {
        static Image of(Path path, Path folder) throws IOException {
            Map<Path, byte[]> state = new HashMap<>();
            try (Stream<Path> files = Files.list(folder)) {
                for (Path each : files.toList()) {
                    state.put(each, Files.readAllBytes(each));
                }
            }
            return new Image(path, Files.readAllBytes(path), state);
        }

        /** Writes over what is there, so that it stays the same file. */
        void putBack() throws IOException {
            Files.deleteIfExists(path.resolveSibling(path.getFileName() + "-wal"));
            Files.deleteIfExists(path.resolveSibling(path.getFileName() + "-shm"));
            Files.write(path, bytes);
            for (Map.Entry<Path, byte[]> each : state.entrySet()) {
                Files.write(each.getKey(), each.getValue());
            }
        }
    }
}
