// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.view;

import io.anabranch.demo.lab.BoardFeed;
import io.anabranch.demo.lab.Item;
import io.anabranch.demo.lab.Names;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javafx.collections.FXCollections;
import javafx.collections.ObservableList;
import org.jspecify.annotations.Nullable;

/** The rows of one board, in the list's order, brought up to date by what changed: O(log rows) to find each. */
final class BoardRows {
    private static final Comparator<ShopRow> ORDER = Comparator.comparing(ShopRow::item);
    /** From here on it is quicker to sort all rows anew than to put each in its place. */
    private static final int MANY = 200;

    private final ObservableList<ShopRow> rows = FXCollections.observableArrayList();
    private final Map<String, ShopRow> byId = new HashMap<>();
    private final Set<ShopRow> flashing = new HashSet<>();

    ObservableList<ShopRow> rows() {
        return rows;
    }

    @Nullable
    ShopRow find(String id) {
        return byId.get(id);
    }

    void apply(BoardFeed.Update update, Names names, long nowNanos) {
        if (update.isWhole() || update.items().size() + update.removed().size() > MANY) {
            replace(update);
        } else {
            update.removed().forEach(this::remove);
            update.items().forEach(this::put);
        }
        for (BoardFeed.Flash flash : update.flashes()) {
            ShopRow row = byId.get(flash.id());
            if (row != null) {
                row.flash(flash.columns(), names.number(flash.by()), nowNanos);
                flashing.add(row);
            }
        }
    }

    private void replace(BoardFeed.Update update) {
        if (update.isWhole()) {
            Set<String> kept = new HashSet<>();
            update.items().forEach(item -> kept.add(item.id()));
            byId.keySet().retainAll(kept);
        }
        update.removed().forEach(byId::remove);
        for (Item item : update.items()) {
            ShopRow known = byId.get(item.id());
            if (known == null) {
                byId.put(item.id(), new ShopRow(item));
            } else {
                known.show(item);
            }
        }
        List<ShopRow> sorted = new ArrayList<>(byId.values());
        sorted.sort(ORDER);
        rows.setAll(sorted);
    }

    private void remove(String id) {
        ShopRow row = byId.remove(id);
        if (row != null) {
            rows.remove(Collections.binarySearch(rows, row, ORDER));
            flashing.remove(row);
        }
    }

    private void put(Item item) {
        ShopRow row = byId.get(item.id());
        if (row != null && row.item().compareTo(item) == 0) {
            row.show(item);
            return;
        }
        if (row != null) {
            rows.remove(Collections.binarySearch(rows, row, ORDER));
            row.show(item);
        } else {
            row = new ShopRow(item);
            byId.put(item.id(), row);
        }
        rows.add(-1 - Collections.binarySearch(rows, row, ORDER), row);
    }

    /** Ends the flashes whose time is over. */
    void dim(long nowNanos) {
        flashing.removeIf(row -> row.dim(nowNanos));
    }

    boolean isFlashing() {
        return !flashing.isEmpty();
    }
}
