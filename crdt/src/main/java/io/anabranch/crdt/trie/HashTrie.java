// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.trie;

import java.util.Arrays;
import java.util.function.BiConsumer;
import java.util.function.BinaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * An immutable hash map whose edits cost O(log32 n) and share the rest. Equal maps have equal shapes, except for the
 * order of keys whose hashes collide. Iterates in an order of its own: sort before writing bytes. Texts and numbers that
 * were chosen to collide cost no more than others do.
 *
 * <p>Source: Steindorfer and Vinju, "Optimizing Hash-Array Mapped Tries for Fast and Lean Immutable JVM Collections",
 * OOPSLA 2015.
 */
public final class HashTrie<K, V> {
    private static final int BITS = 5;

    /** From this depth on the hash is used up, and a second one goes on. */
    private static final int SECOND_SHIFT = 35;

    /** From this depth on that one is used up too, and a node is a plain list of keys and values. */
    private static final int COLLISION_SHIFT = 2 * SECOND_SHIFT;

    private static final Node EMPTY_NODE = new Node(0, 0, new Object[0], 0);
    private static final HashTrie<?, ?> EMPTY = new HashTrie<>(EMPTY_NODE);

    private final Node root;

    private HashTrie(Node root) {
        this.root = root;
    }

    /**
     * Keys and values of {@code dataMap}'s bits, then the nodes of {@code nodeMap}'s, both by ascending bit.
     *
     * @param size how many entries are in and below this node
     */
    private record Node(int dataMap, int nodeMap, Object[] slots, int size) {
        int dataIndex(int bit) {
            return 2 * Integer.bitCount(dataMap & (bit - 1));
        }

        int nodeIndex(int bit) {
            return 2 * Integer.bitCount(dataMap) + Integer.bitCount(nodeMap & (bit - 1));
        }

        Node node(int bit) {
            return (Node) slots[nodeIndex(bit)];
        }

        /** Returns whether this should be an entry of its parent. */
        boolean isSingleEntry() {
            return size == 1 && nodeMap == 0;
        }
    }

    @SuppressWarnings("unchecked") // Holds nothing of either type.
    public static <K, V> HashTrie<K, V> empty() {
        return (HashTrie<K, V>) EMPTY;
    }

    public static <K, V> HashTrie<K, V> of(K key, V value) {
        Object[] slots = {key, value};
        return new HashTrie<>(new Node(bit(hash(key), 0), 0, slots, 1));
    }

    public int size() {
        return root.size;
    }

    public boolean isEmpty() {
        return root.size == 0;
    }

    @SuppressWarnings("unchecked") // Slots hold keys and values in turn.
    public @Nullable V get(K key) {
        int hash = hash(key);
        Node node = root;
        for (int shift = 0; shift < COLLISION_SHIFT; shift += BITS) {
            hash = atDepth(hash, key, shift);
            int bit = bit(hash, shift);
            if ((node.dataMap & bit) != 0) {
                int index = node.dataIndex(bit);
                return node.slots[index].equals(key) ? (V) node.slots[index + 1] : null;
            }
            if ((node.nodeMap & bit) == 0) {
                return null;
            }
            node = node.node(bit);
        }
        int index = indexOf(node, key);
        return index < 0 ? null : (V) node.slots[index + 1];
    }

    public boolean containsKey(K key) {
        return get(key) != null;
    }

    /** Returns this map with {@code key} bound to {@code value}; this one if it is already, to the very same object. */
    public HashTrie<K, V> with(K key, V value) {
        return wrap(put(root, hash(key), key, value, 0, null, false));
    }

    public HashTrie<K, V> without(K key) {
        return wrap(remove(root, hash(key), key, 0));
    }

    /**
     * Returns the map of both, values of common keys combined, this one's first. Costs nothing for what the two share,
     * and keeps this one's nodes where nothing changed: let {@code combine} answer its first argument then.
     */
    public HashTrie<K, V> merge(HashTrie<K, V> other, BinaryOperator<V> combine) {
        if (other.isEmpty()) {
            return this;
        }
        return isEmpty() ? other : wrap(merge(root, other.root, 0, untyped(combine)));
    }

    @SuppressWarnings("unchecked") // Only ever given values of this map.
    private static <V> BinaryOperator<Object> untyped(BinaryOperator<V> combine) {
        return (BinaryOperator<Object>) combine;
    }

    public void forEach(BiConsumer<? super K, ? super V> action) {
        forEach(root, 0, action);
    }

