// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class TallyTest {
    private static final int TIMES = 500_000;

    private final Tally tally = new Tally();

    @Test
    void eachCallerIsCountedByItself() {
        assertThat(tally.enter("ann")).isEqualTo(1);
        assertThat(tally.enter("ann")).isEqualTo(2);
        assertThat(tally.enter("bob")).isEqualTo(1);
        tally.leave("ann");
        assertThat(tally.of("ann")).isEqualTo(1);
        tally.leave("ann");
        assertThat(tally.of("ann")).isZero();
        assertThat(tally.of("bob")).isEqualTo(1);
    }

    /** A listener that came while the last one of its token left was in no count, and more than might listen did. */
    @Test
    void whoeverComesWhileTheLastLeavesIsCounted() throws Exception {
        Callable<Integer> comingAndGoing = () -> {
            int lost = 0;
            for (int i = 0; i < TIMES; i++) {
                tally.enter("ann");
                lost += tally.of("ann") < 1 ? 1 : 0;
                tally.leave("ann");
            }
            return lost;
        };
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Integer> lost = new ArrayList<>();
            for (Future<Integer> each :
                    threads.invokeAll(List.of(comingAndGoing, comingAndGoing, comingAndGoing, comingAndGoing))) {
                lost.add(each.get());
            }
            assertThat(lost).containsOnly(0);
        } finally {
            threads.shutdown();
        }
        assertThat(tally.of("ann")).isZero();
    }
}
