// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.DeletePolicy;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.Value;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A value that loses to one that its writer had not seen can be read; one that was seen is no conflict. */
class ConflictsTest {
    @TempDir
    Path folder;

    private World world;
    private TestReplica a;
    private TestReplica b;

    @BeforeEach
    void open() {
        world = new World(folder);
        a = world.replica("a");
        a.sql("CREATE TABLE item(id TEXT PRIMARY KEY, title TEXT, stock INTEGER)");
        a.sql("CREATE TABLE note(id TEXT PRIMARY KEY, body TEXT)");
        a.enrol("item", TableRules.defaults().counter("stock"));
        a.enrol("note", TableRules.defaults().onDelete(DeletePolicy.DELETE_WINS));
        b = world.replica("b");
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 1)");
        a.sql("INSERT INTO note VALUES ('n', 'Buy milk')");
        world.settle(a, b);
    }

    @AfterEach
    void close() {
        world.close();
    }

    private static List<String> conflicts(TestReplica replica) {
        return replica.file().reports().conflicts().stream()
                .map(c -> c.kind() == Conflict.Kind.IDENTITY
                        ? c.table() + " " + c.key() + ": two rows under one key"
                        : c.table() + "." + c.column() + " " + c.key() + ": kept "
                                + (c.kept() == null ? "nothing" : c.kept().value()) + ", lost "
                                + c.lost().value())
                .collect(Collectors.toList());
    }

    /** Writes at both, the second a minute later, so that it wins. */
    private void apart(String atA, String laterAtB) {
        a.sql(atA);
        a.seal();
        world.pass(60_000);
        b.sql(laterAtB);
        b.seal();
        world.settle(a, b);
    }

    @Test
    void theLoserOfTwoConcurrentWritesIsListedAtBoth() {
        apart("UPDATE item SET title = 'Mug'", "UPDATE item SET title = 'Glass'");

        assertThat(a.rows("item")).containsExactly("cup|Glass|1");
        assertThat(conflicts(a)).containsExactly("item.title [cup]: kept Glass, lost Mug");
        assertThat(conflicts(b)).containsExactly("item.title [cup]: kept Glass, lost Mug");
    }

    @Test
    void aValueThatWasSeenAndOverwrittenIsNoConflict() {
        a.sql("UPDATE item SET title = 'Mug'");
        world.settle(a, b);
        b.sql("UPDATE item SET title = 'Glass'");
        world.settle(a, b);

        assertThat(conflicts(a)).isEmpty();
        assertThat(conflicts(b)).isEmpty();
    }

    @Test
    void equalWritesAndIncrementsAreNoConflict() {
        apart("UPDATE item SET title = 'Mug', stock = stock + 1", "UPDATE item SET title = 'Mug', stock = stock + 1");

        assertThat(a.rows("item")).containsExactly("cup|Mug|3");
        assertThat(conflicts(a)).isEmpty();
        assertThat(conflicts(b)).isEmpty();
    }

    @Test
    void aLoserThatALaterWriterHadSeenIsTakenOffAgain() {
        TestReplica c = world.replica("c");
        a.sql("UPDATE item SET title = 'Mug'");
        a.seal();
        world.settle(a, c);
        world.pass(60_000);
        b.sql("UPDATE item SET title = 'Glass'");
        world.settle(a, b);
        assertThat(conflicts(a)).containsExactly("item.title [cup]: kept Glass, lost Mug");

        world.pass(60_000);
        c.sql("UPDATE item SET title = 'Jar'"); // Saw Mug, not Glass.
        world.settle(a, c);

        assertThat(conflicts(a)).containsExactly("item.title [cup]: kept Jar, lost Glass");
    }

    @Test
    void twoRowsInsertedUnderOneKeyListTheValuesThatDoNotShow() {
        apart("INSERT INTO item VALUES ('pot', 'Pot', 1)", "INSERT INTO item VALUES ('pot', 'Kettle', 1)");

        assertThat(a.rows("item")).containsExactly("cup|Cup|1", "pot|Kettle|2");
        assertThat(conflicts(a))
                .containsExactly("item.title [pot]: kept Kettle, lost Pot", "item [pot]: two rows under one key");
        assertThat(conflicts(b))
                .containsExactly("item.title [pot]: kept Kettle, lost Pot", "item [pot]: two rows under one key");
    }

    @Test
    void anEditOfARowThatADeleteTookAwayIsListedWhereTheDeleteCameFirst() {
        apart("DELETE FROM note", "UPDATE note SET body = 'Buy bread'");

        assertThat(a.rows("note")).isEmpty();
        assertThat(conflicts(a)).containsExactly("note.body [n]: kept nothing, lost Buy bread");
    }

    @Test
    void anEditOfARowThatADeleteTookAwayIsListedWhereTheEditWasMadeToo() {
        apart("DELETE FROM note", "UPDATE note SET body = 'Buy bread'");

        assertThat(conflicts(b)).containsExactly("note.body [n]: kept nothing, lost Buy bread");
    }

    @Test
    void anEditOfARowThatWasDeletedAndInsertedAgainMeanwhileIsListedAtBoth() {
        b.sql("UPDATE item SET title = 'Mug'");
        b.seal();
        a.sql("DELETE FROM item");
        a.seal();
        world.pass(60_000);
        a.sql("INSERT INTO item VALUES ('cup', 'Glass', 1)");

        world.settle(a, b);

        assertThat(b.rows("item")).containsExactly("cup|Glass|1");
        assertThat(conflicts(a)).containsExactly("item.title [cup]: kept Glass, lost Mug");
        assertThat(conflicts(b)).containsExactly("item.title [cup]: kept Glass, lost Mug");
    }

    /** Who deletes a row has decided what it shows, for as long as it is gone. It is not: the other edit keeps it. */
    @Test
    void aValueOfARowThatItsWriterDeletedIsListedWhenAnotherEditKeepsTheRow() {
        b.sql("UPDATE item SET title = 'Mug'");
        b.seal();
        b.sql("DELETE FROM item");
        b.seal();
        world.pass(60_000);
        a.sql("UPDATE item SET title = 'Glass'");

        world.settle(a, b);

        assertThat(b.rows("item")).containsExactly("cup|Glass|1");
        assertThat(conflicts(a)).containsExactly("item.title [cup]: kept Glass, lost Mug");
        assertThat(conflicts(b)).containsExactly("item.title [cup]: kept Glass, lost Mug");
    }

    /** The row lives again by an edit of a third, and so shows the value that its writer had deleted; then another beats it. */
    @Test
    void aValueOfARowThatItsWriterDeletedIsListedWhereAThirdEditBroughtItBack() {
        TestReplica c = world.replica("c");
        world.settle(a, c);
        b.sql("UPDATE item SET title = 'Mug'");
        b.seal();
        b.sql("DELETE FROM item");
        b.seal();
        c.sql("UPDATE item SET stock = 7");
        world.pass(60_000);
        a.sql("UPDATE item SET title = 'Glass'");

        world.settle(b, c);
        assertThat(b.rows("item")).containsExactly("cup|Mug|7");
        world.settle(a, b);
        world.settle(a, c);

        assertThat(b.rows("item")).containsExactly("cup|Glass|7");
        for (TestReplica replica : List.of(a, b, c)) {
            assertThat(conflicts(replica)).containsExactly("item.title [cup]: kept Glass, lost Mug");
        }
    }

    /** Found by seed 140000237 of the simulator. */
    @ParameterizedTest
    @ValueSource(strings = {"MDSG", "MSDG", "MDGS", "MSGD", "MGDS", "MGSD", "GMDS", "GMSD"})
    void aDeleteAndAnEditOfAnotherColumnThatHadBothSeenALoserLeaveItListedInEveryOrder(String order) {
        TestReplica c = world.replica("c");
        TestReplica d = world.replica("d");
        TestReplica last = world.replica("last");
        world.settle(a, c, d, last);
        b.sql("UPDATE item SET title = 'Mug'");
        world.settle(b, c, d);
        c.sql("DELETE FROM item");
        d.sql("UPDATE item SET stock = 7");
        world.pass(60_000);
        a.sql("UPDATE item SET title = 'Glass'");
        Map<Character, TestReplica> writers = Map.of('M', b, 'D', c, 'S', d, 'G', a);
        writers.values().forEach(TestReplica::seal);

        for (char writer : order.toCharArray()) {
            List<EncodedChangeSet> own = writers.get(writer).changeSets();
            assertThat(last.file().accept(own.subList(own.size() - 1, own.size())))
                    .isInstanceOf(Admission.Next.class);
        }

        assertThat(last.rows("item")).containsExactly("cup|Glass|7");
        assertThat(conflicts(last)).containsExactly("item.title [cup]: kept Glass, lost Mug");
    }

    @Test
    void aLoserIsListedAgainWhenAnEditBringsItsRowBackThatADeleteHadTakenAway() {
        TestReplica c = world.replica("c");
        apart("UPDATE item SET title = 'Mug'", "UPDATE item SET title = 'Glass'");
        world.settle(a, c);
        c.sql("UPDATE item SET stock = 7");
        c.seal();
        a.sql("DELETE FROM item");
        world.settle(a, b);
        assertThat(conflicts(a)).isEmpty();
        assertThat(conflicts(b)).isEmpty();
        assertThat(a.sqlValue("SELECT count(*) FROM _ab_conflicts")).isEqualTo("0");

        world.settle(a, b, c);

        assertThat(a.rows("item")).containsExactly("cup|Glass|7");
        for (TestReplica replica : List.of(a, b, c)) {
            assertThat(conflicts(replica)).containsExactly("item.title [cup]: kept Glass, lost Mug");
        }
    }

    /** Nothing of such a row is left that an insert could meet. */
    @Test
    void whatWasListedOfARowIsSettledByWhoInsertsItAgainWhereDeletesWin() {
        apart("DELETE FROM note", "UPDATE note SET body = 'Buy bread'");
        TestReplica c = world.replica("c");
        world.settle(a, c);
        assertThat(conflicts(c)).containsExactly("note.body [n]: kept nothing, lost Buy bread");

        c.sql("INSERT INTO note VALUES ('n', 'Buy salt')");
        world.settle(a, b, c);

        assertThat(conflicts(a)).isEmpty();
        assertThat(conflicts(b)).isEmpty();
        assertThat(conflicts(c)).isEmpty();
    }

    /** The first of two equal values leaves the row; who wrote over the second had not seen it. */
    @Test
    void aValueThatEqualsAnotherLosesWithWhateverComesFirst() {
        TestReplica c = world.replica("c");
        TestReplica x = world.replica("x");
        world.settle(a, c, x);
        a.sql("UPDATE item SET title = 'Mug'");
        a.seal();
        world.pass(60_000);
        b.sql("UPDATE item SET title = 'Mug'");
        world.settle(b, c);
        c.sql("UPDATE item SET title = 'Glass'");
        world.settle(c, x, a);
        world.settle(a, b);

        for (TestReplica replica : List.of(a, b, c, x)) {
            assertThat(conflicts(replica)).containsExactly("item.title [cup]: kept Glass, lost Mug");
        }
    }

    @Test
    void aValueThatAnEditOfAnotherColumnHadSeenIsStillOneThatLost() {
        TestReplica c = world.replica("c");
        world.settle(a, c);
        b.sql("UPDATE item SET title = 'Mug'");
        world.settle(b, c);
        c.sql("UPDATE item SET stock = 7");
        world.settle(b, c);
        world.pass(60_000);
        a.sql("UPDATE item SET title = 'Glass'");

        world.settle(a, b);

        assertThat(conflicts(a)).containsExactly("item.title [cup]: kept Glass, lost Mug");
        assertThat(conflicts(b)).containsExactly("item.title [cup]: kept Glass, lost Mug");
    }

    @Test
    void whatTheInserterOfARowHadSeenIsNoConflict() {
        b.sql("UPDATE item SET title = 'Mug'");
        world.settle(a, b);
        a.sql("DELETE FROM item");
        a.sql("DELETE FROM note");
        a.seal();
        a.sql("INSERT INTO item VALUES ('cup', 'Glass', 1)");
        world.settle(a, b);

        assertThat(conflicts(a)).isEmpty();
        assertThat(conflicts(b)).isEmpty();
    }

    @Test
    void aViewShowsThemToPlainSql() {
        apart("UPDATE item SET title = 'Mug'", "UPDATE item SET title = 'Glass'");

        assertThat(a.sqlValue("SELECT \"table\" || key || ' ' || \"column\" || ' ' || rule || ' ' || kept_value || ' '"
                        + " || kept_time || ' ' || lost_value || ' ' || lost_time FROM _ab_conflicts"))
                .isEqualTo("item[\"cup\"] title lww Glass 2001-09-09 01:47:40 Mug 2001-09-09 01:46:40");
    }

    // ---- Who had seen what

    @Test
    void aWriterWhoHadSeenTheLoserSettlesTheConflictEverywhere() {
        apart("UPDATE item SET title = 'Mug'", "UPDATE item SET title = 'Glass'");
        TestReplica c = world.replica("c");
        world.settle(a, b, c);
        assertThat(conflicts(c)).hasSize(1);

        b.sql("UPDATE item SET title = 'Jar'"); // Has seen Mug lose.
        world.settle(a, b, c);

        assertThat(conflicts(a)).isEmpty();
        assertThat(conflicts(b)).isEmpty();
        assertThat(conflicts(c)).isEmpty();
    }

    @Test
    void aWriterWhoHadNotSeenTheLoserLeavesItListedAgainstTheNewValue() {
        TestReplica c = world.replica("c");
        world.settle(a, b, c);
        a.sql("UPDATE item SET title = 'Mug'");
        a.seal();
        world.pass(60_000);
        b.sql("UPDATE item SET title = 'Glass'");
        world.settle(b, c);
        world.pass(60_000);
        c.sql("UPDATE item SET title = 'Jar'"); // Saw Glass, and knows nothing of Mug.
        world.settle(a, b, c);

        assertThat(conflicts(a)).containsExactly("item.title [cup]: kept Jar, lost Mug");
        assertThat(conflicts(b)).containsExactly("item.title [cup]: kept Jar, lost Mug");
        assertThat(conflicts(c)).containsExactly("item.title [cup]: kept Jar, lost Mug");
    }

    /** Counterexample: v1, v3 that saw v1, and v2, which knows neither. */
    @Test
    void theListDoesNotDependOnTheOrderOfArrival() {
        TestReplica x = world.replica("x");
        TestReplica y = world.replica("y");
        world.settle(a, b, x, y);
        world.pass(60_000);
        b.sql("UPDATE item SET title = 'v2'");
        b.seal();
        world.pass(-60_000);
        a.sql("UPDATE item SET title = 'v1'");
        a.seal();
        world.exchange(x, a);
        world.exchange(x, b);
        assertThat(conflicts(x)).containsExactly("item.title [cup]: kept v2, lost v1");
        a.sql("UPDATE item SET title = 'v3'");
        a.seal();
        world.exchange(x, a);
        world.exchange(y, a);
        world.exchange(y, b);

        assertThat(conflicts(x)).containsExactly("item.title [cup]: kept v2, lost v3");
        assertThat(conflicts(y)).containsExactly("item.title [cup]: kept v2, lost v3");
    }

    @Test
    void aRowThatIsDeletedBySomebodyWhoHadSeenItAllHasNoConflictsLeft() {
        apart("UPDATE item SET title = 'Mug'", "UPDATE item SET title = 'Glass'");
        a.sql("DELETE FROM item");
        world.settle(a, b);

        assertThat(conflicts(a)).isEmpty();
        assertThat(conflicts(b)).isEmpty();
    }

    // ---- Resolving

    private long onlyConflict(TestReplica replica) {
        List<Conflict> all = replica.file().reports().conflicts();
        assertThat(all).hasSize(1);
        return all.get(0).id();
    }

    @Test
    void keepingTheOtherValueWritesItAndSettlesTheConflictEverywhere() {
        apart("UPDATE item SET title = 'Mug'", "UPDATE item SET title = 'Glass'");

        Conflict resolved = a.file().resolve(onlyConflict(a), Resolution.keepOther());
        world.settle(a, b);

        assertThat(resolved.lost().value()).isEqualTo(Value.of("Mug"));
        assertThat(a.rows("item")).containsExactly("cup|Mug|1");
        assertThat(b.rows("item")).containsExactly("cup|Mug|1");
        assertThat(conflicts(a)).isEmpty();
        assertThat(conflicts(b)).isEmpty();
        world.assertConverged(a, b);
    }

    @Test
    void acceptingWhatShowsIsAWriteThatSettlesTheConflictEverywhere() {
        apart("UPDATE item SET title = 'Mug'", "UPDATE item SET title = 'Glass'");
        long before = a.ownSeq();

        a.file().resolve(onlyConflict(a), Resolution.accept());
        assertThat(a.ownSeq()).isEqualTo(before + 1);
        world.settle(a, b);

        assertThat(b.rows("item")).containsExactly("cup|Glass|1");
        assertThat(conflicts(a)).isEmpty();
        assertThat(conflicts(b)).isEmpty();
        world.assertConverged(a, b);
    }

    @Test
    void aThirdValueCanBeSet() {
        apart("UPDATE item SET title = 'Mug'", "UPDATE item SET title = 'Glass'");

        b.file().resolve(onlyConflict(b), Resolution.set(Value.of("Mug or glass")));
        world.settle(a, b);

        assertThat(a.rows("item")).containsExactly("cup|Mug or glass|1");
        assertThat(conflicts(a)).isEmpty();
        assertThat(conflicts(b)).isEmpty();
    }

    @Test
    void nothingCanBeSet() {
        apart("UPDATE item SET title = 'Mug'", "UPDATE item SET title = 'Glass'");
        b.file().resolve(onlyConflict(b), Resolution.set(Value.NULL));
        world.settle(a, b);
        assertThat(a.rows("item")).containsExactly("cup|null|1");
        assertThat(conflicts(a)).isEmpty();

        apart("UPDATE item SET title = 'Mug'", "UPDATE item SET title = 'Glass'");
        b.sql("INSERT INTO _ab_resolve(conflict, choice) SELECT id, 'set-null' FROM _ab_conflicts");
        world.settle(a, b);
        assertThat(a.rows("item")).containsExactly("cup|null|1");
        assertThat(conflicts(a)).isEmpty();

        assertThat(Resolution.parse("set-null")).isEqualTo(Resolution.set(Value.NULL));
        assertThat(Resolution.parse("set=")).isEqualTo(Resolution.set(Value.of("")));
        assertThat(Resolution.set(Value.NULL)).hasToString("set-null");
    }

    /** It was put back at the next seal, and became another conflict. */
    @Test
    void whatTheRuleCannotTakeIsNotSet() {
        a.sql("UPDATE item SET stock = 'many'");
        a.seal();
        long rejected = onlyConflict(a);

        assertThatThrownBy(() -> a.file().resolve(rejected, Resolution.set(Value.of("abc"))))
                .isInstanceOf(SyncException.CannotResolve.class)
                .hasMessageContaining("rule counter of item.stock cannot take abc: a counter holds integers");
        a.sql("INSERT INTO _ab_resolve(conflict, choice, value) VALUES (" + rejected + ", 'set', 'abc')");
        a.seal();

        assertThat(a.sqlValue("SELECT problem FROM _ab_resolve")).contains("cannot take abc");
        assertThat(a.rows("item")).containsExactly("cup|Cup|1");
        assertThat(onlyConflict(a)).isEqualTo(rejected);
        a.file().resolve(rejected, Resolution.set(Value.of("7"))); // Its column makes a number of it.
        assertThat(a.rows("item")).containsExactly("cup|Cup|7");
        assertThat(conflicts(a)).isEmpty();
    }

    @Test
    void plainSqlResolvesThroughATable() {
        apart("UPDATE item SET title = 'Mug'", "UPDATE item SET title = 'Glass'");

        a.sql("INSERT INTO _ab_resolve(conflict, choice) SELECT id, 'keep-other' FROM _ab_conflicts");
        assertThat(a.file().reports().moment().unsealed()).isEqualTo(1);
        world.settle(a, b);

        assertThat(b.rows("item")).containsExactly("cup|Mug|1");
        assertThat(conflicts(b)).isEmpty();
        assertThat(a.sqlValue("SELECT count(*) FROM _ab_resolve")).isEqualTo("0");
    }

    @Test
    void whatPlainSqlAsksForAndCannotBeDoneStaysWithTheProblem() {
        apart("UPDATE item SET title = 'Mug'", "UPDATE item SET title = 'Glass'");

        a.sql("INSERT INTO _ab_resolve(conflict, choice) VALUES (99, 'accept'), (1, 'perhaps')");
        world.settle(a, b);

        assertThat(a.sqlValue("SELECT problem FROM _ab_resolve WHERE conflict = 99"))
                .startsWith("there is no conflict 99");
        assertThat(a.sqlValue("SELECT problem FROM _ab_resolve WHERE conflict = 1"))
                .contains("'perhaps' resolves nothing");
        assertThat(conflicts(a)).hasSize(1);
    }

    @Test
    void aConflictThatIsNotThereIsSaid() {
        assertThatThrownBy(() -> a.file().resolve(7, Resolution.accept()))
                .isInstanceOf(SyncException.NoSuchConflict.class)
                .hasMessageContaining("no conflict 7");
    }

    @Test
    void aValueThatTheTableWillNotHaveIsRefusedAndNothingChanges() {
        a.sql("CREATE TRIGGER short BEFORE UPDATE ON item WHEN length(NEW.title) > 5"
                + " BEGIN SELECT RAISE(ABORT, 'too long'); END");
        apart("UPDATE item SET title = 'Mug'", "UPDATE item SET title = 'Glass'");

        assertThatThrownBy(() -> a.file().resolve(onlyConflict(a), Resolution.set(Value.of("Mug or glass"))))
                .isInstanceOf(SyncException.CannotResolve.class)
                .hasMessageContaining("too long");
        assertThat(conflicts(a)).hasSize(1);
        assertThat(a.rows("item")).containsExactly("cup|Glass|1");
    }

    @Test
    void anEditOfARowThatIsGoneCanBringItBackOrBeLetGo() {
        apart("DELETE FROM note", "UPDATE note SET body = 'Buy bread'");
        assertThat(a.rows("note")).isEmpty();

        a.file().resolve(onlyConflict(a), Resolution.keepOther());
        world.settle(a, b);

        assertThat(a.rows("note")).containsExactly("n|Buy bread");
        assertThat(b.rows("note")).containsExactly("n|Buy bread");
        assertThat(conflicts(a)).isEmpty();

        apart("DELETE FROM note", "UPDATE note SET body = 'Buy salt'");
        a.file().resolve(onlyConflict(a), Resolution.accept());
        assertThat(a.rows("note")).isEmpty();
        assertThat(conflicts(a)).isEmpty();
    }

    @Test
    void twoRowsUnderOneKeyAreAcceptedAsOne() {
        apart("INSERT INTO item VALUES ('pot', 'Pot', 1)", "INSERT INTO item VALUES ('pot', 'Pot', 2)");
        Conflict identity = a.file().reports().conflicts().get(0);
        assertThat(identity.kind()).isEqualTo(Conflict.Kind.IDENTITY);
        assertThat(identity.kept().origin()).isEqualTo(a.file().self());
        assertThat(identity.lost().origin()).isEqualTo(b.file().self());

        assertThatThrownBy(() -> a.file().resolve(identity.id(), Resolution.keepOther()))
                .isInstanceOf(SyncException.CannotResolve.class)
                .hasMessageContaining("write what is right with SQL, then accept");
        a.file().resolve(identity.id(), Resolution.accept());

        assertThat(conflicts(a)).isEmpty();
    }

    @Test
    void aValueThatTheRuleCannotTakeIsListedAndCanBeReplaced() {
        a.sql("UPDATE item SET stock = 'many'");
        a.seal();
        Conflict rejected = a.file().reports().conflicts().get(0);
        assertThat(rejected.kind()).isEqualTo(Conflict.Kind.REJECTED);
        assertThat(rejected.rule()).isEqualTo("counter");
        assertThat(rejected.lost().value()).isEqualTo(Value.of("many"));
        assertThat(rejected.reason()).isEqualTo("a counter holds integers");

        assertThatThrownBy(() -> a.file().resolve(rejected.id(), Resolution.keepOther()))
                .hasMessageContaining("cannot take that value");
        a.file().resolve(rejected.id(), Resolution.set(Value.of(5)));
        world.settle(a, b);

        assertThat(b.rows("item")).containsExactly("cup|Cup|5");
        assertThat(a.file().reports().conflicts()).isEmpty();
        assertThat(a.file().reports().moment().rejected()).isZero();
    }

    // ---- Values side by side

    private void offers() {
        a.sql("CREATE TABLE offer(id TEXT PRIMARY KEY, price INTEGER, note TEXT)");
        a.enrol("offer", TableRules.defaults().rule("price", Rule.MV));
        a.sql("INSERT INTO offer VALUES ('o', 10, 'first')");
        world.settle(a, b);
        apart("UPDATE offer SET price = 11", "UPDATE offer SET price = 12");
    }

    @Test
    void valuesThatStandSideBySideAreListedForAPersonToChoose() {
        offers();

        assertThat(conflicts(a)).containsExactly("offer.price [o]: kept 12, lost 11");
        assertThat(conflicts(b)).containsExactly("offer.price [o]: kept 12, lost 11");
        assertThat(a.file().reports().conflicts().get(0).rule()).isEqualTo("mv");
    }

    /** Counterexample: no update can choose the value that shows, since that is no change. */
    @Test
    void theValueThatShowsCanBeChosenFromValuesSideBySide() {
        offers();

        a.file().resolve(onlyConflict(a), Resolution.accept());
        world.settle(a, b);

        assertThat(b.rows("offer")).containsExactly("o|12|first");
        assertThat(conflicts(a)).isEmpty();
        assertThat(conflicts(b)).isEmpty();
        assertThat(b.file()
                        .reports()
                        .explain("offer", List.of(Value.of("o")), "price")
                        .columns()
                        .get(0)
                        .sources())
                .hasSize(1);
        world.assertConverged(a, b);
    }

    @Test
    void plainSqlChoosesTheValueThatShowsToo() {
        offers();

        b.sql("INSERT INTO _ab_resolve(conflict) SELECT id FROM _ab_conflicts");
        world.settle(a, b);

        assertThat(conflicts(a)).isEmpty();
        assertThat(conflicts(b)).isEmpty();
        assertThat(a.file()
                        .reports()
                        .explain("offer", List.of(Value.of("o")), "price")
                        .columns()
                        .get(0)
                        .sources())
                .hasSize(1);
    }

    @Test
    void theOtherOfValuesSideBySideCanBeChosenAndAPlainUpdateSettlesThemToo() {
        offers();
        b.file().resolve(onlyConflict(b), Resolution.keepOther());
        world.settle(a, b);
        assertThat(a.rows("offer")).containsExactly("o|11|first");
        assertThat(conflicts(a)).isEmpty();

        apart("UPDATE offer SET price = 20", "UPDATE offer SET price = 21");
        assertThat(conflicts(a)).hasSize(1);
        a.sql("UPDATE offer SET price = 22");
        world.settle(a, b);

        assertThat(conflicts(a)).isEmpty();
        assertThat(conflicts(b)).isEmpty();
        assertThat(b.rows("offer")).containsExactly("o|22|first");
    }

    // ---- Bounds

    @Test
    void theOldestGoWhenThereAreTooManyOrTheyAreTooOld() {
        for (String file : List.of("kettle", "pan", "pot")) {
            apart("INSERT INTO note VALUES ('" + file + "', 'a')", "INSERT INTO note VALUES ('" + file + "', 'b')");
        }
        assertThat(conflicts(b)).hasSize(6);

        b.file().keepConflicts(3, 1_000_000_000L);
        apart("INSERT INTO note VALUES ('can', 'a')", "INSERT INTO note VALUES ('can', 'b')");
        assertThat(conflicts(b)).hasSize(3).last().asString().contains("[can]");

        world.pass(1_000_000_001L);
        apart("UPDATE item SET title = 'Mug'", "UPDATE item SET title = 'Glass'");
        assertThat(conflicts(b)).containsExactly("item.title [cup]: kept Glass, lost Mug");
    }
}
