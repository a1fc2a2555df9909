// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.anabranch.sync.Conflict;
import io.anabranch.sync.Replica;
import io.anabranch.sync.ReplicaRow;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads items with plain SQL, and writes their texts as the table has them. */
final class Items {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int AT_ONCE = 200;
    private static final String SELECT = "SELECT id, title, stock, likes, tags, price, cart, pos FROM item";

    private Items() {}

    /**
     * Returns all of them, in the order of the list. Where they are many, only those have all their concurrent prices of which the
     * replica reports a conflict: reading them is a query for each.
     */
    static List<Item> all(Replica replica) {
        List<Item> items = read(replica.query(SELECT + " ORDER BY pos, id"));
        Set<String> disputed = items.size() <= AT_ONCE ? Set.of() : disputed(replica);
        items.replaceAll(
                item -> items.size() <= AT_ONCE || disputed.contains(item.id()) ? withSiblings(replica, item) : item);
        return items;
    }

    private static Set<String> disputed(Replica replica) {
        Set<String> ids = new HashSet<>();
        for (Conflict conflict : replica.conflicts(Shop.TABLE)) {
            if (Item.Column.PRICE.sqlName().equals(conflict.column())) {
                ids.add(conflict.key().get(0).toString());
            }
        }
        return ids;
    }

    /** Returns those of these items that are there. */
    static List<Item> find(Replica replica, Collection<String> ids) {
        List<String> left = new ArrayList<>(ids);
        List<Item> items = new ArrayList<>();
        for (int from = 0; from < left.size(); from += AT_ONCE) {
            List<String> some = left.subList(from, Math.min(left.size(), from + AT_ONCE));
            String marks = String.join(",", Collections.nCopies(some.size(), "?"));
            items.addAll(read(replica.query(SELECT + " WHERE id IN (" + marks + ")", some.toArray())));
        }
        if (items.size() <= AT_ONCE) {
            items.replaceAll(item -> withSiblings(replica, item));
        }
        return items;
    }

    static @Nullable Item find(Replica replica, String id) {
        List<Item> found = find(replica, List.of(id));
        return found.isEmpty() ? null : found.get(0);
    }

    /** Returns what people call an item: its title, or some of its id once it is gone. */
    static String name(Replica replica, String id) {
        Item item = find(replica, id);
        return item != null && !item.title().isEmpty() ? item.title() : Words.id(id);
    }

    private static List<Item> read(List<Map<String, @Nullable Object>> rows) {
        List<Item> items = new ArrayList<>();
        for (Map<String, @Nullable Object> row : rows) {
            items.add(new Item(
                    text(row.get("id")),
                    text(row.get("title")),
                    number(row.get("stock")),
                    number(row.get("likes")),
                    parseTags(text(row.get("tags"))),
                    List.of(price(row.get("price"))),
                    text(row.get("cart")),
                    (String) row.get("pos")));
        }
        return items;
    }

    private static Item withSiblings(Replica replica, Item item) {
        Set<String> prices = new LinkedHashSet<>(item.prices());
        for (ReplicaRow.Sibling sibling :
                replica.table(Shop.TABLE).row(item.id()).siblings("price")) {
            prices.add(price(sibling.value().toString().equals("NULL") ? null : sibling.value()));
        }
        return new Item(
                item.id(),
                item.title(),
                item.stock(),
                item.likes(),
                item.tags(),
                new ArrayList<>(prices),
                item.cart(),
                item.pos());
    }

    private static String text(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }

    private static long number(@Nullable Object value) {
        return value instanceof Number number ? number.longValue() : 0;
    }

    private static String price(@Nullable Object value) {
        return Words.plain(text(value));
    }

    private static List<String> parseTags(String json) {
        if (json.isEmpty()) {
            return List.of();
        }
        try {
            List<String> tags = new ArrayList<>();
            JSON.readTree(json).forEach(tag -> tags.add(tag.isTextual() ? tag.textValue() : tag.toString()));
            return tags;
        } catch (JsonProcessingException e) {
            return List.of(json); // What another program wrote there, as it is.
        }
    }

    /** Returns the JSON array of tags separated by commas. */
    static String tagsJson(String text) {
        Set<String> tags = new LinkedHashSet<>();
        for (String tag : text.split(",", -1)) {
            if (!tag.isBlank()) {
                tags.add(tag.trim());
            }
        }
        try {
            return JSON.writeValueAsString(tags);
        } catch (JsonProcessingException e) {
            throw new AssertionError("texts can be written as JSON", e);
        }
    }
}
