// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.Visibility.Candidate;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tries every set of four rows that claim up to two unique keys and refer to one another, and every set of three of which some
 * are refused. What shows must break no constraint, what is hidden must have a reason, and neither the order nor rows that a row
 * does not depend on may matter. Decisions that look right and are not must be caught, or the search proves nothing.
 */
class VisibilitySearchTest {
    private static final List<Set<String>> CLAIMS = List.of(Set.of(), Set.of("x"), Set.of("y"), Set.of("x", "y"));

    /** Returns the rows that show. */
    interface Decision {
        Set<String> shown(List<Candidate<String, String>> rows);
    }

    private static final Decision SHIPPED = rows -> Visibility.of(rows).entrySet().stream()
            .filter(verdict -> verdict.getValue().isShown())
            .map(Map.Entry::getKey)
            .collect(Collectors.toSet());

    @Test
    void everySmallSetOfRowsIsDecidedRightly() {
        assertThat(firstFault(SHIPPED)).isNull();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("wrongDecisions")
    void aWrongDecisionIsCaught(String name, Decision decision) {
        assertThat(firstFault(decision)).as(name).isNotNull();
    }

    /** Firm 2 shows unless firm 1 does, firm 1 refers to the sale, and the sale to firm 2. */
    @Test
    void rowsWithoutAnAnswerAreHiddenWithWhatHangsOnThem() {
        Candidate<String, String> firm1 = row(0, false, Set.of("x"), Set.of("of 2"));
        Candidate<String, String> firm2 = row(1, false, Set.of("x"), Set.of());
        Candidate<String, String> sale = row(2, false, Set.of(), Set.of("of 1"));
        Candidate<String, String> other = row(3, false, Set.of("y"), Set.of("of 2"));
        assertThat(SHIPPED.shown(List.of(firm1, firm2, sale, other))).isEmpty();
        assertThat(SHIPPED.shown(List.of(row(0, false, Set.of("x"), Set.of()), firm2, sale, other)))
                .containsExactly("r0");
    }

    // ---- The search

    private static @Nullable String firstFault(Decision decision) {
        String fault = tryAll(decision, new ArrayList<>(), 3, true);
        return fault != null ? fault : tryAll(decision, new ArrayList<>(), 4, false);
    }

    private static @Nullable String tryAll(
            Decision decision, List<Candidate<String, String>> rows, int count, boolean refuses) {
        if (rows.size() == count) {
            return fault(decision, rows);
        }
        for (Set<String> claims : CLAIMS) {
            for (int parent = -2; parent < count; parent++) {
                Set<String> needs = parent == -2 ? Set.of() : Set.of("of " + parent);
                if (parent == -1 && !refuses) {
                    continue; // A missing parent is tried with few rows alone.
                }
                for (int refused = 0; refused < (refuses ? 2 : 1); refused++) {
                    rows.add(row(rows.size(), refused == 1, claims, needs));
                    String fault = tryAll(decision, rows, count, refuses);
                    rows.remove(rows.size() - 1);
                    if (fault != null) {
                        return fault;
                    }
                }
            }
        }
        return null;
    }

    private static Candidate<String, String> row(int number, boolean refused, Set<String> claims, Set<String> needs) {
        // The last two are of one age, and their names decide.
        Age age = new Age(Math.min(number, 2), new Dot(Origin.of(0, 1), 1));
        return new Candidate<>("r" + number, age, refused, claims, needs, Set.of("of " + number));
    }

    private static @Nullable String fault(Decision decision, List<Candidate<String, String>> rows) {
        Set<String> shown = decision.shown(rows);
        List<Candidate<String, String>> reversed = new ArrayList<>(rows);
        Collections.reverse(reversed);
        if (!decision.shown(reversed).equals(shown)) {
            return "the order matters to " + rows;
        }
        for (Candidate<String, String> row : rows) {
            boolean isShown = shown.contains(row.row());
            if (isShown && !mayShow(row, rows, shown)) {
                return row.row() + " breaks a constraint among " + shown + " of " + rows;
            }
            if (decision.shown(dependencies(row, rows)).contains(row.row()) != isShown) {
                return row.row() + " depends on what it does not depend on in " + rows;
            }
        }
        Set<String> founded = founded(rows, shown);
        for (Candidate<String, String> row : rows) {
            boolean hasReason = shown.contains(row.row()) || founded.contains(row.row());
            if (!hasReason && !dependsOnItsOwnRivalry(row, rows)) {
                return row.row() + " is hidden without a reason beside " + shown + " of " + rows;
            }
        }
        return null;
    }

    private static boolean mayShow(
            Candidate<String, String> row, List<Candidate<String, String>> rows, Set<String> shown) {
        boolean isProvided = row.needs().isEmpty();
        for (Candidate<String, String> other : rows) {
            if (shown.contains(other.row())) {
                isProvided |= other.provides().containsAll(row.needs());
                if (!other.row().equals(row.row()) && !Collections.disjoint(other.claims(), row.claims())) {
                    return false;
                }
            }
        }
        return isProvided && !row.isRefused();
    }

    /** Returns the hidden rows whose reasons end in a row that shows, a parent that is missing, or a refusal. */
    private static Set<String> founded(List<Candidate<String, String>> rows, Set<String> shown) {
        Set<String> founded = new HashSet<>();
        for (int i = 0; i < rows.size(); i++) {
            for (Candidate<String, String> row : rows) {
                boolean hasRival = olderRivals(row, rows).stream().anyMatch(rival -> shown.contains(rival.row()));
                boolean isLost = !row.needs().isEmpty()
                        && providers(row, rows).stream().allMatch(parent -> founded.contains(parent.row()));
                if (!shown.contains(row.row()) && (row.isRefused() || hasRival || isLost)) {
                    founded.add(row.row());
                }
            }
        }
        return founded;
    }

    private static List<Candidate<String, String>> olderRivals(
            Candidate<String, String> row, List<Candidate<String, String>> rows) {
        return rows.stream()
                .filter(other -> other.compareTo(row) < 0 && !Collections.disjoint(other.claims(), row.claims()))
                .toList();
    }

    private static List<Candidate<String, String>> providers(
            Candidate<String, String> row, List<Candidate<String, String>> rows) {
        return rows.stream()
                .filter(other -> !row.needs().isEmpty() && other.provides().containsAll(row.needs()))
                .toList();
    }

    private static List<Candidate<String, String>> dependencies(
            Candidate<String, String> row, List<Candidate<String, String>> rows) {
        Map<String, Candidate<String, String>> reached = new LinkedHashMap<>();
        reached.put(row.row(), row);
        for (int i = 0; i < rows.size(); i++) {
            for (Candidate<String, String> each : List.copyOf(reached.values())) {
                olderRivals(each, rows).forEach(other -> reached.put(other.row(), other));
                providers(each, rows).forEach(other -> reached.put(other.row(), other));
            }
        }
        return new ArrayList<>(reached.values());
    }

    /** Returns whether a row that this one depends on, or it, depends on itself by way of an older rival. */
    private static boolean dependsOnItsOwnRivalry(Candidate<String, String> row, List<Candidate<String, String>> rows) {
        for (Candidate<String, String> each : dependencies(row, rows)) {
            for (Candidate<String, String> rival : olderRivals(each, rows)) {
                if (dependencies(rival, rows).contains(each)) {
                    return true;
                }
            }
        }
        return false;
    }

    // ---- Decisions that look right and are not

    static Stream<org.junit.jupiter.params.provider.Arguments> wrongDecisions() {
        Map<String, Decision> wrong = new LinkedHashMap<>();
        wrong.put("everything shows", rows -> names(rows));
        wrong.put("who comes first shows", VisibilitySearchTest::firstCome);
        wrong.put("hidden rows keep their unique keys", VisibilitySearchTest::hiddenRowsKeepTheirKeys);
        wrong.put("unique keys first, foreign keys afterwards", VisibilitySearchTest::uniqueKeysFirst);
        wrong.put("foreign keys first, unique keys afterwards", VisibilitySearchTest::foreignKeysFirst);
        wrong.put("circles of references hide", VisibilitySearchTest::circlesHide);
        wrong.put("what has no answer shows", VisibilitySearchTest::unansweredShows);
        return wrong.entrySet().stream()
                .map(each -> org.junit.jupiter.params.provider.Arguments.of(each.getKey(), each.getValue()));
    }

    private static Set<String> names(List<Candidate<String, String>> rows) {
        return rows.stream().map(Candidate::row).collect(Collectors.toSet());
    }

    private static Set<String> firstCome(List<Candidate<String, String>> rows) {
        List<Candidate<String, String>> shown = new ArrayList<>();
        for (Candidate<String, String> row : rows) {
            boolean isFree = shown.stream().allMatch(other -> Collections.disjoint(other.claims(), row.claims()));
            if (isFree && !row.isRefused()) {
                shown.add(row);
            }
        }
        return withParents(shown);
    }

    private static Set<String> hiddenRowsKeepTheirKeys(List<Candidate<String, String>> rows) {
        return withParents(rows.stream()
                .filter(row -> !row.isRefused() && olderRivals(row, rows).isEmpty())
                .toList());
    }

    private static Set<String> uniqueKeysFirst(List<Candidate<String, String>> rows) {
        return withParents(withoutRivals(rows));
    }

    private static Set<String> foreignKeysFirst(List<Candidate<String, String>> rows) {
        Set<String> provided = withParents(rows);
        return names(withoutRivals(
                rows.stream().filter(row -> provided.contains(row.row())).toList()));
    }

    private static List<Candidate<String, String>> withoutRivals(List<Candidate<String, String>> rows) {
        List<Candidate<String, String>> shown = new ArrayList<>();
        for (Candidate<String, String> row : new TreeSet<>(rows)) {
            boolean isFree = shown.stream().allMatch(other -> Collections.disjoint(other.claims(), row.claims()));
            if (isFree && !row.isRefused()) {
                shown.add(row);
            }
        }
        return shown;
    }

    private static Set<String> withParents(List<Candidate<String, String>> rows) {
        List<Candidate<String, String>> shown = new ArrayList<>(rows);
        shown.removeIf(Candidate::isRefused);
        while (shown.removeIf(
                row -> !row.needs().isEmpty() && providers(row, shown).isEmpty())) {
            // Again, without those that are gone.
        }
        return names(shown);
    }

    private static Set<String> circlesHide(List<Candidate<String, String>> rows) {
        Set<String> shown = new HashSet<>(SHIPPED.shown(rows));
        Set<String> grounded = new HashSet<>();
        for (int i = 0; i < rows.size(); i++) {
            for (Candidate<String, String> row : rows) {
                boolean isGrounded = row.needs().isEmpty()
                        || providers(row, rows).stream().anyMatch(parent -> grounded.contains(parent.row()));
                if (isGrounded && shown.contains(row.row())) {
                    grounded.add(row.row());
                }
            }
        }
        return grounded;
    }

    private static Set<String> unansweredShows(List<Candidate<String, String>> rows) {
        Set<String> shown = new HashSet<>(SHIPPED.shown(rows));
        Set<String> founded = founded(rows, shown);
        rows.stream().map(Candidate::row).filter(row -> !founded.contains(row)).forEach(shown::add);
        return shown;
    }
}
