// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.BodyLimits;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.PartsHeld;
import io.anabranch.sync.session.Batch;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.session.SyncRequest;
import io.anabranch.sync.store.ReplicaFile;
import io.anabranch.sync.transport.Transport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A transaction, however large, is one change set: whole everywhere or nowhere, whatever becomes of the line meanwhile. */
class LargeTransactionTest {
    private static final String FILL = "WITH RECURSIVE c(i) AS (SELECT %d UNION ALL SELECT i + 1 FROM c WHERE i < %d)"
            + " INSERT INTO t SELECT i, randomblob(%d) FROM c";

    /** Bodies of more than 10,000 bytes in parts of 1,000: small enough that a test sends hundreds. */
    private static final BodyLimits SMALL = new BodyLimits(10_000, 1_000, 1_000_000);

    @TempDir
    Path folder;

    private World world;
    private TestReplica a;
    private TestReplica b;

    @BeforeEach
    void open() {
        world = new World(folder);
        a = world.replica("a");
        a.sql("CREATE TABLE t(id INTEGER PRIMARY KEY, b BLOB)");
        a.enrol("t", TableRules.defaults());
        a.file().limits(SMALL);
        b = world.replica("b");
        world.settle(a, b);
    }

    @AfterEach
    void close() {
        world.close();
    }

    private void fill(int from, int to, int bytes) {
        a.file().transaction(db -> db.execute(FILL.formatted(from, to, bytes)));
    }

    private EncodedChangeSet last(TestReplica replica) {
        List<EncodedChangeSet> all = replica.changeSets();
        return all.get(all.size() - 1);
    }

    // ---- One change set

    @Test
    void isOneChangeSetWithOneDotThatConverges() {
        long before = a.ownSeq();
        fill(1, 200, 1_000);

        assertThat(a.ownSeq()).isEqualTo(before + 1);
        assertThat(last(a).parts().count()).isGreaterThan(200);
        world.settle(a, b);
        assertThat(b.rows("t")).hasSize(200);
        assertThat(b.dump("t")).isEqualTo(a.dump("t"));
        world.assertConverged(a, b);
    }

    @Test
    void whatAnotherProgramWroteIsOneChangeSetToo() {
        long before = a.ownSeq();
        a.sql(FILL.formatted(1, 200, 1_000));
        a.seal();

        assertThat(a.ownSeq()).isEqualTo(before + 1);
        world.settle(a, b);
        world.assertConverged(a, b);
    }

    @Test
    void updatesAndDeletesOfHundredsOfRowsTravelInParts() {
        fill(1, 300, 100);
        world.settle(a, b);
        a.file().transaction(db -> {
            db.execute("UPDATE t SET b = randomblob(200) WHERE id % 3 = 0");
            db.execute("DELETE FROM t WHERE id % 3 = 1");
            db.execute(FILL.formatted(301, 400, 100));
        });
        b.sql("UPDATE t SET b = x'00' WHERE id = 7"); // It was deleted in the large one, which had not seen this.
        assertThat(last(a).isInParts()).isTrue();

        world.settle(a, b);

        assertThat(b.rows("t")).hasSize(301);
        assertThat(b.dump("t")).isEqualTo(a.dump("t"));
        world.assertConverged(a, b);
    }

    /** The rows of one section hold what those of the next want, and the other way round. */
    @Test
    void rowsThatSwapTheirUniqueValuesAcrossSectionsAllShow() {
        a.sql("CREATE TABLE u(id INTEGER PRIMARY KEY, place INTEGER, filler BLOB)");
        a.enrol("u", TableRules.defaults());
        world.settle(a, b);
        b.sql("CREATE UNIQUE INDEX u_place ON u(place)");
        a.sql("WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 100)"
                + " INSERT INTO u SELECT i, i, randomblob(500) FROM c");
        a.seal();
        world.settle(a, b);

        a.file().transaction(db -> db.execute("UPDATE u SET place = 101 - place, filler = randomblob(500)"));
        world.settle(a, b);

        assertThat(b.sqlValue("SELECT count(*) FROM _ab_hidden")).isEqualTo("0");
        assertThat(b.dump("u")).isEqualTo(a.dump("u"));
    }

