// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.trie;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * An immutable map from numbers, which are not negative and mostly dense, to values. Edits cost O(log32 of the highest
 * number) and share the rest; a dense run costs little more than an array. Equal maps have equal shapes. Iterates by
 * ascending number.
 */
public final class SeqTrie<T> {
    private static final int BITS = 5;
    private static final Node EMPTY_NODE = new Node(0, new Object[0], 0);
    private static final SeqTrie<?> EMPTY = new SeqTrie<>(EMPTY_NODE, 0);

    private final Node root;

    /** Of the root's slots. No more than the highest number needs. */
    private final int shift;

    private SeqTrie(Node root, int shift) {
        this.root = root;
        this.shift = shift;
    }

    /** Values at shift 0 and nodes above it, one for each bit, ascending. */
    private record Node(int bitmap, Object[] slots, int size) {
        int index(int bit) {
            return Integer.bitCount(bitmap & (bit - 1));
        }

        @Nullable
        Object slot(int bit) {
            return (bitmap & bit) == 0 ? null : slots[index(bit)];
        }
    }

    /** Does something with an entry. */
    public interface EntryConsumer<T> {
        void accept(long seq, T value);
    }

    /** Decides what becomes of an entry when two maps meet. */
    public interface Joiner<T> {
        /** Returns what becomes of an entry that both have; {@code mine} itself if nothing changes. */
        T both(long seq, T mine, T theirs);

        /** Returns how much of {@code first} to {@code last}, which only this map may have, is to stay. */
        Part mine(long first, long last);

        /** Returns how much of {@code first} to {@code last}, which only the other map may have, is to come. */
        Part theirs(long first, long last);

        void removed(long seq, T value);

        void added(long seq, T value);
    }

    /** How much of a range. */
    public enum Part {
        NONE,
        SOME,
        ALL
    }

    @SuppressWarnings("unchecked") // Holds nothing.
    public static <T> SeqTrie<T> empty() {
        return (SeqTrie<T>) EMPTY;
    }

    public static <T> SeqTrie<T> of(long seq, T value) {
        return SeqTrie.<T>empty().with(seq, value);
    }

    public int size() {
        return root.size;
    }

    public boolean isEmpty() {
        return root.size == 0;
    }

    @SuppressWarnings("unchecked") // At shift 0, slots hold values.
    public @Nullable T get(long seq) {
        if (!fits(seq, shift)) {
            return null;
        }
        Node node = root;
        for (int s = shift; s > 0; s -= BITS) {
            Object below = node.slot(bit(seq, s));
            if (below == null) {
                return null;
            }
            node = (Node) below;
        }
        return (T) node.slot(bit(seq, 0));
    }

    public SeqTrie<T> with(long seq, T value) {
        Node top = root;
        int s = shift;
        while (!fits(seq, s)) {
            top = top.size == 0 ? top : new Node(1, new Object[] {top}, top.size);
            s += BITS;
        }
        Node next = put(top, s, seq, value);
        return next == root ? this : new SeqTrie<>(next, s);
    }

    public SeqTrie<T> without(long seq) {
        return fits(seq, shift) ? wrap(remove(root, shift, seq), shift) : this;
    }

    /** Returns what {@code joiner} makes of both. Costs nothing for what the two share. */
    public SeqTrie<T> join(SeqTrie<T> other, Joiner<T> joiner) {
        int s = Math.max(shift, other.shift);
        return wrap(join(raised(s), other.raised(s), s, 0, joiner), s);
    }

    public void forEach(EntryConsumer<? super T> action) {
        forEach(root, shift, 0, action);
    }

    private Node raised(int to) {
        Node top = root;
        for (int s = shift; s < to && top.size > 0; s += BITS) {
            top = new Node(1, new Object[] {top}, top.size);
        }
        return top;
    }

    private SeqTrie<T> wrap(Node node, int at) {
        Node top = node;
        int s = at;
        while (s > 0 && top.bitmap == 1) {
            top = (Node) top.slots[0];
            s -= BITS;
        }
        if (top == root) {
            return this;
        }
        return top.size == 0 ? empty() : new SeqTrie<>(top, s);
    }

    // ---- Nodes

    private static boolean fits(long seq, int shift) {
        return shift + BITS >= Long.SIZE || seq >>> (shift + BITS) == 0;
    }

    private static int bit(long seq, int shift) {
        return 1 << (int) (seq >>> shift & 31);
    }

    private static Node put(Node node, int shift, long seq, Object value) {
        int bit = bit(seq, shift);
        Object present = node.slot(bit);
        if (shift == 0) {
            if (present == value) {
                return node;
            }
            return withSlot(node, bit, value, node.size + (present == null ? 1 : 0));
        }
        Node below = present == null ? EMPTY_NODE : (Node) present;
        Node next = put(below, shift - BITS, seq, value);
        return next == below ? node : withSlot(node, bit, next, node.size - below.size + next.size);
    }

