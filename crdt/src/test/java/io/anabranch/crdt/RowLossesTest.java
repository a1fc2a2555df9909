// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/** What a row says is lost when an operation meets it. */
class RowLossesTest {
    private static final Origin A = Origin.of(0, 1);
    private static final Origin B = Origin.of(0, 2);
    private static final Origin C = Origin.of(0, 3);
    /** The life that A began. */
    private static final Dot FIRST = new Dot(A, 1);

    private static final RowLives<String, String> SEEN_BY_BOTH = RowLives.<String, String>none()
            .apply(RowLives.<String, String>none().insert(new Dot(A, 1), 10, DeletePolicy.EDIT_WINS, title("Cup")));

    private static Map<String, CellWrite<String>> title(String value) {
        return Map.of("title", new CellWrite.Assign<>(value));
    }

    private static LwwRegister<String> register(Origin origin, long seq, long rank, String value) {
        return new LwwRegister<>(new Dot(origin, seq), rank, value);
    }

    private static List<LostWrite<String, String>> losses(RowLives<String, String> row, RowOp<String, String> op) {
        return losses(row, op, dot -> false);
    }

    private static List<LostWrite<String, String>> losses(
            RowLives<String, String> row, RowOp<String, String> op, Predicate<Dot> seen) {
        return RowLosses.of(row, op, row.apply(op), (writer, dot) -> writer.equals(op.dot()) && seen.test(dot));
    }

    @Test
    void theLowerOfTwoConcurrentPutsIsLostWhicheverComesFirst() {
        RowOp<String, String> byA = SEEN_BY_BOTH.edit(new Dot(A, 2), 20, title("Mug"));
        RowOp<String, String> byB = SEEN_BY_BOTH.edit(new Dot(B, 1), 30, title("Glass"));
        LostWrite<String, String> loss =
                new LostWrite<>("title", FIRST, register(A, 2, 20, "Mug"), register(B, 1, 30, "Glass"));

        assertThat(losses(SEEN_BY_BOTH.apply(byA), byB)).containsExactly(loss);
        assertThat(losses(SEEN_BY_BOTH.apply(byB), byA)).containsExactly(loss);
    }

    @Test
    void aPutThatNamesWhatShowsLosesNothing() {
        RowLives<String, String> edited = SEEN_BY_BOTH.apply(SEEN_BY_BOTH.edit(new Dot(A, 2), 20, title("Mug")));

        assertThat(losses(edited, edited.edit(new Dot(B, 1), 5, title("Glass"))))
                .isEmpty();
    }

    @Test
    void ofTwoFirstInsertsTheLowerValueIsLost() {
        RowOp<String, String> byB =
                RowLives.<String, String>none().insert(new Dot(B, 1), 30, DeletePolicy.EDIT_WINS, title("Mug"));

        assertThat(losses(SEEN_BY_BOTH, byB))
                .containsExactly(new LostWrite<>("title", FIRST, register(A, 1, 10, "Cup"), register(B, 1, 30, "Mug")));
    }

    @Test
    void anInsertThatSupersedesWhatItSawLosesNothing() {
        RowLives<String, String> deleted = SEEN_BY_BOTH.apply(SEEN_BY_BOTH.delete(new Dot(A, 2)));

        assertThat(losses(deleted, deleted.insert(new Dot(A, 3), 30, DeletePolicy.EDIT_WINS, title("Mug"))))
                .isEmpty();
    }

    @Test
    void whatIsWrittenToALifeThatIsGoneIsLost() {
        RowLives<String, String> none = RowLives.none();
        RowLives<String, String> row =
                none.apply(none.insert(new Dot(A, 1), 10, DeletePolicy.DELETE_WINS, title("Cup")));
        RowOp<String, String> edit = row.edit(new Dot(B, 1), 20, title("Mug"));

        assertThat(losses(row.apply(row.delete(new Dot(A, 2))), edit))
                .containsExactly(new LostWrite<>("title", FIRST, register(B, 1, 20, "Mug"), null));
    }

