// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import static io.anabranch.crdt.DeletePolicy.DELETE_WINS;
import static io.anabranch.crdt.DeletePolicy.EDIT_WINS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import java.math.BigInteger;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Histories that broke earlier designs; numbers are those of the design's list of counterexamples. */
class RowLivesTest {
    private static final Origin A = Origin.of(0, 1);
    private static final Origin B = Origin.of(0, 2);
    private static final Origin C = Origin.of(0, 3);

    private static final RowLives<String, String> NONE = RowLives.none();

    @ParameterizedTest
    @EnumSource(DeletePolicy.class)
    void aRowInsertedAgainStartsEmptyWhateverWasForgotten_1(DeletePolicy policy) {
        RowLives<String, String> old = NONE.apply(NONE.insert(dot(A, 1), 2036, policy, cells("old", 10)));
        RowLives<String, String> remembers = old.apply(old.delete(dot(A, 2)));
        RowOp<String, String> insert = NONE.insert(dot(B, 1), 7, policy, cells("n", 5));

        assertThat(remembers.apply(insert).register("x").value()).isEqualTo("n");
        assertThat(remembers.apply(insert).counter("n")).isEqualTo(5);
        assertThat(NONE.apply(insert).counter("n")).isEqualTo(5);
    }

    @Test
    void anEditThatTheDeleteHadNotSeenKeepsTheWholeRow_2() {
        RowLives<String, String> row = NONE.apply(NONE.insert(dot(A, 1), 1, EDIT_WINS, cells("a", 10)));
        RowOp<String, String> delete = row.delete(dot(A, 2));
        RowOp<String, String> edit = row.edit(dot(C, 1), 2, put("c"));

        RowLives<String, String> merged = row.apply(delete).apply(edit);

        assertThat(merged.isShown()).isTrue();
        assertThat(merged.register("x").value()).isEqualTo("c");
        assertThat(merged.counter("n")).isEqualTo(10);
        assertThat(merged).isEqualTo(row.apply(edit).apply(delete));
    }

    @Test
    void underDeleteWinsTheEditIsLostAndNothingIsRemembered() {
        RowLives<String, String> row = NONE.apply(NONE.insert(dot(A, 1), 1, DELETE_WINS, cells("a", 10)));
        RowOp<String, String> delete = row.delete(dot(A, 2));
        RowOp<String, String> edit = row.edit(dot(C, 1), 2, put("c"));

        assertThat(row.apply(delete).apply(edit)).isEqualTo(NONE);
        assertThat(row.apply(edit).apply(delete)).isEqualTo(NONE);
    }

    @Test
    void underDeleteWinsARowEditedAfterItsReinsertLives_10() {
        RowLives<String, String> row = NONE.apply(NONE.insert(dot(A, 1), 1, DELETE_WINS, cells("a", 1)));
        RowOp<String, String> edit = row.edit(dot(B, 1), 2, put("b"));
        RowOp<String, String> delete = row.delete(dot(C, 1));
        RowLives<String, String> deleted = row.apply(delete);
        RowOp<String, String> again = deleted.insert(dot(C, 2), 3, DELETE_WINS, cells("again", 2));
        RowLives<String, String> all = deleted.apply(again).apply(edit);
        RowLives<String, String> edited = all.apply(all.edit(dot(A, 2), 4, put("edited")));

        assertThat(edited.register("x").value()).isEqualTo("edited");
        assertThat(edited.counter("n")).isEqualTo(2);
    }

    @Test
    void anEditOfAnEndedLifeStillRemovesTheDotsItNamesElsewhere_F12() {
        RowOp<String, String> insertA = NONE.insert(dot(A, 1), 1, EDIT_WINS, cells("a", 1));
        RowOp<String, String> insertB = NONE.insert(dot(B, 1), 1, EDIT_WINS, cells("b", 1));
        RowLives<String, String> both = NONE.apply(insertA).apply(insertB);
        RowOp<String, String> edit = both.edit(dot(B, 2), 2, put("edited"));
        RowLives<String, String> onlyB = NONE.apply(insertB);

        assertThat(both.apply(edit).lives())
                .allSatisfy(life -> assertThat(life.live()).containsExactly(dot(B, 2)));
        assertThat(onlyB.apply(edit).lives().iterator().next().live()).containsExactly(dot(B, 2));
    }

    @Test
    void concurrentFirstInsertsCombine() {
        RowOp<String, String> a = NONE.insert(dot(A, 1), 5, EDIT_WINS, cells("a", 1));
        RowOp<String, String> b = NONE.insert(dot(B, 1), 4, EDIT_WINS, cells("b", 2));

        RowLives<String, String> both = NONE.apply(a).apply(b);

        assertThat(both.shown()).hasSize(2);
        assertThat(both.register("x").value()).isEqualTo("a");
        assertThat(both.counter("n")).isEqualTo(3);
        assertThat(both.apply(NONE.apply(a).delete(dot(C, 1))).register("x").value())
                .isEqualTo("b");
    }

