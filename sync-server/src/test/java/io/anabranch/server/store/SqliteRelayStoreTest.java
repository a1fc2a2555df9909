// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.server.space.RelaySpace;
import io.anabranch.server.space.RelaySpaces;
import io.anabranch.server.space.Retention;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.ChangeSets;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.session.DigestPost;
import io.anabranch.sync.sql.SqlDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class SqliteRelayStoreTest extends RelayStoreTest {
    @TempDir
    Path folder;

    @Override
    public RelayStore open() {
        return open(folder.resolve("relay.db"));
    }

    private static RelayStore open(Path file) {
        return SqliteRelayStore.open(new JdbcDriver(), file);
    }

    @Test
    void aFileThatIsNotSqliteIsLeftAsItIs() throws IOException {
        Path file = folder.resolve("letter.txt");
        Files.writeString(file, "Dear relay, ".repeat(200));

        assertThatThrownBy(() -> open(file))
                .isInstanceOf(RelayStoreException.class)
                .hasMessageContaining("it is not an SQLite file");
        assertThat(file).hasContent("Dear relay, ".repeat(200));
    }

    @Test
    void aFileOfSomethingElseIsLeftAsItIs() throws IOException {
        Path file = folder.resolve("app.db");
        execute(file, "CREATE TABLE note (id INTEGER PRIMARY KEY)");
        byte[] before = Files.readAllBytes(file);

        assertThatThrownBy(() -> open(file))
                .isInstanceOf(RelayStoreException.class)
                .hasMessageContaining("it is an SQLite file of something else");
        assertThat(file).hasBinaryContent(before);
    }

    @Test
    void aFileOfANewerVersionIsLeftAsItIs() throws IOException {
        Path file = folder.resolve("newer.db");
        open(file).close();
        execute(file, "PRAGMA user_version = 4");
        byte[] before = Files.readAllBytes(file);

        assertThatThrownBy(() -> open(file))
                .isInstanceOf(RelayStoreException.class)
                .hasMessageContaining("its format is 4 and this version knows 3 at most");
        assertThat(file).hasBinaryContent(before);
    }

    @Test
    void aFileOfTheFirstFormatIsRenewedWithAllThatIsInIt() {
        Path file = folder.resolve("first.db");
        ChangeSets ann = ChangeSets.of(1);
        try (RelayStore store = open(file)) {
            space(store).accept(List.of(ann.write("a1"), ann.write("a2")));
        }
        for (String statement : List.of(
                "DROP TABLE blob",
                "DROP TABLE post",
                "ALTER TABLE space DROP COLUMN record",
                "ALTER TABLE space DROP COLUMN snapshot_bytes",
                "CREATE INDEX log_by_arrival ON log (space, lsn, origin, seq)",
                "PRAGMA user_version = 1")) {
            execute(file, statement);
        }

        try (RelayStore store = open(file)) {
            assertThat(space(store).heads().get(ann.origin())).isEqualTo(ann.head());
            assertThat(space(store).accept(List.of(ann.write("a3")))).isEqualTo(new Admission.Next());
            SpaceStore kept = store.space("shop");
            assertThat(kept.replace(
                            SpaceRecord.EMPTY,
                            SpaceRecord.EMPTY.withFloor(space(store).heads().vector())))
                    .isTrue();
            assertThat(kept.usage().changeSets()).isEqualTo(3);
        }
    }

    @Test
    void aFileOfTheSecondFormatIsRenewedToo() {
        Path file = folder.resolve("second.db");
        ChangeSets ann = ChangeSets.of(1);
        try (RelayStore store = open(file)) {
            space(store).accept(List.of(ann.write("a1")));
        }
        execute(file, "DROP TABLE post");
        execute(file, "PRAGMA user_version = 2");

        try (RelayStore store = open(file)) {
            assertThat(space(store).heads().get(ann.origin())).isEqualTo(ann.head());
            assertThat(store.space("shop").posts(Hash128.ZERO)).isEmpty();
        }
    }

    @Test
    void ofVeryManyReplicasTheOldestWordsAreForgotten() {
        try (RelayStore store = open(folder.resolve("posts.db"))) {
            SpaceStore kept = store.space("shop");
            DigestPost post = new DigestPost(Hash128.ZERO, new TreeMap<>());
            store.space("other").putPost(Origin.of(9, 9), Hash128.ZERO, post);
            for (int i = 0; i < SpaceStore.MOST_POSTS + 2; i++) {
                kept.putPost(Origin.of(1, i), Hash128.ZERO, post);
            }
            assertThat(kept.posts(Hash128.ZERO)).hasSize(SpaceStore.MOST_POSTS);
            assertThat(kept.posts(Hash128.ZERO).get(0).origin()).isEqualTo(Origin.of(1, 2));
            assertThat(store.space("other").posts(Hash128.ZERO)).hasSize(1);
        }
    }

    @Test
    void aFolderThatIsMissingIsNamed() {
        assertThatThrownBy(() -> open(folder.resolve("missing/relay.db")))
                .isInstanceOf(RelayStoreException.class)
                .hasMessageContaining("missing");
    }

    /** CouchDB's class of CVE-2016-8742: what is installed can be read or changed by every user of the machine. */
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void aFileThatIsMadeIsForItsOwnerAlone() throws IOException {
        Path file = folder.resolve("mine.db");
        Path copy = folder.resolve("copy.db");
        try (RelayStore store = open(file)) {
            space(store).accept(List.of(ChangeSets.of(1).write("a1")));
            RelayBackup.copy(new JdbcDriver(), file, copy);
            for (String name : List.of("mine.db", "mine.db-wal", "mine.db-shm", "copy.db")) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(name))))
                        .as(name)
                        .isEqualTo("rw-------");
            }
        }
    }

    @Test
    void twoRelaysMayShareAFile() {
        ChangeSets ann = ChangeSets.of(1);
        try (RelayStore one = open(folder.resolve("shared.db"));
                RelayStore two = open(folder.resolve("shared.db"))) {
            space(one).accept(List.of(ann.write("a1")));

            assertThat(two.space("shop").epoch()).isEqualTo(one.space("shop").epoch());
            assertThat(space(two).accept(List.of(ann.write("a2")))).isEqualTo(new Admission.Next());
            assertThat(space(one).heads().get(ann.origin())).isEqualTo(ann.head());
        }
    }

    @Test
    void manyWritersAtOnceAllGetIn() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try (RelayStore store = open(folder.resolve("busy.db"))) {
            RelaySpace space = space(store);
            List<Callable<Admission>> writers = IntStream.rangeClosed(1, 8)
                    .mapToObj(n -> (Callable<Admission>) () -> writeTwenty(space, ChangeSets.of(n)))
                    .toList();
            for (Future<Admission> writer : threads.invokeAll(writers)) {
                assertThat(writer.get()).isEqualTo(new Admission.Next());
            }
            assertThat(space.heads().entries().values())
                    .hasSize(8)
                    .allSatisfy(head -> assertThat(head.seq()).isEqualTo(20));
        } finally {
            threads.shutdownNow();
        }
    }

    private static Admission writeTwenty(RelaySpace space, ChangeSets writer) {
        Admission last = new Admission.Next();
        for (int i = 0; i < 20 && last instanceof Admission.Next; i++) {
            last = space.accept(List.of(writer.write("note " + i)));
            space.heads();
        }
        return last;
    }

    private static RelaySpace space(RelayStore store) {
        return new RelaySpaces(store, Retention.DEFAULT).space("shop");
    }

    private static void execute(Path file, String sql) {
        try (SqlDatabase database = new JdbcDriver().open(file, 1_000)) {
            database.execute(sql);
        }
    }
}
