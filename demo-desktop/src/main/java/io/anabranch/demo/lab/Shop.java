// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import io.anabranch.crdt.LwwRegister;
import io.anabranch.sync.MergeRules;
import io.anabranch.sync.Replica;
import io.anabranch.sync.TableRules;
import io.anabranch.sync.change.Value;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The shop: one table of items, with a column for nearly every rule there is. */
public final class Shop {
    public static final String SPACE = "shop";
    public static final String TABLE = "item";

    private static final String CREATE = "CREATE TABLE IF NOT EXISTS item(id TEXT NOT NULL PRIMARY KEY, title TEXT,"
            + " stock INTEGER, likes INTEGER, tags TEXT, price REAL, cart TEXT, pos TEXT)";

    private static final TableRules RULES = TableRules.defaults()
            .counter("stock")
            .gcounter("likes")
            .set("tags")
            .mv("price")
            .custom("cart", "cart", 1)
            .list("pos");

    private Shop() {}

    /** Makes the table and enrols it, unless that is done. */
    static void setUp(Replica replica) {
        replica.execute(CREATE);
        replica.enrol(TABLE, RULES);
    }

    static MergeRules merges() {
        // Of a machine that draws windows beside it a merge may wait long for its turn.
        return MergeRules.none().register("cart", 1, Shop::mergeCarts).budget(Duration.ofSeconds(20));
    }

    /** Of carts that were filled apart, keeps everybody, each with the larger number. */
    static Value mergeCarts(List<LwwRegister<Value>> siblings) {
        TreeMap<String, Long> merged = new TreeMap<>();
        for (LwwRegister<Value> sibling : siblings) {
            parseCart(sibling.value().equals(Value.NULL) ? "" : sibling.value().toString())
                    .forEach((name, count) -> merged.merge(name, count, Math::max));
        }
        return Value.of(cart(merged));
    }

    /** Reads {@code Ann 2, Bob 1}. A name without a number counts as one; what is no name is left out. */
    static Map<String, Long> parseCart(String text) {
        TreeMap<String, Long> cart = new TreeMap<>();
        for (String part : text.split(",", -1)) {
            String entry = part.trim();
            int space = entry.lastIndexOf(' ');
            boolean counted = space > 0 && entry.substring(space + 1).matches("[0-9]{1,9}");
            String name = counted ? entry.substring(0, space).trim() : entry;
            if (!name.isEmpty()) {
                cart.put(name, counted ? Long.parseLong(entry.substring(space + 1)) : 1L);
            }
        }
        return cart;
    }

    static String cart(Map<String, Long> cart) {
        StringBuilder text = new StringBuilder();
        cart.forEach((name, count) -> {
            if (count > 0) {
                text.append(text.length() == 0 ? "" : ", ")
                        .append(name)
                        .append(' ')
                        .append(count);
            }
        });
        return text.toString();
    }
}