    @Test
    void aDeletedRowComesBackWithTheValuesThatALargeOneWrote() {
        a.sql("CREATE TABLE w(id INTEGER PRIMARY KEY, b BLOB, c TEXT)");
        a.enrol("w", TableRules.defaults());
        a.file()
                .transaction(db ->
                        db.execute(FILL.formatted(1, 100, 1_000).replace("INTO t SELECT", "INTO w(id, b) SELECT")));
        world.settle(a, b);
        String wanted = b.sqlValue("SELECT group_concat(hex(b)) FROM w WHERE id IN (77, 3, 50) ORDER BY id");
        a.sql("DELETE FROM w WHERE id IN (77, 3, 50)");
        b.sql("UPDATE w SET c = 'edited' WHERE id IN (77, 3, 50)");

        world.settle(a, b);

        assertThat(a.sqlValue("SELECT group_concat(hex(b)) FROM w WHERE id IN (77, 3, 50) ORDER BY id"))
                .isEqualTo(wanted);
        world.assertConverged(a, b);
    }

    // ---- The limit

    /** In a heap of 2 GiB and with all of it on disk six times, so only with {@code -Danabranch.long=true}. */
    @Test
    void aTransactionOfAlmostOneGibibyteTravelsWhole() {
        assumeTrue(Boolean.getBoolean("anabranch.long"));
        a.file().limits(BodyLimits.DEFAULT);

        fill(1, 1_020, 1 << 20);

        assertThat(last(a).parts().totalBytes()).isBetween(1_020L << 20, 1L << 30);
        assertThat(world.exchange(b, a)).isInstanceOf(SyncOutcome.Settled.class);
        assertThat(b.sqlValue("SELECT count(*) FROM t")).isEqualTo("1020");
        world.assertConverged(a, b);
        assertThatThrownBy(() -> fill(2_001, 3_024, 1 << 20)).isInstanceOf(SyncException.TransactionTooLarge.class);
        assertThat(a.sqlValue("SELECT count(*) FROM t")).isEqualTo("1020");
    }

    @Test
    void aTransactionOfMoreThanTheLimitIsRolledBackAndSaysSo() {
        a.file().limits(new BodyLimits(10_000, 1_000, 100_000));

        assertThatThrownBy(() -> fill(1, 200, 1_000))
                .isInstanceOf(SyncException.TransactionTooLarge.class)
                .hasMessageContaining("writes more than 100000 bytes")
                .hasMessageContaining("write it in several");
        assertThat(a.sqlValue("SELECT count(*) FROM t")).isEqualTo("0");
        assertThat(a.sqlValue("SELECT count(*) FROM _ab_part")).isEqualTo("0");
        assertThat(a.file().unsealed()).isZero();

        fill(1, 90, 1_000);
        world.settle(a, b);
        world.assertConverged(a, b);
    }

    @Test
    void whatAnotherProgramWroteBeyondTheLimitIsSealedInSeveral() {
        a.file().limits(new BodyLimits(10_000, 1_000, 100_000));
        long before = a.ownSeq();
        a.sql(FILL.formatted(1, 200, 1_000));
        a.seal();

        assertThat(a.ownSeq()).isEqualTo(before + 3);
        world.settle(a, b);
        world.assertConverged(a, b);
    }

    /** The value to show again was once read from the change set that was rolled back under the same dot. */
    @Test
    void whatWasRolledBackIsNotShownAgainLater() {
        a.file().limits(new BodyLimits(10_000, 1_000, 100_000));
        a.sql("INSERT INTO t VALUES (1, 'first')");
        assertThatThrownBy(() -> a.file().transaction(db -> {
                    db.execute("UPDATE t SET b = zeroblob(8388609) WHERE id = 1");
                    db.execute(FILL.formatted(2, 300, 1_000));
                }))
                .isInstanceOf(SyncException.TransactionTooLarge.class);
        a.sql("UPDATE t SET b = 'second' WHERE id = 1");
        a.seal();

        a.sql("UPDATE t SET b = zeroblob(8388609) WHERE id = 1");
        a.seal();

        assertThat(a.sqlValue("SELECT b FROM t WHERE id = 1")).isEqualTo("second");
    }

    @Test
    void aRowOfMoreThan16MiBLosesWhatIsTooMuch() {
        TestReplica replica = world.replica("wide");
        replica.sql("CREATE TABLE wide(id INTEGER PRIMARY KEY, a BLOB, b BLOB, c BLOB)");
        replica.enrol("wide", TableRules.defaults());
        replica.sql("INSERT INTO wide VALUES (1, zeroblob(8388608), zeroblob(8388608), x'01')");
        replica.seal();

        assertThat(replica.sqlValue("SELECT name || ': ' || reason FROM _ab_rejected"))
                .isEqualTo("c: a row of more than 16 MiB");
        assertThat(replica.sqlValue("SELECT length(a) || ' ' || length(b) || ' ' || ifnull(c, 'null') FROM wide"))
                .isEqualTo("8388608 8388608 null");
        TestReplica other = world.replica("other");
        world.settle(replica, other);
        world.assertConverged(replica, other);
    }

    // ---- Sending

