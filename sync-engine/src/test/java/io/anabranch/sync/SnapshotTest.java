// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.session.SyncOutcome;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The state of a space at a vector: made, moved, and joined. */
class SnapshotTest {
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
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 5), ('pot', 'Pot', 7)");
        world.settle(a, b);
    }

    @AfterEach
    void close() {
        world.close();
    }

    /** Has {@code from} make a snapshot and {@code to} join it. */
    private static void join(TestReplica from, TestReplica to) {
        from.file().compact();
        Snapshot.Id id = from.snapshotFor(VersionVector.EMPTY);
        assertThat(id).isNotNull();
        int at = 0;
        while (at < id.sizeBytes()) {
            byte[] part = from.file().readSnapshot(id, at, 100);
            to.file().receive(id, at, part);
            at += part.length;
        }
    }

    @Test
    void anEmptyFileGetsTablesAndRows() {
        TestReplica c = world.replica("c");
        world.settle(b, a);
        join(b, c);

        assertThat(c.rows("item")).containsExactly("cup|Cup|5", "pot|Pot|7");
        world.assertConverged(b, c);
    }

    @Test
    void ownUnsentWritesSurviveAndConcurrentOnesMerge() {
        a.sql("UPDATE item SET title = 'Tea cup', stock = stock - 1 WHERE id = 'cup'");
        a.sql("DELETE FROM item WHERE id = 'pot'");
        a.sql("INSERT INTO item VALUES ('pan', 'Pan', 1)");
        world.pass(1_000);
        b.sql("UPDATE item SET stock = stock + 10 WHERE id = 'cup'");
        b.sql("INSERT INTO item VALUES ('jar', 'Jar', 2)");
        a.seal();
        b.seal();
        join(b, a);

        assertThat(a.rows("item")).containsExactly("cup|Tea cup|14", "jar|Jar|2", "pan|Pan|1");
        world.settle(a, b);
        assertThat(b.rows("item")).isEqualTo(a.rows("item"));
        world.assertConverged(a, b);
    }

    @Test
    void whatATriggerDoesToARowThatTheSnapshotBroughtBeforeIsUndone() {
        a.sql("CREATE TABLE crate(id TEXT PRIMARY KEY, note TEXT)");
        a.enrol("crate", TableRules.defaults());
        world.settle(a, b);
        for (TestReplica each : List.of(a, b)) {
            each.sql("CREATE TRIGGER packed AFTER INSERT ON item BEGIN UPDATE crate SET note = 'has ' || NEW.id; END");
        }
        a.sql("INSERT INTO crate VALUES ('c', 'new')");
        a.sql("INSERT INTO item VALUES ('jar', 'Jar', 2)");
        a.sql("UPDATE crate SET note = 'sealed'");
        a.seal();
        join(a, b);

        assertThat(b.rows("crate")).containsExactly("c|sealed");
        assertThat(b.rows("item")).isEqualTo(a.rows("item"));
        assertThat(b.sqlValue("SELECT count(*) FROM _ab_row WHERE shown IS NULL"))
                .isEqualTo("0");
        assertThat(b.file().verify().problems()).isEmpty();
        world.settle(a, b);
        world.assertConverged(a, b);
    }

    @Test
    void aRowDeletedThereGoesHereUnlessItWasEditedUnseen() {
        b.sql("DELETE FROM item");
        b.seal();
        a.sql("UPDATE item SET title = 'Kept' WHERE id = 'cup'");
        join(b, a);

        assertThat(a.rows("item")).containsExactly("cup|Kept|5");
        world.settle(a, b);
        assertThat(b.rows("item")).containsExactly("cup|Kept|5");
        world.assertConverged(a, b);
    }

    @Test
    void aRowOfADeleteWinsTableThatIsGoneThereGoesHere() {
        a.sql("CREATE TABLE note(id INTEGER PRIMARY KEY, body TEXT)");
        a.enrol("note", TableRules.defaults().onDelete(DeletePolicy.DELETE_WINS));
        a.sql("INSERT INTO note VALUES (1, 'one'), (2, 'two')");
        world.settle(a, b);
        b.sql("DELETE FROM note WHERE id = 1");
        b.seal();
        join(b, a);

        assertThat(a.rows("note")).containsExactly("2|two");
        world.assertConverged(a, b);
    }

    @Test
    void aHiddenRowComesBackWholeAlthoughTheLogIsCut() {
        world.settle(a, b);
        a.file().compact();
        a.sql("DELETE FROM item WHERE id = 'cup'");
        b.sql("UPDATE item SET stock = stock + 1 WHERE id = 'cup'");
        world.settle(a, b);

        assertThat(a.rows("item")).containsExactly("cup|Cup|6", "pot|Pot|7");
        world.assertConverged(a, b);
    }

    @Test
    void valuesThatLeftTheLogOutliveSeveralCompactions() {
        a.sql("DELETE FROM item WHERE id = 'cup'");
        world.settle(a, b);
        for (int i = 0; i < 3; i++) {
            a.file().compact();
            b.sql("UPDATE item SET stock = stock + 1 WHERE id = 'pot'");
            b.seal();
            world.exchange(a, b);
        }
        TestReplica c = world.replica("c");
        join(a, c);
        world.assertConverged(a, b, c);
    }

    @Test
    void aSnapshotThatTellsNothingNewChangesNothing() {
        world.settle(a, b);
        join(b, a);

        assertThat(a.snapshotFor(VersionVector.EMPTY)).isNull();
        assertThat(a.rows("item")).containsExactly("cup|Cup|5", "pot|Pot|7");
    }

    @Test
    void aRowThatWasHiddenHereAndIsDeletedThereCanBeWrittenAndDeletedAgain() {
        for (TestReplica each : new TestReplica[] {a, b}) {
            each.sql("CREATE TABLE user(id TEXT PRIMARY KEY, email TEXT UNIQUE)");
            each.enrol("user", TableRules.defaults());
        }
        a.sql("INSERT INTO user VALUES ('r1', 'x')");
        a.seal();
        world.pass(1_000);
        b.sql("INSERT INTO user VALUES ('r2', 'x')");
        world.settle(a, b);
        assertThat(a.file().reports().hidden()).hasSize(1);
        b.sqls("DELETE FROM user WHERE id = 'r1'");
        b.seal();
        b.sql("DELETE FROM user WHERE id = 'r2'");
        b.seal();
        join(b, a);

        assertThat(a.file().reports().hidden()).isEmpty();
        b.sql("INSERT INTO user VALUES ('r2', 'y')");
        world.settle(a, b);
        a.sql("DELETE FROM user WHERE id = 'r2'");
        world.settle(a, b);
        assertThat(b.rows("user")).isEmpty();
        world.assertConverged(a, b);
    }

    @Test
    void damagedBytesAreDroppedBeforeTheyAreJoined() {
        b.file().compact();
        Snapshot.Id id = b.snapshotFor(VersionVector.EMPTY);
        byte[] bytes = b.file().readSnapshot(id, 0, Integer.MAX_VALUE);
        bytes[bytes.length / 2] ^= 1;
        TestReplica c = world.replica("c");

        assertThatThrownBy(() -> c.file().receive(id, 0, bytes)).isInstanceOf(DecodeException.class);
        assertThat(c.file().receivedOf(id)).isZero();
        assertThat(c.file().heads().entries()).isEmpty();
    }

    @Test
    void anInterruptedTransferGoesOnWhereItStopped() {
        b.file().compact();
        Snapshot.Id id = b.snapshotFor(VersionVector.EMPTY);
        TestReplica c = world.replica("c");
        c.file().receive(id, 0, b.file().readSnapshot(id, 0, 50));
        c.close();
        c = world.replica("c");

        assertThat(c.file().receivedOf(id)).isEqualTo(50);
        c.file().receive(id, 50, b.file().readSnapshot(id, 50, Integer.MAX_VALUE));
        assertThat(c.rows("item")).containsExactly("cup|Cup|5", "pot|Pot|7");
    }

    /** Found by letting the process die between the last bytes and the join: nobody asked for that snapshot ever again. */
    @Test
    void aSnapshotThatIsHereWholeAndWasNotJoinedIsJoinedNextTime() {
        world.exchange(a, b);
        b.file().compact();
        Snapshot.Id id = b.snapshotFor(VersionVector.EMPTY);
        TestReplica c = world.replica("c");
        c.file().freshBeginning().stage(id, 0, b.file().readSnapshot(id, 0, Integer.MAX_VALUE));

        assertThat(world.exchange(c, b)).isInstanceOf(SyncOutcome.Settled.class);
        assertThat(c.rows("item")).containsExactly("cup|Cup|5", "pot|Pot|7");
    }

    @Test
    void ownUnacknowledgedChangeSetsStayInTheLog() {
        world.exchange(a, b);
        a.sql("UPDATE item SET stock = 6 WHERE id = 'cup'");
        a.file().compact();

        assertThat(a.changeSets()).hasSize(1);
        world.settle(a, b);
        assertThat(b.rows("item")).containsExactly("cup|Cup|6", "pot|Pot|7");
    }

    @Test
    void theSameStateGivesTheSameBytes() {
        world.settle(a, b);
        a.file().compact();
        b.file().compact();
        Snapshot.Id one = a.snapshotFor(VersionVector.EMPTY);
        Snapshot.Id other = b.snapshotFor(VersionVector.EMPTY);

        assertThat(Arrays.equals(
                        a.file().readSnapshot(one, 0, Integer.MAX_VALUE),
                        b.file().readSnapshot(other, 0, Integer.MAX_VALUE)))
                .isTrue();
    }

    @Test
    void aPeerBelowTheFloorIsGivenTheSnapshotAndThenTheTail() {
        world.exchange(a, b);
        b.sql("UPDATE item SET stock = 8 WHERE id = 'pot'");
        world.settle(a, b);
        a.file().compact();
        assertThat(a.changeSets()).isEmpty();
        a.sql("UPDATE item SET title = 'Tea cup' WHERE id = 'cup'");
        TestReplica c = world.replica("c");

        assertThat(world.exchange(c, a)).isInstanceOf(SyncOutcome.Settled.class);
        assertThat(c.rows("item")).containsExactly("cup|Tea cup|5", "pot|Pot|8");
        world.assertConverged(a, c);
    }

    @Test
    void aReplicaWhoseLogIsCutGivesItsSnapshotToAPeerThatLacksIt() {
        world.exchange(a, b);
        b.sql("UPDATE item SET stock = 8 WHERE id = 'pot'");
        world.settle(a, b);
        a.file().compact();
        a.sql("UPDATE item SET title = 'Tea cup' WHERE id = 'cup'");
        TestReplica wiped = world.replica("wiped");

        assertThat(world.exchange(a, wiped)).isInstanceOf(SyncOutcome.Settled.class);
        assertThat(wiped.rows("item")).containsExactly("cup|Tea cup|5", "pot|Pot|8");
        world.assertConverged(a, wiped);
    }

    @Test
    void bothSidesBelowEachOthersFloorsSettle() {
        world.exchange(a, b);
        world.exchange(b, a);
        TestReplica c = world.replica("c");
        TestReplica d = world.replica("d");
        world.settle(a, c);
        world.settle(b, d);
        c.sql("UPDATE item SET stock = stock + 1 WHERE id = 'cup'");
        d.sql("UPDATE item SET stock = stock + 10 WHERE id = 'cup'");
        d.sql("DELETE FROM item WHERE id = 'pot'");
        world.settle(a, c);
        world.settle(b, d);
        a.file().compact();
        b.file().compact();

        assertThat(world.exchange(a, b)).isInstanceOf(SyncOutcome.Settled.class);
        assertThat(a.rows("item")).containsExactly("cup|Cup|16");
        assertThat(b.rows("item")).containsExactly("cup|Cup|16");
        world.assertConverged(a, b);
    }

    @Test
    void arrivalsAreNumberedOnAfterTheLogWasCutWhole() {
        world.exchange(b, a);
        a.file().compact();
        String before = a.sqlValue("SELECT value FROM _ab_meta WHERE name = 'lsn'");
        assertThat(a.changeSets()).isEmpty();
        a.sql("UPDATE item SET stock = 1 WHERE id = 'cup'");
        a.seal();

        assertThat(a.sqlValue("SELECT max(lsn) > " + before + " FROM _ab_log")).isEqualTo("1");
    }

    /** A relay that loses its file is filled again from the snapshot. */
    @Test
    void aLogIsCutUnaskedBesideARelayToo() {
        Hash128 epoch = Hash128.of(new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16});
        a.sql("CREATE TABLE big(id INTEGER PRIMARY KEY, body TEXT)");
        a.enrol("big", TableRules.defaults());
        for (int i = 0; i < 40; i++) {
            a.sql("INSERT OR REPLACE INTO big VALUES (1, hex(randomblob(4000)))");
            a.seal();
        }
        assertThat(new Exchange(a.file(), new World.Direct(b.file(), epoch), "relay").run())
                .isInstanceOf(SyncOutcome.Settled.class);
        assertThat(a.changeSets()).hasSizeLessThan(20);
    }
}
