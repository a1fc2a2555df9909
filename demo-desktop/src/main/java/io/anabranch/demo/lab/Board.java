// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import io.anabranch.sync.Replica;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The shop's small app on one replica: what a person does to the board, in plain SQL, with undo. Knows nothing of other
 * replicas, as an application need not. Thread-safe.
 */
public final class Board {
    private static final int MOST_UNDO = 200;

    private final LabReplica replica;
    private final Deque<Undo> undo = new ArrayDeque<>();

    Board(LabReplica replica) {
        this.replica = replica;
    }

    /** A value that a column cannot take. The message is a sentence for people. */
    public static final class BadInput extends RuntimeException {
        private static final long serialVersionUID = 1;

        public BadInput(String message) {
            super(message);
        }
    }

    /** What takes back one act, and what that act is called. */
    private record Undo(String act, Consumer<Replica> work) {}

    // ---- Reading

    public List<Item> items() {
        return replica.use(Items::all);
    }

    public @Nullable Item find(String id) {
        return replica.<@Nullable Item>use(process -> Items.find(process, id));
    }

    /** Returns the id of some item; null if there is none. Costs O(log items). */
    public @Nullable String anyId(Random random) {
        return replica.<@Nullable String>use(process -> {
            String from = Long.toHexString(random.nextLong());
            List<Map<String, @Nullable Object>> rows =
                    process.query("SELECT id FROM item WHERE id >= ? UNION ALL SELECT min(id) FROM item LIMIT 1", from);
            return rows.isEmpty() ? null : (String) rows.get(0).get("id");
        });
    }

    // ---- Rows

    /** Adds an item at the end, and returns its id. */
    public String add(String title, long stock, double price) {
        String id = UUID.randomUUID().toString();
        add(id, title, stock, price, "[]");
        return id;
    }

    void add(String id, String title, long stock, double price, String tags) {
        replica.use(process -> {
            process.transaction(sql -> {
                Object last =
                        sql.query("SELECT max(pos) AS pos FROM item").get(0).get("pos");
                sql.execute(
                        "INSERT INTO item VALUES (?, ?, ?, 0, ?, ?, '', ?)",
                        id,
                        title,
                        stock,
                        tags,
                        price,
                        process.positions().between((String) last, null));
            });
            remember("adding " + title, "DELETE FROM item WHERE id = ?", id);
            return true;
        });
    }

    /** Adds many items in one transaction. */
    public void addMany(int count) {
        addMany(count, new Progress());
    }

    /**
     * As {@link #addMany(int)}, telling how far it has come. Cancelled, it adds none.
     *
     * @throws java.util.concurrent.CancellationException if it was cancelled
     */
    public void addMany(int count, Progress progress) {
        replica.use(process -> {
            process.transaction(sql -> {
                Object last =
                        sql.query("SELECT max(pos) AS pos FROM item").get(0).get("pos");
                String pos = (String) last;
                for (int i = 1; i <= count; i++) {
                    progress.reached((double) i / count);
                    pos = process.positions().between(pos, null);
                    sql.execute(
                            "INSERT INTO item VALUES (?, ?, ?, 0, '[]', ?, '', ?)",
                            UUID.randomUUID().toString(),
                            "Item " + i,
                            i % 90,
                            i % 40 + 0.5,
                            pos);
                }
                progress.reached(Progress.UNKNOWN); // From here on it is sealed and committed.
            });
            return true;
        });
    }