    private HashTrie<K, V> wrap(Node node) {
        if (node == root) {
            return this;
        }
        return node.size == 0 ? empty() : new HashTrie<>(node);
    }

    // ---- Nodes

    private static int hash(Object key) {
        int hash = key.hashCode() * 0x9E3779B9;
        return hash ^ hash >>> 16;
    }

    private static int bit(int hash, int shift) {
        return 1 << (hash >>> (shift < SECOND_SHIFT ? shift : shift - SECOND_SHIFT) & 31);
    }

    private static int hashAt(Object key, int shift) {
        return shift < SECOND_SHIFT ? hash(key) : SecondHash.of(key);
    }

    /** @param hash that of one level above */
    private static int atDepth(int hash, Object key, int shift) {
        return shift == SECOND_SHIFT ? SecondHash.of(key) : hash;
    }

    private static int indexOf(Node collisions, Object key) {
        for (int i = 0; i < collisions.slots.length; i += 2) {
            if (collisions.slots[i].equals(key)) {
                return i;
            }
        }
        return -1;
    }

    /** @param combine what to make of an old and the new value; null to take the new one. {@code newFirst} swaps them */
    private static Node put(
            Node node,
            int hash,
            Object key,
            Object value,
            int shift,
            @Nullable BinaryOperator<Object> combine,
            boolean newFirst) {
        if (shift >= COLLISION_SHIFT) {
            int index = indexOf(node, key);
            return index < 0
                    ? new Node(0, 0, inserted(node.slots, node.slots.length, key, value), node.size + 1)
                    : replaced(node, index + 1, combined(node.slots[index + 1], value, combine, newFirst));
        }
        int bit = bit(hash, shift);
        if ((node.dataMap & bit) != 0) {
            int index = node.dataIndex(bit);
            Object present = node.slots[index];
            if (present.equals(key)) {
                return replaced(node, index + 1, combined(node.slots[index + 1], value, combine, newFirst));
            }
            int below = shift + BITS;
            return pushedDown(
                    node,
                    bit,
                    index,
                    pair(
                            present,
                            node.slots[index + 1],
                            hashAt(present, below),
                            key,
                            value,
                            atDepth(hash, key, below),
                            below));
        }
        if ((node.nodeMap & bit) != 0) {
            int index = node.nodeIndex(bit);
            Node below = (Node) node.slots[index];
            Node next = put(below, atDepth(hash, key, shift + BITS), key, value, shift + BITS, combine, newFirst);
            return next == below ? node : withNode(node, index, next);
        }
        int index = node.dataIndex(bit);
        return new Node(node.dataMap | bit, node.nodeMap, inserted(node.slots, index, key, value), node.size + 1);
    }

    private static Object combined(
            Object old, Object value, @Nullable BinaryOperator<Object> combine, boolean newFirst) {
        if (combine == null) {
            return value;
        }
        return newFirst ? combine.apply(value, old) : combine.apply(old, value);
    }

    private static Node pair(Object key1, Object value1, int hash1, Object key2, Object value2, int hash2, int shift) {
        if (shift >= COLLISION_SHIFT) {
            return new Node(0, 0, new Object[] {key1, value1, key2, value2}, 2);
        }
        int bit1 = bit(hash1, shift);
        int bit2 = bit(hash2, shift);
        if (bit1 == bit2) {
            int next = shift + BITS;
            Node below = pair(key1, value1, atDepth(hash1, key1, next), key2, value2, atDepth(hash2, key2, next), next);
            return new Node(0, bit1, new Object[] {below}, 2);
        }
        Object[] slots = Integer.compareUnsigned(bit1, bit2) < 0
                ? new Object[] {key1, value1, key2, value2}
                : new Object[] {key2, value2, key1, value1};
        return new Node(bit1 | bit2, 0, slots, 2);
    }

    private static Node remove(Node node, int hash, Object key, int shift) {
        if (shift >= COLLISION_SHIFT) {
            int index = indexOf(node, key);
            return index < 0 ? node : new Node(0, 0, without(node.slots, index, 2), node.size - 1);
        }
        int bit = bit(hash, shift);
        if ((node.dataMap & bit) != 0) {
            int index = node.dataIndex(bit);
            return node.slots[index].equals(key)
                    ? new Node(node.dataMap & ~bit, node.nodeMap, without(node.slots, index, 2), node.size - 1)
                    : node;
        }
        if ((node.nodeMap & bit) == 0) {
            return node;
        }
        int index = node.nodeIndex(bit);
        Node below = (Node) node.slots[index];
        Node next = remove(below, atDepth(hash, key, shift + BITS), key, shift + BITS);
        if (next == below) {
            return node;
        }
        return next.isSingleEntry() ? pulledUp(node, bit, index, next) : withNode(node, index, next);
    }

