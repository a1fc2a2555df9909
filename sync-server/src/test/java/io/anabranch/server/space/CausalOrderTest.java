// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.space;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.server.store.MemoryRelayStore;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.ChangeSets;
import io.anabranch.sync.change.ContextEntry;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.session.Batch;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a relay gives, cut anywhere, is taken by whoever takes a change set only after all that its writer had seen. */
class CausalOrderTest {
    private static final int WRITERS = 6;
    private static final int CHANGES = 300;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void everyCutOfWhatIsGivenIsCausallyClosed(long seed) {
        Random random = new Random(seed);
        RelaySpace full = space();
        List<ChangeSets> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            writers.add(ChangeSets.of(i + 1));
        }
        List<EncodedChangeSet> all = new ArrayList<>();
        for (int i = 0; i < CHANGES; i++) {
            ChangeSets writer = writers.get(random.nextInt(WRITERS));
            EncodedChangeSet seen =
                    all.isEmpty() ? null : all.get(all.size() - 1 - random.nextInt(Math.min(9, all.size())));
            boolean names = seen != null && !seen.header().origin().equals(writer.origin()) && isNews(writer, seen);
            all.add(names ? writer.write("note " + i, seen) : writer.write("note " + i));
        }
        assertThat(full.accept(all)).isEqualTo(new Admission.Next());

        RelaySpace other = space();
        VersionVector peer = VersionVector.EMPTY;
        int rounds = 0;
        while (!peer.dominates(full.heads().vector())) {
            Batch batch = full.missing(peer, 1 + random.nextInt(2_000));
            assertThat(batch.changeSets()).isNotEmpty();
            assertThat(other.accept(batch.changeSets())).isEqualTo(new Admission.Next());
            peer = other.heads().vector();
            rounds++;
        }
        assertThat(other.heads()).isEqualTo(full.heads());
        assertThat(rounds).isGreaterThan(10);
    }

    /** A context says only what is new to it. */
    private static boolean isNews(ChangeSets writer, EncodedChangeSet seen) {
        Origin origin = seen.header().origin();
        return writer.all().stream()
                .flatMap(set -> set.header().context().stream())
                .filter(entry -> entry.origin().equals(origin))
                .mapToLong(ContextEntry::seq)
                .noneMatch(seq -> seq >= seen.header().seq());
    }

    private static RelaySpace space() {
        return new RelaySpaces(new MemoryRelayStore(), Retention.DEFAULT).space("shop");
    }
}