    /** Carries so many requests, then none; remembers how many parts went and which. */
    private static final class BrittleLine implements Transport {
        private final Transport line;
        private final int lasts;
        private final List<Integer> sent = new ArrayList<>();
        private int carried;
        private int largest;

        BrittleLine(ReplicaFile server, int lasts) {
            this.line = new World.Direct(server);
            this.lasts = lasts;
        }

        @Override
        public Result exchange(String space, byte[] request) {
            SyncRequest read = MessageCodec.decodeRequest(request);
            read.parts().forEach(part -> sent.add(part.index()));
            largest = Math.max(largest, request.length);
            return carried++ < lasts ? line.exchange(space, request) : new Result.Unreachable("the line broke");
        }

        @Override
        public void close() {}
    }

    private static SyncOutcome run(TestReplica client, Transport line, String url) {
        return new Exchange(client.file(), line, url).run();
    }

    @Test
    void afterABrokenLineOnlyTheMissingPartsAreSentAgain() {
        a.file().limits(new BodyLimits(10_000, 100_000, 100_000_000));
        fill(1, 100, 100_000);
        int count = last(a).parts().count();
        BrittleLine first = new BrittleLine(b.file(), 2);

        assertThat(run(a, first, "test:b")).isInstanceOf(SyncOutcome.Unreachable.class);
        int held = b.file().waiting().get(0).count();
        assertThat(held).isBetween(10, 60);
        assertThat(b.file().heads().get(a.file().self()).seq()).isEqualTo(a.ownSeq() - 1);
        assertThat(b.rows("t")).isEmpty();

        BrittleLine second = new BrittleLine(b.file(), 100);
        assertThat(run(a, second, "test:b")).isInstanceOf(SyncOutcome.Settled.class);
        List<Integer> distinct = second.sent.stream().distinct().toList();
        assertThat(distinct).startsWith(held).endsWith(count - 1).hasSize(count - held);
        assertThat(second.sent).hasSameSizeAs(distinct);
        assertThat(second.largest).isLessThan(4 << 20);
        assertThat(b.file().waiting()).isEmpty();
        world.assertConverged(a, b);
    }

    @Test
    void aClientThatFetchesALargeOneResumesToo() {
        a.file().limits(new BodyLimits(10_000, 100_000, 100_000_000));
        fill(1, 100, 100_000);

        assertThat(run(b, new BrittleLine(a.file(), 2), "test:a")).isInstanceOf(SyncOutcome.Unreachable.class);
        int held = b.file().waiting().get(0).count();
        assertThat(held).isBetween(10, 90);
        assertThat(run(b, new BrittleLine(a.file(), 100), "test:a")).isInstanceOf(SyncOutcome.Settled.class);
        world.assertConverged(a, b);
    }

    @Test
    void partsThatWaitOutliveTheProcessAndComeFromAnyPeer() {
        TestReplica c = world.replica("c");
        fill(1, 50, 1_000); // So little that c does not cut its log.
        world.settle(a, c);
        EncodedChangeSet large = last(a);
        List<Part> parts =
                a.file().missing(b.file().heads().vector(), Long.MAX_VALUE).parts();
        assertThat(b.file().accept(List.of(large), parts.subList(0, 20))).isInstanceOf(Admission.Next.class);

        try (ReplicaFile again = world.open(b.file().path(), null)) {
            assertThat(again.waiting())
                    .containsExactly(new PartsHeld(
                            large.header().origin(), large.header().seq(), large.hash(), 20));
        }
        assertThat(world.exchange(b, c)).isInstanceOf(SyncOutcome.Settled.class);
        world.assertConverged(a, b, c);
    }

    @Test
    void smallChangesTravelTheOtherWayMeanwhile() {
        fill(1, 200, 1_000);
        Batch batch = a.file().missing(b.file().heads().vector(), 20_000);
        b.file().accept(batch.changeSets(), batch.parts());
        b.sql("INSERT INTO t VALUES (1000, 'small')");
        b.seal();

        Batch back = b.file().missing(a.file().heads().vector(), 20_000);
        assertThat(a.file().accept(back.changeSets(), back.parts())).isInstanceOf(Admission.Next.class);

        assertThat(a.sqlValue("SELECT b FROM t WHERE id = 1000")).isEqualTo("small");
        world.settle(a, b);
        world.assertConverged(a, b);
    }

    @Test
    void theChangeSetsBehindALargeOneFollowIt() {
        fill(1, 200, 1_000);
        a.sql("INSERT INTO t VALUES (1000, 'after')");
        a.seal();
        fill(2_000, 2_100, 1_000);
        a.sql("DELETE FROM t WHERE id = 1");

        world.settle(a, b);

        assertThat(b.rows("t")).hasSize(301);
        world.assertConverged(a, b);
    }

