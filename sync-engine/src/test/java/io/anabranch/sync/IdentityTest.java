// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.store.ReplicaFile;
import io.anabranch.sync.store.log.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** No two change sets carry one dot, whatever happens to files; and where they do, nobody takes the second. */
class IdentityTest {
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
        b = world.replica("b");
        world.settle(a, b);
    }

    @AfterEach
    void close() {
        world.close();
    }

    private void copy(String from, String to) throws IOException {
        // All that SQLite holds in memory goes into the one file.
        a.sql("PRAGMA wal_checkpoint(TRUNCATE)");
        Files.copy(folder.resolve(from), folder.resolve(to), StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void aCopyTakesANewOriginBeforeItSeals() throws IOException {
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 1)");
        a.seal();
        copy("a.db", "copy.db");

        TestReplica copy = world.replica("copy");
        assertThat(copy.file().self()).isNotEqualTo(a.file().self());
        a.sql("UPDATE item SET stock = stock + 1");
        copy.sql("UPDATE item SET stock = stock + 1");
        world.settle(b, a, copy);

        assertThat(b.rows("item")).containsExactly("cup|Cup|3");
        world.assertConverged(a, b, copy);
    }

    @Test
    void aReplicaThatIsOpenedAgainKeepsItsOrigin() {
        Origin before = a.file().self();
        a.close();

        a = world.replica("a");
        assertThat(a.file().self()).isEqualTo(before);
    }

    @Test
    void aFileThatIsMovedKeepsItsOrigin() throws IOException {
        Origin before = a.file().self();
        a.close();
        Files.move(folder.resolve("a.db"), folder.resolve("moved.db"));

        assertThat(world.replica("moved").file().self()).isEqualTo(before);
    }

    @Test
    void aFilePutBackFromABackupTakesANewOrigin() throws IOException {
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 1)");
        a.seal();
        copy("a.db", "backup.db");
        a.sql("UPDATE item SET stock = 5");
        world.settle(a, b);
        Origin before = a.file().self();
        a.close();
        byte[] backup = Files.readAllBytes(folder.resolve("backup.db"));
        Files.deleteIfExists(folder.resolve("a.db-wal"));
        Files.deleteIfExists(folder.resolve("a.db-shm"));
        Files.write(folder.resolve("a.db"), backup);

        a = world.replica("a");
        assertThat(a.file().self()).isNotEqualTo(before);
        a.sql("UPDATE item SET title = 'after the restore'");
        world.settle(b, a);
        assertThat(b.rows("item")).containsExactly("cup|after the restore|5");
        world.assertConverged(a, b);
    }

    @Test
    void aPeerThatKnowsMoreOfAnOriginGivesItBackAndTheReplicaTakesANewOne() throws IOException {
        copy("a.db", "older.db");
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 1)");
        world.settle(a, b);
        Origin before = a.file().self();
        a.close();
        Files.walk(folder.resolve("state"))
                .filter(Files::isRegularFile)
                .forEach(file -> file.toFile().delete());
        TestReplica older = world.replica("older");
        older.sql("UPDATE _ab_meta SET value = x'" + before + "' WHERE name = 'self'");

        world.settle(b, older);

        assertThat(older.rows("item")).containsExactly("cup|Cup|1");
        assertThat(older.file().self()).isNotEqualTo(before);
        older.sql("UPDATE item SET stock = 2");
        world.settle(b, older);
        assertThat(b.rows("item")).containsExactly("cup|Cup|2");
    }

    @Test
    void itsOwnChangeSetsDeliveredAgainCostAReplicaNothing() {
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 1)");
        a.seal();
        Origin before = a.file().self();

        assertThat(a.file().accept(a.changeSets())).isInstanceOf(Admission.Next.class);

        assertThat(a.file().self()).isEqualTo(before);
    }

    @Test
    void aFolderForTheStateThatCannotBeWrittenIsSaidAndNothingIsMade() throws IOException {
        Path notAFolder = Files.writeString(folder.resolve("occupied"), "a file");

        assertThatThrownBy(() -> ReplicaFile.open(
                        folder.resolve("new.db"),
                        "shop",
                        new JdbcDriver(),
                        new Place(notAFolder),
                        world::now,
                        world.random))
                .isInstanceOf(SyncException.CannotWrite.class)
                .hasMessageContaining("ANABRANCH_STATE_DIR");
        assertThat(folder.resolve("new.db")).doesNotExist();
    }

    @Test
    void nothingLeavesThatIsNotKnownOutsideTheFileToHaveLeft() throws IOException {
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 1)");
        a.seal();
        Path state = folder.resolve("state");
        Path aside = folder.resolve("aside");
        Files.move(state, aside);
        Files.writeString(state, "in the way");
        for (int attempt = 0; attempt < 2; attempt++) {
            assertThatThrownBy(() -> a.file().missing(b.file().heads().vector(), 1_000_000))
                    .isInstanceOf(SyncException.CannotWrite.class);
        }
        Files.delete(state);
        Files.move(aside, state);

        world.settle(a, b);
        assertThat(b.rows("item")).containsExactly("cup|Cup|1");
    }

    // ---- Forks

    /** Two files that write under one origin, as a clone of a whole machine does. */
    private TestReplica twin() throws IOException {
        copy("a.db", "twin.db");
        Origin origin = a.file().self();
        TestReplica twin = world.replica("twin");
        twin.sql("UPDATE _ab_meta SET value = x'" + origin + "' WHERE name = 'self'");
        return twin;
    }

    @Test
    void aForkIsRefusedByThirdPartiesAndRepairedByWhoeverWroteIt() throws IOException {
        TestReplica twin = twin();
        a.sql("INSERT INTO item VALUES ('cup', 'of a', 1)");
        world.pass(1_000);
        twin.sql("INSERT INTO item VALUES ('cup', 'of its twin', 1)");
        world.settle(a, b);

        assertThat(world.exchange(b, twin))
                .isEqualTo(new SyncOutcome.Refused(new Admission.Fork(a.file().self(), 1)));
        assertThat(b.rows("item")).containsExactly("cup|of a|1");
        assertThat(twin.rows("item")).containsExactly("cup|of its twin|1");

        assertThat(world.exchange(twin, b)).isInstanceOf(SyncOutcome.Settled.class);
        assertThat(twin.file().self()).isNotEqualTo(a.file().self());
        world.settle(b, a, twin);
        assertThat(a.rows("item")).containsExactly("cup|of its twin|2");
        world.assertConverged(a, b, twin);
    }

    @Test
    void aForkOfAnotherLengthIsRepairedToo() throws IOException {
        TestReplica twin = twin();
        a.sql("INSERT INTO item VALUES ('cup', 'of a', 1)");
        world.pass(1_000);
        twin.sql("INSERT INTO item VALUES ('cup', 'of its twin', 1)");
        twin.seal();
        twin.sql("UPDATE item SET stock = 2");
        world.settle(a, b);

        assertThat(world.exchange(b, twin)).isInstanceOf(SyncOutcome.Refused.class);
        assertThat(world.exchange(twin, b)).isInstanceOf(SyncOutcome.Settled.class);
        assertThat(twin.rows("item")).containsExactly("cup|of its twin|3");
        assertThat(b.rows("item")).containsExactly("cup|of its twin|3");
    }

    @Test
    void aVirtualMachinePutBackToASnapshotWhileItHadUnsentWritesLosesNothing() throws IOException {
        TestReplica snapshot = twin(); // Path, host and secret of a machine that is put back are as they were.
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 1)");
        world.settle(a, b);
        a.sql("UPDATE item SET stock = stock + 10"); // Sealed and sent, then forgotten by the machine.
        world.settle(a, b);
        a.close();
        snapshot.sql("INSERT INTO item VALUES ('pot', 'Pot', 2)");

        assertThat(world.exchange(snapshot, b)).isInstanceOf(SyncOutcome.Settled.class);
        assertThat(snapshot.rows("item")).containsExactly("cup|Cup|11", "pot|Pot|2");
        assertThat(b.rows("item")).containsExactly("cup|Cup|11", "pot|Pot|2");
    }

    @Test
    void equalVectorsOfDifferentHistoriesAreNoticedByThirdParties() throws IOException {
        TestReplica twin = twin();
        TestReplica c = world.replica("c");
        a.sql("INSERT INTO item VALUES ('cup', 'of a', 1)");
        twin.sql("INSERT INTO item VALUES ('cup', 'of its twin', 1)");
        world.settle(a, b);
        world.settle(twin, c);

        assertThat(b.file().heads().vector()).isEqualTo(c.file().heads().vector());
        assertThat(world.exchange(b, c))
                .isEqualTo(new SyncOutcome.Refused(new Admission.Fork(a.file().self(), 1)));
    }

    @Test
    void aChangeSetAfterTheOtherBranchOfAForkIsRefused() throws IOException {
        TestReplica twin = twin();
        TestReplica c = world.replica("c");
        a.sql("INSERT INTO item VALUES ('cup', 'of a', 1)");
        twin.sql("INSERT INTO item VALUES ('cup', 'of its twin', 1)");
        world.settle(a, b);
        world.settle(twin, c);
        c.sql("UPDATE item SET stock = 9");
        c.seal();
        EncodedChangeSet after = c.changeSets().get(c.changeSets().size() - 1);

        assertThat(b.file().accept(List.of(after)))
                .isEqualTo(new Admission.Fork(a.file().self(), 1));
        assertThat(b.rows("item")).containsExactly("cup|of a|1");
    }

    // ---- Delivery

    @Test
    void gapsMissingContextsAndRepetitionsChangeNothing() {
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 1)");
        a.seal();
        a.sql("UPDATE item SET stock = 2");
        a.seal();
        List<EncodedChangeSet> all = new ArrayList<>(a.changeSets());
        TestReplica fresh = world.replica("fresh");
        Origin derived = all.get(0).header().origin();

        assertThat(fresh.file().accept(List.of(all.get(2))))
                .isEqualTo(new Admission.Gap(a.file().self(), 1, 2));
        assertThat(fresh.file().accept(List.of(all.get(1)))).isEqualTo(new Admission.MissingContext(derived, 1, 0));
        assertThat(fresh.file().accept(List.of(all.get(0), all.get(2)))).isInstanceOf(Admission.Gap.class);
        assertThat(fresh.changeSets()).isEmpty();

        assertThat(fresh.file().accept(List.of(all.get(0), all.get(0), all.get(1), all.get(0))))
                .isInstanceOf(Admission.Next.class);
        assertThat(fresh.file().accept(all)).isInstanceOf(Admission.Next.class);
        String version = fresh.sqlValue("PRAGMA data_version");
        assertThat(fresh.file().accept(all)).isInstanceOf(Admission.Next.class);
        assertThat(fresh.sqlValue("PRAGMA data_version")).isEqualTo(version);
        assertThat(fresh.rows("item")).containsExactly("cup|Cup|2");
    }

    @Test
    void aBackupIsSealedAndWritesUnderAnOriginOfItsOwn() {
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 1)"); // Captured, not sealed: a raw copy would count it twice.
        a.file().backUp(folder.resolve("backup.db"));
        TestReplica backup = world.replica("backup");
        backup.sql("UPDATE item SET stock = stock + 1");
        a.sql("UPDATE item SET stock = stock + 1");
        world.settle(b, a, backup);

        assertThat(backup.file().self()).isNotEqualTo(a.file().self());
        assertThat(b.rows("item")).containsExactly("cup|Cup|3");
        world.assertConverged(a, b, backup);
    }

    @Test
    void aBackupOverwritesNothing() {
        assertThatThrownBy(() -> a.file().backUp(folder.resolve("b.db")))
                .isInstanceOf(SyncException.CannotWrite.class)
                .hasMessageContaining("there is a file already");
    }
}
