// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.space;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.server.store.MemoryRelayStore;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.ChangeSets;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.change.SnapshotWriter;
import io.anabranch.sync.session.Aside;
import io.anabranch.sync.session.Batch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a relay keeps of a space and what it forgets, over a store in memory. */
class RelaySpaceTest {
    private static final long DAY = Duration.ofDays(1).toMillis();
    private static final Retention WEEK = new Retention(1, 1 << 20, Duration.ofDays(7), Duration.ofDays(7));

    private final MemoryRelayStore store = new MemoryRelayStore();
    private final RelaySpace space = new RelaySpaces(store, WEEK).space("shop");
    private final ChangeSets ann = ChangeSets.of(1);
    private final ChangeSets bob = ChangeSets.of(2);

    @Test
    void nothingIsCutThatNoSnapshotStandsFor() {
        space.accept(List.of(ann.write("a1"), ann.write("a2")));
        space.tend(0);
        space.tend(30 * DAY);

        assertThat(space.missing(VersionVector.EMPTY, 1_000).changeSets()).hasSize(2);
    }

    @Test
    void whatASnapshotStandsForIsCutWhenItIsOld() {
        space.accept(List.of(ann.write("a1"), ann.write("a2")));
        space.tend(0);
        give(Heads.of(Map.of(ann.origin(), ann.head())));
        EncodedChangeSet a3 = ann.write("a3");
        space.accept(List.of(a3));
        space.tend(6 * DAY);
        assertThat(space.missing(VersionVector.EMPTY, 1_000).changeSets()).hasSize(3);

        space.tend(7 * DAY);
        assertThat(space.missing(VersionVector.EMPTY, 1_000)).isEqualTo(Batch.EMPTY);
        Aside.Offer offer = space.offer(VersionVector.EMPTY);
        assertThat(offer).isNotNull();
        assertThat(offer.vector().get(ann.origin())).isEqualTo(2);
        assertThat(space.missing(offer.vector(), 1_000).changeSets())
                .extracting(EncodedChangeSet::hash)
                .containsExactly(a3.hash());
        assertThat(space.offer(offer.vector())).isNull();
        assertThat(space.usage().changeSets()).isEqualTo(1);
    }

    /** Counterexample 32: a relay that rewrote what it keeps would break each writer's chain of hashes. */
    @Test
    void whatIsNotCutStaysTheVeryBytesOfItsWriter() {
        EncodedChangeSet a1 = ann.write("a1");
        EncodedChangeSet b1 = bob.write("b1", a1);
        EncodedChangeSet a2 = ann.write("a2", b1);
        space.accept(List.of(a1, b1, a2));
        space.tend(0);
        give(Heads.of(Map.of(ann.origin(), a1.head())));
        space.tend(7 * DAY);

        List<EncodedChangeSet> left = space.missing(VersionVector.EMPTY.with(ann.origin(), 1), 1 << 20)
                .changeSets();
        assertThat(left).extracting(EncodedChangeSet::bytes).containsExactlyInAnyOrder(b1.bytes(), a2.bytes());
        assertThat(space.usage().changeSets()).isEqualTo(2);
    }

    @Test
    void whatASnapshotStandsForIsCutWhenTheLogIsLarge() {
        RelaySpace small =
                new RelaySpaces(store, new Retention(1, 100, Duration.ofDays(7), Duration.ofDays(7))).space("s");
        small.accept(List.of(ann.write("a1"), ann.write("a2")));
        give(small, Heads.of(Map.of(ann.origin(), ann.head())));
        small.tend(0);

        assertThat(small.usage().changeSets()).isZero();
        assertThat(small.heads().get(ann.origin())).isEqualTo(ann.head());
    }

    @Test
    void whoIsUpToDateIsAskedForASnapshotWhenTheLogHasGrown() {
        space.accept(List.of(ann.write("a1")));
        assertThat(space.asks(bob.origin(), VersionVector.EMPTY)).isFalse();
        VersionVector all = space.heads().vector();
        assertThat(space.asks(ann.origin(), all)).isTrue();
        assertThat(space.asks(bob.origin(), all)).as("one at a time").isFalse();
        assertThat(space.asks(ann.origin(), all)).isTrue();

        give(space.heads());
        assertThat(space.asks(ann.origin(), all)).isFalse();
    }

    @Test
    void twoSnapshotsOfWhichNeitherStandsForTheOtherAreBothKeptAndServed() {
        ann.write("a1");
        bob.write("b1");
        give(Heads.of(Map.of(ann.origin(), ann.head())));
        give(Heads.of(Map.of(bob.origin(), bob.head())));

        assertThat(space.heads()).isEqualTo(Heads.of(Map.of(ann.origin(), ann.head(), bob.origin(), bob.head())));
        Aside.Offer first = space.offer(VersionVector.EMPTY);
        assertThat(first).isNotNull();
        Aside.Offer second = space.offer(first.vector());
        assertThat(second).isNotNull();
        assertThat(second.id()).isNotEqualTo(first.id());
        assertThat(space.offer(first.vector().union(second.vector()))).isNull();

        EncodedChangeSet a2 = ann.write("a2");
        assertThat(space.accept(List.of(a2)))
                .as("it follows what was jumped to")
                .isEqualTo(new Admission.Next());
        give(Heads.of(Map.of(ann.origin(), ann.head(), bob.origin(), bob.head())));
        assertThat(store.space("shop").blobs()).as("one stands for both").hasSize(1);
    }

