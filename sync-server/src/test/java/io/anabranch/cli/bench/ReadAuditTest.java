// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ReadAuditTest {
    private static final int ANN = 1;
    private static final int BOB = 2;
    private static final VersionVector NOTHING = VersionVector.EMPTY;

    private final Origin left = Origin.random(new Random(1));
    private final Origin right = Origin.random(new Random(2));
    private final ReadAudit audit = new ReadAudit();

    private static VersionVector vector(Origin origin) {
        return VersionVector.of(Map.of(origin, 1L));
    }

    private void assertRates(double stale, double ownLacking, double goneBack) {
        assertThat(audit.staleReadRate()).as("stale").isEqualTo(stale);
        assertThat(audit.readYourWritesViolationRate()).as("own").isEqualTo(ownLacking);
        assertThat(audit.monotonicViolationRate()).as("back").isEqualTo(goneBack);
    }

    @Test
    void aReadOfTheLatestWriteIsGood() {
        audit.wrote(ANN, "k", 1, new Dot(left, 1), NOTHING);
        audit.read(ANN, "k", 1, vector(left));

        assertRates(0, 0, 0);
    }

    @Test
    void aReadThatLacksAWriteOfAnotherClientIsStaleAndNoMore() {
        audit.wrote(ANN, "k", 1, new Dot(left, 1), NOTHING);
        audit.read(BOB, "k", 0, NOTHING);

        assertRates(1, 0, 0);
    }

    @Test
    void aReadThatLacksAWriteOfTheSameClientIsAlsoAViolation() {
        audit.wrote(ANN, "k", 1, new Dot(left, 1), NOTHING);
        audit.read(ANN, "k", 0, NOTHING);

        assertRates(1, 1, 0);
    }

    @Test
    void aReadOfWhatWasThereBeforeWhatOneHasReadGoesBack() {
        audit.wrote(ANN, "k", 1, new Dot(left, 1), NOTHING);
        audit.read(BOB, "k", 1, vector(left));
        audit.read(BOB, "k", 0, NOTHING);
        audit.read(BOB, "k", 0, NOTHING);

        assertRates(2 / 3.0, 0, 2 / 3.0);
    }

    @Test
    void keysAreJudgedApart() {
        audit.wrote(ANN, "k", 1, new Dot(left, 1), NOTHING);
        audit.read(ANN, "other", 0, NOTHING);

        assertRates(0, 0, 0);
    }

    @Test
    void whatLostToAWriteMadeApartIsNotLackingWhereBothAreHeld() {
        audit.wrote(ANN, "k", 1, new Dot(left, 1), NOTHING);
        audit.wrote(BOB, "k", 2, new Dot(right, 1), NOTHING);
        audit.read(BOB, "k", 1, vector(left).union(vector(right)));

        assertThat(audit.conflicts()).isEqualTo(1);
        assertRates(0, 0, 0);
    }

    @Test
    void whatLostIsLackingWhereItIsNotHeld() {
        audit.wrote(ANN, "k", 1, new Dot(left, 1), NOTHING);
        audit.wrote(BOB, "k", 2, new Dot(right, 1), NOTHING);
        audit.read(BOB, "k", 1, vector(left));

        assertRates(1, 1, 0);
    }

    @Test
    void aWriteThatSawTheOneBeforeIsNoConflict() {
        audit.wrote(ANN, "k", 1, new Dot(left, 1), NOTHING);
        audit.wrote(BOB, "k", 2, new Dot(right, 1), vector(left));
        audit.read(BOB, "k", 1, vector(left).union(vector(right)));

        assertThat(audit.conflicts()).isZero();
        assertRates(1, 1, 0);
    }

    @Test
    void theNinetyFifthPercentileIsWhatNinetyFiveOfAHundredDidNotExceed() {
        Latencies latencies = new Latencies();
        for (int i = 100; i >= 1; i--) {
            latencies.add(i * 1_000_000L);
        }

        assertThat(latencies.summary()).isEqualTo(new Latencies.Summary(100, 50.5, 95));
        assertThat(new Latencies().summary()).isEqualTo(new Latencies.Summary(0, 0, 0));
    }
}
