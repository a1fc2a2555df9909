// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.sync.MergeRules;
import io.anabranch.sync.RowChange;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.apply.Applier;
import io.anabranch.sync.store.row.RowStore;
import io.anabranch.sync.store.rule.Merges;
import io.anabranch.sync.store.schema.EnrolledTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/** The application's resolvers, and the columns that had to be shown without one. Thread-safe. */
final class MergeRulesInUse {
    private final Components parts;
    private final Transactions transactions;
    private final Arrivals arrivals;

    MergeRulesInUse(Components parts, Transactions transactions, Arrivals arrivals) {
        this.parts = parts;
        this.transactions = transactions;
        this.arrivals = arrivals;
    }

    /** Uses these from now on, and shows what they make of columns that were shown without them. */
    void use(MergeRules rules) {
        synchronized (transactions) {
            parts.rows.use(new Merges(rules));
            if (!derivable().isEmpty() && !parts.isReadOnly()) {
                arrivals.showing(this::derive);
            }
        }
    }

    private List<String> derivable() {
        List<String> rules = new ArrayList<>(problems().keySet());
        rules.removeIf(rule -> !parts.rows.merges().isRegistered(rule));
        return rules;
    }

    private List<RowChange> derive(Set<String> unruly) {
        Applier applier = parts.applier(unruly);
        for (String rule : derivable()) {
            parts.db
                    .prepare("DELETE FROM _ab_unmerged WHERE rule = ?")
                    .bind(1, rule)
                    .run();
            for (EnrolledTable table : parts.catalog.all()) {
                if (table.shown().stream()
                        .anyMatch(column -> column.rule().label().equals(rule))) {
                    applier.show(table, parts.rows.keys(table));
                }
            }
        }
        return applier.changes();
    }

    /** Returns the rules whose columns show the latest value instead of a merged one, with the reason. */
    SortedMap<String, String> problems() {
        return transactions.read(() -> {
            TreeMap<String, String> problems = new TreeMap<>();
            SqlStatement query = parts.db.prepare("SELECT rule, reason FROM _ab_unmerged");
            while (query.step()) {
                problems.put(String.valueOf(query.getText(0)), String.valueOf(query.getText(1)));
            }
            return problems;
        });
    }

    /** Notes what went wrong with resolvers in the transaction that is about to end. */
    static void noteProblems(SqlDatabase db, RowStore rows) {
        rows.merges()
                .takeProblems()
                .forEach((rule, reason) -> db.prepare("INSERT OR REPLACE INTO _ab_unmerged(rule, reason) VALUES (?, ?)")
                        .bind(1, rule)
                        .bind(2, reason)
                        .run());
    }
}
