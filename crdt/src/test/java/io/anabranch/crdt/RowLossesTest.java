// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a row says is lost when an operation meets it. */
class RowLossesTest {
    private static final Origin A = Origin.of(0, 1);
    private static final Origin B = Origin.of(0, 2);

    private static final RowLives<String, String> SEEN_BY_BOTH = RowLives.<String, String>none()
            .apply(RowLives.<String, String>none().insert(new Dot(A, 1), 10, DeletePolicy.EDIT_WINS, title("Cup")));

    private static Map<String, CellWrite<String>> title(String value) {
        return Map.of("title", new CellWrite.Assign<>(value));
    }

    private static LwwRegister<String> register(Origin origin, long seq, long rank, String value) {
        return new LwwRegister<>(new Dot(origin, seq), rank, value);
    }

    @Test
    void theLowerOfTwoConcurrentPutsIsLostWhicheverComesFirst() {
        RowOp<String, String> byA = SEEN_BY_BOTH.edit(new Dot(A, 2), 20, title("Mug"));
        RowOp<String, String> byB = SEEN_BY_BOTH.edit(new Dot(B, 1), 30, title("Glass"));
        LostWrite<String, String> loss =
                new LostWrite<>("title", register(A, 2, 20, "Mug"), register(B, 1, 30, "Glass"));

        assertThat(SEEN_BY_BOTH.apply(byA).losses(byB)).containsExactly(loss);
        assertThat(SEEN_BY_BOTH.apply(byB).losses(byA)).containsExactly(loss);
    }

    @Test
    void aPutThatNamesWhatShowsLosesNothing() {
        RowLives<String, String> edited = SEEN_BY_BOTH.apply(SEEN_BY_BOTH.edit(new Dot(A, 2), 20, title("Mug")));

        assertThat(edited.losses(edited.edit(new Dot(B, 1), 5, title("Glass")))).isEmpty();
    }

    @Test
    void ofTwoFirstInsertsTheLowerValueIsLost() {
        RowOp<String, String> byB =
                RowLives.<String, String>none().insert(new Dot(B, 1), 30, DeletePolicy.EDIT_WINS, title("Mug"));

        assertThat(SEEN_BY_BOTH.losses(byB))
                .containsExactly(new LostWrite<>("title", register(A, 1, 10, "Cup"), register(B, 1, 30, "Mug")));
    }

    @Test
    void anInsertThatSupersedesWhatItSawLosesNothing() {
        RowLives<String, String> deleted = SEEN_BY_BOTH.apply(SEEN_BY_BOTH.delete(new Dot(A, 2)));

        assertThat(deleted.losses(deleted.insert(new Dot(A, 3), 30, DeletePolicy.EDIT_WINS, title("Mug"))))
                .isEmpty();
    }

    @Test
    void whatIsWrittenToALifeThatIsGoneIsLost() {
        RowLives<String, String> none = RowLives.none();
        RowLives<String, String> row =
                none.apply(none.insert(new Dot(A, 1), 10, DeletePolicy.DELETE_WINS, title("Cup")));
        RowOp<String, String> edit = row.edit(new Dot(B, 1), 20, title("Mug"));

        assertThat(row.apply(row.delete(new Dot(A, 2))).losses(edit))
                .containsExactly(new LostWrite<>("title", register(B, 1, 20, "Mug"), null));
    }

    @Test
    void whatALifeTakesWithItIsLostUnlessItsEnderHadSeenIt() {
        RowLives<String, String> edited = SEEN_BY_BOTH.apply(SEEN_BY_BOTH.edit(new Dot(B, 1), 20, title("Mug")));
        RowLives<String, String> deleted = SEEN_BY_BOTH.apply(SEEN_BY_BOTH.delete(new Dot(A, 2)));
        RowOp<String, String> again = deleted.insert(new Dot(A, 3), 30, DeletePolicy.EDIT_WINS, title("Glass"));

        assertThat(edited.lossesWithLives(again, dot -> false))
                .containsExactly(new LostWrite<>("title", register(B, 1, 20, "Mug"), register(A, 3, 30, "Glass")));
        assertThat(edited.lossesWithLives(again, dot -> true)).isEmpty();
        assertThat(edited.lossesWithLives(SEEN_BY_BOTH.delete(new Dot(A, 2)), dot -> false))
                .isEmpty();
    }

    @Test
    void whereDeletesWinADeleteLosesWhatItHadNotSeen() {
        RowLives<String, String> none = RowLives.none();
        RowLives<String, String> row =
                none.apply(none.insert(new Dot(A, 1), 10, DeletePolicy.DELETE_WINS, title("Cup")));
        RowLives<String, String> edited = row.apply(row.edit(new Dot(B, 1), 20, title("Mug")));

        assertThat(edited.lossesWithLives(
                        row.delete(new Dot(A, 2)), dot -> dot.origin().equals(A)))
                .containsExactly(new LostWrite<>("title", register(B, 1, 20, "Mug"), null));
    }

    @Test
    void aValueOfARowThatIsGoneIsNotLostWhenAnEditKeepsTheRow() {
        RowLives<String, String> mug = SEEN_BY_BOTH.apply(SEEN_BY_BOTH.edit(new Dot(B, 1), 20, title("Mug")));
        RowLives<String, String> gone = mug.apply(mug.delete(new Dot(B, 2)));
        RowOp<String, String> glass = SEEN_BY_BOTH.edit(new Dot(A, 2), 30, title("Glass"));

        assertThat(gone.losses(glass)).isEmpty();
        assertThat(gone.apply(glass).register("title")).isEqualTo(register(A, 2, 30, "Glass"));
    }

    @Test
    void aValueIsUpheldByWhoWroteItOrKeptTheRowHavingSeenIt() {
        RowLives<String, String> mug = SEEN_BY_BOTH.apply(SEEN_BY_BOTH.edit(new Dot(B, 1), 20, title("Mug")));
        RowLives<String, String> deleted = mug.apply(mug.delete(new Dot(B, 2)));
        RowLives<String, String> back =
                deleted.apply(SEEN_BY_BOTH.edit(new Dot(A, 2), 15, Map.of("likes", new CellWrite.Increment<>(1))));

        assertThat(mug.isUpheld("title", register(B, 1, 20, "Mug"), (one, other) -> false))
                .isTrue();
        assertThat(back.isUpheld("title", register(B, 1, 20, "Mug"), (one, other) -> false))
                .isFalse();
        assertThat(back.isUpheld("title", register(B, 1, 20, "Mug"), (one, other) -> one.equals(new Dot(A, 2))))
                .isTrue();
        assertThat(back.isUpheld("title", register(B, 1, 20, "Jar"), (one, other) -> true))
                .isFalse();
    }

    @Test
    void aDeleteAndAnIncrementLoseNothing() {
        assertThat(SEEN_BY_BOTH.losses(SEEN_BY_BOTH.delete(new Dot(B, 1)))).isEmpty();
        assertThat(SEEN_BY_BOTH.losses(
                        SEEN_BY_BOTH.edit(new Dot(B, 1), 20, Map.of("likes", new CellWrite.Increment<>(1)))))
                .isEmpty();
    }
}
