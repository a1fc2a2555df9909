// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.server.space.RelaySpace;
import io.anabranch.server.space.RelaySpaces;
import io.anabranch.server.space.Retention;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.ChangeSets;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.PartsHeld;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.session.Batch;
import io.anabranch.sync.session.Comparison;
import io.anabranch.sync.session.DigestPost;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every store of a relay owes its users. A subclass says how to open one, again and again over the same data. */
abstract class RelayStoreTest {
    private static final Admission TAKEN = new Admission.Next();

    private final ChangeSets ann = ChangeSets.of(1);
    private final ChangeSets bob = ChangeSets.of(2);

    private RelayStore store;
    private RelaySpace space;

    /** Opens the store; the second time, with what the first one kept. */
    abstract RelayStore open();

    @BeforeEach
    void openStore() {
        store = open();
        space = space("shop");
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    private RelaySpace space(String name) {
        return new RelaySpaces(store, Retention.DEFAULT).space(name);
    }

    @Test
    void aNewSpaceIsEmpty() {
        assertThat(space.heads()).isEqualTo(Heads.NONE);
        assertThat(space.missing(VersionVector.EMPTY, 1_000)).isEqualTo(Batch.EMPTY);
    }

    @Test
    void givesEachAfterWhatItsWriterHadSeen() {
        EncodedChangeSet b1 = bob.write("first");
        EncodedChangeSet a1 = ann.write("second", b1);
        EncodedChangeSet b2 = bob.write("third", a1);

        assertThat(space.accept(List.of(b1, a1))).isEqualTo(TAKEN);
        assertThat(space.accept(List.of(b2))).isEqualTo(TAKEN);

        assertThat(hashes(space.missing(VersionVector.EMPTY, 1_000_000)))
                .containsExactly(b1.hash(), a1.hash(), b2.hash());
        assertThat(space.heads()).isEqualTo(Heads.of(Map.of(ann.origin(), a1.head(), bob.origin(), b2.head())));
    }

    @Test
    void givesTheVeryBytesThatItTook() {
        EncodedChangeSet a1 = ann.write("first");
        space.accept(List.of(a1));

        assertThat(space.missing(VersionVector.EMPTY, 1_000).changeSets().get(0).bytes())
                .isEqualTo(a1.bytes());
    }

    @Test
    void passesOverWhatThePeerHas() {
        EncodedChangeSet a1 = ann.write("a1");
        EncodedChangeSet b1 = bob.write("b1");
        EncodedChangeSet a2 = ann.write("a2");
        EncodedChangeSet b2 = bob.write("b2");
        space.accept(List.of(a1, b1, a2, b2));

        VersionVector peer = VersionVector.EMPTY.with(ann.origin(), 1).with(bob.origin(), 2);
        assertThat(hashes(space.missing(peer, 1_000_000))).containsExactly(a2.hash());
    }

    @Test
    void aPeerThatHasMoreLacksNothing() {
        space.accept(List.of(ann.write("a1")));

        VersionVector peer = VersionVector.EMPTY.with(ann.origin(), 5).with(bob.origin(), 2);
        assertThat(space.missing(peer, 1_000_000)).isEqualTo(Batch.EMPTY);
    }

    @Test
    void oneByteOfRoomStillBringsOneChangeSetAtATime() {
        for (int i = 1; i <= 5; i++) {
            space.accept(List.of(ann.write("note " + i)));
        }
        VersionVector peer = VersionVector.EMPTY;
        List<Long> seqs = new ArrayList<>();
        List<Boolean> more = new ArrayList<>();
        for (int i = 1; i <= 5; i++) {
            Batch batch = space.missing(peer, 1);
            assertThat(batch.changeSets()).hasSize(1);
            long seq = batch.changeSets().get(0).header().seq();
            seqs.add(seq);
            more.add(batch.more());
            peer = peer.with(ann.origin(), seq);
        }
        assertThat(seqs).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(more).containsExactly(true, true, true, true, false);
    }

    @Test
    void aBatchKeepsToItsBytes() {
        EncodedChangeSet a1 = ann.write("one");
        EncodedChangeSet a2 = ann.write("two");
        EncodedChangeSet a3 = ann.write("six");
        space.accept(List.of(a1, a2, a3));
        int two = a1.bytes().length + a2.bytes().length;

        assertThat(space.missing(VersionVector.EMPTY, two - 1).changeSets()).hasSize(1);
        assertThat(space.missing(VersionVector.EMPTY, two).changeSets()).hasSize(2);
        assertThat(space.missing(VersionVector.EMPTY, two + 1).more()).isTrue();
    }

    @Test
    void whatIsKnownIsTakenAgainWithoutBeingKeptTwice() {
        EncodedChangeSet a1 = ann.write("a1");
        EncodedChangeSet a2 = ann.write("a2");
        space.accept(List.of(a1, a2));

        assertThat(space.accept(List.of(a1))).isEqualTo(TAKEN);
        assertThat(space.accept(List.of(a1, a2, ann.write("a3")))).isEqualTo(TAKEN);
        assertThat(space.missing(VersionVector.EMPTY, 1_000_000).changeSets()).hasSize(3);
    }

    @Test
    void aGapIsRefusedWithAllThatCameWithIt() {
        EncodedChangeSet a1 = ann.write("a1");
        ann.write("a2");
        EncodedChangeSet a3 = ann.write("a3");

        assertThat(space.accept(List.of(bob.write("b1"), a1, a3))).isEqualTo(new Admission.Gap(ann.origin(), 2, 3));
        assertThat(space.heads()).isEqualTo(Heads.NONE);
    }

    @Test
    void aSeqUsedTwiceIsRefused() {
        EncodedChangeSet a1 = ann.write("a1");
        ChangeSets copy = ann.fork();
        space.accept(List.of(a1, ann.write("a2")));

        assertThat(space.accept(List.of(copy.write("another a2")))).isEqualTo(new Admission.Fork(ann.origin(), 2));
        assertThat(space.accept(List.of(ChangeSets.of(1).write("another a1"))))
                .isEqualTo(new Admission.Fork(ann.origin(), 1));
    }

    @Test
    void aChangeSetThatFollowsAnotherHistoryIsRefused() {
        ChangeSets copy = ann.fork();
        space.accept(List.of(ann.write("a1")));
        copy.write("another a1");

        assertThat(space.accept(List.of(copy.write("a2 of the copy")))).isEqualTo(new Admission.Fork(ann.origin(), 1));
    }

    @Test
    void aChangeSetWhoseWriterHadSeenMoreIsRefused() {
        bob.write("b1");
        EncodedChangeSet b2 = bob.write("b2");
        EncodedChangeSet a1 = ann.write("a1", b2);

        assertThat(space.accept(List.of(a1))).isEqualTo(new Admission.MissingContext(bob.origin(), 2, 0));
        assertThat(space.heads()).isEqualTo(Heads.NONE);

        List<EncodedChangeSet> whole = new ArrayList<>(bob.all());
        whole.add(a1);
        assertThat(space.accept(whole)).isEqualTo(TAKEN);
    }

    @Test
    void aChangeSetWhoseWriterHadSeenAnotherHistoryIsRefused() {
        space.accept(List.of(bob.write("b1"), bob.write("b2")));
        EncodedChangeSet foreign = ChangeSets.of(2).write("another b1");

        assertThat(space.accept(List.of(ann.write("a1", foreign)))).isEqualTo(new Admission.Fork(bob.origin(), 1));
    }

    @Test
    void aRefusalDoesNotHinderTheNext() {
        EncodedChangeSet a1 = ann.write("a1");
        EncodedChangeSet a2 = ann.write("a2");
        space.accept(List.of(a2));

        assertThat(space.accept(List.of(a1, a2))).isEqualTo(TAKEN);
    }

    @Test
    void spacesDoNotMeet() {
        space.accept(List.of(ann.write("a1")));

        assertThat(space("other").heads()).isEqualTo(Heads.NONE);
        assertThat(space("other").accept(List.of(ChangeSets.of(1).write("another a1"))))
                .isEqualTo(TAKEN);
    }

    @Test
    void everythingOutlivesItsProcess() {
        EncodedChangeSet a1 = ann.write("a1");
        space.accept(List.of(a1));
        Origin relay = store.relay();
        Hash128 epoch = space.epoch();

        store.close();
        store = open();

        assertThat(store.relay()).isEqualTo(relay);
        assertThat(space("shop").epoch()).isEqualTo(epoch);
        assertThat(space("shop").heads()).isEqualTo(Heads.of(Map.of(ann.origin(), new Head(1, a1.hash()))));
        assertThat(hashes(space("shop").missing(VersionVector.EMPTY, 1))).containsExactly(a1.hash());
    }

    // ---- Parts

    @Test
    void aChangeSetInPartsIsTakenWhenItIsWholeAndGivenOnInParts() {
        ChangeSets.InParts large = ann.writeInParts("a1", 12);

        assertThat(space.accept(List.of(large.changeSet()), large.parts().subList(0, 5)))
                .isEqualTo(TAKEN);
        assertThat(space.heads()).isEqualTo(Heads.NONE);
        assertThat(space.missing(VersionVector.EMPTY, 1_000_000)).isEqualTo(Batch.EMPTY);
        assertThat(space.waiting()).containsExactly(held(large, 5));

        store.close();
        store = open();
        space = space("shop");
        assertThat(space.waiting()).containsExactly(held(large, 5));
        assertThat(space.accept(List.of(), large.parts().subList(5, 12))).isEqualTo(TAKEN);

        assertThat(space.heads().get(ann.origin())).isEqualTo(ann.head());
        assertThat(space.waiting()).isEmpty();
        Batch whole = space.missing(VersionVector.EMPTY, 1_000_000);
        assertThat(hashes(whole)).containsExactly(large.changeSet().hash());
        assertThat(whole.parts()).hasSize(12);
        Batch rest = space.missing(VersionVector.EMPTY, List.of(held(large, 9)), 1_000_000);
        assertThat(rest.changeSets()).isEmpty();
        assertThat(rest.parts()).extracting(Part::index).containsExactly(9, 10, 11);
        assertThat(rest.parts().get(0).bytes()).isEqualTo(large.parts().get(9).bytes());
        assertThat(space.missing(VersionVector.EMPTY, null, 1_000_000).parts()).isEmpty();
    }

    private static PartsHeld held(ChangeSets.InParts large, int count) {
        return new PartsHeld(
                large.changeSet().header().origin(), 1, large.changeSet().hash(), count);
    }

    @Test
    void aBatchOfPartsKeepsToItsBytes() {
        ChangeSets.InParts large = ann.writeInParts("a1", 12);
        space.accept(List.of(large.changeSet()), large.parts());
        int three = 3 * large.parts().get(0).bytes().length;

        assertThat(space.missing(VersionVector.EMPTY, List.of(held(large, 0)), three)
                        .parts())
                .hasSize(3);
        assertThat(space.missing(VersionVector.EMPTY, List.of(held(large, 0)), three - 1)
                        .parts())
                .hasSize(2);
        assertThat(space.missing(VersionVector.EMPTY, List.of(held(large, 0)), 1)
                        .parts())
                .hasSize(1);
    }

    @Test
    void aPartThatIsNotWhatTheChangeSetSaysIsRefusedWithAllThatCameWithIt() {
        ChangeSets.InParts large = ann.writeInParts("a1", 3);
        Part wrong = new Part(ann.origin(), 1, 0, new byte[large.parts().get(0).bytes().length]);

        assertThat(space.accept(List.of(large.changeSet()), List.of(wrong)))
                .isEqualTo(new Admission.BadPart(ann.origin(), 1, 0));
        assertThat(space.waiting()).isEmpty();
    }

    // ---- What is kept, by itself

    @Test
    void whatIsPutAgainIsPassedOverAndAnotherUnderTheSameNameIsAFork() {
        SpaceStore kept = store.space("shop");
        EncodedChangeSet a1 = ann.write("a1");
        EncodedChangeSet another = ChangeSets.of(1).write("another a1");
        EncodedChangeSet b1 = bob.write("b1");

        assertThat(kept.put(List.of(a1), List.of())).isEqualTo(TAKEN);
        assertThat(kept.put(List.of(a1), List.of())).isEqualTo(TAKEN);
        assertThat(kept.put(List.of(b1, another), List.of())).isEqualTo(new Admission.Fork(ann.origin(), 1));
        assertThat(kept.heads()).isEqualTo(Heads.of(Map.of(ann.origin(), a1.head())));
        assertThat(kept.hash(ann.origin(), 1)).isEqualTo(a1.hash());
        assertThat(kept.hash(bob.origin(), 1)).isNull();
        assertThat(kept.usage()).isEqualTo(new Usage(1, a1.bytes().length, 0));
    }

    @Test
    void ofTwoAtOnceUnderOneNameOneIsTaken() {
        // Both were found to fit before either was put, as by two processes.
        EncodedChangeSet a1 = ann.write("a1");
        EncodedChangeSet another = ChangeSets.of(1).write("another a1");
        try (RelayStore second = open()) {
            assertThat(store.space("shop").put(List.of(a1), List.of())).isEqualTo(TAKEN);
            assertThat(second.space("shop").put(List.of(another), List.of()))
                    .isEqualTo(new Admission.Fork(ann.origin(), 1));
        }
    }

    @Test
    void aRangeIsOfOneOriginAndKeepsToItsBytes() {
        SpaceStore kept = store.space("shop");
        EncodedChangeSet a1 = ann.write("one");
        EncodedChangeSet a2 = ann.write("two");
        EncodedChangeSet a3 = ann.write("six");
        kept.put(List.of(a1, bob.write("b1"), a2, a3), List.of());

        assertThat(hashes(kept.range(ann.origin(), 2, 1_000_000))).containsExactly(a2.hash(), a3.hash());
        assertThat(hashes(kept.range(ann.origin(), 1, 1))).containsExactly(a1.hash());
        assertThat(kept.range(ann.origin(), 4, 1_000_000)).isEmpty();
    }

    @Test
    void whatIsCutIsGoneAndItsHeadStays() {
        SpaceStore kept = store.space("shop");
        for (int i = 0; i < 2_500; i++) {
            ann.write("note " + i);
        }
        kept.put(ann.all(), List.of());
        ChangeSets.InParts large = bob.writeInParts("b1", 3);
        kept.put(List.of(large.changeSet()), large.parts());

        kept.cut(VersionVector.EMPTY.with(ann.origin(), 2_400).with(bob.origin(), 1));

        assertThat(kept.heads()).isEqualTo(Heads.of(Map.of(ann.origin(), ann.head(), bob.origin(), bob.head())));
        assertThat(kept.usage().changeSets()).isEqualTo(100);
        assertThat(kept.range(ann.origin(), 1, 1).get(0).header().seq()).isEqualTo(2_401);
        assertThat(kept.put(ann.all(), List.of())).isEqualTo(TAKEN);
        assertThat(kept.usage().changeSets()).isEqualTo(100);
    }

    @Test
    void aRecordIsReplacedOnlyByWhoKnowsIt() {
        SpaceStore kept = store.space("shop");
        VersionVector seen = VersionVector.EMPTY.with(ann.origin(), 3);
        SpaceRecord first = SpaceRecord.EMPTY
                .withFloor(seen)
                .withFence(seen)
                .withPurged(seen)
                .withMarks(List.of(new SpaceRecord.Mark(5, seen)))
                .withSnapshots(List.of(new SpaceRecord.Kept(
                        new Snapshot.Id(new Hash128(1, 2), 9),
                        Heads.of(Map.of(ann.origin(), new Head(3, new Hash128(3, 3)))))))
                .withRelay(bob.origin(), new SpaceRecord.Word(seen, seen, VersionVector.EMPTY, true, false))
                .withRelay(ann.origin(), new SpaceRecord.Word(seen, seen, VersionVector.EMPTY, true, false).forget());

        assertThat(kept.record()).isEqualTo(SpaceRecord.EMPTY);
        assertThat(kept.replace(SpaceRecord.EMPTY, first)).isTrue();
        assertThat(kept.replace(SpaceRecord.EMPTY, first.withFloor(VersionVector.EMPTY)))
                .isFalse();

        store.close();
        store = open();
        assertThat(store.space("shop").record()).isEqualTo(first);
        assertThat(store.space("other").record()).isEqualTo(SpaceRecord.EMPTY);
    }

    @Test
    void theBytesOfASnapshotComeInOrder() {
        SpaceStore kept = store.space("shop");
        Snapshot.Id id = new Snapshot.Id(new Hash128(1, 2), 10);
        Snapshot.Id other = new Snapshot.Id(new Hash128(3, 4), 10);
        kept.appendBlob(id, 0, new byte[] {0, 1, 2, 3});
        kept.appendBlob(other, 0, new byte[] {9});
        kept.appendBlob(id, 3, new byte[] {7, 7, 7});
        kept.appendBlob(id, 4, new byte[] {4, 5, 6, 7, 8, 9, 10});
        kept.appendBlob(id, 4, new byte[] {4, 5, 6, 7, 8, 9});

        assertThat(kept.blobLength(id)).isEqualTo(10);
        assertThat(kept.blobs()).containsExactly(id, other);
        assertThat(kept.readBlob(id, 2, 4)).containsExactly(2, 3, 4, 5);
        assertThat(kept.readBlob(id, 0, 100)).hasSize(10);
        assertThat(kept.readBlob(id, 10, 100)).isEmpty();
        assertThat(kept.usage().snapshotBytes()).isEqualTo(11);

        kept.dropBlob(id);
        assertThat(kept.blobs()).containsExactly(other);
        assertThat(kept.readBlob(id, 0, 100)).isEmpty();
        assertThat(kept.usage().snapshotBytes()).isEqualTo(1);
    }

    @Test
    void theLatestWordOfEachReplicaIsKeptAndFoundByWhatItHeld() {
        SpaceStore kept = store.space("shop");
        Hash128 then = new Hash128(1, 1);
        Hash128 now = new Hash128(2, 2);
        DigestPost brief = new DigestPost(new Hash128(5, 5), new TreeMap<>());
        DigestPost named = new DigestPost(new Hash128(6, 6), new TreeMap<>(Map.of("product", new Hash128(7, 7))));
        kept.putPost(bob.origin(), then, brief);
        kept.putPost(ann.origin(), then, brief);
        kept.putPost(ann.origin(), now, brief);
        kept.putPost(ann.origin(), now, named);
        kept.putPost(ann.origin(), now, named);

        assertThat(kept.posts(then)).containsExactly(new Comparison.Other(bob.origin(), brief));
        assertThat(kept.posts(now)).containsExactly(new Comparison.Other(ann.origin(), named));
        assertThat(store.space("other").posts(now)).isEmpty();

        store.close();
        store = open();
        assertThat(store.space("shop").posts(now)).containsExactly(new Comparison.Other(ann.origin(), named));
    }

    @Test
    void aStoreTellsThatAnotherHandlePutSomethingIntoIt() {
        long before = store.version();
        try (RelayStore second = open()) {
            second.space("shop").put(List.of(ann.write("a1")), List.of());
        }
        assertThat(store.version()).isNotEqualTo(before);
    }

    @Test
    void aClosedStoreSaysSo() {
        store.close();

        assertThatThrownBy(() -> space.heads())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> space.accept(List.of(ann.write("a1")))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aNameThatNoSpaceCanHaveIsRefused() {
        assertThatThrownBy(() -> store.space("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.space("a\nb")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store.space("x".repeat(201))).isInstanceOf(IllegalArgumentException.class);
        assertThat(space("x".repeat(200)).heads()).isEqualTo(Heads.NONE);
        assertThat(space("Lager / Süd").heads()).isEqualTo(Heads.NONE);
    }

    private static List<Hash128> hashes(Batch batch) {
        return hashes(batch.changeSets());
    }

    private static List<Hash128> hashes(List<EncodedChangeSet> changeSets) {
        return changeSets.stream().map(EncodedChangeSet::hash).toList();
    }
}
