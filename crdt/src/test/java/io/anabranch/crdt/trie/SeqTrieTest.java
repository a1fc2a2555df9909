// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.trie;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class SeqTrieTest {
    @Provide
    Arbitrary<List<Long>> numbers() {
        Arbitrary<Long> dense = Arbitraries.longs().between(-200, 200);
        Arbitrary<Long> sparse = Arbitraries.longs().between(-(1L << 40), 1L << 40);
        return Arbitraries.oneOf(dense, dense, sparse, Arbitraries.of(Long.MAX_VALUE, -Long.MAX_VALUE))
                .list()
                .ofMaxSize(300);
    }

    /** Negative numbers remove. */
    private static SeqTrie<Long> trie(List<Long> numbers, TreeMap<Long, Long> model) {
        SeqTrie<Long> trie = SeqTrie.empty();
        for (long number : numbers) {
            long seq = Math.abs(number);
            if (number < 0) {
                trie = trie.without(seq);
                model.remove(seq);
            } else {
                trie = trie.with(seq, seq);
                model.put(seq, seq);
            }
        }
        return trie;
    }

    private static TreeMap<Long, Long> contents(SeqTrie<Long> trie) {
        TreeMap<Long, Long> contents = new TreeMap<>();
        trie.forEach((seq, value) -> {
            assertThat(contents.isEmpty() || contents.lastKey() < seq).isTrue();
            contents.put(seq, value);
        });
        return contents;
    }

    @Property
    void itIsASortedMap(@ForAll("numbers") List<Long> numbers) {
        TreeMap<Long, Long> model = new TreeMap<>();
        SeqTrie<Long> trie = trie(numbers, model);

        assertThat(contents(trie)).isEqualTo(model);
        assertThat(trie.size()).isEqualTo(model.size());
        for (long number : numbers) {
            assertThat(trie.get(Math.abs(number))).isEqualTo(model.get(Math.abs(number)));
        }
        assertThat(trie.get(201)).isEqualTo(model.get(201L));
    }

    @Property
    void equalMapsAreEqualHoweverTheyCameAbout(@ForAll("numbers") List<Long> numbers) {
        TreeMap<Long, Long> model = new TreeMap<>();
        SeqTrie<Long> trie = trie(numbers, model);
        SeqTrie<Long> other = SeqTrie.empty();
        for (long seq : model.descendingKeySet()) {
            other = other.with(seq, seq);
        }

        assertThat(other).isEqualTo(trie).hasSameHashCodeAs(trie);
        assertThat(other.with(1L << 50, 1L)).isNotEqualTo(trie);
        assertThat(other.with(1L << 50, 1L).without(1L << 50)).isEqualTo(trie);
    }

    /** Mine stays unless it is a multiple of 3, theirs comes unless it is even: told by ranges, so checked by them. */
    @Property
    void aJoinAsksOnceForEveryPart(@ForAll("numbers") List<Long> mine, @ForAll("numbers") List<Long> theirs) {
        TreeMap<Long, Long> model = new TreeMap<>();
        TreeMap<Long, Long> theirModel = new TreeMap<>();
        SeqTrie<Long> a = trie(mine, model);
        SeqTrie<Long> b = trie(theirs, theirModel);
        TreeMap<Long, Long> expected = new TreeMap<>();
        model.keySet().stream()
                .filter(seq -> theirModel.containsKey(seq) || seq > 100)
                .forEach(seq -> expected.put(seq, seq));
        theirModel.keySet().stream().filter(seq -> seq <= 64).forEach(seq -> expected.put(seq, seq));
        Set<Long> removed = new TreeSet<>();
        Set<Long> added = new TreeSet<>();

        SeqTrie<Long> joined = a.join(b, new SeqTrie.Joiner<>() {
            @Override
            public Long both(long seq, Long ours, Long their) {
                return ours;
            }

            @Override
            public SeqTrie.Part mine(long first, long last) {
                return first > 100 ? SeqTrie.Part.ALL : last <= 100 ? SeqTrie.Part.NONE : SeqTrie.Part.SOME;
            }

            @Override
            public SeqTrie.Part theirs(long first, long last) {
                return last <= 64 ? SeqTrie.Part.ALL : first > 64 ? SeqTrie.Part.NONE : SeqTrie.Part.SOME;
            }

            @Override
            public void removed(long seq, Long value) {
                removed.add(seq);
            }

            @Override
            public void added(long seq, Long value) {
                added.add(seq);
            }
        });

        assertThat(contents(joined)).isEqualTo(expected);
        Set<Long> gone = new TreeSet<>(model.keySet());
        gone.removeAll(expected.keySet());
        Set<Long> come = new TreeSet<>(expected.keySet());
        come.removeAll(model.keySet());
        assertThat(removed).isEqualTo(gone);
        assertThat(added).isEqualTo(come);
        assertThat(joined).isEqualTo(trie(List.copyOf(expected.keySet()), new TreeMap<>()));
    }

    @Example
    void anEditThatChangesNothingIsTheVerySameMap() {
        String value = "x";
        SeqTrie<String> trie = SeqTrie.of(40, value);

        assertThat(trie.with(40, value)).isSameAs(trie);
        assertThat(trie.without(41)).isSameAs(trie);
        assertThat(trie.without(1L << 40)).isSameAs(trie);
        assertThat(trie.without(40)).isSameAs(SeqTrie.empty());
        assertThat(trie).hasToString("{40=x}");
    }
}
