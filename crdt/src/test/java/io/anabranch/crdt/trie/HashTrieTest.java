// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.trie;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tag;

class HashTrieTest {
    /** Many of them share all or most bits of their hash. */
    record Key(int number) {
        @Override
        public int hashCode() {
            return number % 3 == 0 ? number % 7 : number << 27;
        }
    }

    @Provide
    Arbitrary<List<Integer>> numbers() {
        return Arbitraries.integers().between(-300, 300).list().ofMaxSize(400);
    }

    /** Negative numbers remove. */
    private static HashTrie<Key, Integer> trie(List<Integer> numbers, Map<Key, Integer> model) {
        HashTrie<Key, Integer> trie = HashTrie.empty();
        int value = 0;
        for (int number : numbers) {
            Key key = new Key(Math.abs(number));
            if (number < 0) {
                trie = trie.without(key);
                model.remove(key);
            } else {
                trie = trie.with(key, ++value);
                model.put(key, value);
            }
        }
        return trie;
    }

    private static Map<Key, Integer> contents(HashTrie<Key, Integer> trie) {
        Map<Key, Integer> contents = new HashMap<>();
        trie.forEach((key, value) -> assertThat(contents.put(key, value)).isNull());
        return contents;
    }

    @Property
    void itIsAMap(@ForAll("numbers") List<Integer> numbers) {
        Map<Key, Integer> model = new HashMap<>();
        HashTrie<Key, Integer> trie = trie(numbers, model);

        assertThat(contents(trie)).isEqualTo(model);
        assertThat(trie.size()).isEqualTo(model.size());
        for (int i = 0; i <= 300; i++) {
            assertThat(trie.get(new Key(i))).isEqualTo(model.get(new Key(i)));
        }
    }

    @Property
    void equalMapsAreEqualHoweverTheyCameAbout(@ForAll("numbers") List<Integer> numbers) {
        Map<Key, Integer> model = new HashMap<>();
        HashTrie<Key, Integer> trie = trie(numbers, model);
        HashTrie<Key, Integer> other = HashTrie.empty();
        for (Map.Entry<Key, Integer> entry : model.entrySet()) {
            other = other.with(entry.getKey(), entry.getValue());
        }

        assertThat(other).isEqualTo(trie).hasSameHashCodeAs(trie);
        assertThat(other.with(new Key(999), 1)).isNotEqualTo(trie);
        assertThat(other.with(new Key(999), 1).without(new Key(999))).isEqualTo(trie);
        if (!model.isEmpty()) {
            Key key = model.keySet().iterator().next();
            assertThat(other.with(key, -1)).isNotEqualTo(trie);
        }
    }

    @Property
    void aMergeCombinesWhatIsCommonMineFirst(
            @ForAll("numbers") List<Integer> mine, @ForAll("numbers") List<Integer> theirs) {
        Map<Key, Integer> model = new HashMap<>();
        Map<Key, Integer> theirModel = new HashMap<>();
        HashTrie<Key, Integer> a = trie(mine, model);
        HashTrie<Key, Integer> b = trie(theirs, theirModel);
        theirModel.forEach((key, value) -> model.merge(key, value, (x, y) -> 1000 * x + y));

        HashTrie<Key, Integer> merged = a.merge(b, (x, y) -> 1000 * x + y);

        assertThat(contents(merged)).isEqualTo(model);
        assertThat(merged.size()).isEqualTo(model.size());
        assertThat(a.merge(b, (x, y) -> x).merge(b, (x, y) -> x)).isEqualTo(b.merge(a, (x, y) -> y));
    }

    @Property
    void aMergeThatBringsNothingIsTheVerySameMap(@ForAll("numbers") List<Integer> numbers) {
        HashTrie<Key, Integer> trie = trie(numbers, new HashMap<>());
        HashTrie<Key, Integer> copy = HashTrie.empty();
        for (Map.Entry<Key, Integer> entry : contents(trie).entrySet()) {
            copy = copy.with(entry.getKey(), entry.getValue());
        }

        assertThat(trie.merge(copy, (x, y) -> x)).isSameAs(trie);
        assertThat(trie.merge(HashTrie.empty(), (x, y) -> x)).isSameAs(trie);
    }

    /** 2^16 texts of one hash code. In one list there would be two billion comparisons. */
    @Example
    @Tag("large")
    void textsChosenToCollideCostNoMoreThanOthers() {
        int count = 1 << 16;
        Set<String> texts = new HashSet<>();
        HashTrie<String, Integer> trie = HashTrie.empty();
        for (int i = 0; i < count; i++) {
            trie = trie.with(colliding(i), i);
            texts.add(colliding(i));
        }

        assertThat(texts)
                .hasSize(count)
                .allMatch(text -> text.hashCode() == colliding(0).hashCode());
        assertThat(trie.size()).isEqualTo(count);
        for (int i = 0; i < count; i++) {
            assertThat(trie.get(colliding(i))).isEqualTo(i);
        }
        for (int i = 0; i < count; i++) {
            trie = trie.without(colliding(i));
        }
        assertThat(trie.isEmpty()).isTrue();
    }

    @Property
    void keysThatCollideMakeAMapToo(@ForAll("numbers") List<Integer> numbers) {
        Map<String, Integer> model = new HashMap<>();
        HashTrie<String, Integer> trie = HashTrie.empty();
        HashTrie<String, Integer> even = HashTrie.empty();
        HashTrie<String, Integer> odd = HashTrie.empty();
        for (int number : numbers) {
            String key = colliding(Math.abs(number));
            trie = number < 0 ? trie.without(key) : trie.with(key, number);
            if (number < 0) {
                model.remove(key);
            } else {
                model.put(key, number);
            }
        }
        for (Map.Entry<String, Integer> entry : model.entrySet()) {
            boolean isEven = entry.getValue() % 2 == 0;
            even = isEven ? even.with(entry.getKey(), entry.getValue()) : even;
            odd = isEven ? odd : odd.with(entry.getKey(), entry.getValue());
        }

        Map<String, Integer> contents = new HashMap<>();
        trie.forEach(contents::put);
        assertThat(contents).isEqualTo(model);
        assertThat(even.merge(odd, (x, y) -> x)).isEqualTo(trie).isEqualTo(odd.merge(even, (x, y) -> x));
    }

    /** Aa and BB have one hash code, and so has any row of them. */
    private static String colliding(int number) {
        StringBuilder text = new StringBuilder();
        for (int bit = 0; bit < 16; bit++) {
            text.append((number >> bit & 1) == 0 ? "Aa" : "BB");
        }
        return text.toString();
    }

    @Example
    void anEditThatChangesNothingIsTheVerySameMap() {
        HashTrie<String, String> trie = HashTrie.of("a", "1");

        assertThat(trie.with("a", "1")).isSameAs(trie);
        assertThat(trie.without("b")).isSameAs(trie);
        assertThat(trie.without("a")).isSameAs(HashTrie.empty());
        assertThat(trie).hasToString("{a=1}");
    }
}
