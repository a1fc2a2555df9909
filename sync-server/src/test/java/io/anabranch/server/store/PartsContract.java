// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.ChangeSets;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.PartsHeld;
import io.anabranch.sync.session.Batch;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Change sets that come in parts. */
interface PartsContract extends StoreContract {
    @Test
    default void aChangeSetInPartsIsTakenWhenItIsWholeAndGivenOnInParts() {
        ChangeSets.InParts large = ann().writeInParts("a1", 12);

        assertThat(space().accept(List.of(large.changeSet()), large.parts().subList(0, 5)))
                .isEqualTo(TAKEN);
        assertThat(space().heads()).isEqualTo(Heads.NONE);
        assertThat(space().missing(VersionVector.EMPTY, 1_000_000)).isEqualTo(Batch.EMPTY);
        assertThat(space().waiting()).containsExactly(held(large, 5));

        reopen();
        assertThat(space().waiting()).containsExactly(held(large, 5));
        assertThat(space().accept(List.of(), large.parts().subList(5, 12))).isEqualTo(TAKEN);

        assertThat(space().heads().get(ann().origin())).isEqualTo(ann().head());
        assertThat(space().waiting()).isEmpty();
        Batch whole = space().missing(VersionVector.EMPTY, 1_000_000);
        assertThat(StoreContract.hashes(whole))
                .containsExactly(large.changeSet().hash());
        assertThat(whole.parts()).hasSize(12);
        Batch rest = space().missing(VersionVector.EMPTY, List.of(held(large, 9)), 1_000_000);
        assertThat(rest.changeSets()).isEmpty();
        assertThat(rest.parts()).extracting(Part::index).containsExactly(9, 10, 11);
        assertThat(rest.parts().get(0).bytes()).isEqualTo(large.parts().get(9).bytes());
        assertThat(space().missing(VersionVector.EMPTY, null, 1_000_000).parts())
                .isEmpty();
    }

    private static PartsHeld held(ChangeSets.InParts large, int count) {
        return new PartsHeld(
                large.changeSet().header().origin(), 1, large.changeSet().hash(), count);
    }

    @Test
    default void aBatchOfPartsKeepsToItsBytes() {
        ChangeSets.InParts large = ann().writeInParts("a1", 12);
        space().accept(List.of(large.changeSet()), large.parts());
        int three = 3 * large.parts().get(0).bytes().length;

        assertThat(space().missing(VersionVector.EMPTY, List.of(held(large, 0)), three)
                        .parts())
                .hasSize(3);
        assertThat(space().missing(VersionVector.EMPTY, List.of(held(large, 0)), three - 1)
                        .parts())
                .hasSize(2);
        assertThat(space().missing(VersionVector.EMPTY, List.of(held(large, 0)), 1)
                        .parts())
                .hasSize(1);
    }

    @Test
    default void aPartThatIsNotWhatTheChangeSetSaysIsRefusedWithAllThatCameWithIt() {
        ChangeSets.InParts large = ann().writeInParts("a1", 3);
        Part wrong =
                new Part(ann().origin(), 1, 0, new byte[large.parts().get(0).bytes().length]);

        assertThat(space().accept(List.of(large.changeSet()), List.of(wrong)))
                .isEqualTo(new Admission.BadPart(ann().origin(), 1, 0));
        assertThat(space().waiting()).isEmpty();
    }

    // ---- What is kept, by itself
}
