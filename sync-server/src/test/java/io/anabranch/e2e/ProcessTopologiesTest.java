// SPDX-License-Identifier: Apache-2.0
package io.anabranch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.e2e.ProcessWorld.Passed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Layouts of replicas and relays in processes of their own: what a write costs, who gets it while a node is lost, and that all
 * show the same once it is back. Prints what it measures; docs/topologies.md shows a run with {@code -Danabranch.long=true}, which
 * writes more often.
 */
@Timeout(300)
class ProcessTopologiesTest {
    private static final int WRITES = Boolean.getBoolean("anabranch.long") ? 40 : 4;
    private static final String PUSH = "--push-only";

    @TempDir
    Path folder;

    private ProcessWorld world;

    @AfterEach
    void stop() {
        world.close();
    }

    private List<String> replicas(String... names) {
        world = new ProcessWorld(folder, names);
        return List.of(names);
    }

    // ---- Layouts

    @Test
    void aStarWaitsForItsHub() {
        List<String> all = replicas("a", "b", "c", "d", "e");
        world.relay("hub");
        all.forEach(name -> world.link(name, "hub"));
        measure("star through a relay", all);

        world.kill("hub");
        String whileAway = world.write("a");
        String another = world.write("b");
        assertShownBy(whileAway, "a");
        assertShownBy(another, "b");

        world.revive("hub");
        world.awaitConverged();
    }

    @Test
    void aRingOfLinksThatGoOneWayStallsBehindAGapUntilALinkIsAdded() {
        List<String> all = replicas("a", "b", "c", "d", "e");
        world.serve("a", "b", "c", "d", "e");
        for (int i = 0; i < all.size(); i++) {
            world.link(all.get(i), all.get((i + 1) % all.size()), PUSH);
        }
        measure("ring, one way", all);

        world.kill("c");
        String before = world.write("a");
        String behind = world.write("d");
        world.awaitShown(behind, List.of("d", "e", "a", "b"));
        world.awaitShown(before, List.of("a", "b"));
        assertShownBy(before, "a", "b");

        world.link("b", "d", PUSH);
        world.awaitShown(before, List.of("a", "b", "d", "e"));
        assertShownBy(before, "a", "b", "d", "e");

        world.revive("c");
        world.awaitConverged();
    }

    @Test
    void amongAllToAllWhoeverIsLeftGoesOn() {
        List<String> all = replicas("a", "b", "c", "d", "e");
        world.serve("a", "b", "c", "d");
        for (int i = 0; i < all.size(); i++) {
            for (String earlier : all.subList(0, i)) {
                world.link(all.get(i), earlier);
            }
        }
        measure("all-to-all", all);

        world.kill("c");
        for (String name : List.of("a", "b", "d", "e")) {
            world.awaitShown(world.write(name), List.of("a", "b", "d", "e"));
        }

        world.revive("c");
        world.awaitConverged();
    }

    @Test
    void aChainOfRelaysIsTwoWhileItsMiddleIsLostUntilALinkIsAdded() {
        List<String> all = replicas("a", "b", "c");
        world.relay("left");
        world.relay("middle", "left");
        world.relay("right", "middle");
        world.link("a", "left");
        world.link("b", "left");
        world.link("c", "right");
        measure("chain of three relays", all);

        world.kill("middle");
        String here = world.write("a");
        String there = world.write("c");
        world.awaitShown(here, List.of("a", "b"));
        assertShownBy(here, "a", "b");
        assertShownBy(there, "c");

        world.link("c", "left");
        world.awaitShown(here, all);
        world.awaitShown(there, all);

        world.revive("middle");
        world.awaitConverged();
    }

    @Test
    void aTreeLosesWhatIsBelowALostNode() {
        List<String> all = replicas("a", "b", "c", "d");
        world.relay("root");
        world.relay("west", "root");
        world.relay("east", "root");
        world.link("a", "west");
        world.link("b", "west");
        world.link("c", "east");
        world.link("d", "east");
        measure("tree of relays", all);

        world.kill("east");
        String inTheWest = world.write("a");
        String below = world.write("c");
        world.awaitShown(inTheWest, List.of("a", "b"));
        assertShownBy(inTheWest, "a", "b");
        assertShownBy(below, "c");

        world.revive("east");
        world.awaitConverged();
    }

    // ---- What is looked at

    /** Settles the layout, lets each replica write, and prints what the first one's writes cost. */
    private void measure(String layout, List<String> all) {
        all.forEach(name -> {
            world.awaitShown(ProcessWorld.SHARED, List.of(name));
            world.awaitShown(world.write(name), all);
        });
        List<Long> millis = new ArrayList<>();
        Passed before = world.passed();
        for (int i = 0; i < WRITES; i++) {
            millis.add(world.awaitShown(world.write("a"), all));
        }
        Passed passed = world.passed().since(before);
        Collections.sort(millis);
        System.out.println("topologies: " + layout + ": " + millis.get(millis.size() / 2) + " ms median, "
                + millis.get(millis.size() - 1) + " ms at most; for each write "
                + String.format("%.1f", passed.requests() / (double) WRITES) + " requests and "
                + passed.bytes() / WRITES + " bytes");
    }

    /** Checks who shows a row: nobody else can have it, however long one waits. */
    private void assertShownBy(String id, String... names) {
        for (String name : List.of("a", "b", "c", "d", "e")) {
            if (world.file(name).toFile().exists()) {
                assertThat(world.shows(name, id))
                        .as(name + " shows " + id)
                        .isEqualTo(Arrays.asList(names).contains(name));
            }
        }
    }
}
