// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.apply;

import io.anabranch.crdt.Visibility;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.catalog.Catalog;
import io.anabranch.sync.store.row.HiddenRows;
import io.anabranch.sync.store.row.RowStore;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.ExactText;
import io.anabranch.sync.store.schema.ForeignReference;
import io.anabranch.sync.store.schema.RowId;
import io.anabranch.sync.store.schema.TableConstraints;
import io.anabranch.sync.store.schema.Token;
import io.anabranch.sync.store.schema.UniqueKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Decides which rows show, by {@link Visibility}, over the rows that a change touches and those that it can reach: rows of the
 * table that hold a unique key which one of them wants, hidden rows that wait for one of them, and children of those that go.
 * What is reached and shows differently reaches on. Costs O(rows reached), a few look-ups by index for each.
 *
 * <p>A hidden row waits for one thing at a time: its older rival, or a parent. While that stays as it is the row stays hidden,
 * so nothing else about it has to be looked at. Not so a row that is hidden for want of an answer: no table shows it, and yet it keeps
 * younger rivals from showing. There are few of them, and all are reached always.
 *
 * <p>Where tables with unique keys refer to each other in a circle, or to themselves, a change may close a circle of reasons over rows
 * that it does not touch and that would stay as they are; then none of them has an answer. Each such circle leads through a rival that is
 * hidden, so all hidden rows of these tables are reached, their rivals, and what those need: O(hidden rows), of these tables alone.
 *
 * <p>Confined to one connection; made anew for each batch.
 */
final class ConstraintResolver {
    private final SqlDatabase db;
    private final Catalog catalog;
    private final RowStore rows;
    private final HiddenRows hidden;

    private final Map<RowId, Projection> reached;
    private final Map<Token, List<RowId>> found = new HashMap<>();
    private final Set<RowId> awaitedAsRow = new HashSet<>();
    private final Set<Token> awaited = new HashSet<>();
    private final Set<Lost> lost = new HashSet<>();
    private final Map<Long, Boolean> circular = new HashMap<>();
    private final Set<Face> followed = new HashSet<>();
    private final Set<RowId> needed = new HashSet<>();
    private boolean areHiddenReached;
    private final boolean anyHidden;

    /** @param reached the rows touched; those that are reached are added */
    ConstraintResolver(
            SqlDatabase db, Catalog catalog, RowStore rows, HiddenRows hidden, Map<RowId, Projection> reached) {
        this.db = db;
        this.catalog = catalog;
        this.rows = rows;
        this.hidden = hidden;
        this.reached = reached;
        this.anyHidden = hidden.any();
    }

    /** Judges all rows, again if it was done before and some were refused since. */
    void resolve() {
        List<RowId> open = anyHidden ? hidden.open() : List.of();
        Set<RowId> next = new LinkedHashSet<>(open);
        do {
            next.forEach(this::reach);
            reachRivals();
            judge();
            next = new LinkedHashSet<>();
            for (Projection row : reached.values()) {
                dependents(row, next);
            }
            reasonsInCircles(next);
            next.removeAll(reached.keySet());
        } while (!next.isEmpty());
    }

    /** Has rows looked at that the tables may not show as state would have it. */
    void reachUnshown(List<RowId> unshown) {
        unshown.forEach(id -> reach(id, true));
    }

    private void reach(RowId id) {
        reach(id, false);
    }

    private void reach(RowId id, boolean isUnshown) {
        if (reached.containsKey(id)) {
            return;
        }
        EnrolledTable table = catalog.get(id.table());
        RowStore.Row loaded = rows.loadWithImage(table, id.key(), false);
        TableConstraints constraints = catalog.constraints(table);
        Value[] wanted = loaded.image() != null && !constraints.renames() && !isUnshown
                ? loaded.image()
                : rows.project(table, id.key(), loaded.lives());
        Projection row = new Projection(table, id.key(), constraints, loaded.lives(), wanted);
        row.before = loaded.image();
        row.now = loaded.image();
        row.wasHidden = loaded.image() == null ? hidden.find(table, id.key()) : null;
        row.refusal = row.wasHidden != null && row.wasHidden.isOwnFault() ? row.wasHidden : null;
        reached.put(id, row);
    }

    // ---- Rivals and parents that the tables show

    private void reachRivals() {
        List<Projection> unlooked = new ArrayList<>(reached.values());
        while (!unlooked.isEmpty()) {
            Set<RowId> rivals = new LinkedHashSet<>();
            for (Projection row : unlooked) {
                if (row.refusal == null && !row.isUnmoved()) {
                    addHolders(row, row.wanted, rivals);
                }
            }
            rivals.removeAll(reached.keySet());
            rivals.forEach(this::reach);
            unlooked = new ArrayList<>();
            for (RowId rival : rivals) {
                unlooked.add(row(rival));
            }
            if (unlooked.isEmpty()) {
                unlooked = reachRivalsByOtherNames();
            }
        }
    }