    @Test
    void whatALifeTakesWithItIsLostUnlessItsEnderHadSeenIt() {
        RowLives<String, String> edited = SEEN_BY_BOTH.apply(SEEN_BY_BOTH.edit(new Dot(B, 1), 20, title("Mug")));
        RowLives<String, String> deleted = SEEN_BY_BOTH.apply(SEEN_BY_BOTH.delete(new Dot(A, 2)));
        RowOp<String, String> again = deleted.insert(new Dot(A, 3), 30, DeletePolicy.EDIT_WINS, title("Glass"));

        assertThat(losses(edited, again, dot -> false))
                .containsExactly(
                        new LostWrite<>("title", FIRST, register(B, 1, 20, "Mug"), register(A, 3, 30, "Glass")));
        assertThat(losses(edited, again, dot -> true)).isEmpty();
        assertThat(losses(edited, SEEN_BY_BOTH.delete(new Dot(A, 2)), dot -> false))
                .isEmpty();
    }

    @Test
    void whereDeletesWinADeleteLosesWhatItHadNotSeen() {
        RowLives<String, String> none = RowLives.none();
        RowLives<String, String> row =
                none.apply(none.insert(new Dot(A, 1), 10, DeletePolicy.DELETE_WINS, title("Cup")));
        RowLives<String, String> edited = row.apply(row.edit(new Dot(B, 1), 20, title("Mug")));

        assertThat(losses(edited, row.delete(new Dot(A, 2)), dot -> dot.origin().equals(A)))
                .containsExactly(new LostWrite<>("title", FIRST, register(B, 1, 20, "Mug"), null));
    }

    @Test
    void aValueOfARowThatWasGoneIsLostWhenAnEditKeepsTheRow() {
        RowLives<String, String> mug = SEEN_BY_BOTH.apply(SEEN_BY_BOTH.edit(new Dot(B, 1), 20, title("Mug")));
        RowLives<String, String> gone = mug.apply(mug.delete(new Dot(B, 2)));
        RowOp<String, String> glass = SEEN_BY_BOTH.edit(new Dot(A, 2), 30, title("Glass"));

        assertThat(losses(gone, glass))
                .containsExactly(
                        new LostWrite<>("title", FIRST, register(B, 1, 20, "Mug"), register(A, 2, 30, "Glass")));
    }

    /** B inserts the row too, and deletes its own; A's edit, which saw B's value, is beaten in turn. */
    @Test
    void whatAnotherLifeHoldsIsNotLostIfItWasSeenByWhoWroteTheCell() {
        RowLives<String, String> none = RowLives.none();
        RowLives<String, String> both =
                SEEN_BY_BOTH.apply(none.insert(new Dot(B, 1), 20, DeletePolicy.EDIT_WINS, title("Mug")));
        RowOp<String, String> jar = both.edit(new Dot(A, 2), 30, title("Jar"));
        RowOp<String, String> glass = SEEN_BY_BOTH.edit(new Dot(C, 1), 40, title("Glass"));

        assertThat(RowLosses.of(
                        both.apply(jar),
                        glass,
                        both.apply(jar).apply(glass),
                        (writer, seen) -> writer.equals(new Dot(A, 2)) && !seen.equals(new Dot(C, 1))))
                .containsExactly(
                        new LostWrite<>("title", FIRST, register(A, 2, 30, "Jar"), register(C, 1, 40, "Glass")));
    }

    @Test
    void aDeleteAndAnIncrementLoseNothing() {
        assertThat(losses(SEEN_BY_BOTH, SEEN_BY_BOTH.delete(new Dot(B, 1)))).isEmpty();
        assertThat(losses(
                        SEEN_BY_BOTH,
                        SEEN_BY_BOTH.edit(new Dot(B, 1), 20, Map.of("likes", new CellWrite.Increment<>(1)))))
                .isEmpty();
    }
}
