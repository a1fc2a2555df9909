// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One row of the shop's board, as it shows. Immutable.
 *
 * @param prices all concurrent prices, the one that shows first; one unless writers did not know of each other
 * @param pos its place in the list
 */
public record Item(
        String id,
        String title,
        long stock,
        long likes,
        List<String> tags,
        List<String> prices,
        String cart,
        @Nullable String pos)
        implements Comparable<Item> {
    public Item {
        tags = List.copyOf(tags);
        prices = List.copyOf(prices);
    }

    /** Returns what a column shows. */
    public String text(Column column) {
        return switch (column) {
            case TITLE -> title;
            case STOCK -> Long.toString(stock);
            case LIKES -> Long.toString(likes);
            case TAGS -> String.join(", ", tags);
            case PRICE -> String.join("|", prices);
            case CART -> cart;
        };
    }

    /** Orders items as the list does; those without a place come first. */
    @Override
    public int compareTo(Item other) {
        int byPos = (pos == null ? "" : pos).compareTo(other.pos == null ? "" : other.pos);
        return byPos != 0 ? byPos : id.compareTo(other.id);
    }

    /** What the board shows of an item, and by which rule it merges. */
    public enum Column {
        TITLE("title", "Title", "the later of two concurrent titles stays; the other is in the inbox"),
        STOCK("stock", "Stock", "a counter: what everybody sold or bought adds up"),
        LIKES("likes", "Likes", "a counter that only rises"),
        TAGS("tags", "Tags", "a set: tags are added and removed one by one"),
        PRICE("price", "Price", "all concurrent prices are kept until somebody chooses"),
        CART("cart", "Cart", "a merge function of this program: per person, the larger number");

        private final String sqlName;
        private final String heading;
        private final String rule;

        Column(String sqlName, String heading, String rule) {
            this.sqlName = sqlName;
            this.heading = heading;
            this.rule = rule;
        }

        public String sqlName() {
            return sqlName;
        }

        public String heading() {
            return heading;
        }

        /** Returns in words how concurrent writes merge. */
        public String rule() {
            return rule;
        }
    }
}
