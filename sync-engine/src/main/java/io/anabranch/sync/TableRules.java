// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.crdt.DeletePolicy;
import io.anabranch.sync.change.ForeignKeyRule;
import io.anabranch.sync.change.Rule;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How concurrent writes to a table merge: a rule per column, {@code lww} where none is given, and what becomes of a row that
 * is deleted while it is edited. Immutable.
 */
public final class TableRules {
    private static final TableRules DEFAULTS = new TableRules(new TreeMap<>(), null, new TreeMap<>());

    private final TreeMap<String, Rule> rules;
    private final @Nullable DeletePolicy onDelete;
    /** By the key's columns, joined by commas. */
    private final TreeMap<String, ForeignKeyRule> foreignKeys;

    private TableRules(
            TreeMap<String, Rule> rules, @Nullable DeletePolicy onDelete, TreeMap<String, ForeignKeyRule> foreignKeys) {
        this.rules = rules;
        this.onDelete = onDelete;
        this.foreignKeys = foreignKeys;
    }

    /** Every column {@code lww}, and an edit keeps a row that is deleted meanwhile. */
    public static TableRules defaults() {
        return DEFAULTS;
    }

    public TableRules rule(String column, Rule rule) {
        TreeMap<String, Rule> next = new TreeMap<>(rules);
        next.put(column, rule);
        return new TableRules(next, onDelete, foreignKeys);
    }

    /** Returns these rules with increments of {@code column} all counting. */
    public TableRules counter(String column) {
        return rule(column, Rule.COUNTER);
    }

    /** Returns these rules with {@code column} a counter that only rises. A write that lowers it is refused. */
    public TableRules gcounter(String column) {
        return rule(column, Rule.GCOUNTER);
    }

    /** Returns these rules with {@code column} a counter of which nobody takes so much that it falls below {@code minimum}. */
    public TableRules bounded(String column, long minimum) {
        return rule(column, Rule.bounded(minimum));
    }

    /** Returns these rules with {@code column} showing the highest value ever written. */
    public TableRules max(String column) {
        return rule(column, Rule.MAX);
    }

    /** Returns these rules with {@code column} showing the lowest value ever written. */
    public TableRules min(String column) {
        return rule(column, Rule.MIN);
    }

    /** Returns these rules with {@code column} a JSON array whose elements are added and removed one by one. */
    public TableRules set(String column) {
        return rule(column, Rule.SET);
    }

    /** Returns these rules with {@code column} keeping all concurrent values until somebody who saw them writes it. */
    public TableRules mv(String column) {
        return rule(column, Rule.MV);
    }

    /** Returns these rules with {@code column} showing what a resolver of {@link MergeRules} makes of concurrent values. */
    public TableRules custom(String column, String name, int version) {
        return rule(column, Rule.custom(name, version));
    }

    /**
     * Returns these rules with {@code column}, one of a unique key, told apart by the row's own key where two rows were
     * given one value while they were apart: the older shows {@code ann}, the younger {@code ann (r2)}, instead of being hidden.
     */
    public TableRules rename(String column) {
        return rule(column, Rule.RENAME);
    }

    /** As {@link #rename(String)}, with what the younger row shows said by a {@link Renamer} of {@link MergeRules}. */
    public TableRules rename(String column, String name, int version) {
        return rule(column, Rule.rename(name, version));
    }

    /**
     * Returns these rules with {@code key}, an {@code INTEGER PRIMARY KEY AUTOINCREMENT}, given to rows that are inserted without
     * one from a range of numbers that is this replica's own, so that two replicas do not make one number. Without this rule
     * rows that were inserted apart under one number merge into one.
     */
    public TableRules ranges(String key) {
        return rule(key, Rule.RANGES);
    }

    /** Returns these rules with {@code column} the place of its row in a list; see {@link Positions}. */
    public TableRules list(String column) {
        return rule(column, Rule.LIST);
    }

    /**
     * Returns these rules with columns that change together: whoever writes one of them writes all, so that no merge ever
     * takes the amount of one writer and the currency of another.
     *
     * @param columns at least two, of rule {@code lww}, none of them in a group already
     */
    public TableRules group(String... columns) {
        if (columns.length < 2) {
            throw new IllegalArgumentException("a group has at least two columns, not " + columns.length);
        }
        TableRules grouped = this;
        for (String column : columns) {
            Rule before = grouped.rules.getOrDefault(column, Rule.LWW);
            if (!before.group().isEmpty()) {
                throw new IllegalArgumentException("column " + column + " is in a group already");
            }
            grouped = grouped.rule(column, before.inGroup(columns[0]));
        }
        return grouped;
    }

    public TableRules onDelete(DeletePolicy policy) {
        return new TableRules(rules, policy, foreignKeys);
    }

    /**
     * Returns these rules with a foreign key that keeps parents alive or hides children without one.
     *
     * @param columns the child's columns of the key, joined by commas if there are several
     */
    public TableRules foreignKey(String columns, ForeignKeyRule rule) {
        TreeMap<String, ForeignKeyRule> next = new TreeMap<>(foreignKeys);
        next.put(columns.trim().replaceAll("\\s*,\\s*", ","), rule);
        return new TableRules(rules, onDelete, next);
    }

    public Map<String, ForeignKeyRule> foreignKeys() {
        return Collections.unmodifiableMap(foreignKeys);
    }

    public Map<String, Rule> rules() {
        return Collections.unmodifiableMap(rules);
    }

    public DeletePolicy onDelete() {
        return onDelete == null ? DeletePolicy.EDIT_WINS : onDelete;
    }

    /** Returns whether a policy was chosen, rather than left to the default. */
    public boolean isOnDeleteSet() {
        return onDelete != null;
    }

    /** Returns the policy's name on the command line and in messages. */
    public static String label(DeletePolicy policy) {
        return policy == DeletePolicy.EDIT_WINS ? "edit-wins" : "delete-wins";
    }

    /** Returns the policy called {@code label}. */
    public static DeletePolicy parsePolicy(String label) {
        for (DeletePolicy policy : DeletePolicy.values()) {
            if (label(policy).equals(label)) {
                return policy;
            }
        }
        throw new IllegalArgumentException(
                "unknown delete policy '" + label + "'; the policies are edit-wins and delete-wins");
    }
}