    private static Node merge(Node a, Node b, int shift, BinaryOperator<Object> combine) {
        if (a == b) {
            return a;
        }
        if (shift >= COLLISION_SHIFT) {
            Node merged = a;
            for (int i = 0; i < b.slots.length; i += 2) {
                merged = put(merged, 0, b.slots[i], b.slots[i + 1], shift, combine, false);
            }
            return merged;
        }
        Builder builder = new Builder(a, b);
        for (int rest = a.dataMap | a.nodeMap | b.dataMap | b.nodeMap; rest != 0; rest &= rest - 1) {
            mergeSlot(a, b, Integer.lowestOneBit(rest), shift, combine, builder);
        }
        return builder.build(a);
    }

    private static void mergeSlot(Node a, Node b, int bit, int shift, BinaryOperator<Object> combine, Builder builder) {
        boolean nodeA = (a.nodeMap & bit) != 0;
        boolean nodeB = (b.nodeMap & bit) != 0;
        int entryA = (a.dataMap & bit) != 0 ? a.dataIndex(bit) : -1;
        int entryB = (b.dataMap & bit) != 0 ? b.dataIndex(bit) : -1;
        if (nodeA && nodeB) {
            builder.node(bit, merge(a.node(bit), b.node(bit), shift + BITS, combine));
        } else if (nodeA) {
            Node node = a.node(bit);
            if (entryB >= 0) {
                Object key = b.slots[entryB];
                node = put(node, hashAt(key, shift + BITS), key, b.slots[entryB + 1], shift + BITS, combine, false);
            }
            builder.node(bit, node);
        } else if (nodeB) {
            Node node = b.node(bit);
            if (entryA >= 0) {
                Object key = a.slots[entryA];
                node = put(node, hashAt(key, shift + BITS), key, a.slots[entryA + 1], shift + BITS, combine, true);
            }
            builder.node(bit, node);
        } else if (entryA < 0) {
            builder.entry(bit, b.slots[entryB], b.slots[entryB + 1]);
        } else if (entryB < 0) {
            builder.entry(bit, a.slots[entryA], a.slots[entryA + 1]);
        } else {
            mergeEntries(
                    a.slots[entryA],
                    a.slots[entryA + 1],
                    b.slots[entryB],
                    b.slots[entryB + 1],
                    bit,
                    shift,
                    combine,
                    builder);
        }
    }

    private static void mergeEntries(
            Object key,
            Object value,
            Object otherKey,
            Object otherValue,
            int bit,
            int shift,
            BinaryOperator<Object> combine,
            Builder builder) {
        if (key.equals(otherKey)) {
            builder.entry(bit, key, combine.apply(value, otherValue));
        } else {
            int next = shift + BITS;
            builder.node(bit, pair(key, value, hashAt(key, next), otherKey, otherValue, hashAt(otherKey, next), next));
        }
    }

    /** Collects the slots of a merged node, by ascending bit. */
    private static final class Builder {
        private final Object[] entries;
        private final Object[] nodes;
        private int dataMap;
        private int nodeMap;
        private int entryCount;
        private int nodeCount;
        private int size;

        Builder(Node a, Node b) {
            int most = Integer.bitCount(a.dataMap | a.nodeMap | b.dataMap | b.nodeMap);
            entries = new Object[2 * most];
            nodes = new Object[most];
        }

        void entry(int bit, Object key, Object value) {
            dataMap |= bit;
            entries[entryCount++] = key;
            entries[entryCount++] = value;
            size++;
        }

        void node(int bit, Node node) {
            nodeMap |= bit;
            nodes[nodeCount++] = node;
            size += node.size;
        }

        /** Returns {@code like} if this is the same. */
        Node build(Node like) {
            if (dataMap == like.dataMap && nodeMap == like.nodeMap && isSame(like.slots)) {
                return like;
            }
            Object[] slots = Arrays.copyOf(entries, entryCount + nodeCount);
            System.arraycopy(nodes, 0, slots, entryCount, nodeCount);
            return new Node(dataMap, nodeMap, slots, size);
        }