    @Test
    void aSnapshotOfAnotherHistoryIsNotKept() {
        space.accept(List.of(ann.write("a1")));
        ChangeSets copy = ChangeSets.of(1);
        copy.write("another a1");

        assertThatThrownBy(() -> give(Heads.of(Map.of(ann.origin(), copy.head()))))
                .isInstanceOf(DecodeException.class);
        assertThat(store.space("shop").blobs()).isEmpty();
    }

    @Test
    void bytesThatAreNoSnapshotAreNotKept() {
        byte[] garbage = new byte[1_000];
        Snapshot.Id id = new Snapshot.Id(ann.write("a1").hash(), garbage.length);

        assertThatThrownBy(() -> space.receive(id, 0, garbage)).isInstanceOf(DecodeException.class);
        assertThat(store.space("shop").blobs()).isEmpty();
        assertThat(space.heads()).isEqualTo(Heads.NONE);
    }

    @Test
    void snapshotsThatNeverComeWholeAreGivenUp() {
        for (int i = 1; i <= 10; i++) {
            space.receive(new Snapshot.Id(ann.write("a" + i).hash(), 100), 0, new byte[10]);
        }
        assertThat(store.space("shop").blobs()).hasSize(4);
    }

    @Test
    void whatIsOldMayBeForgottenAndWhoHasNotSeenItIsFenced() {
        space.accept(List.of(ann.write("a1")));
        space.tend(0);
        space.accept(List.of(ann.write("a2")));
        space.tend(6 * DAY);
        assertThat(space.purged()).isEqualTo(VersionVector.EMPTY);

        space.tend(7 * DAY);
        assertThat(space.purged()).isEqualTo(VersionVector.EMPTY.with(ann.origin(), 1));
        assertThat(space.forgotten()).as("a request may be under way").isEqualTo(VersionVector.EMPTY);
        space.tend(7 * DAY + 1);
        assertThat(space.forgotten()).isEqualTo(space.purged());
    }

    @Test
    void aRelayThatLostItsPurgeVectorGoesByThatOfAReplicaAsFarAsItHoldsThat() {
        space.accept(List.of(ann.write("a1")));
        space.heardPurged(VersionVector.EMPTY.with(ann.origin(), 9).with(bob.origin(), 1));

        assertThat(space.purged()).isEqualTo(VersionVector.EMPTY.with(ann.origin(), 1));
    }

    // ---- Several relays

    @Test
    void nothingIsForgottenUntilAllRelaysFenceByItAndWhatEachHeldIsHere() {
        RelaySpace other = new RelaySpaces(MemoryRelayStore.named(8), WEEK).space("shop");
        EncodedChangeSet a1 = ann.write("a1");
        space.accept(List.of(a1));
        other.accept(List.of(a1));
        space.heardWords(other.words());
        VersionVector all = VersionVector.EMPTY.with(ann.origin(), 1);
        space.tend(0);
        space.tend(7 * DAY);
        space.tend(7 * DAY + 1);
        assertThat(space.purged()).isEqualTo(all);
        assertThat(space.forgotten()).as("the other does not fence yet").isEqualTo(VersionVector.EMPTY);

        // Somebody who has not seen a1 writes at the other before that one fences.
        EncodedChangeSet b1 = bob.write("b1");
        other.accept(List.of(b1));
        other.heardWords(space.words());
        assertThat(other.purged()).isEqualTo(all);
        other.tend(7 * DAY + 2);
        space.heardWords(other.words());
        space.tend(7 * DAY + 3);
        assertThat(space.forgotten()).as("b1 is not here").isEqualTo(VersionVector.EMPTY);

        space.accept(List.of(b1));
        space.tend(7 * DAY + 4);
        assertThat(space.forgotten()).isEqualTo(all);
    }

    @Test
    void aRelayThatBeginsHasMetAnotherOnceItHoldsWhatThatHeld() {
        RelaySpace fresh = new RelaySpaces(MemoryRelayStore.named(8), WEEK).space("shop");
        EncodedChangeSet a1 = ann.write("a1");
        space.accept(List.of(a1));
        assertThat(fresh.hasMetRelay()).isFalse();
        fresh.heardWords(space.words());
        assertThat(fresh.hasMetRelay()).isFalse();

        fresh.accept(List.of(a1));
        fresh.heardWords(space.words());
        assertThat(fresh.hasMetRelay()).isTrue();
    }

