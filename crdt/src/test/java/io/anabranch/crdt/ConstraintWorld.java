// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.Visibility.Candidate;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Three replicas of two parents {@code p} and {@code q}, which claim a unique value, and of their child {@code c}. Writers do
 * what SQLite would let them do with the rows that they see. Immutable, and equal to every world that came to the same by
 * another way.
 */
record ConstraintWorld(Rules rules, List<Replica> replicas, List<Change> history) {
    /** The clocks of the replicas are far apart on purpose. */
    private static final long[] CLOCKS = {100, 150, 50};

    /** What is under test; a broken variant overrides one. */
    interface Rules {
        /** Returns whether a child keeps its parent alive; otherwise it is hidden without. */
        boolean revives();

        /** Returns the rows that a replica shows. {@code before} are those that it showed until now. */
        default Set<String> shown(SortedMap<String, RowLives<String, String>> rows, Set<String> before) {
            return shownOf(candidates(rows));
        }

        default List<Candidate<String, String>> candidates(SortedMap<String, RowLives<String, String>> rows) {
            List<Candidate<String, String>> candidates = new ArrayList<>();
            rows.forEach((name, row) -> {
                Age age = row.age();
                if (age != null) {
                    candidates.add(new Candidate<>(
                            name, age, false, claims(row), revives() ? Set.of() : needs(row), Set.of("row " + name)));
                }
            });
            return candidates;
        }

        /** Returns whether a write to a child is one to its parent too. */
        default boolean touchesParents() {
            return revives();
        }
    }

    static Set<String> shownOf(List<Candidate<String, String>> candidates) {
        Set<String> shown = new TreeSet<>();
        Visibility.of(candidates).forEach((row, verdict) -> {
            if (verdict.isShown()) {
                shown.add(row);
            }
        });
        return shown;
    }

    static Set<String> claims(RowLives<String, String> row) {
        LwwRegister<String> value = row.register("unique");
        return value == null ? Set.of() : Set.of("value " + value.value());
    }

    static Set<String> needs(RowLives<String, String> row) {
        LwwRegister<String> parent = row.register("parent");
        return parent == null ? Set.of() : Set.of("row " + parent.value());
    }

    record Replica(SortedMap<String, RowLives<String, String>> rows, VersionVector vector, Set<String> shown) {
        RowLives<String, String> row(String name) {
            return rows.getOrDefault(name, RowLives.none());
        }
    }

    /** What one transaction did, by the row. */
    record Change(Dot dot, VersionVector context, SortedMap<String, RowOp<String, String>> ops) {}

    enum Write {
        INSERT_P,
        INSERT_Q,
        FREE_P,
        AGAIN_Q,
        INSERT_C,
        MOVE_C,
        DELETE_P
    }

    static ConstraintWorld of(Rules rules) {
        List<Replica> all = new ArrayList<>();
        for (int i = 0; i < CLOCKS.length; i++) {
            all.add(new Replica(new TreeMap<>(), VersionVector.EMPTY, new TreeSet<>()));
        }
        return new ConstraintWorld(rules, all, List.of());
    }

    // ---- Steps

    Map<String, ConstraintWorld> steps() {
        Map<String, ConstraintWorld> steps = new LinkedHashMap<>();
        for (int i = 0; i < replicas.size(); i++) {
            String name = "ABC".substring(i, i + 1);
            for (Write write : Write.values()) {
                put(steps, name + " " + write, write(i, write));
            }
            for (int from = 0; from < replicas.size(); from++) {
                String other = "ABC".substring(from, from + 1);
                put(steps, name + " pulls " + other, pull(i, from, Integer.MAX_VALUE));
                put(steps, name + " pulls one of " + other, pull(i, from, 1));
                put(steps, name + " joins " + other, join(i, from));
            }
        }
        return steps;
    }

    private static void put(Map<String, ConstraintWorld> steps, String name, @Nullable ConstraintWorld world) {
        if (world != null) {
            steps.put(name, world);
        }
    }