    private static Node remove(Node node, int shift, long seq) {
        int bit = bit(seq, shift);
        Object present = node.slot(bit);
        if (present == null) {
            return node;
        }
        if (shift == 0) {
            return withoutSlot(node, bit, node.size - 1);
        }
        Node below = (Node) present;
        Node next = remove(below, shift - BITS, seq);
        if (next == below) {
            return node;
        }
        int size = node.size - below.size + next.size;
        return next.size == 0 ? withoutSlot(node, bit, size) : withSlot(node, bit, next, size);
    }

    private static Node withSlot(Node node, int bit, Object slot, int size) {
        int index = node.index(bit);
        if ((node.bitmap & bit) != 0) {
            Object[] slots = node.slots.clone();
            slots[index] = slot;
            return new Node(node.bitmap, slots, size);
        }
        Object[] slots = new Object[node.slots.length + 1];
        System.arraycopy(node.slots, 0, slots, 0, index);
        slots[index] = slot;
        System.arraycopy(node.slots, index, slots, index + 1, node.slots.length - index);
        return new Node(node.bitmap | bit, slots, size);
    }

    private static Node withoutSlot(Node node, int bit, int size) {
        int index = node.index(bit);
        Object[] slots = new Object[node.slots.length - 1];
        System.arraycopy(node.slots, 0, slots, 0, index);
        System.arraycopy(node.slots, index + 1, slots, index, slots.length - index);
        return new Node(node.bitmap & ~bit, slots, size);
    }

    /** @param prefix the number that the first slot begins at */
    @SuppressWarnings("unchecked") // At shift 0, slots hold values.
    private static <T> Node join(Node a, Node b, int shift, long prefix, Joiner<T> joiner) {
        if (a == b) {
            return a;
        }
        int bitmap = 0;
        int size = 0;
        int count = 0;
        boolean same = true;
        Object[] slots = new Object[Integer.bitCount(a.bitmap | b.bitmap)];
        for (int rest = a.bitmap | b.bitmap; rest != 0; rest &= rest - 1) {
            int bit = Integer.lowestOneBit(rest);
            long first = prefix | (long) Integer.numberOfTrailingZeros(bit) << shift;
            Object mine = a.slot(bit);
            Object theirs = b.slot(bit);
            Object joined = shift == 0
                    ? joinValues(first, (T) mine, (T) theirs, joiner)
                    : joinNodes((Node) mine, (Node) theirs, shift - BITS, first, joiner);
            same &= joined == mine;
            if (joined != null) {
                bitmap |= bit;
                slots[count++] = joined;
                size += shift == 0 ? 1 : ((Node) joined).size;
            }
        }
        return same ? a : new Node(bitmap, count == slots.length ? slots : Arrays.copyOf(slots, count), size);
    }

    private static <T> @Nullable T joinValues(long seq, @Nullable T mine, @Nullable T theirs, Joiner<T> joiner) {
        if (mine != null && theirs != null) {
            return joiner.both(seq, mine, theirs);
        }
        if (mine != null) {
            if (joiner.mine(seq, seq) == Part.ALL) {
                return mine;
            }
            joiner.removed(seq, mine);
        } else if (theirs != null && joiner.theirs(seq, seq) == Part.ALL) {
            joiner.added(seq, theirs);
            return theirs;
        }
        return null;
    }

    private static <T> @Nullable Node joinNodes(
            @Nullable Node mine, @Nullable Node theirs, int shift, long first, Joiner<T> joiner) {
        long last = first | (1L << (shift + BITS)) - 1 & Long.MAX_VALUE;
        if (theirs == null && mine != null && joiner.mine(first, last) == Part.ALL) {
            return mine;
        }
        if (mine == null && joiner.theirs(first, last) == Part.NONE) {
            return null;
        }
        Node joined =
                join(mine == null ? EMPTY_NODE : mine, theirs == null ? EMPTY_NODE : theirs, shift, first, joiner);
        return joined.size == 0 ? null : joined;
    }

    @SuppressWarnings("unchecked") // At shift 0, slots hold values.
    private static <T> void forEach(Node node, int shift, long prefix, EntryConsumer<? super T> action) {
        int index = 0;
        for (int rest = node.bitmap; rest != 0; rest &= rest - 1) {
            long seq = prefix | (long) Integer.numberOfTrailingZeros(rest) << shift;
            if (shift == 0) {
                action.accept(seq, (T) node.slots[index++]);
            } else {
                forEach((Node) node.slots[index++], shift - BITS, seq, action);
            }
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SeqTrie<?> that && shift == that.shift && equal(root, that.root, shift);
    }

    private static boolean equal(Node a, Node b, int shift) {
        if (a == b) {
            return true;
        }
        if (a.bitmap != b.bitmap || a.size != b.size) {
            return false;
        }
        for (int i = 0; i < a.slots.length; i++) {
            boolean same = shift == 0
                    ? a.slots[i].equals(b.slots[i])
                    : equal((Node) a.slots[i], (Node) b.slots[i], shift - BITS);
            if (!same) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        int[] hash = {1};
        forEach((seq, value) -> hash[0] = 31 * hash[0] + (Long.hashCode(seq) ^ value.hashCode()));
        return hash[0];
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("{");
        forEach((seq, value) -> text.append(text.length() == 1 ? "" : ", ")
                .append(seq)
                .append('=')
                .append(value));
        return text.append('}').toString();
    }
}
