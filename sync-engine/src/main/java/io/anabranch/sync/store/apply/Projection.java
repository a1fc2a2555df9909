// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.apply;

import io.anabranch.crdt.Age;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.Visibility;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.store.row.HiddenRows;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import io.anabranch.sync.store.schema.RowId;
import io.anabranch.sync.store.schema.TableConstraints;
import io.anabranch.sync.store.schema.Token;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One row on its way from state to the application's table. Confined. */
public final class Projection {
    final EnrolledTable table;
    final Key key;
    final RowId id;
    final TableConstraints constraints;
    final RowLives<String, Value> row;
    /** What state says the table should show; null if nothing. */
    final Value @Nullable [] wanted;
    /** What the table shows where an older row holds a unique key of {@link #wanted}; null if nothing, or nobody asked. */
    Value @Nullable [] renamed;
    /** Whether it was asked what the row is renamed to. */
    boolean isRenameAsked;
    /** What reached it. */
    List<RowOp<String, Value>> ops = List.of();
    /** What the table showed before the change that is being shown. */
    public Value @Nullable [] before;
    /** What the table shows at this moment, as far as the engine wrote it. */
    public Value @Nullable [] now;
    /** Why the row is hidden in the file, if it is. */
    HiddenRows.@Nullable Reason wasHidden;
    /** Why the table would not have the row for its own sake. */
    HiddenRows.@Nullable Reason refusal;
    /** Whether its state has to be saved whatever it shows. */
    boolean isChanged;
    /** Whether the application wrote it, so that {@link #before} says too little. */
    public boolean isLocal;
    /** Whether it may be older or younger than before, so that its rivals have to be looked at though it shows the same. */
    boolean mayHaveAged;

    private Visibility.Verdict<Face, Token> verdict = new Visibility.Verdict.Shown<>();
    private Visibility.Verdict<Face, Token> renamedVerdict = verdict;

    public Projection(
            EnrolledTable table,
            Key key,
            TableConstraints constraints,
            RowLives<String, Value> row,
            Value @Nullable [] wanted) {
        this.table = table;
        this.key = key;
        this.id = new RowId(table.id(), key);
        this.constraints = constraints;
        this.row = row;
        this.wanted = wanted;
    }

    void judge(boolean isRenamed, Visibility.Verdict<Face, Token> judged) {
        if (isRenamed) {
            renamedVerdict = judged;
        } else {
            verdict = judged;
        }
    }

    /** Returns why the table does not show what state wants, if it does not. */
    Visibility.Verdict<Face, Token> verdict() {
        return verdict;
    }

    /** Returns why the table shows nothing, if it does not. */
    Visibility.Verdict<Face, Token> whyHidden() {
        boolean isOwnFace = renamedVerdict instanceof Visibility.Verdict.Rival<Face, Token> rival
                && rival.older().row().equals(id);
        return renamed == null || isOwnFace ? verdict : renamedVerdict;
    }

    /** Returns whether one of its faces is hidden for want of an answer. */
    boolean isOpen() {
        return verdict.isOpen() || renamed != null && renamedVerdict.isOpen();
    }

    /** Returns what the table is to show. */
    Value @Nullable [] shown() {
        if (refusal != null) {
            return null;
        }
        return verdict.isShown() ? wanted : renamed != null && renamedVerdict.isShown() ? renamed : null;
    }

    /** Returns whether the table is to show it under another name for as long as its older rival stays. */
    boolean isRenamed() {
        return wanted != null && renamed != null && refusal == null && !verdict.isShown();
    }

    /** Returns what the row may show. */
    List<Value[]> faces() {
        List<Value[]> faces = new ArrayList<>();
        if (wanted != null) {
            faces.add(wanted);
        }
        if (renamed != null) {
            faces.add(renamed);
        }
        return faces;
    }

    boolean isHidden() {
        return wanted != null && shown() == null;
    }

    /** Returns whether the row stood in the table and stays there with the same unique keys. */
    boolean keepsItsClaims() {
        return !isLocal
                && !mayHaveAged
                && shown() != null
                && before != null
                && claims(before).equals(claims(shown()));
    }

    Set<Token> claims(Value @Nullable [] image) {
        return image == null ? new LinkedHashSet<>() : constraints.claims(key, image);
    }

    /** Returns what the row claims, whatever it may show. */
    Set<Token> allClaims() {
        Set<Token> claims = claims(wanted);
        claims.addAll(claims(renamed));
        return claims;
    }

    Set<Token> provides(Value @Nullable [] image) {
        return image == null ? new LinkedHashSet<>() : constraints.provides(key, image);
    }

    Set<Token> needs(Value @Nullable [] image) {
        return image == null ? Set.of() : constraints.needs(key, image);
    }

    /** Returns whether the table already shows what state wants, so that the row is where it was. */
    boolean isUnmoved() {
        return !isLocal && !mayHaveAged && Arrays.equals(before, wanted);
    }

    Age age() {
        Age age = row.age();
        if (age == null) {
            throw new AssertionError("a row that does not show has no age: " + id);
        }
        return age;
    }
}
