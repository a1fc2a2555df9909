// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.codec.Codecs;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

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
        all.add(new Example<>("row-lives", RowLives.codec(Codecs.text(), Codecs.text()), row()));
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
}
