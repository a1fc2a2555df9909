// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.CellOp;
import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.ChangeSetCodec;
import io.anabranch.sync.change.ChangeSetHeader;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.change.Value;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sealing never fails, says what was written and no more, and no clock undoes what a writer saw. */
class SealTest {
    private static final Origin STRANGER = Origin.of(9, 9);
    private static final long DAY = 24L * 3600 * 1000;
    private static final long TEN_YEARS = 3_650 * DAY;
    private static final int LIMIT = 8 << 20;

    @TempDir
    Path folder;

    private World world;
    private long skewOfA;
    private long skewOfB;
    private TestReplica a;
    private TestReplica b;

    @BeforeEach
    void world() {
        world = new World(folder);
        a = world.replica("a", () -> world.now() + skewOfA);
        a.sql("CREATE TABLE item(id TEXT PRIMARY KEY, title, stock INTEGER)");
        a.enrol("item", TableRules.defaults().counter("stock"));
        b = world.replica("b", () -> world.now() + skewOfB);
        world.settle(a, b);
    }

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void aSavepointTakesBackASealThatWasMadeInsideIt() {
        a.file().transaction(sql -> {
            sql.execute("INSERT INTO item VALUES ('cup', 'Cup', 1)");
            sql.execute("SAVEPOINT s");
            sql.execute("INSERT INTO item VALUES ('pot', 'Pot', 2)");
            a.file().rows().state("item", List.of(Value.of("pot"))); // Seals what is written so far.
            sql.execute("ROLLBACK TO s");
            sql.execute("INSERT INTO item VALUES ('pan', 'Pan', 3)");
        });
        assertThat(a.file().verify().problems()).isEmpty();
        world.settle(a, b);
        assertThat(b.rows("item")).containsExactly("cup|Cup|1", "pan|Pan|3");
        world.assertConverged(a, b);
    }