    @Test
    void aRelayThatIsGoneHoldsUpForgettingNoMoreOnceItIsForgotten() {
        RelaySpace gone = new RelaySpaces(MemoryRelayStore.named(8), WEEK).space("shop");
        RelaySpace third = new RelaySpaces(MemoryRelayStore.named(9), WEEK).space("shop");
        EncodedChangeSet a1 = ann.write("a1");
        space.accept(List.of(a1));
        space.heardWords(gone.words());
        third.heardWords(gone.words());
        space.tend(0);
        space.tend(7 * DAY);
        space.tend(7 * DAY + 1);
        assertThat(space.forgotten()).isEqualTo(VersionVector.EMPTY);
        Origin its = gone.words().get(0).relay();
        assertThat(space.relays()).containsExactly(new OtherRelay(its, VersionVector.EMPTY, true, true));

        assertThat(space.forget(its)).isTrue();
        assertThat(space.forget(its)).as("already").isFalse();
        space.heardWords(gone.words());
        space.heardWords(third.words());
        space.tend(7 * DAY + 2);

        assertThat(space.isForgotten(its)).isTrue();
        assertThat(space.words()).extracting(Aside.Word::relay).doesNotContain(its);
        assertThat(space.forget(third.words().get(0).relay())).isTrue();
        space.tend(7 * DAY + 3);
        assertThat(space.forgotten()).isEqualTo(VersionVector.EMPTY.with(ann.origin(), 1));
        assertThat(space.hasMetRelay()).as("once is enough").isTrue();
    }

    /** Of the 65th a relay knows the name alone, and so not by what it fences. */
    @Test
    void amongMoreRelaysThanItFollowsARelayLetsNobodyForgetMore() {
        EncodedChangeSet a1 = ann.write("a1");
        VersionVector all = VersionVector.EMPTY.with(ann.origin(), 1);
        space.accept(List.of(a1));
        for (int i = 100; i < 163; i++) {
            space.heardWords(List.of(new Aside.Word(ChangeSets.of(i).origin(), all, all)));
        }
        space.tend(0);
        space.tend(7 * DAY);
        space.tend(7 * DAY + 1);
        assertThat(space.forgotten())
                .as("63 others fence by it, as this one does")
                .isEqualTo(all);

        EncodedChangeSet a2 = ann.write("a2");
        space.accept(List.of(a2));
        VersionVector more = VersionVector.EMPTY.with(ann.origin(), 2);
        Origin tooMany = ChangeSets.of(163).origin();
        for (int i = 100; i <= 163; i++) {
            space.heardWords(List.of(new Aside.Word(ChangeSets.of(i).origin(), more, more)));
        }
        space.tend(8 * DAY);
        space.tend(20 * DAY);
        space.tend(20 * DAY + 1);

        assertThat(space.purged()).isEqualTo(more);
        assertThat(space.forgotten()).isEqualTo(all);
        assertThat(space.relays()).hasSize(64).contains(new OtherRelay(tooMany, VersionVector.EMPTY, false, true));
        assertThat(space.words()).extracting(Aside.Word::relay).hasSize(64).doesNotContain(tooMany);
        assertThat(space.words().get(0).fence())
                .as("what this one says for it, too")
                .isEqualTo(all);

        assertThat(space.forget(ChangeSets.of(100).origin())).isTrue();
        space.tend(21 * DAY);
        assertThat(space.forgotten()).as("there is room, and it has not spoken").isEqualTo(all);
        space.heardWords(List.of(new Aside.Word(tooMany, more, more)));
        space.tend(21 * DAY + 1);
        space.tend(21 * DAY + 2);
        assertThat(space.forgotten()).isEqualTo(more);
    }

    @Test
    void aWordThatNamesFarMoreOriginsThanThereAreHereIsNotKept() {
        Origin other = ChangeSets.of(100).origin();
        VersionVector huge = VersionVector.EMPTY;
        for (int i = 200; i < 1_201; i++) {
            huge = huge.with(ChangeSets.of(i).origin(), 1);
        }
        space.heardWords(List.of(new Aside.Word(other, VersionVector.EMPTY, huge)));

        assertThat(space.relays()).containsExactly(new OtherRelay(other, VersionVector.EMPTY, false, true));
    }

    @Test
    void noRelayForgetsWhomItNeverHeardOf() {
        assertThat(space.forget(bob.origin())).isFalse();
        assertThat(space.isForgotten(bob.origin())).isFalse();
    }

    private void give(Heads heads) {
        give(space, heads);
    }

    private static void give(RelaySpace to, Heads heads) {
        List<byte[]> chunks = new ArrayList<>();
        Snapshot.Id id;
        try (SnapshotWriter writer = new SnapshotWriter((bytes, table, key) -> chunks.add(bytes))) {
            writer.head(new Snapshot.Head(heads, VersionVector.EMPTY, 0));
            id = writer.end();
        }
        ByteWriter all = new ByteWriter();
        chunks.forEach(all::raw);
        byte[] bytes = all.toByteArray();
        for (int at = 0; at < bytes.length; at += 20) {
            to.receive(id, at, Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + 20)));
        }
    }
}
