// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.server.space.RelaySpaces;
import io.anabranch.server.space.Retention;
import io.anabranch.server.space.Space;
import io.anabranch.server.store.MemoryRelayStore;
import io.anabranch.sync.change.ChangeSets;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.Snapshot;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each bound on room at one below, at it, and one above. */
class QuotaTest {
    private final ChangeSets ann = ChangeSets.of(1);
    private final ChangeSets bob = ChangeSets.of(2);
    private final EncodedChangeSet a1 = ann.write("a1");
    private final Space space = new RelaySpaces(new MemoryRelayStore(), Retention.DEFAULT).space("shop");
    private long free = Long.MAX_VALUE;

    @Test
    void theDiskHasToHaveSoMuchRoomForAnything() {
        Limits.Builder limits = Limits.builder().freeDiskBytes(1_000);
        free = 1_001;
        assertThat(code(limits, List.of(a1), List.of())).isEmpty();
        assertThat(codeOfSnapshot(limits, 1)).isEmpty();
        free = 1_000;
        assertThat(code(limits, List.of(a1), List.of())).isEmpty();
        assertThat(codeOfSnapshot(limits, 1)).isEmpty();
        free = 999;
        assertThat(code(limits, List.of(a1), List.of())).isEqualTo("disk-low");
        assertThat(code(limits, List.of(), List.of(part(1)))).isEqualTo("disk-low");
        assertThat(codeOfSnapshot(limits, 1)).isEqualTo("disk-low");
        assertThat(code(limits, List.of(), List.of()))
                .as("who brings nothing needs no room")
                .isEmpty();
    }

    @Test
    void byDefault64MiBStayFree() {
        free = 64L << 20;
        assertThat(code(Limits.builder(), List.of(a1), List.of())).isEmpty();
        free--;
        assertThat(code(Limits.builder(), List.of(a1), List.of())).isEqualTo("disk-low");
    }

    @Test
    void bytesOfChangeSetsAndTheirPartsCountTogether() {
        int bytes = a1.bytes().length;
        Limits.Builder limits = Limits.builder().spaceBytes(bytes + 100);
        assertThat(code(limits, List.of(a1), List.of(part(99)))).isEmpty();
        assertThat(code(limits, List.of(a1), List.of(part(60), part(40)))).isEmpty();
        assertThat(code(limits, List.of(a1), List.of(part(101)))).isEqualTo("quota-bytes");
        space.accept(List.of(a1));
        assertThat(code(limits, List.of(), List.of(part(100)))).isEmpty();
        assertThat(code(limits, List.of(), List.of(part(101)))).isEqualTo("quota-bytes");
    }

    @Test
    void bytesOfSnapshotsCountBesideTheChangeSets() {
        space.accept(List.of(a1));
        int bytes = a1.bytes().length;
        Limits.Builder limits = Limits.builder().spaceBytes(bytes + 1_000);
        assertThat(codeOfSnapshot(limits, 999)).isEmpty();
        assertThat(codeOfSnapshot(limits, 1_000)).isEmpty();
        assertThat(codeOfSnapshot(limits, 1_001)).isEqualTo("quota-bytes");

        space.receive(new Snapshot.Id(new Hash128(1, 2), 5_000), 0, new byte[600]);
        assertThat(codeOfSnapshot(limits, 400)).isEmpty();
        assertThat(codeOfSnapshot(limits, 401))
                .as("also while it is on its way")
                .isEqualTo("quota-bytes");
        assertThat(code(limits, List.of(), List.of(part(401)))).isEqualTo("quota-bytes");
    }

    @Test
    void changeSetsAreCounted() {
        space.accept(List.of(a1));
        Limits.Builder limits = Limits.builder().spaceChangeSets(3);
        EncodedChangeSet a2 = ann.write("a2");
        EncodedChangeSet a3 = ann.write("a3");
        assertThat(code(limits, List.of(a2), List.of())).isEmpty();
        assertThat(code(limits, List.of(a2, a3), List.of())).isEmpty();
        assertThat(code(limits, List.of(a2, a3, ann.write("a4")), List.of())).isEqualTo("quota-change-sets");
    }

    @Test
    void originsAreCounted() {
        space.accept(List.of(a1));
        EncodedChangeSet b1 = bob.write("b1");
        Limits.Builder limits = Limits.builder().spaceOrigins(2);
        assertThat(code(limits, List.of(ann.write("a2")), List.of())).isEmpty();
        assertThat(code(limits, List.of(b1, bob.write("b2")), List.of())).isEmpty();
        assertThat(code(limits, List.of(b1, ChangeSets.of(3).write("c1")), List.of()))
                .isEqualTo("quota-origins");
    }

    private Part part(int bytes) {
        return new Part(ann.origin(), 2, 0, new byte[bytes]);
    }

    /** Returns the code of the refusal; empty if there is room. */
    private String code(Limits.Builder limits, List<EncodedChangeSet> news, List<Part> parts) {
        try {
            new Quota(limits.build(), () -> free, () -> true).requireRoom(space, news, parts);
            return "";
        } catch (Problem problem) {
            return refusal(problem);
        }
    }

    private String codeOfSnapshot(Limits.Builder limits, int bytes) {
        try {
            new Quota(limits.build(), () -> free, () -> true).requireRoom(space, bytes);
            return "";
        } catch (Problem problem) {
            return refusal(problem);
        }
    }

    private static String refusal(Problem problem) {
        assertThat(problem.status()).isEqualTo(507);
        assertThat(problem.headers()).containsEntry("Retry-After", "300");
        return problem.code();
    }
}