        private boolean isSame(Object[] slots) {
            for (int i = 1; i < entryCount; i += 2) {
                if (entries[i] != slots[i]) {
                    return false;
                }
            }
            for (int i = 0; i < nodeCount; i++) {
                if (nodes[i] != slots[entryCount + i]) {
                    return false;
                }
            }
            return true;
        }
    }

    private static Node replaced(Node node, int index, Object value) {
        if (node.slots[index] == value) {
            return node;
        }
        Object[] slots = node.slots.clone();
        slots[index] = value;
        return new Node(node.dataMap, node.nodeMap, slots, node.size);
    }

    private static Node withNode(Node node, int index, Node below) {
        Object[] slots = node.slots.clone();
        slots[index] = below;
        return new Node(node.dataMap, node.nodeMap, slots, node.size - ((Node) node.slots[index]).size + below.size);
    }

    /** Turns the entry at {@code index} into the node {@code below}, which holds it and one more. */
    private static Node pushedDown(Node node, int bit, int index, Node below) {
        Object[] rest = without(node.slots, index, 2);
        int at = rest.length - Integer.bitCount(node.nodeMap) + Integer.bitCount(node.nodeMap & (bit - 1));
        Object[] slots = new Object[rest.length + 1];
        System.arraycopy(rest, 0, slots, 0, at);
        slots[at] = below;
        System.arraycopy(rest, at, slots, at + 1, rest.length - at);
        return new Node(node.dataMap & ~bit, node.nodeMap | bit, slots, node.size + 1);
    }

    /** Turns the node at {@code index} into its only entry. */
    private static Node pulledUp(Node node, int bit, int index, Node single) {
        Object[] rest = without(node.slots, index, 1);
        Object[] slots = inserted(rest, node.dataIndex(bit), single.slots[0], single.slots[1]);
        return new Node(node.dataMap | bit, node.nodeMap & ~bit, slots, node.size - 1);
    }

    private static Object[] inserted(Object[] slots, int index, Object key, Object value) {
        Object[] next = new Object[slots.length + 2];
        System.arraycopy(slots, 0, next, 0, index);
        next[index] = key;
        next[index + 1] = value;
        System.arraycopy(slots, index, next, index + 2, slots.length - index);
        return next;
    }

    private static Object[] without(Object[] slots, int index, int count) {
        Object[] next = new Object[slots.length - count];
        System.arraycopy(slots, 0, next, 0, index);
        System.arraycopy(slots, index + count, next, index, next.length - index);
        return next;
    }

    @SuppressWarnings("unchecked") // Slots hold keys and values in turn.
    private static <K, V> void forEach(Node node, int shift, BiConsumer<? super K, ? super V> action) {
        int entries = shift >= COLLISION_SHIFT ? node.slots.length : 2 * Integer.bitCount(node.dataMap);
        for (int i = 0; i < entries; i += 2) {
            action.accept((K) node.slots[i], (V) node.slots[i + 1]);
        }
        for (int i = entries; i < node.slots.length; i++) {
            forEach((Node) node.slots[i], shift + BITS, action);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof HashTrie<?, ?> that && equal(root, that.root, 0);
    }

    private static boolean equal(Node a, Node b, int shift) {
        if (a == b) {
            return true;
        }
        if (a.size != b.size || a.dataMap != b.dataMap || a.nodeMap != b.nodeMap) {
            return false;
        }
        if (shift >= COLLISION_SHIFT) {
            for (int i = 0; i < a.slots.length; i += 2) {
                int index = indexOf(b, a.slots[i]);
                if (index < 0 || !b.slots[index + 1].equals(a.slots[i + 1])) {
                    return false;
                }
            }
            return true;
        }
        int entries = 2 * Integer.bitCount(a.dataMap);
        for (int i = 0; i < a.slots.length; i++) {
            boolean same = i < entries
                    ? a.slots[i].equals(b.slots[i])
                    : equal((Node) a.slots[i], (Node) b.slots[i], shift + BITS);
            if (!same) {
                return false;
            }
        }
        return true;
    }

    @Override
    public int hashCode() {
        int[] sum = {0};
        forEach((key, value) -> sum[0] += key.hashCode() ^ value.hashCode());
        return sum[0];
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("{");
        forEach((key, value) -> text.append(text.length() == 1 ? "" : ", ")
                .append(key)
                .append('=')
                .append(value));
        return text.append('}').toString();
    }
}
