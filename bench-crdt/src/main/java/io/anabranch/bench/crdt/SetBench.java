// SPDX-License-Identifier: Apache-2.0
package io.anabranch.bench.crdt;

import io.anabranch.crdt.OrSet;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.Codecs;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.cluster.ddata.ORSet;
import org.apache.pekko.cluster.ddata.ReplicatedDelta;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A delta of one element joined into a large set, beside one update of a plain map. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@State(Scope.Thread)
public class SetBench {
    private static final Origin A = Origin.of(11, 1);
    private static final Origin B = Origin.of(22, 2);

    /** As many deltas, so that the caches do not hold all that one of them touches. */
    private static final int DELTAS = 1024;

    @Param({"1000", "10000", "100000", "1000000"})
    int size;

    private OrSet<String> set = OrSet.empty();
    private final Map<String, String> plain = new HashMap<>();
    private ORSet<String> pekko = ORSet.create();

    @SuppressWarnings({"unchecked", "rawtypes"}) // Filled below.
    private final OrSet<String>[] adds = new OrSet[DELTAS];

    @SuppressWarnings({"unchecked", "rawtypes"}) // Filled below.
    private final OrSet<String>[] removes = new OrSet[DELTAS];

    private final ReplicatedDelta[] pekkoAdds = new ReplicatedDelta[DELTAS];
    private final String[] names = new String[DELTAS];
    private int next;

    @Setup(Level.Trial)
    public void fill() {
        for (int i = 0; i < size; i++) {
            set = set.add(A, "element-" + i);
            plain.put("element-" + i, "");
        }
        set = OrSet.codec(Codecs.text()).decode(OrSet.codec(Codecs.text()).encode(set));
        for (int i = 0; i < Math.min(size, 100_000); i++) {
            pekko = pekko.add(Pekko.node(1), "element-" + i);
        }
        pekko = pekko.resetDelta();
        for (int i = 0; i < DELTAS; i++) {
            names[i] = "element-" + (int) (i * (long) size / DELTAS);
            adds[i] = set.addDelta(B, names[i]);
            removes[i] = set.removeDelta(names[i]);
            pekkoAdds[i] = pekko.add(Pekko.node(2), names[i]).delta().get();
        }
    }

    @Benchmark
    public Object joinAdd() {
        return set.merge(adds[next++ & DELTAS - 1]);
    }

    @Benchmark
    public Object joinRemove() {
        return set.merge(removes[next++ & DELTAS - 1]);
    }

    @Benchmark
    public Object add() {
        return set.add(B, names[next++ & DELTAS - 1]);
    }

    @Benchmark
    public Object plainMapPut() {
        return plain.put(names[next++ & DELTAS - 1], "");
    }

    /** At 1,000,000 it is measured with 100,000. */
    @Benchmark
    public Object pekkoJoinAdd() {
        return pekko.mergeDelta((ORSet.DeltaOp) pekkoAdds[next++ & DELTAS - 1]);
    }
}
