// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.change.ChangeSets;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.session.Batch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How a store gives what it holds: in causal order, as it came, and in batches. */
interface GivingContract extends StoreContract {
    @Test
    default void aNewSpaceIsEmpty() {
        assertThat(space().heads()).isEqualTo(Heads.NONE);
        assertThat(space().missing(VersionVector.EMPTY, 1_000)).isEqualTo(Batch.EMPTY);
    }

    @Test
    default void givesEachAfterWhatItsWriterHadSeen() {
        EncodedChangeSet b1 = bob().write("first");
        EncodedChangeSet a1 = ann().write("second", b1);
        EncodedChangeSet b2 = bob().write("third", a1);

        assertThat(space().accept(List.of(b1, a1))).isEqualTo(TAKEN);
        assertThat(space().accept(List.of(b2))).isEqualTo(TAKEN);

        assertThat(StoreContract.hashes(space().missing(VersionVector.EMPTY, 1_000_000)))
                .containsExactly(b1.hash(), a1.hash(), b2.hash());
        assertThat(space().heads()).isEqualTo(Heads.of(Map.of(ann().origin(), a1.head(), bob().origin(), b2.head())));
    }

    @Test
    default void givesTheVeryBytesThatItTook() {
        EncodedChangeSet a1 = ann().write("first");
        space().accept(List.of(a1));

        assertThat(space().missing(VersionVector.EMPTY, 1_000)
                        .changeSets()
                        .get(0)
                        .bytes())
                .isEqualTo(a1.bytes());
    }

    @Test
    default void passesOverWhatThePeerHas() {
        EncodedChangeSet a1 = ann().write("a1");
        EncodedChangeSet b1 = bob().write("b1");
        EncodedChangeSet a2 = ann().write("a2");
        EncodedChangeSet b2 = bob().write("b2");
        space().accept(List.of(a1, b1, a2, b2));

        VersionVector peer = VersionVector.EMPTY.with(ann().origin(), 1).with(bob().origin(), 2);
        assertThat(StoreContract.hashes(space().missing(peer, 1_000_000))).containsExactly(a2.hash());
    }

    @Test
    default void aPeerThatHasMoreLacksNothing() {
        space().accept(List.of(ann().write("a1")));

        VersionVector peer = VersionVector.EMPTY.with(ann().origin(), 5).with(bob().origin(), 2);
        assertThat(space().missing(peer, 1_000_000)).isEqualTo(Batch.EMPTY);
    }

    @Test
    default void oneByteOfRoomStillBringsOneChangeSetAtATime() {
        for (int i = 1; i <= 5; i++) {
            space().accept(List.of(ann().write("note " + i)));
        }
        VersionVector peer = VersionVector.EMPTY;
        List<Long> seqs = new ArrayList<>();
        List<Boolean> more = new ArrayList<>();
        for (int i = 1; i <= 5; i++) {
            Batch batch = space().missing(peer, 1);
            assertThat(batch.changeSets()).hasSize(1);
            long seq = batch.changeSets().get(0).header().seq();
            seqs.add(seq);
            more.add(batch.more());
            peer = peer.with(ann().origin(), seq);
        }
        assertThat(seqs).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(more).containsExactly(true, true, true, true, false);
    }

    @Test
    default void aBatchKeepsToItsBytes() {
        EncodedChangeSet a1 = ann().write("one");
        EncodedChangeSet a2 = ann().write("two");
        EncodedChangeSet a3 = ann().write("six");
        space().accept(List.of(a1, a2, a3));
        int two = a1.bytes().length + a2.bytes().length;

        assertThat(space().missing(VersionVector.EMPTY, two - 1).changeSets()).hasSize(1);
        assertThat(space().missing(VersionVector.EMPTY, two).changeSets()).hasSize(2);
        assertThat(space().missing(VersionVector.EMPTY, two + 1).more()).isTrue();
    }

    @Test
    default void spacesDoNotMeet() {
        space().accept(List.of(ann().write("a1")));

        assertThat(space("other").heads()).isEqualTo(Heads.NONE);
        assertThat(space("other").accept(List.of(ChangeSets.of(1).write("another a1"))))
                .isEqualTo(TAKEN);
    }

    @Test
    default void everythingOutlivesItsProcess() {
        EncodedChangeSet a1 = ann().write("a1");
        space().accept(List.of(a1));
        Origin relay = store().relay();
        Hash128 epoch = space().epoch();

        reopen();

        assertThat(store().relay()).isEqualTo(relay);
        assertThat(space("shop").epoch()).isEqualTo(epoch);
        assertThat(space("shop").heads()).isEqualTo(Heads.of(Map.of(ann().origin(), new Head(1, a1.hash()))));
        assertThat(StoreContract.hashes(space("shop").missing(VersionVector.EMPTY, 1)))
                .containsExactly(a1.hash());
    }

    // ---- Parts
}
