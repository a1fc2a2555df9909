// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import io.anabranch.demo.lab.Item;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import javafx.beans.property.ReadOnlyObjectProperty;
import javafx.beans.property.ReadOnlyObjectWrapper;
import org.jspecify.annotations.Nullable;

/** One row of a board on the screen: the item, and which of its cells were just written, by whom. */
final class ShopRow {
    private static final long FLASH_NANOS = 1_400_000_000;

    private final ReadOnlyObjectWrapper<Shown> shown;
    private long flashUntil;

    ShopRow(Item item) {
        shown = new ReadOnlyObjectWrapper<>(new Shown(item, Map.of()));
    }

    /**
     * What the cells of a row show.
     *
     * @param flashes the number of who wrote a column lately, by the column's name
     */
    record Shown(Item item, Map<String, Integer> flashes) {
        @Nullable
        Integer flash(Item.Column column) {
            return flashes.get(column.sqlName());
        }
    }

    ReadOnlyObjectProperty<Shown> shown() {
        return shown.getReadOnlyProperty();
    }

    Item item() {
        return shown.get().item();
    }

    void show(Item item) {
        shown.set(new Shown(item, shown.get().flashes()));
    }

    /** Lights up cells in the colour of who wrote them. */
    void flash(Set<String> columns, int by, long nowNanos) {
        Map<String, Integer> flashes = new HashMap<>(shown.get().flashes());
        columns.forEach(column -> flashes.put(column, by));
        flashUntil = nowNanos + FLASH_NANOS;
        shown.set(new Shown(item(), flashes));
    }

    /** Ends the flash if its time is over, and returns whether it is. */
    boolean dim(long nowNanos) {
        boolean over = nowNanos >= flashUntil;
        if (over) {
            shown.set(new Shown(item(), Map.of()));
        }
        return over;
    }
}