    /** Returns null if SQLite would not let a writer do that who sees what the replica shows. */
    @Nullable
    ConstraintWorld write(int index, Write write) {
        Replica self = replicas.get(index);
        boolean isTaken =
                self.shown.stream().anyMatch(row -> claims(self.row(row)).contains("value x"));
        return switch (write) {
            case INSERT_P -> isTaken || self.shown.contains("p") ? null : put(index, "p", "unique", "x", null);
            case INSERT_Q -> isTaken || self.shown.contains("q") ? null : put(index, "q", "unique", "x", null);
            case FREE_P -> self.shown.contains("p") ? put(index, "p", "unique", "y", null) : null;
            case AGAIN_Q ->
                self.shown.contains("q") && claims(self.row("q")).contains("value x")
                        ? put(index, "q", "unique", "x", null)
                        : null;
            case INSERT_C ->
                self.shown.contains("c") || !self.shown.contains("p") ? null : put(index, "c", "parent", "p", "p");
            case MOVE_C ->
                self.shown.contains("c") && self.shown.contains("q") ? put(index, "c", "parent", "q", "q") : null;
            case DELETE_P -> {
                boolean hasChild =
                        self.shown.contains("c") && needs(self.row("c")).contains("row p");
                yield self.shown.contains("p") && !hasChild ? put(index, "p", null, "", null) : null;
            }
        };
    }

    /** @param column to write; null deletes the row */
    private ConstraintWorld put(
            int index, String name, @Nullable String column, String value, @Nullable String parent) {
        Replica self = replicas.get(index);
        Origin origin = Origin.of(0, index + 1);
        long seq = self.vector.get(origin) + 1;
        Dot dot = new Dot(origin, seq);
        long stamp = CLOCKS[index] + seq;
        TreeMap<String, RowOp<String, String>> ops = new TreeMap<>();
        RowLives<String, String> row = self.row(name);
        if (column == null) {
            ops.put(name, row.delete(dot));
        } else if (row.isShown()) {
            ops.put(name, row.edit(dot, stamp, Map.of(column, new CellWrite.Assign<>(value))));
        } else {
            ops.put(
                    name,
                    row.insert(dot, stamp, DeletePolicy.EDIT_WINS, Map.of(column, new CellWrite.Assign<>(value))));
        }
        if (parent != null && rules.touchesParents()) {
            ops.put(parent, self.row(parent).edit(dot, stamp, Map.of()));
        }
        Change change = new Change(dot, self.vector, ops);
        List<Change> next = new ArrayList<>(history);
        next.add(change);
        next.sort((one, other) -> one.dot.compareTo(other.dot)); // However it came to be, it is the same.
        return new ConstraintWorld(rules, replaced(index, taken(self, change)), next);
    }

    private Replica taken(Replica self, Change change) {
        TreeMap<String, RowLives<String, String>> rows = new TreeMap<>(self.rows);
        change.ops.forEach((name, op) -> rows.put(name, self.row(name).apply(op)));
        return new Replica(
                rows, self.vector.with(change.dot.origin(), change.dot.seq()), rules.shown(rows, self.shown));
    }

    @Nullable
    ConstraintWorld pull(int index, int from, int limit) {
        Replica self = replicas.get(index);
        int pulled = 0;
        boolean found = true;
        while (found && pulled < limit) {
            found = false;
            for (Change change : history) {
                boolean isNews = replicas.get(from).vector.contains(change.dot) && !self.vector.contains(change.dot);
                if (isNews && self.vector.dominates(change.context) && pulled < limit) {
                    self = taken(self, change);
                    pulled++;
                    found = true;
                }
            }
        }
        return pulled == 0 ? null : new ConstraintWorld(rules, replaced(index, self), history);
    }

