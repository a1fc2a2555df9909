// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.anabranch.crdt.DeletePolicy;
import io.anabranch.sync.change.Admission;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What other programs have put around a table (triggers, constraints, conflict clauses) cannot bend what is applied to it. */
class ApplyTest {
    @TempDir
    Path folder;

    private World world;
    private TestReplica a;
    private TestReplica b;

    @BeforeEach
    void world() {
        world = new World(folder);
    }

    @AfterEach
    void close() {
        world.close();
    }

    /** Two replicas that hold the tables, each with what only it has around them. */
    private void twoReplicas(String... tables) {
        a = world.replica("a");
        for (String table : tables) {
            a.sql(table);
            String name = table.replaceFirst("CREATE TABLE (\\w+).*", "$1");
            a.enrol(name, TableRules.defaults());
        }
        b = world.replica("b");
        world.settle(a, b);
    }

    private void assertNothingIsCaptured(TestReplica replica) {
        assertThat(replica.sqlValue("SELECT count(*) FROM _ab_pending")).isEqualTo("0");
        assertThat(replica.sqlValue("SELECT mode FROM _ab_mode")).isEqualTo("0");
    }

    // ---- Triggers of the application

    @Test
    void whatATriggerDoesToAnEnrolledTableHappensOnce() {
        a = world.replica("a");
        a.sql("CREATE TABLE orders(id TEXT PRIMARY KEY)");
        a.sql("CREATE TABLE stats(id TEXT PRIMARY KEY, n INTEGER)");
        a.enrol("orders", TableRules.defaults());
        a.enrol("stats", TableRules.defaults().counter("n"));
        a.sql("INSERT INTO stats VALUES ('all', 0)");
        b = world.replica("b");
        world.settle(a, b);
        for (TestReplica replica : List.of(a, b)) {
            replica.sql("CREATE TRIGGER count AFTER INSERT ON orders BEGIN UPDATE stats SET n = n + 1; END");
        }

        a.sql("INSERT INTO orders VALUES ('o1')");
        world.settle(a, b);
        b.sql("INSERT INTO orders VALUES ('o2')");
        world.settle(a, b);

        assertThat(a.rows("stats")).containsExactly("all|2");
        assertThat(b.rows("stats")).containsExactly("all|2");
        assertNothingIsCaptured(b);
        world.assertConverged(a, b);
    }

    @Test
    void aRowThatATriggerInsertsHereAndThereIsOneRow() {
        twoReplicas(
                "CREATE TABLE note(id TEXT PRIMARY KEY, body TEXT)",
                "CREATE TABLE audit(id TEXT PRIMARY KEY, what TEXT)");
        for (TestReplica replica : List.of(a, b)) {
            replica.sql("CREATE TRIGGER log AFTER INSERT ON note BEGIN INSERT INTO audit VALUES (NEW.id, 'new'); END");
        }

        a.sql("INSERT INTO note VALUES ('n1', 'hello')");
        world.settle(a, b);

        assertThat(b.rows("audit")).containsExactly("n1|new");
        assertThat(b.rows("_ab_hidden")).isEmpty();
        world.assertConverged(a, b);
    }

    @Test
    void aTriggerCannotGiveAnotherWritersDotItsOwnValue() {
        twoReplicas(
                "CREATE TABLE note(id TEXT PRIMARY KEY)", "CREATE TABLE state(id TEXT PRIMARY KEY, last TEXT, x TEXT)");
        a.sql("INSERT INTO state VALUES ('s', 'none', 'none')");
        world.settle(a, b);
        for (TestReplica replica : List.of(a, b)) {
            replica.sql("CREATE TRIGGER keep AFTER INSERT ON note BEGIN UPDATE state SET last = NEW.id; END");
        }

        a.sql("INSERT INTO note VALUES ('a1')");
        a.seal();
        a.sql("UPDATE state SET x = 'by a'");
        a.seal();
        world.pass(1_000);
        b.sql("UPDATE state SET last = 'by b'");
        b.seal();
        world.settle(a, b);

        assertThat(b.rows("state")).containsExactly("s|by b|by a");
        assertThat(a.rows("state")).containsExactly("s|by b|by a");
        world.assertConverged(a, b);
    }

