// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.capture;

import io.anabranch.sync.change.Rule;
import io.anabranch.sync.sql.Sql;
import io.anabranch.sync.store.log.SideTables;
import io.anabranch.sync.store.schema.EnrolledTable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The triggers of columns whose rule does not take every value: they refuse what it cannot take while the writer is still
 * there to be told, and keep account of the rights that a writer without Anabranch has left. What they cannot see, such as a
 * row that is replaced, the seal refuses.
 */
final class RuleTriggers {
    private static final String MODE = "(SELECT mode FROM _ab_mode)";
    private static final String SELF = "(SELECT value FROM _ab_meta WHERE name = 'self')";

    private final EnrolledTable table;

    RuleTriggers(EnrolledTable table) {
        this.table = table;
    }

    /** Something that is to happen before or after a statement changes a row. */
    record Body(String event, String when, String statements) {}

    /** Adds what is needed by kind of trigger. */
    void addTo(Map<String, Body> bodies) {
        add(bodies, "gro", "BEFORE UPDATE", Rule.Kind.GCOUNTER, this::refuseFall);
        add(bodies, "low", "BEFORE INSERT", Rule.Kind.BOUNDED, this::refuseBelowMinimum);
        add(bodies, "bnd", "BEFORE UPDATE", Rule.Kind.BOUNDED, this::refuseWithoutRights);
        add(bodies, "own", "AFTER INSERT", Rule.Kind.BOUNDED, this::ownRights);
        add(bodies, "spd", "AFTER UPDATE", Rule.Kind.BOUNDED, this::spendRights);
    }

    private interface Statement {
        String of(EnrolledTable.Column column);
    }

    private void add(Map<String, Body> bodies, String kind, String event, Rule.Kind rule, Statement statement) {
        List<String> statements = new ArrayList<>();
        for (EnrolledTable.Column column : table.shown()) {
            if (column.rule().kind() == rule) {
                statements.add(statement.of(column));
            }
        }
        if (!statements.isEmpty()) {
            bodies.put(
                    kind,
                    new Body(event, "WHEN " + MODE + " = " + SideTables.MODE_CAPTURE, String.join("; ", statements)));
        }
    }

    private String refuseFall(EnrolledTable.Column column) {
        String c = Sql.name(column.localName());
        String falls = "typeof(NEW." + c + ") IN ('integer', 'null') AND typeof(OLD." + c
                + ") = 'integer' AND ifnull(NEW." + c + ", 0) < OLD." + c;
        return refuse(falls, name(column) + " only grows: its rule is gcounter, and a lower value is refused");
    }

    private String refuseBelowMinimum(EnrolledTable.Column column) {
        String c = "NEW." + Sql.name(column.localName());
        long minimum = column.rule().minimum();
        return refuse(
                "typeof(" + c + ") = 'integer' AND " + c + " < " + minimum,
                name(column) + " may not be below " + minimum + ": its rule is "
                        + column.rule().label());
    }

    private String refuseWithoutRights(EnrolledTable.Column column) {
        String isNumber = "typeof(NEW." + Sql.name(column.localName()) + ") IN ('integer', 'null')";
        String rights = "ifnull((SELECT rights FROM _ab_rights WHERE " + ofRow("OLD", column) + "), 0)";
        return refuseBelowMinimum(column) + "; "
                + refuse(
                        isNumber + " AND " + taken(column) + " > 0 AND " + taken(column) + " > " + rights,
                        name(column) + " cannot take so much here: this replica's rights to it are in _ab_rights,"
                                + " and whoever holds more can transfer some");
    }

    /** A row that was there before, as when it is replaced, keeps the rights it had. */
    private String ownRights(EnrolledTable.Column column) {
        StringBuilder names = new StringBuilder("tbl, col, origin, rights");
        StringBuilder values = new StringBuilder(table.id() + ", " + column.id() + ", " + SELF + ", ifnull(NEW."
                + Sql.name(column.localName()) + ", " + minimum(column) + ") - " + minimum(column));
        for (int i = 0; i < table.localKeyNames().size(); i++) {
            names.append(", k").append(i);
            values.append(", NEW.").append(Sql.name(table.localKeyNames().get(i)));
        }
        return "INSERT INTO _ab_rights(" + names + ") SELECT " + values + " WHERE typeof(NEW."
                + Sql.name(column.localName()) + ") IN ('integer', 'null') AND NOT EXISTS (SELECT 1 FROM _ab_rights"
                + " WHERE " + ofRow("NEW", column) + ")";
    }

    private String spendRights(EnrolledTable.Column column) {
        return "UPDATE _ab_rights SET rights = rights - (" + taken(column) + ") WHERE " + ofRow("OLD", column)
                + " AND typeof(NEW." + Sql.name(column.localName()) + ") IN ('integer', 'null')";
    }

    /** How much an update takes; negative if it adds. */
    private static String taken(EnrolledTable.Column column) {
        String c = Sql.name(column.localName());
        return "(ifnull(OLD." + c + ", " + minimum(column) + ") - ifnull(NEW." + c + ", " + minimum(column) + "))";
    }

    private static String minimum(EnrolledTable.Column column) {
        return "(" + column.rule().minimum() + ")";
    }

    /** Rights of an origin that this file no longer writes under are nobody's here. */
    private String ofRow(String row, EnrolledTable.Column column) {
        StringBuilder terms = new StringBuilder("tbl = " + table.id() + " AND col = " + column.id());
        for (int i = 0; i < table.localKeyNames().size(); i++) {
            terms.append(" AND k")
                    .append(i)
                    .append(" = ")
                    .append(row)
                    .append('.')
                    .append(Sql.name(table.localKeyNames().get(i)));
        }
        return terms + " AND origin = " + SELF;
    }

    private String name(EnrolledTable.Column column) {
        return table.name() + "." + column.localName();
    }

    private static String refuse(String when, String message) {
        return "SELECT CASE WHEN " + when + " THEN RAISE(ABORT, " + Sql.literal("anabranch: " + message) + ") END";
    }
}
