// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which of a set of rows a table with constraints shows. State takes every row; this decides, from the rows alone, which of
 * them would break a constraint together:
 *
 * <ul>
 *   <li>a row is hidden if an older row that shows claims a unique key that it claims too, and
 *   <li>if nothing that shows provides what a foreign key of it needs, and
 *   <li>if it is refused for its own sake (a NULL in a NOT NULL column); otherwise it shows.
 * </ul>
 *
 * <p>Rows that refer to each other in a circle show together. A row whose showing would be the reason why it is hidden (its
 * parent's older rival refers to the row itself) has no answer: it is hidden, and so is what hangs on it.
 *
 * <p>A pure function of the set, whatever order the rows are given in. It is enough to give the rows that a change can reach:
 * the verdict on a row depends on its older rivals and on its providers alone.
 *
 * <p>Source: "hidden" is the well-founded model of these rules (van Gelder, Ross, Schlipf, "The Well-Founded Semantics for
 * General Logic Programs", JACM 38(3), 1991), with what is undefined hidden. Costs O(rows) for each alternation of rivals
 * and references; one for rows that have only one of the two.
 *
 * @param <R> what names a row; breaks ties between rows of one age
 * @param <K> a unique key with its values, or what a foreign key asks for; compared by {@code equals}
 */
public final class Visibility<R extends Comparable<R>, K> {
    /**
     * A row that state shows.
     *
     * @param isRefused whether it cannot show for its own sake
     * @param claims the unique keys that it holds if it shows
     * @param needs what must be provided by rows that show
     * @param provides what it provides if it shows
     */
    public record Candidate<R extends Comparable<R>, K>(
            R row, Age age, boolean isRefused, Set<K> claims, Set<K> needs, Set<K> provides)
            implements Comparable<Candidate<R, K>> {
        @Override
        public int compareTo(Candidate<R, K> other) {
            int order = age.compareTo(other.age);
            return order != 0 ? order : row.compareTo(other.row);
        }
    }

    /** Why a row shows or does not. */
    public sealed interface Verdict<R, K> {
        record Shown<R, K>() implements Verdict<R, K> {}

        /**
         * It shows again once {@code older} no longer shows, or one of the two no longer claims {@code key}.
         *
         * @param isOpen whether the question has no answer, since it hangs on itself; then {@code older} is hidden for that too
         */
        record Rival<R, K>(K key, R older, boolean isOpen) implements Verdict<R, K> {}

        /**
         * It shows again once something that provides {@code need} shows.
         *
         * @param isOpen whether the question has no answer, since it hangs on itself
         */
        record Orphan<R, K>(K need, boolean isOpen) implements Verdict<R, K> {}

        record Refused<R, K>() implements Verdict<R, K> {}

        default boolean isShown() {
            return this instanceof Verdict.Shown;
        }

        /** Returns whether the row is hidden for want of an answer. It keeps younger rivals from showing all the same. */
        default boolean isOpen() {
            return false;
        }
    }

    private final List<Candidate<R, K>> byAge;
    private final Map<R, Verdict<R, K>> verdicts = new HashMap<>();
    /** By claim, oldest first. */
    private final Map<K, List<Candidate<R, K>>> claimants = new HashMap<>();

    private final Map<K, List<Candidate<R, K>>> providers = new HashMap<>();

    private Visibility(Collection<Candidate<R, K>> rows) {
        byAge = new ArrayList<>(rows);
        byAge.sort(null);
        for (Candidate<R, K> row : byAge) {
            row.claims.forEach(key ->
                    claimants.computeIfAbsent(key, k -> new ArrayList<>()).add(row));
            row.provides.forEach(key ->
                    providers.computeIfAbsent(key, k -> new ArrayList<>()).add(row));
        }
    }

    /** Returns the verdict on each row. */
    public static <R extends Comparable<R>, K> Map<R, Verdict<R, K>> of(Collection<Candidate<R, K>> rows) {
        Visibility<R, K> visibility = new Visibility<>(rows);
        boolean changed = true;
        while (changed) {
            changed = visibility.hideWhatMust();
            changed |= visibility.showWhatNothingCanHide();
        }
        visibility.hideWhatHasNoAnswer();
        return visibility.verdicts;
    }

    // ---- Hiding

    private boolean hideWhatMust() {
        boolean any = false;
        boolean changed = true;
        while (changed) {
            changed = false;
            for (Candidate<R, K> row : byAge) {
                Verdict<R, K> verdict = isOpen(row) ? reasonToHide(row) : null;
                if (verdict != null) {
                    verdicts.put(row.row, verdict);
                    changed = true;
                    any = true;
                }
            }
        }
        return any;
    }

    private @Nullable Verdict<R, K> reasonToHide(Candidate<R, K> row) {
        if (row.isRefused) {
            return new Verdict.Refused<>();
        }
        for (K key : row.claims) {
            for (Candidate<R, K> rival : olderRivals(row, key)) {
                if (isShown(rival)) {
                    return new Verdict.Rival<>(key, rival.row, false);
                }
            }
        }
        for (K need : row.needs) {
            boolean isLost = true;
            for (Candidate<R, K> provider : providers.getOrDefault(need, List.of())) {
                isLost &= isHidden(provider);
            }
            if (isLost) {
                return new Verdict.Orphan<>(need, false);
            }
        }
        return null;
    }

    private List<Candidate<R, K>> olderRivals(Candidate<R, K> row, K key) {
        List<Candidate<R, K>> rivals = claimants.getOrDefault(key, List.of());
        return rivals.subList(0, Collections.binarySearch(rivals, row));
    }

    // ---- Showing

    /** Shows the largest set of open rows in which nobody could hide another, so that circles of references show. */
    private boolean showWhatNothingCanHide() {
        Set<R> safe = new HashSet<>();
        for (Candidate<R, K> row : byAge) {
            if (isOpen(row) && hasOnlyHiddenRivals(row)) {
                safe.add(row.row);
            }
        }
        boolean changed = true;
        while (changed) {
            changed = false;
            for (Candidate<R, K> row : byAge) {
                if (safe.contains(row.row) && !isProvidedFor(row, safe)) {
                    safe.remove(row.row);
                    changed = true;
                }
            }
        }
        safe.forEach(row -> verdicts.put(row, new Verdict.Shown<>()));
        return !safe.isEmpty();
    }

    private boolean hasOnlyHiddenRivals(Candidate<R, K> row) {
        for (K key : row.claims) {
            for (Candidate<R, K> rival : olderRivals(row, key)) {
                if (!isHidden(rival)) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean isProvidedFor(Candidate<R, K> row, Set<R> safe) {
        for (K need : row.needs) {
            boolean isProvided = false;
            for (Candidate<R, K> provider : providers.getOrDefault(need, List.of())) {
                isProvided |= isShown(provider) || safe.contains(provider.row);
            }
            if (!isProvided) {
                return false;
            }
        }
        return true;
    }

    // ---- What has no answer

    private void hideWhatHasNoAnswer() {
        Set<R> open = new HashSet<>();
        for (Candidate<R, K> row : byAge) {
            if (isOpen(row)) {
                open.add(row.row);
            }
        }
        for (Candidate<R, K> row : byAge) {
            if (open.contains(row.row)) {
                verdicts.put(row.row, reasonWithoutAnswer(row, open));
            }
        }
    }

    /** Names what it hangs on, which is hidden for want of an answer too. */
    private Verdict<R, K> reasonWithoutAnswer(Candidate<R, K> row, Set<R> open) {
        for (K key : row.claims) {
            for (Candidate<R, K> rival : olderRivals(row, key)) {
                if (open.contains(rival.row)) {
                    return new Verdict.Rival<>(key, rival.row, true);
                }
            }
        }
        for (K need : row.needs) {
            boolean isShown = false;
            for (Candidate<R, K> provider : providers.getOrDefault(need, List.of())) {
                isShown |= isShown(provider);
            }
            if (!isShown) {
                return new Verdict.Orphan<>(need, true);
            }
        }
        throw new AssertionError("nothing keeps " + row.row + " from showing");
    }

    private boolean isOpen(Candidate<R, K> row) {
        return !verdicts.containsKey(row.row);
    }

    private boolean isShown(Candidate<R, K> row) {
        Verdict<R, K> verdict = verdicts.get(row.row);
        return verdict != null && verdict.isShown();
    }

    private boolean isHidden(Candidate<R, K> row) {
        Verdict<R, K> verdict = verdicts.get(row.row);
        return verdict != null && !verdict.isShown();
    }
}