    @Test
    void aTriggerThatIgnoresOrReplacesWhatIsThereDoesSoWhenChangesArrive() {
        twoReplicas("CREATE TABLE note(id TEXT PRIMARY KEY, body TEXT)");
        for (TestReplica replica : List.of(a, b)) {
            replica.sql("CREATE TABLE seen(what TEXT PRIMARY KEY, id TEXT)");
            replica.sql("CREATE TRIGGER one AFTER INSERT ON note BEGIN"
                    + " INSERT OR IGNORE INTO seen VALUES ('first', NEW.id);"
                    + " INSERT OR REPLACE INTO seen VALUES ('last', NEW.id); END");
            replica.sql("CREATE TRIGGER two AFTER UPDATE ON note BEGIN"
                    + " UPDATE OR IGNORE seen SET what = 'first' WHERE what = 'last'; END");
        }
        a.sql("INSERT INTO note VALUES ('n1', 'one'), ('n2', 'two')");
        a.seal();
        world.settle(a, b);
        a.sql("UPDATE note SET body = 'other' WHERE id = 'n1'");
        world.settle(a, b);

        assertThat(b.rows("note")).containsExactly("n1|other", "n2|two");
        assertThat(b.rows("seen")).containsExactly("first|n1", "last|n2");
        assertThat(b.file().reports().hidden()).isEmpty();
        world.assertConverged(a, b);
    }

    @Test
    void aTriggerThatStampsEveryUpdateDoesNotHideWhatTheOriginWrote() {
        twoReplicas("CREATE TABLE note(id TEXT PRIMARY KEY, body TEXT, changed TEXT)");
        a.sql("INSERT INTO note VALUES ('n1', 'hello', 'never')");
        world.settle(a, b);
        b.sql("CREATE TRIGGER stamp AFTER UPDATE ON note BEGIN"
                + " UPDATE note SET changed = 'at b' WHERE id = NEW.id; END");

        a.sql("UPDATE note SET body = 'hello you', changed = 'at a'");
        world.settle(a, b);

        assertThat(b.rows("note")).containsExactly("n1|hello you|at a");
        assertThat(b.sqlValue("SELECT count(*) FROM sqlite_master WHERE name = 'stamp'"))
                .isEqualTo("1");
        assertNothingIsCaptured(b);
        world.assertConverged(a, b);
        b.sql("UPDATE note SET body = 'mine'");
        assertThat(b.rows("note")).containsExactly("n1|mine|at b");
    }

    @Test
    void aTriggersEffectsOnPlainTablesStay() {
        twoReplicas("CREATE TABLE note(id TEXT PRIMARY KEY, body TEXT)");
        b.sql("CREATE TABLE seen(id TEXT)");
        b.sql("CREATE TRIGGER see AFTER INSERT ON note BEGIN INSERT INTO seen VALUES (NEW.id); END");

        a.sql("INSERT INTO note VALUES ('n1', 'hello')");
        world.settle(a, b);

        assertThat(b.rows("note")).containsExactly("n1|hello");
        assertThat(b.sqlValue("SELECT group_concat(id) FROM seen")).isEqualTo("n1");
        world.assertConverged(a, b);
    }