    @Test
    void anIncrementConcurrentWithDeleteAndReinsertStaysInTheOldLife_11() {
        RowLives<String, String> row = NONE.apply(NONE.insert(dot(A, 1), 1, EDIT_WINS, cells("a", 10)));
        RowOp<String, String> minus = row.edit(dot(B, 1), 2, Map.of("n", new CellWrite.Increment<>(-8)));
        RowLives<String, String> deleted = row.apply(row.delete(dot(A, 2)));
        RowOp<String, String> again = deleted.insert(dot(A, 3), 3, EDIT_WINS, cells("again", 2));

        assertThat(deleted.apply(again).apply(minus).counter("n")).isEqualTo(2);
        assertThat(deleted.apply(minus).apply(again).counter("n")).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource(DeletePolicy.class)
    void aColumnThatTheNewInsertDoesNotKnowIsAbsent_15(DeletePolicy policy) {
        RowLives<String, String> row = NONE.apply(NONE.insert(dot(A, 1), 1, policy, cells("a", 10)));
        RowLives<String, String> deleted = row.apply(row.delete(dot(B, 1)));
        RowLives<String, String> again =
                deleted.apply(deleted.insert(dot(B, 2), 2, policy, Map.of("n", new CellWrite.Increment<>(1))));

        assertThat(again.register("x")).isNull();
        assertThat(again.counter("n")).isEqualTo(1);
    }

    @Test
    void aWriteThatSawAValueFromTheFutureBeatsIt_28() {
        RowLives<String, String> row = NONE.apply(NONE.insert(dot(C, 1), 2036, EDIT_WINS, cells("future", 0)));
        RowLives<String, String> edited = row.apply(row.edit(dot(A, 1), 7, put("now")));

        assertThat(edited.register("x").value()).isEqualTo("now");
        assertThat(edited.register("x").rank()).isEqualTo(2037);
    }

    @Test
    void atTheLastRankAnEditIsRefusedAndANewLifeTakesTheWrite_28() {
        long last = HybridTime.ABSURD_RANK - 1;
        RowLives<String, String> row = NONE.apply(NONE.insert(dot(C, 1), last, EDIT_WINS, cells("last", 0)));

        assertThat(row.edit(dot(A, 1), 7, put("now"))).isNull();
        RowLives<String, String> again = row.apply(row.insert(dot(A, 1), 7, EDIT_WINS, cells("now", 0)));
        assertThat(again.register("x").value()).isEqualTo("now");
    }

    @Test
    void anAbsurdRankIsVoidForEveryone_28() {
        TreeMap<String, CellOp<String>> cells = new TreeMap<>();
        cells.put("x", new CellOp.Put<>(HybridTime.ABSURD_RANK, "absurd", null));
        RowOp<String, String> insert =
                new RowOp.Insert<>(dot(A, 1), HybridTime.ABSURD_RANK, EDIT_WINS, new TreeSet<>(), cells);
        assertThat(NONE.apply(insert)).isEqualTo(NONE);

        RowOp<String, String> valid = new RowOp.Insert<>(dot(A, 1), 1, EDIT_WINS, new TreeSet<>(), cells);
        assertThat(NONE.apply(valid).isShown()).isTrue();
        assertThat(NONE.apply(valid).register("x")).isNull();
    }

    @Test
    void anAdditionThatWouldOverflowIsVoidAndSumsAreExact_45() {
        RowLives<String, String> row = NONE.apply(NONE.insert(dot(A, 1), 1, EDIT_WINS, cells("a", Long.MAX_VALUE)));
        row = row.apply(row.edit(dot(A, 2), 2, Map.of("n", new CellWrite.Increment<>(1))));
        assertThat(row.counter("n")).isEqualTo(Long.MAX_VALUE);

        row = row.apply(row.edit(dot(B, 1), 3, Map.of("n", new CellWrite.Increment<>(Long.MAX_VALUE))));
        assertThat(row.counter("n")).isEqualTo(new BigInteger("18446744073709551614"));
    }

    @Test
    void aJoinTellsNotYetSeenFromRemoved() {
        RowLives<String, String> row = NONE.apply(NONE.insert(dot(A, 1), 1, DELETE_WINS, cells("a", 1)));
        VersionVector inserted = VersionVector.EMPTY.with(A, 1);
        RowLives<String, String> deleted = row.apply(row.delete(dot(B, 1)));

        assertThat(row.join(deleted, inserted, inserted.with(B, 1))).isEqualTo(NONE);
        assertThat(deleted.join(row, inserted.with(B, 1), inserted)).isEqualTo(NONE);
        assertThat(NONE.join(row, VersionVector.EMPTY, inserted)).isEqualTo(row);
        assertThat(row.join(NONE, inserted, VersionVector.EMPTY)).isEqualTo(row);
    }

    @Test
    void anEditNeedsALifeThatShows() {
        assertThatThrownBy(() -> NONE.edit(dot(A, 1), 1, put("x")))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no life shows");
    }

    private static Dot dot(Origin origin, long seq) {
        return new Dot(origin, seq);
    }

    private static Map<String, CellWrite<String>> cells(String x, long n) {
        return Map.of("x", new CellWrite.Assign<>(x), "n", new CellWrite.Increment<>(n));
    }

    private static Map<String, CellWrite<String>> put(String x) {
        return Map.of("x", new CellWrite.Assign<>(x));
    }
}
