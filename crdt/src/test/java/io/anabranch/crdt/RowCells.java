// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Origin;
import java.math.BigInteger;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A row with one cell of every kind, what its writers may do, and what a reader sees of it. */
final class RowCells {
    private RowCells() {}

    /** What a writer may do. {@code INSERT} and {@code DELETE} are about the row, all others about one cell. */
    enum Write {
        INSERT,
        PUT,
        ADD,
        DELETE,
        GROW,
        RAISE,
        LOWER,
        REPLACE,
        INCLUDE,
        EXCLUDE,
        EARN,
        SPEND,
        GIVE
    }

    /** What a new row holds: something of every kind. */
    static Map<String, CellWrite<String>> first(String value) {
        TreeMap<String, CellWrite<String>> cells = new TreeMap<>();
        cells.put("x", new CellWrite.Assign<>(value));
        cells.put("n", new CellWrite.Increment<>(10));
        cells.put("grown", new CellWrite.Grow<>(1));
        cells.put("max", new CellWrite.Raise<>(value));
        cells.put("min", new CellWrite.Lower<>(value));
        cells.put("values", new CellWrite.Replace<>(value));
        cells.put("set", new CellWrite.Change<>(Set.of("e", value), Set.of()));
        cells.put("stock", new CellWrite.Trade<>(1, new TreeMap<>()));
        return cells;
    }

    static Map<String, CellWrite<String>> of(Write write, Origin self, String value) {
        Origin next = Origin.of(0, self.low() % 3 + 1);
        return switch (write) {
            case PUT -> Map.of("x", new CellWrite.Assign<>(value));
            case ADD -> Map.of("n", new CellWrite.Increment<>(1));
            case GROW -> Map.of("grown", new CellWrite.Grow<>(1));
            case RAISE -> Map.of("max", new CellWrite.Raise<>(value));
            case LOWER -> Map.of("min", new CellWrite.Lower<>(value));
            case REPLACE -> Map.of("values", new CellWrite.Replace<>(value));
            case INCLUDE -> Map.of("set", new CellWrite.Change<>(Set.of("e"), Set.of()));
            case EXCLUDE -> Map.of("set", new CellWrite.Change<>(Set.of(), Set.of("e")));
            case EARN -> Map.of("stock", new CellWrite.Trade<>(2, new TreeMap<>()));
            case SPEND -> Map.of("stock", new CellWrite.Trade<>(-1, new TreeMap<>()));
            case GIVE -> Map.of("stock", new CellWrite.Trade<>(0, new TreeMap<>(Map.of(next, 1L))));
            case INSERT, DELETE -> throw new IllegalArgumentException("not about a cell: " + write);
        };
    }

    /** What a reader sees. Cells that show nothing are left out. */
    record View(boolean shown, TreeMap<String, String> cells) {
        static View of(RowLives<String, String> row) {
            View view = new View(row.isShown(), new TreeMap<>());
            LwwRegister<String> x = row.register("x");
            view.put("x", x == null ? null : x.value());
            view.number("n", row.counter("n"));
            view.number("grown", row.growth("grown"));
            view.put("max", row.max("max"));
            view.put("min", row.min("min"));
            view.all(
                    "values",
                    row.siblings("values").stream().map(LwwRegister::value).toList());
            view.all("set", row.elements("set").keySet());
            view.number("stock", row.aboveMinimum("stock"));
            row.rights("stock")
                    .forEach((origin, rights) -> view.number("rights of " + origin.low(), BigInteger.valueOf(rights)));
            return view;
        }

        void put(String cell, @Nullable String value) {
            if (value != null) {
                cells.put(cell, value);
            }
        }

        void number(String cell, BigInteger value) {
            put(cell, value.signum() == 0 ? null : value.toString());
        }

        void all(String cell, Collection<String> values) {
            put(cell, values.isEmpty() ? null : new TreeSet<>(values).toString());
        }

        @Override
        public String toString() {
            return shown ? "shown " + cells : "gone";
        }
    }
}