    private void addHolders(Projection row, Value @Nullable [] image, Set<RowId> holders) {
        for (UniqueKey unique : row.constraints.uniques()) {
            List<Value> values = image == null ? null : unique.values(row.key, image);
            if (values != null) {
                holders.addAll(holders(unique, values));
            }
        }
    }

    /** Asks what rows that have rivals are renamed to, and returns the rows that hold that and were not reached before. */
    private List<Projection> reachRivalsByOtherNames() {
        Set<RowId> rivals = new LinkedHashSet<>();
        for (Projection row : contested()) {
            Value[] wanted = row.wanted;
            if (wanted != null && !row.isRenameAsked) {
                row.isRenameAsked = true;
                row.renamed = rows.renamed(row.table, row.key, wanted, row.constraints.renamed());
                addHolders(row, row.renamed, rivals);
            }
        }
        rivals.removeAll(reached.keySet());
        rivals.forEach(this::reach);
        List<Projection> found = new ArrayList<>();
        rivals.forEach(rival -> found.add(row(rival)));
        return found;
    }

    /** Returns the rows that may have to be renamed: others claim what they claim. */
    private List<Projection> contested() {
        Map<Token, List<Projection>> claimants = new HashMap<>();
        for (Projection row : reached.values()) {
            if (row.constraints.renames()) {
                for (Value[] image : row.faces()) {
                    row.claims(image)
                            .forEach(claim -> claimants
                                    .computeIfAbsent(claim, c -> new ArrayList<>())
                                    .add(row));
                }
            }
        }
        List<Projection> contested = new ArrayList<>();
        claimants.values().stream().filter(rows -> rows.size() > 1).forEach(contested::addAll);
        return contested;
    }

    private Projection row(RowId id) {
        Projection row = reached.get(id);
        if (row == null) {
            throw new AssertionError(id + " was not reached");
        }
        return row;
    }

    /** Returns the rows that the table shows with these values. Looked up once: nothing is written meanwhile. */
    private List<RowId> holders(UniqueKey columns, List<Value> values) {
        return found.computeIfAbsent(columns.token(values), token -> select(columns, values));
    }

    private List<RowId> select(UniqueKey columns, List<Value> values) {
        SqlStatement query = ExactText.bind(db, columns.selectSql(), values);
        List<RowId> holders = new ArrayList<>();
        while (query.step()) {
            holders.add(new RowId(columns.table().id(), RowStore.readKey(columns.table(), query, 0)));
        }
        return holders;
    }

    // ---- Judging

    private void judge() {
        List<Visibility.Candidate<Face, Token>> candidates = new ArrayList<>();
        for (Projection row : reached.values()) {
            Value[] wanted = row.wanted;
            Value[] renamed = row.renamed;
            if (wanted != null) {
                candidates.add(candidate(row, wanted, false));
            }
            if (renamed != null) {
                candidates.add(candidate(row, renamed, true));
            }
        }
        Visibility.of(candidates).forEach((face, verdict) -> row(face.row()).judge(face.isRenamed(), verdict));
    }

    private Visibility.Candidate<Face, Token> candidate(Projection row, Value[] image, boolean isRenamed) {
        Face face = new Face(row.id, isRenamed);
        Set<Token> claims = row.claims(image);
        if (row.renamed != null) {
            claims.add(face.ownKey());
        }
        return new Visibility.Candidate<>(
                face, row.age(), row.refusal != null, claims, unprovided(row, image), row.provides(image));
    }

    /** Returns what the row needs and no row outside those reached provides. */
    private Set<Token> unprovided(Projection row, Value[] wanted) {
        Set<Token> needs = new LinkedHashSet<>();
        for (ForeignReference reference : row.constraints.parents()) {
            List<Value> values = reference.hides() ? reference.parentValues(row.key, wanted) : null;
            if (values != null && !isProvided(reference, values)) {
                needs.add(reference.parent().token(values));
            }
        }
        return needs;
    }

    private boolean isProvided(ForeignReference reference, List<Value> values) {
        for (RowId holder : holders(reference.parent(), values)) {
            if (!reached.containsKey(holder)) {
                return true;
            }
        }
        return false;
    }

    // ---- What a row reaches

    private void dependents(Projection row, Set<RowId> dependents) {
        Value[] shown = row.shown();
        if (anyHidden && !row.keepsItsClaims() && awaitedAsRow.add(row.id)) {
            dependents.addAll(hidden.waitingFor(row.id.table(), row.key.bytes()));
        }
        if (row.constraints.children().isEmpty()) {
            return;
        }
        Set<Token> provided = row.provides(row.before);
        Set<Token> provides = row.provides(shown);
        if (anyHidden) {
            Set<Token> mayProvide = row.provides(row.wanted);
            mayProvide.addAll(provides);
            for (Token token : mayProvide) {
                boolean wasThere = !row.isLocal && provides.contains(token) && provided.contains(token);
                if (!wasThere && awaited.add(token)) {
                    dependents.addAll(hidden.waitingFor(token.table(), token.bytes()));
                }
            }
        }
        for (ForeignReference reference : row.constraints.children()) {
            List<Value> values = lost(reference, row, provides);
            if (values != null
                    && lost.add(new Lost(reference, reference.parent().token(values)))) {
                dependents.addAll(select(reference.child(), values));
            }
        }
    }

