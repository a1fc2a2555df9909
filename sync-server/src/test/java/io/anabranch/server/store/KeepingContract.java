// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.change.ChangeSets;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.session.Comparison;
import io.anabranch.sync.session.DigestPost;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** What a store keeps of a space beside the change sets, and what it lets go. */
interface KeepingContract extends StoreContract {
    @Test
    default void aRangeIsOfOneOriginAndKeepsToItsBytes() {
        SpaceStore kept = store().space("shop");
        EncodedChangeSet a1 = ann().write("one");
        EncodedChangeSet a2 = ann().write("two");
        EncodedChangeSet a3 = ann().write("six");
        kept.put(List.of(a1, bob().write("b1"), a2, a3), List.of());

        assertThat(StoreContract.hashes(kept.range(ann().origin(), 2, 1_000_000)))
                .containsExactly(a2.hash(), a3.hash());
        assertThat(StoreContract.hashes(kept.range(ann().origin(), 1, 1))).containsExactly(a1.hash());
        assertThat(kept.range(ann().origin(), 4, 1_000_000)).isEmpty();
    }

    @Test
    default void whatIsCutIsGoneAndItsHeadStays() {
        SpaceStore kept = store().space("shop");
        for (int i = 0; i < 2_500; i++) {
            ann().write("note " + i);
        }
        kept.put(ann().all(), List.of());
        ChangeSets.InParts large = bob().writeInParts("b1", 3);
        kept.put(List.of(large.changeSet()), large.parts());

        kept.cut(VersionVector.EMPTY.with(ann().origin(), 2_400).with(bob().origin(), 1));

        assertThat(kept.heads())
                .isEqualTo(Heads.of(Map.of(ann().origin(), ann().head(), bob().origin(), bob().head())));
        assertThat(kept.usage().changeSets()).isEqualTo(100);
        assertThat(kept.range(ann().origin(), 1, 1).get(0).header().seq()).isEqualTo(2_401);
        assertThat(kept.put(ann().all(), List.of())).isEqualTo(TAKEN);
        assertThat(kept.usage().changeSets()).isEqualTo(100);
    }

    @Test
    default void aRecordIsReplacedOnlyByWhoKnowsIt() {
        SpaceStore kept = store().space("shop");
        VersionVector seen = VersionVector.EMPTY.with(ann().origin(), 3);
        SpaceRecord first = SpaceRecord.EMPTY
                .withFloor(seen)
                .withFence(seen)
                .withPurged(seen)
                .withMarks(List.of(new SpaceRecord.Mark(5, seen)))
                .withSnapshots(List.of(new SpaceRecord.Kept(
                        new Snapshot.Id(new Hash128(1, 2), 9),
                        Heads.of(Map.of(ann().origin(), new Head(3, new Hash128(3, 3)))))))
                .withRelay(bob().origin(), new SpaceRecord.Word(seen, seen, VersionVector.EMPTY, true, false))
                .withRelay(ann().origin(), new SpaceRecord.Word(seen, seen, VersionVector.EMPTY, true, false).forget());

        assertThat(kept.record()).isEqualTo(SpaceRecord.EMPTY);
        assertThat(kept.replace(SpaceRecord.EMPTY, first)).isTrue();
        assertThat(kept.replace(SpaceRecord.EMPTY, first.withFloor(VersionVector.EMPTY)))
                .isFalse();

        reopen();
        assertThat(store().space("shop").record()).isEqualTo(first);
        assertThat(store().space("other").record()).isEqualTo(SpaceRecord.EMPTY);
    }

    @Test
    default void theBytesOfASnapshotComeInOrder() {
        SpaceStore kept = store().space("shop");
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
    default void theLatestWordOfEachReplicaIsKeptAndFoundByWhatItHeld() {
        SpaceStore kept = store().space("shop");
        Hash128 then = new Hash128(1, 1);
        Hash128 now = new Hash128(2, 2);
        DigestPost brief = new DigestPost(new Hash128(5, 5), new TreeMap<>());
        DigestPost named = new DigestPost(new Hash128(6, 6), new TreeMap<>(Map.of("product", new Hash128(7, 7))));
        kept.putPost(bob().origin(), then, brief);
        kept.putPost(ann().origin(), then, brief);
        kept.putPost(ann().origin(), now, brief);
        kept.putPost(ann().origin(), now, named);
        kept.putPost(ann().origin(), now, named);

        assertThat(kept.posts(then)).containsExactly(new Comparison.Other(bob().origin(), brief));
        assertThat(kept.posts(now)).containsExactly(new Comparison.Other(ann().origin(), named));
        assertThat(store().space("other").posts(now)).isEmpty();

        reopen();
        assertThat(store().space("shop").posts(now)).containsExactly(new Comparison.Other(ann().origin(), named));
    }

    @Test
    default void anOriginBelongsToTheFamilyThatFirstClaimedItAndSoManyMay() {
        SpaceStore kept = store().space("shop");
        assertThat(kept.claimant(ann().origin())).isNull();
        assertThat(kept.claim(ann().origin(), "first", 1)).isEqualTo("first");
        assertThat(kept.claim(ann().origin(), "second", 2)).isEqualTo("first");
        assertThat(kept.claim(bob().origin(), "second", 1)).as("one is").isNull();
        assertThat(kept.claimant(bob().origin())).isNull();
        assertThat(kept.claim(ann().origin(), "first", 1))
                .as("it is bound already")
                .isEqualTo("first");
        assertThat(store().space("other").claim(ann().origin(), "third", 1)).isEqualTo("third");
        assertThat(kept.claim(bob().origin(), "second", 2)).isEqualTo("second");

        reopen();
        assertThat(store().space("shop").claimant(bob().origin())).isEqualTo("second");
    }

    @Test
    default void aStoreTellsThatAnotherHandlePutSomethingIntoIt() {
        long before = store().version();
        try (RelayStore second = open()) {
            second.space("shop").put(List.of(ann().write("a1")), List.of());
        }
        assertThat(store().version()).isNotEqualTo(before);
    }

    @Test
    default void aClosedStoreSaysSo() {
        store().close();

        assertThatThrownBy(() -> space().heads())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("closed");
        assertThatThrownBy(() -> space().accept(List.of(ann().write("a1")))).isInstanceOf(IllegalStateException.class);
    }

    @Test
    default void aNameThatNoSpaceCanHaveIsRefused() {
        assertThatThrownBy(() -> store().space("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store().space("a\nb")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> store().space("x".repeat(201))).isInstanceOf(IllegalArgumentException.class);
        assertThat(space("x".repeat(200)).heads()).isEqualTo(Heads.NONE);
        assertThat(space("Lager / Süd").heads()).isEqualTo(Heads.NONE);
    }
}
