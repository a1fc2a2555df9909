// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.simulator.Topology.Link;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class TopologyTest {
    @Test
    void inARingEachAsksTheNext() {
        assertThat(links(Topology.RING, 3, 0)).containsExactly(new Link(0, 1), new Link(1, 2), new Link(2, 0));
    }

    @Test
    void inAStarAllAskTheRelay() {
        assertThat(links(Topology.STAR, 2, 1)).containsExactly(new Link(0, 2), new Link(1, 2));
    }

    @Test
    void withoutARelayTheFirstReplicaIsTheHub() {
        assertThat(links(Topology.STAR, 3, 0)).containsExactly(new Link(1, 0), new Link(2, 0));
    }

    @Test
    void inATreeEachAsksItsParent() {
        assertThat(links(Topology.TREE, 5, 0))
                .containsExactly(new Link(1, 0), new Link(2, 0), new Link(3, 1), new Link(4, 1));
    }

    @ParameterizedTest
    @EnumSource
    void everybodyIsReachedAndNoRelayAsks(Topology topology) {
        for (int replicas = 2; replicas < 9; replicas++) {
            for (int relays = 0; relays < 2; relays++) {
                List<Link> links = links(topology, replicas, relays);
                Set<Integer> reached = new HashSet<>(Set.of(0));
                for (int i = 0; i < replicas + relays; i++) {
                    for (Link link : links) {
                        if (reached.contains(link.from()) || reached.contains(link.to())) {
                            reached.addAll(Set.of(link.from(), link.to()));
                        }
                    }
                }
                assertThat(reached).hasSize(replicas + relays);
                assertThat(links).doesNotHaveDuplicates();
                int firstRelay = replicas;
                assertThat(links).allMatch(link -> link.from() < firstRelay && link.from() != link.to());
            }
        }
    }

    @Test
    void anUnknownNameSaysWhichThereAre() {
        assertThatThrownBy(() -> Topology.of("circle")).hasMessageContaining("it is ring, star, mesh");
    }

    private static List<Link> links(Topology topology, int replicas, int relays) {
        return topology.links(replicas, replicas + relays, new Random(3));
    }
}
