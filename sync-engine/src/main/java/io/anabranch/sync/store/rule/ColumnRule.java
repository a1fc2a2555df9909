// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.rule;

import io.anabranch.crdt.CellWrite;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.store.schema.Affinity;
import io.anabranch.sync.store.schema.EnrolledTable;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * How one merge rule reads what a column shows, and shows what its state says. One form per kind of rule. Stateless; the
 * rules of merging themselves are those of {@code crdt}.
 */
public interface ColumnRule {
    /**
     * Returns the write that makes the state say what the column says; null if it says so already.
     *
     * @param context what is known beside the value
     * @throws Rejection if the rule cannot take the value
     */
    @Nullable
    CellWrite<Value> write(Value value, Context context) throws Rejection;

    /** Returns what the column shows. */
    Value show(RowLives<String, Value> row, EnrolledTable.Column column, Merges merges);

    /** Returns why a write that was made had no effect; null if it had one, or none was to be expected. */
    default @Nullable String whyWithoutEffect(
            RowLives<String, Value> before, RowLives<String, Value> after, EnrolledTable.Column column) {
        return null;
    }

    /** Returns why rows that are there cannot be enrolled in a column of this type; null if they can. */
    default @Nullable String contradiction(Affinity affinity) {
        return null;
    }

    /**
     * What is known when a value is written.
     *
     * @param before the row's state
     * @param isMeant whether the writer named this column, rather than wrote a whole row or nothing new
     * @param gifts the rights that are to be given away, and to whom
     */
    record Context(
            RowLives<String, Value> before,
            EnrolledTable.Column column,
            Origin self,
            boolean isMeant,
            SortedMap<Origin, Long> gifts,
            Merges merges) {
        Value shown(ColumnRule rule) {
            return rule.show(before, column, merges);
        }
    }

    /** A value that a rule cannot take. The message completes "cannot take it: ". */
    final class Rejection extends Exception {
        private static final long serialVersionUID = 1;

        Rejection(String reason) {
            super(reason, null, false, false);
        }

        public String reason() {
            return String.valueOf(getMessage());
        }
    }

    static ColumnRule of(Rule rule) {
        switch (rule.kind()) {
            case COUNTER:
                return CounterRule.COUNTER;
            case GCOUNTER:
                return CounterRule.GROWING;
            case BOUNDED:
                return BoundedRule.INSTANCE;
            case MAX:
                return ExtremeRule.MAX;
            case MIN:
                return ExtremeRule.MIN;
            case SET:
                return SetRule.INSTANCE;
            case MV:
                return SiblingsRule.LATEST;
            case CUSTOM:
                return SiblingsRule.RESOLVED;
            case LIST:
                return RegisterRule.LIST;
            case LWW:
            case RANGES:
            case RENAME: // Merges likewise; which rows show what is for those that claim one value together.
            default:
                return RegisterRule.LWW;
        }
    }
}
