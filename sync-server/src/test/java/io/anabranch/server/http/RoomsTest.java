// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.sync.change.ChangeSets;
import io.anabranch.sync.change.Heads;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class RoomsTest {
    private static final int TIMES = 50_000;

    private final Rooms<Object> rooms = new Rooms<>();

    /** One who came while the last of the others left was in a room that nobody told anything. */
    @Test
    void whoeverComesWhileTheLastLeavesIsFound() throws Exception {
        Callable<Integer> comingAndGoing = () -> {
            int lost = 0;
            for (int i = 0; i < TIMES; i++) {
                Object listener = new Object();
                rooms.enter("shop", listener);
                Rooms.Room<Object> room = rooms.of("shop");
                lost += room != null && room.listeners().contains(listener) ? 0 : 1;
                rooms.leave("shop", listener);
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
        assertThat(rooms.isEmpty()).isTrue();
    }

    @Test
    void whatWasTakenWhileSomebodyCameIsWhatItIsToldOf() {
        ChangeSets ann = ChangeSets.of(1);
        ann.write("a1");
        Heads older = Heads.of(Map.of(ann.origin(), ann.head()));
        ann.write("a2");
        Heads newer = Heads.of(Map.of(ann.origin(), ann.head()));
        Rooms.Room<Object> room = rooms.enter("shop", "listener");

        assertThat(room.move(newer)).as("nobody has begun to hear").isNull();
        assertThat(room.begin(older)).isEqualTo(newer);
        assertThat(room.move(newer)).as("told already").isNull();
    }
}
