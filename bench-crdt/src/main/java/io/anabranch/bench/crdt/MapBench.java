// SPDX-License-Identifier: Apache-2.0
package io.anabranch.bench.crdt;

import io.anabranch.crdt.OrMap;
import io.anabranch.crdt.PnCounter;
import io.anabranch.crdt.causality.Origin;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.cluster.ddata.ORMap;
import org.apache.pekko.cluster.ddata.PNCounterMap;
import org.apache.pekko.cluster.ddata.ReplicatedDelta;
import org.jspecify.annotations.Nullable;
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

/** The delta of one increment joined into a large map of counters. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 3, time = 1)
@State(Scope.Thread)
public class MapBench {
    private static final Origin A = Origin.of(11, 1);
    private static final Origin B = Origin.of(22, 2);

    /** As many deltas, so that the caches do not hold all that one of them touches. */
    private static final int DELTAS = 1024;

    @Param({"1000", "10000", "100000", "1000000"})
    int size;

    private OrMap<String, PnCounter> map = OrMap.empty();
    private PNCounterMap<String> pekko = PNCounterMap.create();

    @SuppressWarnings({"unchecked", "rawtypes"}) // Filled below.
    private final OrMap<String, PnCounter>[] increments = new OrMap[DELTAS];

    private final ReplicatedDelta[] pekkoIncrements = new ReplicatedDelta[DELTAS];
    private int next;

    @Setup(Level.Trial)
    public void fill() {
        for (int i = 0; i < size; i++) {
            map = map.update(A, "key-" + i, MapBench::increment);
        }
        for (int i = 0; i < Math.min(size, 10_000); i++) {
            pekko = pekko.increment(Pekko.node(1), "key-" + i, 1);
        }
        pekko = pekko.resetDelta();
        for (int i = 0; i < DELTAS; i++) {
            increments[i] = map.updateDelta(B, "key-" + (int) (i * (long) size / DELTAS), MapBench::increment);
            String key = "key-" + (int) (i * (long) Math.min(size, 10_000) / DELTAS);
            pekkoIncrements[i] = pekko.increment(Pekko.node(2), key, 1).delta().get();
        }
    }

    private static PnCounter increment(@Nullable PnCounter counter, Origin self) {
        return (counter == null ? PnCounter.ZERO : counter).addDelta(self, 1);
    }

    @Benchmark
    public Object joinIncrement() {
        return map.merge(increments[next++ & DELTAS - 1]);
    }

    /** From 100,000 on it is measured with 10,000. */
    @Benchmark
    public Object pekkoJoinIncrement() {
        return pekko.mergeDelta((ORMap.DeltaOp) pekkoIncrements[next++ & DELTAS - 1]);
    }
}
