// SPDX-License-Identifier: Apache-2.0
package io.anabranch.bench.crdt;

import io.anabranch.crdt.LwwRegister;
import io.anabranch.crdt.OrMap;
import io.anabranch.crdt.OrSet;
import io.anabranch.crdt.PnCounter;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.codec.Codecs;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.cluster.ddata.LWWMap;
import org.apache.pekko.cluster.ddata.ORSet;
import org.apache.pekko.cluster.ddata.PNCounter;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** Whole states of 100,000 parts that differ by 1 %, and share no memory; and a counter of 1,000 origins. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@State(Scope.Thread)
public class MergeBench {
    private static final int SIZE = 100_000;
    private static final int CHANGES = 1_000;
    private static final Origin A = Origin.of(11, 1);
    private static final Origin B = Origin.of(22, 2);

    private OrSet<String> set = OrSet.empty();
    private OrSet<String> otherSet = OrSet.empty();
    private ORSet<String> pekkoSet = ORSet.create();
    private ORSet<String> otherPekkoSet = ORSet.create();
    private OrMap<String, LwwRegister<String>> map = OrMap.empty();
    private OrMap<String, LwwRegister<String>> otherMap = OrMap.empty();
    private LWWMap<String, String> pekkoMap = LWWMap.create();
    private LWWMap<String, String> otherPekkoMap = LWWMap.create();
    private final Map<String, String> plain = new HashMap<>();
    private final Map<String, String> otherPlain = new HashMap<>();
    private PnCounter counter = PnCounter.ZERO;
    private PnCounter otherCounter = PnCounter.ZERO;
    private PNCounter pekkoCounter = PNCounter.create();
    private PNCounter otherPekkoCounter = PNCounter.create();

    @Setup(Level.Trial)
    public void fill() {
        for (int i = 0; i < SIZE; i++) {
            String name = "element-" + i;
            set = set.add(A, name);
            map = map.update(A, name, (register, self) -> new LwwRegister<>(new Dot(self, 1), 1, "value"));
            pekkoSet = pekkoSet.add(Pekko.node(1), name);
            pekkoMap = pekkoMap.put(Pekko.node(1), name, "value");
            plain.put(name, "value");
            otherPlain.put(new String(name), "value");
        }
        otherSet = copy(OrSet.codec(Codecs.text()), set);
        otherMap = copy(OrMap.codec(Codecs.text(), LwwRegister.codec(Codecs.text())), map);
        otherPekkoSet = pekkoSet;
        otherPekkoMap = pekkoMap;
        for (int i = 0; i < CHANGES; i++) {
            String name = "element-" + i * (SIZE / CHANGES);
            otherSet = i % 2 == 0 ? otherSet.add(B, name) : otherSet.remove(name);
            otherMap = otherMap.update(B, name, (register, self) -> new LwwRegister<>(new Dot(self, 2), 2, "other"));
            otherPekkoSet =
                    i % 2 == 0 ? otherPekkoSet.add(Pekko.node(2), name) : otherPekkoSet.remove(Pekko.node(2), name);
            otherPekkoMap = otherPekkoMap.put(Pekko.node(2), name, "other");
        }
        for (int i = 0; i < 1000; i++) {
            counter = counter.add(Origin.of(i, i), i + 1);
            otherCounter = otherCounter.add(Origin.of(i, i), i + 1 + i % 2);
            pekkoCounter = pekkoCounter.increment(Pekko.node(i), i + 1L);
            otherPekkoCounter = otherPekkoCounter.increment(Pekko.node(i), i + 1L + i % 2);
        }
    }

    private static <T> T copy(Codec<T> codec, T value) {
        return codec.decode(codec.encode(value));
    }

    @Benchmark
    public Object mergeSet() {
        return set.merge(otherSet);
    }

    @Benchmark
    public Object pekkoMergeSet() {
        return pekkoSet.merge(otherPekkoSet);
    }

    @Benchmark
    public Object mergeMap() {
        return map.merge(otherMap);
    }

    @Benchmark
    public Object pekkoMergeMap() {
        return pekkoMap.merge(otherPekkoMap);
    }

    /** What any merge of two plain maps has to do: look at every key once. */
    @Benchmark
    public int plainMapScan() {
        int same = 0;
        for (Map.Entry<String, String> entry : plain.entrySet()) {
            if (entry.getValue().equals(otherPlain.get(entry.getKey()))) {
                same++;
            }
        }
        return same;
    }

    @Benchmark
    public Object mergeCounter() {
        return counter.merge(otherCounter);
    }

    @Benchmark
    public Object pekkoMergeCounter() {
        return pekkoCounter.merge(otherPekkoCounter);
    }

    @Benchmark
    public Object incrementCounter() {
        return counter.add(Origin.of(500, 500), 1);
    }

    @Benchmark
    public Object add100000() {
        OrSet<String> next = OrSet.empty();
        for (String name : plain.keySet()) {
            next = next.add(A, name);
        }
        return next;
    }

    @Benchmark
    public Object pekkoAdd100000() {
        ORSet<String> next = ORSet.create();
        for (String name : plain.keySet()) {
            next = next.add(Pekko.node(1), name);
        }
        return next;
    }
}