    @Test
    void whatAnotherProgramLeftIsNotSealedWithATransactionThatFollowsAFailedOne() {
        a.file().transaction(sql -> {});
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 1)");
        assertThatThrownBy(() -> a.file().transaction(sql -> {
                    throw new IllegalStateException("no");
                }))
                .hasMessage("no");
        long before = a.changeSets().size();
        a.file().transaction(sql -> sql.execute("INSERT INTO item VALUES ('pot', 'Pot', 2)"));
        assertThat(a.changeSets()).hasSize((int) before + 2);
    }

    private void assertSame(String... rows) {
        world.settle(a, b);
        assertThat(a.rows("item")).containsExactly(rows);
        assertThat(b.rows("item")).containsExactly(rows);
        world.assertConverged(a, b);
    }

    private long clockOfA() {
        return Long.parseLong(a.sqlValue("SELECT value >> 16 FROM _ab_meta WHERE name = 'hlc'"));
    }

    // ---- Counters

    @Test
    void aCounterIsADifferenceHoweverItIsWritten() {
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 7)");
        assertSame("cup|Cup|7");

        a.sql("UPDATE item SET stock = 8");
        b.sql("UPDATE item SET stock = stock + 1");
        assertSame("cup|Cup|9");
    }

    @ParameterizedTest
    @CsvSource({
        "NULL, 0, 0",
        "upper('oops'), 7, 1",
        "x'01', 7, 1",
        "1.5, 7, 1",
        "2.0, 2, 0",
        "9e999, 7, 1",
        "9223372036854775807, 9223372036854775807, 0",
        "-9223372036854775800, -9223372036854775800, 0",
        "-9223372036854775801, 7, 1",
        "9223372036854775808, 7, 1"
    })
    void whatACounterIsSetToIsTakenOrRejectedAndTheColumnShowsTheState(String value, String shown, int rejected) {
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 7)");
        a.seal();

        a.sql("UPDATE item SET title = 'Mug', stock = " + value);
        assertSame("cup|Mug|" + shown);
        assertThat(a.sqlValue("SELECT count(*) FROM _ab_rejected")).isEqualTo(Integer.toString(rejected));
    }

    @Test
    void aSumThatSqliteTurnsIntoARealIsRejected() {
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 9223372036854775807)");
        a.seal();

        a.sql("UPDATE item SET stock = stock + 1");
        assertSame("cup|Cup|9223372036854775807");
        assertThat(a.sqlValue("SELECT typeof(stock) FROM item")).isEqualTo("integer");
    }

    @Test
    void aTotalBeyondWhatAnOriginCanHoldIsRejectedAndTheColumnShowsTheState() {
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 9223372036854775807)");
        a.seal();
        a.sql("UPDATE item SET stock = 0");
        a.seal();

        a.sql("UPDATE item SET stock = 5, title = 'Mug'");
        assertSame("cup|Mug|0");
        assertThat(a.sqlValue("SELECT count(*) FROM _ab_rejected")).isEqualTo("1");
    }

    @Test
    void theLowestNumberOfAllIsRejectedAsADecrease() {
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 0)");
        a.seal();

        a.sql("UPDATE item SET stock = -9223372036854775808");
        assertSame("cup|Cup|0");
        assertThat(a.sqlValue("SELECT count(*) FROM _ab_rejected")).isEqualTo("1");
    }

    @Test
    void countersBeyondTheLimitsTogetherShowTheLimitAndCountOn() {
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 0)");
        world.settle(a, b);
        a.sql("UPDATE item SET stock = 9223372036854775807");
        b.sql("UPDATE item SET stock = 9223372036854775807");
        assertSame("cup|Cup|9223372036854775807");

        a.sql("UPDATE item SET stock = stock - 10");
        world.settle(a, b);
        assertThat(b.rows("item")).isEqualTo(a.rows("item"));
        world.assertConverged(a, b);
    }

    @Test
    void aCounterOfANewRowThatCannotBeTakenStartsAtZero() {
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 'many'), ('pot', 'Pot', NULL)");
        assertSame("cup|Cup|0", "pot|Pot|0");
    }

    // ---- Sizes

    @ParameterizedTest
    @ValueSource(ints = {LIMIT - 1, LIMIT})
    void aValueUpToTheLimitArrives(int size) {
        a.sql("INSERT INTO item VALUES ('cup', zeroblob(" + size + "), 1)");
        world.settle(a, b);
        assertThat(b.sqlValue("SELECT length(title) FROM item")).isEqualTo(Integer.toString(size));
        world.assertConverged(a, b);
    }

    @Test
    void aValueBeyondTheLimitIsRejectedAndTheRestIsSealed() {
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 1)");
        a.seal();

        a.sql("UPDATE item SET title = zeroblob(" + (LIMIT + 1) + "), stock = 2");
        a.sql("INSERT INTO item VALUES ('pot', printf('%.*c', " + (LIMIT + 1) + ", 'x'), 3)");
        assertSame("cup|Cup|2", "pot|null|3");
        assertThat(a.sqlValue("SELECT group_concat(reason) FROM _ab_rejected"))
                .isEqualTo("larger than 8 MiB,larger than 8 MiB");
    }

    @Test
    void existingRowsUpToTheLimitCanBeEnrolled() {
        a.sql("CREATE TABLE big(id INTEGER PRIMARY KEY, v, w)");
        a.sql("INSERT INTO big VALUES (1, zeroblob(" + LIMIT + "), zeroblob(10))");
        a.enrol("big", TableRules.defaults());
        world.settle(a, b);
        assertThat(b.sqlValue("SELECT length(v) || ' ' || length(w) FROM big")).isEqualTo(LIMIT + " 10");
        world.assertConverged(a, b);
    }

    // ---- Clocks

    @ParameterizedTest
    @CsvSource({"0, 0", "10, -10", "-10, 10", "10, 10", "-10, -10"})
    void aWriteThatSawAnotherWinsWhateverTheClocksSay(long yearsOfA, long yearsOfB) {
        skewOfA = yearsOfA * TEN_YEARS / 10;
        skewOfB = yearsOfB * TEN_YEARS / 10;
        a.sql("INSERT INTO item VALUES ('cup', 'one', 1)");
        world.settle(a, b);
        for (String title : List.of("two", "three", "four")) {
            b.sql("UPDATE item SET title = '" + title + " of b'");
            assertSame("cup|" + title + " of b|1");
            a.sql("UPDATE item SET title = '" + title + " of a'");
            assertSame("cup|" + title + " of a|1");
        }
    }

    @Test
    void aClockThatStandsStillOrGoesBackLosesNoWrite() {
        for (int i = 0; i < 5; i++) {
            a.sql("INSERT OR REPLACE INTO item VALUES ('cup', 'v" + i + "', 1)");
            a.seal();
            skewOfA -= i % 2 == 0 ? DAY : 0;
        }
        assertSame("cup|v4|1");
        List<EncodedChangeSet> own = a.changeSets();
        for (int i = 2; i < own.size(); i++) {
            assertThat(own.get(i).header().stamp())
                    .isGreaterThan(own.get(i - 1).header().stamp());
        }
    }

    @Test
    void aClockThatWasWrongAtTheWriteAndCorrectedBeforeTheSealStampsTheSeal() {
        // SQLite's own clock reads 2026 or later; the world's reads 2001, as if it had been corrected.
        a.sql("INSERT INTO item VALUES ('cup', 'one', 1)");
        a.seal();
        List<EncodedChangeSet> held = a.changeSets();
        long stamp = held.get(held.size() - 1).header().stamp();

        assertThat(new HybridTime(stamp).millis()).isEqualTo(world.now());
    }

    @Test
    void aStampFarAheadIsNotAdopted() {
        skewOfB = TEN_YEARS;
        a.sql("INSERT INTO item VALUES ('cup', 'one', 1)");
        world.settle(a, b);
        b.sql("UPDATE item SET title = 'from the future'");
        world.settle(a, b);
        a.sql("INSERT INTO item VALUES ('pot', 'now', 1)");
        a.seal();

        assertThat(clockOfA()).isLessThanOrEqualTo(world.now() + 5 * 60 * 1000);
    }

    // ---- Ranks and stamps near the end

    private Admission deliver(long seq, Hash128 previous, long stamp, RowOp<String, Value> op) {
        EncodedChangeSet changeSet = ChangeSetCodec.encode(
                new ChangeSetHeader(STRANGER, seq, previous, stamp, List.of()),
                List.of(new TableOp.Change("item", List.of(Value.of("cup")), op, true)));
        return a.file().accept(List.of(changeSet));
    }

    private static RowOp.Insert<String, Value> insert(long rank, long titleRank) {
        return new RowOp.Insert<>(
                new Dot(STRANGER, 1),
                rank,
                DeletePolicy.EDIT_WINS,
                new TreeSet<>(),
                new TreeMap<>(Map.<String, CellOp<Value>>of(
                        "title", new CellOp.Put<Value>(titleRank, Value.of("theirs"), null),
                        "stock", new CellOp.Add<Value>(3))));
    }

    @Test
    void aWriteAboveTheHighestRankBeginsANewLife() {
        long highest = HybridTime.ABSURD_RANK - 1;
        deliver(1, Hash128.ZERO, 5, insert(5, highest));
        assertThat(a.rows("item")).containsExactly("cup|theirs|3");

        a.sql("UPDATE item SET title = 'mine'");
        assertSame("cup|mine|3");
        b.sql("UPDATE item SET title = 'again', stock = stock + 1");
        assertSame("cup|again|4");
    }

    @Test
    void anAbsurdRankIsVoidForEveryone() {
        deliver(1, Hash128.ZERO, 5, insert(5, HybridTime.ABSURD_RANK));

        assertSame("cup|null|3");
    }

    @Test
    void anInsertOfAbsurdRankIsNoRow() {
        deliver(1, Hash128.ZERO, 5, insert(HybridTime.ABSURD_RANK, HybridTime.ABSURD_RANK));

        assertSame();
        a.sql("INSERT INTO item VALUES ('cup', 'mine', 1)");
        assertSame("cup|mine|1");
    }

    @Test
    void aChangeSetOfAbsurdStampIsVoidForEveryoneAndTheNextIsNot() {
        RowOp<String, Value> op = insert(5, 5);
        EncodedChangeSet absurd = ChangeSetCodec.encode(
                new ChangeSetHeader(STRANGER, 1, Hash128.ZERO, 1L << 62, List.of()),
                List.of(new TableOp.Change("item", List.of(Value.of("cup")), op, true)));
        assertThat(a.file().accept(List.of(absurd))).isInstanceOf(Admission.Next.class);
        assertSame();

        RowOp.Insert<String, Value> next = new RowOp.Insert<String, Value>(
                new Dot(STRANGER, 2),
                6,
                DeletePolicy.EDIT_WINS,
                new TreeSet<Dot>(),
                new TreeMap<String, CellOp<Value>>());
        deliver(2, absurd.hash(), 6, next);
        assertSame("cup|null|0");
        assertThat(clockOfA()).isLessThanOrEqualTo(world.now() + 5 * 60 * 1000);
    }

    @Test
    void twoOperationsOnOneRowInOneChangeSetCountAsTheFirst() {
        EncodedChangeSet twice = ChangeSetCodec.encode(
                new ChangeSetHeader(STRANGER, 1, Hash128.ZERO, 5, List.of()),
                List.of(
                        new TableOp.Change("item", List.of(Value.of("cup")), insert(5, 5), true),
                        new TableOp.Change(
                                "item",
                                List.of(Value.of("cup")),
                                new RowOp.Edit<String, Value>(
                                        new Dot(STRANGER, 1),
                                        List.of(new RowOp.Touch(
                                                new Dot(STRANGER, 1), new TreeSet<>(List.of(new Dot(STRANGER, 1))))),
                                        new TreeMap<>(
                                                Map.<String, CellOp<Value>>of("stock", new CellOp.Add<Value>(4)))),
                                true)));
        assertThat(a.file().accept(List.of(twice))).isInstanceOf(Admission.Next.class);
        assertSame("cup|theirs|3");

        a.sql("DELETE FROM item");
        b.sql("UPDATE item SET stock = 5");
        assertSame("cup|theirs|5");
    }
}