    /** Returns the values that the row provided for a reference before and does not now. */
    private @Nullable List<Value> lost(ForeignReference reference, Projection row, Set<Token> provides) {
        Value[] before = row.before;
        List<Value> values =
                reference.hides() && before != null ? reference.parent().values(row.key, before) : null;
        return values == null || provides.contains(reference.parent().token(values)) ? null : values;
    }

    // ---- Circles of reasons

    /** Adds what may hang on the rows reached while these hang on it. */
    private void reasonsInCircles(Set<RowId> reasons) {
        List<Projection> inCircles = new ArrayList<>();
        for (Projection row : reached.values()) {
            if (isCircular(row.table)) {
                inCircles.add(row);
            }
        }
        if (inCircles.isEmpty()) {
            return;
        }
        if (anyHidden && !areHiddenReached) {
            areHiddenReached = true;
            addThoseInCircles(hidden.all(), reasons);
            addThoseInCircles(hidden.allRenamed(), reasons);
        }
        List<Projection> next = rivalsAndHidden(inCircles);
        while (!next.isEmpty()) {
            Set<Projection> known = new LinkedHashSet<>();
            for (Projection row : next) {
                addNeeded(row, row.wanted, false, known, reasons);
                addNeeded(row, row.renamed, true, known, reasons);
            }
            next = new ArrayList<>(known);
        }
    }

    /** Returns the rows that hide another or are hidden, and those that such a row needs. */
    private List<Projection> rivalsAndHidden(List<Projection> rows) {
        Map<Token, Integer> claimants = new HashMap<>();
        for (Projection row : rows) {
            row.allClaims().forEach(claim -> claimants.merge(claim, 1, Integer::sum));
        }
        List<Projection> found = new ArrayList<>();
        for (Projection row : rows) {
            if (needed.contains(row.id)
                    || row.isHidden()
                    || row.allClaims().stream().anyMatch(claim -> claimants.getOrDefault(claim, 0) > 1)) {
                found.add(row);
            }
        }
        return found;
    }

    private void addThoseInCircles(List<RowId> ids, Set<RowId> reasons) {
        for (RowId id : ids) {
            if (isCircular(catalog.get(id.table()))) {
                reasons.add(id);
            }
        }
    }

    /** Adds what a face of a row needs: to {@code known} what was reached before, the rest to {@code reasons}. */
    private void addNeeded(
            Projection row, Value @Nullable [] image, boolean isRenamed, Set<Projection> known, Set<RowId> reasons) {
        if (image == null || !followed.add(new Face(row.id, isRenamed))) {
            return;
        }
        for (ForeignReference reference : row.constraints.parents()) {
            List<Value> values =
                    reference.hides() && isCircular(reference.parent().table())
                            ? reference.parentValues(row.key, image)
                            : null;
            if (values != null) {
                for (RowId holder : holders(reference.parent(), values)) {
                    Projection parent = reached.get(holder);
                    needed.add(holder);
                    if (parent == null) {
                        reasons.add(holder);
                    } else {
                        known.add(parent);
                    }
                }
            }
        }
    }

    /**
     * Returns whether rows of a table may hang on rows of the same table, by foreign keys that hide and by rivals: what leads from table to
     * table are the keys, and where no table of the circle has rivals all its rows show together or hide together.
     */
    private boolean isCircular(EnrolledTable table) {
        Boolean known = circular.get(table.id());
        if (known == null) {
            known = false;
            for (long above : tablesAbove(table)) {
                EnrolledTable other = catalog.get(above);
                known |= !catalog.constraints(other).uniques().isEmpty()
                        && tablesAbove(other).contains(table.id());
            }
            circular.put(table.id(), known);
        }
        return known;
    }

    private Set<Long> tablesAbove(EnrolledTable table) {
        Set<Long> above = new HashSet<>();
        addTablesAbove(table, above);
        return above;
    }

    private void addTablesAbove(EnrolledTable table, Set<Long> above) {
        for (ForeignReference reference : catalog.constraints(table).parents()) {
            EnrolledTable parent = reference.parent().table();
            if (reference.hides() && above.add(parent.id())) {
                addTablesAbove(parent, above);
            }
        }
    }

    /** What the children of a reference were provided with. */
    private record Lost(ForeignReference reference, Token token) {}
}