    /** Takes the whole state of another, as by a snapshot. */
    @Nullable
    ConstraintWorld join(int index, int from) {
        Replica self = replicas.get(index);
        Replica other = replicas.get(from);
        if (self.vector.dominates(other.vector)) {
            return null;
        }
        TreeMap<String, RowLives<String, String>> rows = new TreeMap<>();
        Set<String> names = new TreeSet<>(self.rows.keySet());
        names.addAll(other.rows.keySet());
        names.forEach(name -> rows.put(name, self.row(name).join(other.row(name), self.vector, other.vector)));
        Replica joined = new Replica(rows, self.vector.union(other.vector), rules.shown(rows, self.shown));
        return new ConstraintWorld(rules, replaced(index, joined), history);
    }

    private List<Replica> replaced(int index, Replica replica) {
        List<Replica> next = new ArrayList<>(replicas);
        next.set(index, replica);
        return next;
    }

    // ---- What must hold

    /** Returns what is wrong, with a replica as it is or once all have everything; null if nothing is. */
    @Nullable
    String fault() {
        for (Replica replica : replicas) {
            String fault = faultOf(replica);
            if (fault != null) {
                return fault;
            }
        }
        Replica settled = null;
        for (int i = 0; i < replicas.size(); i++) {
            for (boolean joins : new boolean[] {false, true}) {
                Replica all = everything(i, joins);
                String fault = faultOf(all);
                if (fault == null && settled != null && !settled.equals(all)) {
                    fault = "two replicas with everything differ: " + settled + " and " + all;
                }
                if (fault != null) {
                    return fault;
                }
                settled = all;
            }
        }
        return null;
    }

    private Replica everything(int index, boolean joins) {
        ConstraintWorld world = this;
        for (int from = replicas.size() - 1; from >= 0; from--) {
            ConstraintWorld next = joins ? world.join(index, from) : world.pull(index, from, Integer.MAX_VALUE);
            world = next == null ? world : next;
        }
        return world.replicas.get(index);
    }

    /** No constraint is broken by what shows; what does not show is there, with a reason that holds; nobody changed age. */
    private @Nullable String faultOf(Replica replica) {
        for (Map.Entry<String, RowLives<String, String>> entry : replica.rows.entrySet()) {
            String name = entry.getKey();
            RowLives<String, String> row = entry.getValue();
            boolean isShown = replica.shown.contains(name);
            if (!row.isShown()) {
                if (isShown) {
                    return name + " shows and is dead at " + replica;
                }
                continue;
            }
            String rival = rival(replica, name, row);
            boolean isOrphan = needs(row).stream()
                    .anyMatch(need -> replica.shown.stream().noneMatch(shown -> need.equals("row " + shown)));
            boolean mayBeOrphan = isOrphan && !rules.revives();
            if (isShown && (rival != null || mayBeOrphan)) {
                return name + " shows beside " + rival + ", or without its parent, at " + replica;
            }
            if (!isShown && rival == null && !mayBeOrphan) {
                return name + " is hidden for nothing at " + replica;
            }
            String parent =
                    needs(row).isEmpty() ? "" : needs(row).iterator().next().substring("row ".length());
            if (rules.revives() && !parent.isEmpty() && !replica.row(parent).isShown()) {
                return name + " has lost its parent at " + replica;
            }
        }
        return null;
    }

    private static @Nullable String rival(Replica replica, String name, RowLives<String, String> row) {
        for (String other : replica.shown) {
            RowLives<String, String> rival = replica.row(other);
            boolean isOlder =
                    first(rival) != null && first(row) != null && first(rival).compareTo(first(row)) < 0;
            if (!other.equals(name) && isOlder && claims(rival).stream().anyMatch(claims(row)::contains)) {
                return other;
            }
        }
        return null;
    }

    /** The insert that began the row, told from its lives alone. */
    private static @Nullable Age first(RowLives<String, String> row) {
        Age first = null;
        for (Life<String, String> life : row.shown()) {
            Age age = new Age(life.rank(), life.id());
            first = first == null || age.compareTo(first) < 0 ? age : first;
        }
        return first;
    }
}