    @Test
    void aRowThatATriggerRefusesIsHiddenWithTheReasonAndShownOnceItChanges() {
        twoReplicas("CREATE TABLE note(id TEXT PRIMARY KEY, body TEXT)");
        b.sql("CREATE TRIGGER polite BEFORE INSERT ON note WHEN NEW.body = 'damn' BEGIN"
                + " SELECT RAISE(ABORT, 'be polite'); END");

        a.sql("INSERT INTO note VALUES ('n1', 'damn'), ('n2', 'dear')");
        world.settle(a, b);
        assertThat(b.rows("note")).containsExactly("n2|dear");
        assertThat(b.sqlValue("SELECT reason FROM _ab_hidden")).contains("be polite");
        world.assertConverged(a, b);

        a.sql("UPDATE note SET body = 'darn' WHERE id = 'n1'");
        world.settle(a, b);
        assertThat(b.rows("note")).containsExactly("n1|darn", "n2|dear");
        assertThat(b.rows("_ab_hidden")).isEmpty();
        world.assertConverged(a, b);
    }

    @Test
    void aHiddenRowIsShownOnceTheReasonIsGone() {
        twoReplicas("CREATE TABLE note(id TEXT PRIMARY KEY, body TEXT)");
        b.sql("CREATE TRIGGER closed BEFORE INSERT ON note BEGIN SELECT RAISE(ABORT, 'closed'); END");
        a.sql("INSERT INTO note VALUES ('n1', 'hello')");
        world.settle(a, b);

        b.sql("DROP TRIGGER closed");
        a.sql("INSERT INTO note VALUES ('n2', 'another')");
        world.settle(a, b);

        assertThat(b.rows("note")).containsExactly("n1|hello", "n2|another");
        assertThat(b.rows("_ab_hidden")).isEmpty();
    }

    @Test
    void aTriggerThatFailsHalfWayLeavesNoHiddenRowInSight() {
        twoReplicas("CREATE TABLE note(id TEXT PRIMARY KEY, body TEXT)");
        b.sql("CREATE TRIGGER polite AFTER INSERT ON note BEGIN SELECT RAISE(FAIL, 'no'); END");

        a.sql("INSERT INTO note VALUES ('n1', 'hello')");
        world.settle(a, b);

        assertThat(b.rows("note")).isEmpty();
        assertThat(b.sqlValue("SELECT reason FROM _ab_hidden")).contains("no");
        world.assertConverged(a, b);
    }

    @Test
    void aRowThatATriggerSilentlyIgnoresIsHidden() {
        twoReplicas("CREATE TABLE note(id TEXT PRIMARY KEY, body TEXT)");
        b.sql("CREATE TRIGGER deaf BEFORE INSERT ON note BEGIN SELECT RAISE(IGNORE); END");

        a.sql("INSERT INTO note VALUES ('n1', 'hello')");
        world.settle(a, b);

        assertThat(b.rows("note")).isEmpty();
        assertThat(b.sqlValue("SELECT count(*) FROM _ab_hidden")).isEqualTo("1");
        world.assertConverged(a, b);
    }

    @Test
    void aTriggerThatRollsBackCannotStopTheRest() {
        twoReplicas("CREATE TABLE note(id TEXT PRIMARY KEY, body TEXT)");
        b.sql("CREATE TRIGGER wild BEFORE INSERT ON note WHEN NEW.body = 'damn' BEGIN"
                + " SELECT RAISE(ROLLBACK, 'wild'); END");

        a.sql("INSERT INTO note VALUES ('n1', 'first')");
        a.seal();
        a.sql("INSERT INTO note VALUES ('n2', 'damn'), ('n3', 'third')");
        world.settle(a, b);

        assertThat(b.rows("note")).contains("n1|first", "n3|third");
        assertNothingIsCaptured(b);
        world.assertConverged(a, b);
    }

    @Test
    void aTriggerThatForbidsDeletesDoesNotStopADeleteFromElsewhere() {
        twoReplicas("CREATE TABLE note(id TEXT PRIMARY KEY, body TEXT)");
        a.sql("INSERT INTO note VALUES ('n1', 'hello')");
        world.settle(a, b);
        b.sql("CREATE TRIGGER keep BEFORE DELETE ON note BEGIN SELECT RAISE(ABORT, 'never'); END");

        a.sql("DELETE FROM note");
        world.settle(a, b);

        assertThat(b.rows("note")).isEmpty();
        assertThat(b.sqlValue("SELECT count(*) FROM sqlite_master WHERE name = 'keep'"))
                .isEqualTo("1");
        world.assertConverged(a, b);
    }