    public void delete(String id) {
        replica.use(process -> {
            List<Map<String, @Nullable Object>> rows = process.query("SELECT * FROM item WHERE id = ?", id);
            if (!rows.isEmpty()) {
                process.execute("DELETE FROM item WHERE id = ?", id);
                List<@Nullable Object> values = new ArrayList<>(rows.get(0).values());
                remember(
                        "deleting " + rows.get(0).get("title"),
                        "INSERT OR IGNORE INTO item VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                        values.toArray());
            }
            return true;
        });
    }

    /** Moves an item up or down by one place. */
    public void move(String id, boolean up) {
        move(id, (others, at) -> up ? at - 1 : at + 1);
    }

    /** Moves an item to the place of another one, which follows it then; to the end if there is none. */
    public void moveBefore(String id, @Nullable String next) {
        move(id, (others, at) -> next == null ? others.size() : indexOf(others, next));
    }

    /** Moves an item to the top of the list. */
    public void moveToTop(String id) {
        move(id, (others, at) -> 0);
    }

    /** Where among the others an item is to stand; below 0 or beyond their number, where it is. */
    private interface Place {
        int among(List<Item> others, int at);
    }

    private void move(String id, Place place) {
        replica.use(process -> {
            List<Item> others = Items.all(process);
            int at = indexOf(others, id);
            if (at < 0) {
                return false;
            }
            Item item = others.remove(at);
            int to = place.among(others, at);
            if (to < 0 || to > others.size() || to == at) {
                return false;
            }
            process.execute("UPDATE item SET pos = ? WHERE id = ?", between(process, others, to), id);
            remember("moving " + item.title(), "UPDATE item SET pos = ? WHERE id = ?", item.pos(), id);
            return true;
        });
    }

    private static String between(Replica process, List<Item> others, int to) {
        try {
            return process.positions().between(pos(others, to - 1), pos(others, to));
        } catch (IllegalArgumentException e) {
            throw new BadInput("There is no place between these two: another program gave them one and the same.");
        }
    }

    private static int indexOf(List<Item> items, String id) {
        for (int i = 0; i < items.size(); i++) {
            if (items.get(i).id().equals(id)) {
                return i;
            }
        }
        return -1;
    }

    private static @Nullable String pos(List<Item> items, int index) {
        return index < 0 || index >= items.size() ? null : items.get(index).pos();
    }

    // ---- Cells

    /** Sells or buys: one statement, which counts whatever others do at the same time. */
    public void addStock(String id, long amount) {
        count(id, "stock", amount);
        remember("changing the stock", "UPDATE item SET stock = stock - ? WHERE id = ?", amount, id);
    }

    public void like(String id) {
        count(id, "likes", 1);
    }

    private void count(String id, String column, long amount) {
        execute("UPDATE item SET " + column + " = " + column + " + ? WHERE id = ?", amount, id);
    }

    /** Puts one more of an item into somebody's cart. */
    public void putInCart(String id, String person) {
        Item item = find(id);
        if (item != null) {
            Map<String, Long> cart = Shop.parseCart(item.cart());
            cart.merge(person, 1L, Long::sum);
            set(id, Item.Column.CART, Shop.cart(cart));
        }
    }

    /**
     * Writes what somebody typed into a cell.
     *
     * @throws BadInput if the column cannot take it; nothing was changed then
     */
    public void set(String id, Item.Column column, String text) {
        Item before = find(id);
        if (before == null || before.text(column).equals(text)) {
            return;
        }
        String name = column.sqlName();
        Object value = parse(column, text, before);
        if (column == Item.Column.STOCK) {
            addStock(id, (Long) value - before.stock());
            return;
        }
        execute("UPDATE item SET " + name + " = ? WHERE id = ?", value, id);
        if (column != Item.Column.LIKES) { // Which only rise: there is no way back.
            Object was =
                    parse(column, column == Item.Column.PRICE ? before.prices().get(0) : before.text(column), before);
            remember("changing the " + name, "UPDATE item SET " + name + " = ? WHERE id = ?", was, id);
        }
    }

    private static Object parse(Item.Column column, String text, Item before) {
        return switch (column) {
            case TITLE -> text;
            case STOCK -> whole(text, "The stock");
            case LIKES -> {
                long likes = whole(text, "Likes");
                if (likes < before.likes()) {
                    throw new BadInput("Likes only rise: they stand at " + before.likes() + ".");
                }
                yield likes;
            }
            case TAGS -> Items.tagsJson(text);
            case PRICE -> price(text);
            case CART -> Shop.cart(Shop.parseCart(text));
        };
    }

    private static Long whole(String text, String what) {
        try {
            return Long.parseLong(text.trim());
        } catch (NumberFormatException e) {
            throw new BadInput(what + " must be a whole number; \"" + text + "\" is none.");
        }
    }

    private static Double price(String text) {
        try {
            return Double.parseDouble(text.trim().replace(',', '.'));
        } catch (NumberFormatException e) {
            throw new BadInput("A price is a number such as 4.50; \"" + text + "\" is none.");
        }
    }

    private void execute(String sql, Object... arguments) {
        replica.use(process -> {
            process.execute(sql, arguments);
            return true;
        });
    }

    // ---- Undo

    private synchronized void remember(String act, String sql, @Nullable Object... arguments) {
        undo.push(new Undo(act, process -> process.execute(sql, arguments)));
        if (undo.size() > MOST_UNDO) {
            undo.removeLast();
        }
    }

    /** Returns what undoing would take back; null if there is nothing. */
    public synchronized @Nullable String undoable() {
        return undo.isEmpty() ? null : undo.peek().act();
    }

    /** Takes back this replica's last act, as an ordinary write: what others did since stays. */
    public void undo() {
        Undo last;
        synchronized (this) {
            if (undo.isEmpty()) {
                return;
            }
            last = undo.pop();
        }
        replica.use(process -> {
            last.work().accept(process);
            return true;
        });
    }
}
