// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.crdt.LwwRegister;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.Visibility;
import io.anabranch.crdt.Visibility.Candidate;
import io.anabranch.crdt.Visibility.Verdict;
import io.anabranch.sync.HiddenRow;
import io.anabranch.sync.Violation;
import io.anabranch.sync.change.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which rows of tables place and note show: of places with one name the oldest, and notes of places that show. Where the engine
 * looks only at the rows that a change can reach, this looks at all.
 */
final class Constraints {
    private final Map<String, Verdict<String, String>> verdicts;

    /** By the keys of the rows, joined by bars. */
    Constraints(Map<String, RowLives<String, Value>> places, Map<String, RowLives<String, Value>> notes) {
        List<Candidate<String, String>> rows = new ArrayList<>();
        places.forEach((id, row) -> {
            if (row.isShown()) {
                LwwRegister<Value> name = row.register("name");
                Set<String> claims =
                        name == null || name.value() instanceof Value.Null ? Set.of() : Set.of("name " + name.value());
                rows.add(candidate("place " + id, row, claims, Set.of()));
            }
        });
        notes.forEach((key, row) -> {
            if (row.isShown()) {
                rows.add(candidate(
                        "note " + key, row, Set.of(), Set.of("place " + key.substring(key.indexOf('|') + 1))));
            }
        });
        verdicts = Visibility.of(rows);
    }

    private static Candidate<String, String> candidate(
            String name, RowLives<String, Value> row, Set<String> claims, Set<String> needs) {
        return new Candidate<>(name, Objects.requireNonNull(row.age()), false, claims, needs, Set.of(name));
    }

    /** Returns whether a row that state shows is shown by its table too. */
    boolean show(String table, String key) {
        Verdict<String, String> verdict = verdicts.get(table + " " + key);
        return verdict == null || verdict.isShown();
    }

    /** Throws if {@code replica} hides other rows than these, or for other reasons. */
    void compareHidden(Checks checks, SimulatedReplica replica) {
        Set<String> expected = new TreeSet<>();
        verdicts.forEach((row, verdict) -> {
            if (!verdict.isShown()) {
                expected.add(row + (verdict instanceof Verdict.Rival ? ": unique" : ": foreign key"));
            }
        });
        LocalSchema schema = replica.schema();
        Set<String> hidden = new TreeSet<>();
        for (HiddenRow row : replica.replica().hidden()) {
            hidden.add(schema.common(row.table()) + " " + key(row.key()) + ": " + row.kind());
        }
        checks.that(
                Oracle.CONSTRAINTS_HOLD,
                hidden.equals(expected),
                () -> replica + " hides " + hidden + " instead of " + expected);
    }

    /** Throws if {@code replica} reports other rows as failing the CHECK than do. A table from the space has none. */
    static void compareViolations(Checks checks, SimulatedReplica replica) {
        String place = replica.schema().table("place");
        boolean hasCheck = !replica.rows("SELECT 1 FROM sqlite_master WHERE name = '" + place
                        + "' AND type = 'table' AND sql LIKE '%CHECK%'")
                .isEmpty();
        List<String> failing =
                hasCheck ? replica.rows("SELECT id FROM " + place + " WHERE floor > roof ORDER BY id") : List.of();
        List<String> reported = replica.replica().violations().stream()
                .map(Violation::key)
                .map(Constraints::key)
                .sorted()
                .toList();
        checks.that(
                Oracle.CONSTRAINTS_HOLD,
                reported.equals(failing),
                () -> replica + " reports of the places " + failing + ", which fail the CHECK, " + reported);
    }

    private static String key(List<Value> key) {
        return key.stream().map(Value::toString).collect(Collectors.joining("|"));
    }
}
