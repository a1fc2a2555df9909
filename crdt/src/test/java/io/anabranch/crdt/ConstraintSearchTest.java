// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.Visibility.Candidate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tries every history, up to a depth, of two rivals for a unique value and a child of theirs: three replicas insert, give the
 * value up, move the child, delete, pull everything or one change, and join whole states, with clocks that disagree. What shows
 * breaks no constraint, what does not has a reason that holds, and replicas that have everything are equal, whatever way it
 * came. Rules that look right and are not must be caught, or the search proves nothing.
 */
@Tag("large")
class ConstraintSearchTest {
    private static final boolean LONG = Boolean.getBoolean("anabranch.long");

    private record Shipped(boolean revives) implements ConstraintWorld.Rules {}

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void everyShortHistoryShowsWhatItsConstraintsAllow(boolean revives, TestReporter reporter) {
        Found found = search(new Shipped(revives), LONG ? 6 : 5);
        assertThat(found.fault).isNull();
        assertThat(found.worlds).isGreaterThan(1_000);
        reporter.publishEntry(revives ? "worlds, revive" : "worlds, hide", Integer.toString(found.worlds));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenRules")
    void aBrokenRuleIsCaught(String name, ConstraintWorld.Rules rules) {
        assertThat(search(rules, 5).fault).as(name).isNotNull();
    }

    static Stream<Arguments> brokenRules() {
        return Stream.of(
                        new FirstToArriveShows(false),
                        new YoungestShows(false),
                        new EditsMakeYounger(false),
                        new HiddenParentsCount(false),
                        new ChildrenTouchNobody(true))
                .map(each -> Arguments.of(each.getClass().getSimpleName(), each));
    }

    // ---- The search

    private record Found(@Nullable String fault, int worlds) {}

    /** Breadth first, so that what it finds is as short as can be. */
    private static Found search(ConstraintWorld.Rules rules, int depth) {
        Map<ConstraintWorld, List<String>> worlds = new LinkedHashMap<>();
        worlds.put(ConstraintWorld.of(rules), List.of());
        Set<ConstraintWorld> known = new HashSet<>(worlds.keySet());
        for (int d = 1; d <= depth; d++) {
            boolean isLast = d == depth;
            Map<ConstraintWorld, List<String>> next = new LinkedHashMap<>();
            for (Map.Entry<ConstraintWorld, List<String>> entry : worlds.entrySet()) {
                for (Map.Entry<String, ConstraintWorld> step :
                        entry.getKey().steps().entrySet()) {
                    if (known.add(step.getValue())) {
                        String fault = step.getValue().fault();
                        if (fault != null) {
                            return new Found(entry.getValue() + ", " + step.getKey() + ": " + fault, known.size());
                        }
                        if (!isLast) {
                            List<String> path = new ArrayList<>(entry.getValue());
                            path.add(step.getKey());
                            next.put(step.getValue(), path);
                        }
                    }
                }
            }
            worlds = next;
        }
        return new Found(null, known.size());
    }

    // ---- Rules that look right and are not

    /** A row that shows goes on showing. */
    private record FirstToArriveShows(boolean revives) implements ConstraintWorld.Rules {
        @Override
        public Set<String> shown(SortedMap<String, RowLives<String, String>> rows, Set<String> before) {
            List<Candidate<String, String>> candidates = new ArrayList<>();
            for (Candidate<String, String> each : candidates(rows)) {
                long rank = before.contains(each.row()) ? 0 : 1;
                Age age = new Age(rank, each.age().life());
                candidates.add(new Candidate<>(each.row(), age, false, each.claims(), each.needs(), each.provides()));
            }
            return ConstraintWorld.shownOf(candidates);
        }
    }

    private record YoungestShows(boolean revives) implements ConstraintWorld.Rules {
        @Override
        public Set<String> shown(SortedMap<String, RowLives<String, String>> rows, Set<String> before) {
            List<Candidate<String, String>> candidates = new ArrayList<>();
            for (Candidate<String, String> each : candidates(rows)) {
                Age age = new Age(-each.age().rank(), each.age().life());
                candidates.add(new Candidate<>(each.row(), age, false, each.claims(), each.needs(), each.provides()));
            }
            return ConstraintWorld.shownOf(candidates);
        }
    }

    /** As old as the last write of its unique value. */
    private record EditsMakeYounger(boolean revives) implements ConstraintWorld.Rules {
        @Override
        public Set<String> shown(SortedMap<String, RowLives<String, String>> rows, Set<String> before) {
            List<Candidate<String, String>> candidates = new ArrayList<>();
            for (Candidate<String, String> each : candidates(rows)) {
                LwwRegister<String> value = rows.get(each.row()).register("unique");
                Age age = value == null ? each.age() : new Age(value.rank(), value.dot());
                candidates.add(new Candidate<>(each.row(), age, false, each.claims(), each.needs(), each.provides()));
            }
            return ConstraintWorld.shownOf(candidates);
        }
    }

    /** A parent that is there for the state is there for its children, though it does not show. */
    private record HiddenParentsCount(boolean revives) implements ConstraintWorld.Rules {
        @Override
        public Set<String> shown(SortedMap<String, RowLives<String, String>> rows, Set<String> before) {
            List<Candidate<String, String>> candidates = new ArrayList<>();
            for (Candidate<String, String> each : candidates(rows)) {
                Set<String> needs = new TreeSet<>(each.needs());
                rows.forEach((name, row) -> needs.removeIf(need -> row.isShown() && need.equals("row " + name)));
                candidates.add(new Candidate<>(each.row(), each.age(), false, each.claims(), needs, each.provides()));
            }
            return ConstraintWorld.shownOf(candidates);
        }
    }

    /** A delete that had not seen the child ends the parent. */
    private record ChildrenTouchNobody(boolean revives) implements ConstraintWorld.Rules {
        @Override
        public boolean touchesParents() {
            return false;
        }
    }
}
