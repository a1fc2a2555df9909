// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.CausalContext;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.SeqRanges;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.codec.Codecs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** One value of every type, for tests of their bytes. Values in golden files never change; add another instead. */
public final class Examples {
    static final Origin A = Origin.parse("000102030405060708090a0b0c0d0e0f");
    static final Origin B = Origin.parse("ff0102030405060708090a0b0c0d0e0f");

    private Examples() {}

    /** A value that its golden file holds. */
    public record Example<T>(String name, Codec<T> codec, T value) {
        @Override
        public String toString() {
            return name;
        }
    }

    public static List<Example<?>> all() {
        List<Example<?>> all = new ArrayList<>();
        all.add(new Example<>("text", Codecs.text(), "Ä\uD83D\uDE00b"));
        all.add(new Example<>("integer", Codecs.integer(), -300L));
        all.add(new Example<>(
                "version-vector",
                Codecs.versionVector(),
                VersionVector.EMPTY.with(A, 1).with(B, 300)));
        all.add(new Example<>("hybrid-time", Codecs.hybridTime(), HybridTime.of(1_800_000_000_000L, 7)));
        all.add(new Example<>(
                "lww-register", LwwRegister.codec(Codecs.text()), new LwwRegister<>(new Dot(A, 3), 1L << 40, "x")));
        all.add(new Example<>(
                "pn-counter",
                PnCounter.codec(),
                PnCounter.ZERO.add(A, 5).add(A, -200).add(B, Long.MAX_VALUE)));
        all.add(new Example<>(
                "causal-context",
                Codecs.causalContext(),
                CausalContext.EMPTY.with(A, SeqRanges.ofBounds(1, 5, 7, 7)).with(new Dot(B, 300))));
        all.add(new Example<>(
                "max-register", MaxRegister.codec(Codecs.integer()), new MaxRegister<>(new Dot(A, 1), 9L)));
        all.add(new Example<>(
                "min-register", MinRegister.codec(Codecs.integer()), new MinRegister<>(new Dot(A, 1), -9L)));
        all.add(new Example<>(
                "first-write-register",
                FirstWriteRegister.codec(Codecs.text()),
                new FirstWriteRegister<>(new Dot(B, 2), 77, "x")));
        MvRegister<String> mv = MvRegister.<String>empty().write(A, 5, "old");
        all.add(new Example<>(
                "mv-register",
                MvRegister.codec(Codecs.text()),
                mv.write(A, 9, "a").merge(mv.write(B, 8, "b"))));
        all.add(new Example<>("ew-flag", EwFlag.codec(), EwFlag.OFF.enable(A).enable(B)));
        all.add(new Example<>("dw-flag", DwFlag.codec(), DwFlag.OFF.enable(A).merge(DwFlag.OFF.disable(B))));
        all.add(new Example<>(
                "g-counter", GCounter.codec(), GCounter.ZERO.add(B, 300).add(A, 1)));
        all.add(new Example<>(
                "resettable-counter",
                ResettableCounter.codec(),
                ResettableCounter.ZERO.add(A, 7).add(A, -2).reset().add(A, 1).add(B, -5)));
        all.add(new Example<>(
                "bounded-counter",
                BoundedCounter.codec(),
                BoundedCounter.atLeast(-3).add(A, 10).transfer(A, B, 4).take(B, 1)));
        all.add(new Example<>(
                "or-set",
                OrSet.codec(Codecs.text()),
                OrSet.<String>empty().add(A, "x").add(B, "y").remove("x").add(A, "z")));
        all.add(new Example<>(
                "rw-set",
                RwSet.codec(Codecs.text()),
                RwSet.<String>empty().add(A, "x").remove(B, "y")));
        all.add(new Example<>(
                "g-set",
                GSet.codec(Codecs.text()),
                GSet.<String>empty().add("b").add("a").add("cc")));
        all.add(new Example<>(
                "two-phase-set",
                TwoPhaseSet.codec(Codecs.text()),
                TwoPhaseSet.<String>empty().add("x").add("y").remove("x")));
        all.add(new Example<>(
                "or-map",
                OrMap.codec(Codecs.text(), PnCounter.codec()),
                OrMap.<String, PnCounter>empty()
                        .update(A, "k", (counter, self) -> PnCounter.ZERO.add(self, 3))
                        .update(B, "l", (counter, self) -> PnCounter.ZERO.add(self, -1))));
        all.add(new Example<>(
                "sequence",
                Sequence.codec(Codecs.text()),
                Sequence.<String>empty()
                        .insert(A, 0, "a")
                        .insert(A, 1, "c")
                        .insert(B, 1, "b")
                        .move(B, 9, 0, 2)));
        all.add(new Example<>("row-lives", RowLives.codec(Codecs.text(), Codecs.text()), row()));
        all.add(new Example<>("row-cells", RowLives.codec(Codecs.text(), Codecs.text()), rowOfEveryKind()));
        return all;
    }

    private static RowLives<String, String> row() {
        RowLives<String, String> none = RowLives.none();
        Map<String, CellWrite<String>> cells =
                Map.of("title", new CellWrite.Assign<>("t"), "likes", new CellWrite.Increment<>(-3));
        RowLives<String, String> row = none.apply(none.insert(new Dot(A, 1), 1000, DeletePolicy.EDIT_WINS, cells));
        row = row.apply(row.edit(new Dot(B, 1), 900, Map.of("title", new CellWrite.Assign<>("u"))));
        row = row.apply(row.delete(new Dot(A, 2)));
        row = row.apply(row.insert(new Dot(B, 2), 2000, DeletePolicy.EDIT_WINS, cells));
        return row.apply(none.insert(new Dot(A, 3), 1500, DeletePolicy.DELETE_WINS, Map.of()));
    }

    private static RowLives<String, String> rowOfEveryKind() {
        RowLives<String, String> none = RowLives.none();
        RowLives<String, String> row =
                none.apply(none.insert(new Dot(A, 1), 1000, DeletePolicy.EDIT_WINS, RowCells.first("a")));
        RowOp<String, String> byB = row.edit(new Dot(B, 1), 900, Map.of("values", new CellWrite.Replace<>("b")));
        row = row.apply(row.edit(new Dot(A, 2), 1100, Map.of("values", new CellWrite.Replace<>("c"))));
        row = row.apply(byB);
        row = row.apply(row.edit(new Dot(B, 2), 950, Map.of("set", new CellWrite.Change<>(Set.of("f"), Set.of("e")))));
        return row.apply(row.edit(
                new Dot(A, 3), 1200, Map.of("stock", new CellWrite.Trade<>(300, new TreeMap<>(Map.of(B, 7L))))));
    }
}