    @Test
    void aTriggerThatDoesNotEvenCompileHereDoesNotStopTheExchange() {
        twoReplicas("CREATE TABLE note(id TEXT PRIMARY KEY, body TEXT)", "CREATE TABLE item(id TEXT PRIMARY KEY)");
        b.sql("CREATE TRIGGER mine AFTER INSERT ON note BEGIN SELECT function_of_the_application(NEW.id); END");

        a.sql("INSERT INTO note VALUES ('n1', 'hello')");
        a.sql("INSERT INTO item VALUES ('i1')");
        world.settle(a, b);

        assertThat(b.rows("note")).containsExactly("n1|hello");
        assertThat(b.rows("item")).containsExactly("i1");
        world.assertConverged(a, b);
    }

    // ---- Constraints

    @Test
    void conflictClausesOfTheTableDoNotAct() {
        for (String clause : List.of("ROLLBACK", "REPLACE", "IGNORE", "FAIL")) {
            TestReplica from = world.replica("from-" + clause);
            from.sql("CREATE TABLE note(id TEXT PRIMARY KEY ON CONFLICT " + clause + ", body TEXT NOT NULL ON CONFLICT "
                    + clause + ")");
            from.enrol("note", TableRules.defaults());
            from.sql("INSERT INTO note VALUES ('n1', 'one')");
            TestReplica to = world.replica("to-" + clause);
            to.sql("CREATE TABLE note(id TEXT PRIMARY KEY ON CONFLICT " + clause + ", body TEXT NOT NULL ON CONFLICT "
                    + clause + ", extra NOT NULL ON CONFLICT " + clause + ")");
            to.enrol("note", TableRules.defaults());

            world.settle(from, to);

            assertThat(to.rows("note")).as(clause).isEmpty();
            assertThat(to.sqlValue("SELECT reason FROM _ab_hidden")).as(clause).contains("NOT NULL");
            assertThat(to.file().heads()).isEqualTo(from.file().heads());
            assertNothingIsCaptured(to);
        }
    }

    @Test
    void aCheckThatTwoLegalWritesBreakTogetherIsShownAsTheStateSays() {
        String table = "CREATE TABLE span(id TEXT PRIMARY KEY, a INTEGER, b INTEGER, CHECK (a <= b))";
        a = world.replica("a");
        b = world.replica("b");
        for (TestReplica replica : List.of(a, b)) {
            replica.sql(table);
            replica.enrol("span", TableRules.defaults());
        }
        a.sql("INSERT INTO span VALUES ('s', 3, 6)");
        world.settle(a, b);

        a.sql("UPDATE span SET a = 5");
        b.sql("UPDATE span SET b = 4");
        world.settle(a, b);

        assertThat(a.rows("span")).containsExactly("s|5|4");
        assertThat(b.rows("span")).containsExactly("s|5|4");
        world.assertConverged(a, b);
    }

    @Test
    void aRowOfWhichAStrictTableWillNotTakeTheValueIsHidden() {
        a = world.replica("a");
        a.sql("CREATE TABLE n(id TEXT PRIMARY KEY, v)");
        a.enrol("n", TableRules.defaults());
        b = world.replica("b");
        b.sql("CREATE TABLE n(id TEXT PRIMARY KEY, v INTEGER) STRICT");
        b.enrol("n", TableRules.defaults());
        a.sql("INSERT INTO n VALUES ('good', 1), ('bad', 'text')");
        world.settle(a, b);

        assertThat(b.rows("n")).containsExactly("good|1");
        assertThat(b.rows("_ab_hidden")).hasSize(1);
        world.assertConverged(a, b);
    }