    /** Counterexample 9: nothing of it shows, so what is written meanwhile is concurrent with it. */
    @Test
    void whoHoldsHalfOfALargeTransactionHasSeenNothingOfIt() {
        a.sql("INSERT INTO t VALUES (1, 'one'), (2, 'two')");
        world.settle(a, b);
        world.pass(10);
        a.file().transaction(db -> {
            db.execute("UPDATE t SET b = 'large' WHERE id <= 2");
            db.execute(FILL.formatted(10, 200, 1_000));
        });
        Batch batch = a.file().missing(b.file().heads().vector(), 20_000);
        assertThat(b.file().accept(batch.changeSets(), batch.parts())).isInstanceOf(Admission.Next.class);
        assertThat(b.file().waiting()).hasSize(1);
        assertThat(b.file().heads().get(a.file().self()).seq()).isEqualTo(a.ownSeq() - 1);
        assertThat(b.rows("t")).containsExactly("1|one", "2|two");

        world.pass(10);
        b.sql("DELETE FROM t WHERE id = 1");
        b.sql("UPDATE t SET b = 'later' WHERE id = 2");
        b.seal();
        EncodedChangeSet meanwhile = last(b);
        assertThat(meanwhile.header().context())
                .as("in its context is no part of what waits")
                .noneMatch(entry -> entry.origin().equals(a.file().self()) && entry.seq() >= a.ownSeq());
        world.settle(a, b);

        assertThat(a.sqlValue("SELECT b FROM t WHERE id = 1"))
                .as("an edit that the delete had not seen")
                .isEqualTo("large");
        assertThat(a.sqlValue("SELECT b FROM t WHERE id = 2")).isEqualTo("later");
        assertThat(a.file().reports().conflicts())
                .singleElement()
                .satisfies(conflict ->
                        assertThat(String.valueOf(conflict.lost().value())).isEqualTo("large"));
        assertThat(b.dump("t")).isEqualTo(a.dump("t"));
        world.assertConverged(a, b);
    }

    // ---- Peers that lie

    @Test
    void aPartThatIsNotWhatTheListSaysIsRefused() {
        fill(1, 50, 1_000);
        EncodedChangeSet large = last(a);
        Batch batch = a.file().missing(b.file().heads().vector(), Long.MAX_VALUE);
        List<Part> parts = new ArrayList<>(batch.parts());
        byte[] wrong = parts.get(3).bytes().clone();
        wrong[500] ^= 1;
        parts.set(3, new Part(large.header().origin(), large.header().seq(), 3, wrong));

        assertThat(b.file().accept(batch.changeSets(), parts))
                .isEqualTo(new Admission.BadPart(
                        large.header().origin(), large.header().seq(), 3));
        assertThat(b.file().waiting()).isEmpty();
        assertThat(b.sqlValue("SELECT count(*) FROM _ab_part")).isEqualTo("0");
        world.settle(a, b);
        world.assertConverged(a, b);
    }

    @Test
    void partsOutOfOrderRepeatedOrOfNothingKnownArePassedOver() {
        fill(1, 50, 1_000);
        Batch batch = a.file().missing(b.file().heads().vector(), Long.MAX_VALUE);
        List<Part> parts = batch.parts();

        assertThat(b.file().accept(List.of(), parts.subList(0, 3))).isInstanceOf(Admission.Next.class);
        assertThat(b.file().waiting()).isEmpty();
        b.file().accept(batch.changeSets(), List.of(parts.get(0), parts.get(0), parts.get(2), parts.get(1)));

        assertThat(b.file().waiting().get(0).count()).isEqualTo(2);
        assertThat(b.sqlValue("SELECT count(*) FROM _ab_part")).isEqualTo("2");
    }

    @Test
    void aSmallChangeSetThatTakesItsPlaceThrowsThePartsAway() {
        fill(1, 50, 1_000);
        Batch batch = a.file().missing(b.file().heads().vector(), Long.MAX_VALUE);
        b.file().accept(batch.changeSets(), batch.parts().subList(0, 5));
        EncodedChangeSet other = io.anabranch.sync.change.ChangeSetCodec.encode(
                batch.changeSets().get(0).header(), List.of());

        assertThat(b.file().accept(List.of(other))).isInstanceOf(Admission.Next.class);
        assertThat(b.file().waiting()).isEmpty();
        b.file().accept(List.of(other));

        assertThat(b.sqlValue("SELECT count(*) FROM _ab_part")).isEqualTo("0");
        assertThat(b.sqlValue("SELECT count(*) FROM _ab_waiting")).isEqualTo("0");
    }
}
