// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.enrol;

import io.anabranch.crdt.DeletePolicy;
import io.anabranch.sync.SyncException.CannotEnrol;
import io.anabranch.sync.TableRules;
import io.anabranch.sync.change.ForeignKeyRule;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.TableDefinition;
import io.anabranch.sync.store.catalog.Catalog;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.TableInspector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The rules that somebody asks for when a table is enrolled, by the columns' own spelling, and held against what the space has
 * declared: a rule never changes silently. Confined to one connection.
 */
final class RequestedRules {
    private final Catalog catalog;
    private final TableInspector inspector;

    RequestedRules(Catalog catalog, TableInspector inspector) {
        this.catalog = catalog;
        this.inspector = inspector;
    }

    /** Returns the rules by the columns' own spelling. */
    Map<String, Rule> resolve(String table, TableRules rules) {
        List<String> columns = inspector.columnNames(table);
        Map<String, Rule> resolved = new HashMap<>();
        rules.rules().forEach((requested, rule) -> {
            String column = columnNamed(table, requested, rule, columns);
            resolved.put(
                    column,
                    rule.group().isEmpty() ? rule : Rule.LWW.inGroup(columnNamed(table, rule.group(), rule, columns)));
        });
        return resolved;
    }

    private static String columnNamed(String table, String requested, Rule rule, List<String> columns) {
        for (String column : columns) {
            if (column.equalsIgnoreCase(requested)) {
                return column;
            }
        }
        throw new CannotEnrol(
                "cannot enrol " + table + ": " + (rule.group().isEmpty() ? "rule " + rule.label() : "a group")
                        + " is for a column " + requested + ", which it does not have; its columns are "
                        + String.join(", ", columns));
    }

    /** Returns the rules by the names that the space knows the columns by. */
    static Map<String, Rule> onTheWire(EnrolledTable table, Map<String, Rule> rules) {
        Map<String, Rule> byName = new HashMap<>(rules);
        for (EnrolledTable.Column column : table.columns()) {
            if (column.isLocal() && !column.name().equals(column.localName())) {
                Rule rule = byName.remove(column.localName());
                if (rule != null) {
                    byName.put(column.name(), rule);
                }
            }
        }
        return byName;
    }

    /** Requires that rules which are asked for again are those that the space has. */
    static void checkAgreement(EnrolledTable known, Map<String, Rule> wanted, TableRules rules) {
        wanted.forEach((name, rule) -> {
            EnrolledTable.Column column = known.column(name);
            boolean isOfKey = known.definition().primaryKey().stream()
                    .anyMatch(key -> key.name().equals(name) && key.rule().equals(rule));
            if (!isOfKey && (column == null || !column.rule().equals(rule))) {
                throw new CannotEnrol("cannot enrol " + known + " with " + name + "=" + rule
                        + ": the space has declared it "
                        + (column == null ? "otherwise" : "as " + column.rule())
                        + ", and the first declaration holds; leave the rule out");
            }
        });
        if (rules.isOnDeleteSet() && rules.onDelete() != known.onDelete()) {
            throw new CannotEnrol("cannot enrol " + known + " with another delete policy: the space has declared "
                    + TableRules.label(known.onDelete()) + ", and the first declaration holds; leave the policy out");
        }
    }

    /**
     * Requires of a table that the space does not know yet that nothing revives its rows if they are gone for good once deleted: of
     * the tables that were enrolled before it, and of itself. Those that come later are looked at when they do.
     */
    void checkRevived(TableDefinition table) {
        if (table.onDelete() != DeletePolicy.DELETE_WINS) {
            return;
        }
        List<TableDefinition> children = new ArrayList<>();
        children.add(table);
        catalog.all().forEach(child -> children.add(child.definition()));
        for (TableDefinition child : children) {
            for (TableDefinition.ForeignKey key : child.foreignKeys()) {
                if (key.parent().equalsIgnoreCase(table.name()) && key.rule() == ForeignKeyRule.REVIVE) {
                    throw new CannotEnrol("cannot enrol " + table.name() + " as delete-wins: " + child.name() + "."
                            + String.join(",", key.columns()) + "=revive would keep its rows alive; choose hide there,"
                            + " or edit-wins here");
                }
            }
        }
    }

    /** Returns the rules by the columns' own spelling, joined by commas. */
    Map<String, ForeignKeyRule> foreignKeyRules(String table, TableRules rules, @Nullable EnrolledTable known) {
        Map<String, ForeignKeyRule> resolved = new HashMap<>();
        if (known != null) {
            known.definition().foreignKeys().forEach(key -> resolved.put(String.join(",", key.columns()), key.rule()));
        }
        rules.foreignKeys().forEach((requested, rule) -> {
            TableDefinition.ForeignKey key = inspector.foreignKeys(table).stream()
                    .filter(each -> String.join(",", each.columns()).equalsIgnoreCase(requested))
                    .findFirst()
                    .orElseThrow(() -> new CannotEnrol("cannot enrol " + table + ": rule " + rule.label()
                            + " is for a foreign key over " + requested + ", which it does not have"));
            EnrolledTable parent = catalog.find(key.parent());
            if (rule == ForeignKeyRule.REVIVE && parent != null && parent.onDelete() == DeletePolicy.DELETE_WINS) {
                throw new CannotEnrol("cannot enrol " + table + ": " + requested + "=revive would keep rows of "
                        + parent + " alive, whose policy is delete-wins; choose hide");
            }
            String columns = String.join(",", key.columns());
            if (known != null && resolved.getOrDefault(columns, ForeignKeyRule.DEFAULT) != rule) {
                throw new CannotEnrol("cannot enrol " + known + " with " + columns + "=" + rule.label()
                        + ": the space has declared it otherwise, and the first declaration holds; leave the rule out");
            }
            resolved.put(columns, rule);
        });
        return resolved;
    }
}