    @Test
    void aRowWhoseKeyTheTableCannotHoldIsHidden() {
        a = world.replica("a");
        a.sql("CREATE TABLE n(id TEXT PRIMARY KEY, v TEXT)");
        a.enrol("n", TableRules.defaults());
        b = world.replica("b");
        b.sql("CREATE TABLE n(id INTEGER PRIMARY KEY, v TEXT)");
        b.enrol("n", TableRules.defaults());
        a.sql("INSERT INTO n VALUES ('cup', 'text')");
        b.sql("INSERT INTO n VALUES (1, 'one')");
        world.settle(a, b);

        assertThat(a.rows("n")).containsExactly("cup|text");
        assertThat(a.rows("_ab_hidden")).singleElement(STRING).contains("column id of this file makes another value");
        assertThat(b.rows("n")).containsExactly("1|one");
        assertThat(b.rows("_ab_hidden")).singleElement(STRING).contains("datatype mismatch");
        assertThat(a.file().verify().problems()).isEmpty();
        assertThat(b.file().verify().problems()).isEmpty();
        world.assertConverged(a, b);
    }

    // ---- Capture and apply

    @Test
    void whatIsAppliedIsNotCaptured() {
        twoReplicas("CREATE TABLE note(id TEXT PRIMARY KEY, body TEXT)");
        a.sql("INSERT INTO note VALUES ('n1', 'one'), ('n2', 'two')");
        world.settle(a, b);
        a.sql("UPDATE note SET body = 'three' WHERE id = 'n1'");
        a.sql("DELETE FROM note WHERE id = 'n2'");
        world.settle(a, b);

        assertNothingIsCaptured(b);
        assertThat(b.file().heads().get(b.file().self()).seq()).isZero();
    }

    @Test
    void twoConnectionsThatTakeTheSameChangeSetsAtOnceCountThemOnce() throws Exception {
        a = world.replica("a");
        a.sql("CREATE TABLE item(id TEXT PRIMARY KEY, n INTEGER)");
        a.enrol("item", TableRules.defaults().counter("n"));
        b = world.replica("b");
        world.settle(a, b);
        for (int i = 0; i < 20; i++) {
            a.sql("INSERT INTO item VALUES ('i', 1) ON CONFLICT DO UPDATE SET n = n + 1");
            a.seal();
        }
        TestReplica again = world.replica("b");
        ExecutorService threads = Executors.newFixedThreadPool(2);
        try {
            Callable<Admission> one = () -> b.file().accept(a.changeSets());
            Callable<Admission> other = () -> again.file().accept(a.changeSets());
            for (Future<Admission> done : threads.invokeAll(List.of(one, other, one, other))) {
                assertThat(done.get()).isInstanceOf(Admission.Next.class);
            }
        } finally {
            threads.shutdown();
        }

        assertThat(b.rows("item")).containsExactly("i|20");
        world.assertConverged(a, b);
    }

    @Test
    void aDeleteWinsRowDiesWithItsEditsAndAnEditWinsRowLives() {
        for (DeletePolicy policy : DeletePolicy.values()) {
            TestReplica one = world.replica("one" + policy);
            one.sql("CREATE TABLE note(id TEXT PRIMARY KEY, body TEXT)");
            one.enrol("note", TableRules.defaults().onDelete(policy));
            one.sql("INSERT INTO note VALUES ('n', 'first')");
            TestReplica two = world.replica("two" + policy);
            TestReplica three = world.replica("three" + policy);
            world.settle(one, two, three);

            one.sql("DELETE FROM note");
            two.sql("UPDATE note SET body = 'edited'");
            world.settle(one, three);
            assertThat(three.rows("note")).isEmpty();
            world.settle(one, two, three);

            List<String> expected = policy == DeletePolicy.EDIT_WINS ? List.of("n|edited") : List.of();
            assertThat(one.rows("note")).isEqualTo(expected);
            assertThat(two.rows("note")).isEqualTo(expected);
            assertThat(three.rows("note")).isEqualTo(expected);
            world.assertConverged(one, two, three);
        }
    }
}
