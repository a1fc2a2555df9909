// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Writes to the tables of {@link Workload} that all edit, as a program makes them that knows one schema: an old version writes no
 * column that it does not know, and a new one none that it has dropped. Confined to one step.
 */
final class Edits {
    private static final String[] ITEMS = {"cup", "pot", "pan"};

    private static final String[] TAGS = {"[]", "[\"a\"]", "[\"a\",\"b\"]", "[\"b\",\"c\"]", "[\"c\"]"};

    private static final String[] PLACES = {"'x'", "'y'", "'z'"};

    /** Fewer than there are places, which are rivals for them. */
    private static final String[] NAMES = {"'North'", "'South'"};

    /** In every value written, so that it is unlike all others. */
    private final int mark;

    private final LocalSchema schema;
    private final Random random;

    Edits(int mark, LocalSchema schema, Random random) {
        this.mark = mark;
        this.schema = schema;
        this.random = random;
    }

    /** Returns the statements of one transaction. Constraints may refuse some. */
    List<String> transaction() {
        List<String> statements = new ArrayList<>();
        for (int i = random.nextInt(4); i >= 0; i--) {
            statements.add(
                    switch (random.nextInt(3)) {
                        case 0 -> item();
                        case 1 -> note();
                        default -> place();
                    });
        }
        return statements;
    }

    private String item() {
        String id = pick(ITEMS);
        String where = " WHERE id = '" + id + "'";
        return switch (random.nextInt(13)) {
            case 0 -> "INSERT OR IGNORE" + item(id, "'t" + mark + "'", "3", "'" + mark + "'", "'[\"x\"]'", "'l'");
            case 1 -> "INSERT OR REPLACE" + item(id, "'r" + mark + "'", "7", "NULL", "NULL", "NULL");
            case 2 -> "UPDATE item SET stock = stock - " + random.nextInt(3) + where;
            case 3, 4 ->
                "UPDATE item SET " + schema.column("item", "title") + " = 'u" + mark + "', stock = stock + 4" + where;
            case 5, 6 -> "UPDATE item SET price = " + mark + ".25" + where;
            case 7 -> "DELETE FROM item" + where;
            case 8 -> "UPDATE item SET id = 'urn'" + where + " AND NOT EXISTS (SELECT 1 FROM item WHERE id = 'urn')";
            case 9 -> "UPDATE item SET tags = '" + pick(TAGS) + "'" + where;
            case 10 -> ifThere("item", "label", "UPDATE item SET label = 'l" + mark + "'" + where);
            case 11 -> ifThere("item", "colour", "UPDATE item SET colour = 'c" + mark + "'" + where);
            default -> ifThere("item", "views", "UPDATE item SET views = views + 1" + where);
        };
    }

    private String note() {
        String note = schema.table("note");
        String day = String.valueOf(random.nextInt(2));
        String place = PLACES[random.nextInt(2)];
        String where = " WHERE day = " + day + " AND place = " + place;
        return switch (random.nextInt(7)) {
            case 0, 1 -> "INSERT OR REPLACE" + note(day, place, via(), "'n" + mark + "'");
            case 2 -> "UPDATE " + note + " SET body = x'0" + mark % 10 + "'" + where;
            case 3 -> "UPDATE " + note + " SET body = 'b" + mark + "'" + where;
            case 4 -> "DELETE FROM " + note + where;
            case 5 -> "UPDATE " + note + " SET via = " + via() + where;
            default -> ifThere("note", "stars", "UPDATE " + note + " SET stars = " + mark + where);
        };
    }

    private String place() {
        String place = schema.table("place");
        String id = pick(PLACES);
        String where = " WHERE id = " + id;
        return switch (random.nextInt(10)) {
            case 0, 1 -> "INSERT OR IGNORE" + place(id, pick(NAMES), 0, 5, mark, 1, 4);
            case 2 -> "INSERT OR REPLACE" + place(id, pick(NAMES), 1, 2, mark, 0, 1);
            case 3 -> "UPDATE OR IGNORE " + place + " SET name = " + pick(NAMES) + where;
            case 4 -> "UPDATE " + place + " SET name = NULL" + where;
            case 5 -> "UPDATE " + place + " SET floor = " + random.nextInt(5) + where;
            case 6 -> "UPDATE " + place + " SET roof = " + random.nextInt(5) + where;
            case 7 ->
                "UPDATE " + place + " SET high = " + random.nextInt(99) + ", low = " + random.nextInt(99)
                        + ", visits = visits + 2" + where;
            case 8 -> "UPDATE " + place + " SET seats = seats + " + (random.nextInt(4) - 2) + where;
            default -> "DELETE FROM " + place + where;
        };
    }

    /**
     * Returns a statement whose values a rule cannot take, or that makes what constraints forbid, by a program that has turned them
     * off.
     */
    String poison() {
        String id = pick(ITEMS);
        String where = " WHERE id = '" + id + "'";
        return switch (random.nextInt(8)) {
            case 0 -> "UPDATE item SET stock = 'oops', " + schema.column("item", "title") + " = 'poison'" + where;
            case 1 -> "UPDATE item SET stock = 9223372036854775807" + where;
            case 2 -> "UPDATE item SET tags = 'no array'" + where;
            case 3 -> "INSERT OR REPLACE" + item(id, "CAST(x'ff00fe' AS TEXT)", "1.5", "'x'", "'{}'", "NULL");
            case 4 -> "INSERT OR REPLACE" + place(pick(PLACES), pick(NAMES), 9, 1, mark, -5, -1);
            case 5 -> "UPDATE " + schema.table("place") + " SET floor = 9, roof = 1 WHERE id = " + pick(PLACES);
            case 6 ->
                "UPDATE " + schema.table("place") + " SET high = 'high', seats = 'all' WHERE id = " + pick(PLACES);
            default -> "INSERT OR REPLACE" + note("0", "'nowhere'", "'nowhere'", "'o" + mark + "'");
        };
    }

    private String via() {
        return random.nextBoolean() ? PLACES[random.nextInt(2)] : "NULL";
    }

    private String pick(String[] of) {
        return of[random.nextInt(of.length)];
    }

    private String ifThere(String table, String column, String sql) {
        return schema.has(table, column) ? sql : "SELECT 1";
    }

    // ---- Values, as SQL

    private String item(String id, String title, String stock, String price, String tags, String label) {
        boolean hasLabel = schema.has("item", "label");
        return " INTO item(id, " + schema.column("item", "title") + ", stock, price, tags" + (hasLabel ? ", label" : "")
                + ") VALUES ('" + id + "', " + title + ", " + stock + ", " + price + ", " + tags
                + (hasLabel ? ", " + label : "") + ")";
    }

    private String note(String day, String place, String via, String body) {
        return " INTO " + schema.table("note") + "(day, place, via, body) VALUES (" + day + ", " + place + ", " + via
                + ", " + body + ")";
    }

    private String place(String id, String name, int floor, int roof, int extreme, int visits, int seats) {
        return " INTO " + schema.table("place") + "(id, name, floor, roof, high, low, visits, seats) VALUES (" + id
                + ", "
                + name + ", " + floor + ", " + roof + ", " + extreme + ", " + extreme + ", " + visits + ", " + seats
                + ")";
    }
}
