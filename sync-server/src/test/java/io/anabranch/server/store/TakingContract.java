// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.ChangeSets;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Heads;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a store takes and what it refuses. */
interface TakingContract extends StoreContract {
    @Test
    default void whatIsKnownIsTakenAgainWithoutBeingKeptTwice() {
        EncodedChangeSet a1 = ann().write("a1");
        EncodedChangeSet a2 = ann().write("a2");
        space().accept(List.of(a1, a2));

        assertThat(space().accept(List.of(a1))).isEqualTo(TAKEN);
        assertThat(space().accept(List.of(a1, a2, ann().write("a3")))).isEqualTo(TAKEN);
        assertThat(space().missing(VersionVector.EMPTY, 1_000_000).changeSets()).hasSize(3);
    }

    @Test
    default void aGapIsRefusedWithAllThatCameWithIt() {
        EncodedChangeSet a1 = ann().write("a1");
        ann().write("a2");
        EncodedChangeSet a3 = ann().write("a3");

        assertThat(space().accept(List.of(bob().write("b1"), a1, a3)))
                .isEqualTo(new Admission.Gap(ann().origin(), 2, 3));
        assertThat(space().heads()).isEqualTo(Heads.NONE);
    }

    @Test
    default void aSeqUsedTwiceIsRefused() {
        EncodedChangeSet a1 = ann().write("a1");
        ChangeSets copy = ann().fork();
        space().accept(List.of(a1, ann().write("a2")));

        assertThat(space().accept(List.of(copy.write("another a2")))).isEqualTo(new Admission.Fork(ann().origin(), 2));
        assertThat(space().accept(List.of(ChangeSets.of(1).write("another a1"))))
                .isEqualTo(new Admission.Fork(ann().origin(), 1));
    }

    @Test
    default void aChangeSetThatFollowsAnotherHistoryIsRefused() {
        ChangeSets copy = ann().fork();
        space().accept(List.of(ann().write("a1")));
        copy.write("another a1");

        assertThat(space().accept(List.of(copy.write("a2 of the copy"))))
                .isEqualTo(new Admission.Fork(ann().origin(), 1));
    }

    @Test
    default void aChangeSetWhoseWriterHadSeenMoreIsRefused() {
        bob().write("b1");
        EncodedChangeSet b2 = bob().write("b2");
        EncodedChangeSet a1 = ann().write("a1", b2);

        assertThat(space().accept(List.of(a1))).isEqualTo(new Admission.MissingContext(bob().origin(), 2, 0));
        assertThat(space().heads()).isEqualTo(Heads.NONE);

        List<EncodedChangeSet> whole = new ArrayList<>(bob().all());
        whole.add(a1);
        assertThat(space().accept(whole)).isEqualTo(TAKEN);
    }

    @Test
    default void aChangeSetWhoseWriterHadSeenAnotherHistoryIsRefused() {
        space().accept(List.of(bob().write("b1"), bob().write("b2")));
        EncodedChangeSet foreign = ChangeSets.of(2).write("another b1");

        assertThat(space().accept(List.of(ann().write("a1", foreign))))
                .isEqualTo(new Admission.Fork(bob().origin(), 1));
    }

    @Test
    default void aRefusalDoesNotHinderTheNext() {
        EncodedChangeSet a1 = ann().write("a1");
        EncodedChangeSet a2 = ann().write("a2");
        space().accept(List.of(a2));

        assertThat(space().accept(List.of(a1, a2))).isEqualTo(TAKEN);
    }

    @Test
    default void whatIsPutAgainIsPassedOverAndAnotherUnderTheSameNameIsAFork() {
        SpaceStore kept = store().space("shop");
        EncodedChangeSet a1 = ann().write("a1");
        EncodedChangeSet another = ChangeSets.of(1).write("another a1");
        EncodedChangeSet b1 = bob().write("b1");

        assertThat(kept.put(List.of(a1), List.of())).isEqualTo(TAKEN);
        assertThat(kept.put(List.of(a1), List.of())).isEqualTo(TAKEN);
        assertThat(kept.put(List.of(b1, another), List.of())).isEqualTo(new Admission.Fork(ann().origin(), 1));
        assertThat(kept.heads()).isEqualTo(Heads.of(Map.of(ann().origin(), a1.head())));
        assertThat(kept.hash(ann().origin(), 1)).isEqualTo(a1.hash());
        assertThat(kept.hash(bob().origin(), 1)).isNull();
        assertThat(kept.usage()).isEqualTo(new Usage(1, a1.bytes().length, 0));
    }

    @Test
    default void ofTwoAtOnceUnderOneNameOneIsTaken() {
        // Both were found to fit before either was put, as by two processes.
        EncodedChangeSet a1 = ann().write("a1");
        EncodedChangeSet another = ChangeSets.of(1).write("another a1");
        try (RelayStore second = open()) {
            assertThat(store().space("shop").put(List.of(a1), List.of())).isEqualTo(TAKEN);
            assertThat(second.space("shop").put(List.of(another), List.of()))
                    .isEqualTo(new Admission.Fork(ann().origin(), 1));
        }
    }
}
