// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.RowOp;
import io.anabranch.sync.change.ForeignKeyRule;
import io.anabranch.sync.change.TableOp;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Children that are written while their parents are deleted. */
class ForeignKeyTest {
    private static final String PARENT = "CREATE TABLE parent(id TEXT PRIMARY KEY, name TEXT)";
    private static final String CHILD =
            "CREATE TABLE child(id TEXT PRIMARY KEY, parent TEXT REFERENCES parent ON DELETE CASCADE, v TEXT)";
    private static final TableRules EDIT_WINS = TableRules.defaults();
    private static final TableRules DELETE_WINS = EDIT_WINS.onDelete(DeletePolicy.DELETE_WINS);
    private static final TableRules HIDE = EDIT_WINS.foreignKey("parent", ForeignKeyRule.HIDE);

    @TempDir
    Path folder;

    private World world;
    private TestReplica a;
    private TestReplica b;
    private TestReplica c;

    @BeforeEach
    void open() {
        world = new World(folder);
        a = world.replica("a");
        b = world.replica("b");
        c = world.replica("c");
        all().forEach(replica -> replica.sql("PRAGMA foreign_keys = ON"));
    }

    @AfterEach
    void close() {
        world.close();
    }

    private List<TestReplica> all() {
        return List.of(a, b, c);
    }

    private void share(String ddl, TableRules rules) {
        for (TestReplica replica : all()) {
            replica.sql(ddl);
            replica.enrol(ddl.replaceAll("CREATE TABLE (\\w+).*", "$1"), rules);
        }
    }

    /** It was refused only where the parent was enrolled first. */
    @Test
    void whatDeletesForGoodIsNotRevivedWhicheverTableIsEnrolledFirst() {
        TableRules revives = EDIT_WINS.foreignKey("parent", ForeignKeyRule.REVIVE);
        a.sql(PARENT);
        a.sql(CHILD);
        a.sql("CREATE TABLE node(id TEXT PRIMARY KEY, parent TEXT REFERENCES node)");

        a.enrol("child", revives);
        assertThatThrownBy(() -> a.enrol("parent", DELETE_WINS))
                .isInstanceOf(SyncException.CannotEnrol.class)
                .hasMessageContaining("child.parent=revive would keep its rows alive; choose hide there");
        assertThatThrownBy(() -> a.enrol("node", revives.onDelete(DeletePolicy.DELETE_WINS)))
                .hasMessageContaining("node.parent=revive would keep its rows alive");
        a.enrol("parent", EDIT_WINS);
    }

    private void share(TableRules parentRules, TableRules childRules) {
        share(PARENT, parentRules);
        share(CHILD, childRules);
        a.sqls("INSERT INTO parent VALUES ('p', 'P'), ('q', 'Q')", "INSERT INTO child VALUES ('c1', 'p', '1')");
        world.settle(a, b, c);
        world.pass(10);
    }

    private void assertAllShow(String table, String... rows) {
        for (TestReplica replica : all()) {
            assertThat(replica.rows(table)).as(replica.name()).containsExactly(rows);
            assertThat(replica.column("PRAGMA foreign_key_check")).isEmpty();
        }
        world.assertConverged(a, b, c);
    }

    private static List<String> hidden(TestReplica replica) {
        return replica.column("SELECT kind || ': ' || reason FROM _ab_hidden ORDER BY tbl, k");
    }

    // ---- Revive

    /** Counterexample 13. */
    @Test
    void aChildThatIsInsertedWhileItsParentIsDeletedKeepsTheParent() {
        share(EDIT_WINS, EDIT_WINS);
        a.sql("DELETE FROM parent WHERE id = 'p'");
        b.sql("INSERT INTO child VALUES ('c2', 'p', '2')");
        world.settle(a, b, c);
        assertAllShow("parent", "p|P", "q|Q");
        assertAllShow("child", "c2|p|2");
    }

    /** Counterexample 13, the common form. */
    @Test
    void aChildThatIsEditedWhileItsParentIsDeletedKeepsBoth() {
        share(EDIT_WINS, EDIT_WINS);
        a.sql("DELETE FROM parent WHERE id = 'p'");
        b.sql("UPDATE child SET v = 'edited'");
        world.settle(a, b, c);
        assertAllShow("parent", "p|P", "q|Q");
        assertAllShow("child", "c1|p|edited");
    }

    @Test
    void aCascadeIsCapturedWhereItHappensAndTravelsAsDeletes() {
        share(EDIT_WINS, EDIT_WINS);
        a.sql("DELETE FROM parent WHERE id = 'p'");
        assertThat(a.rows("child")).isEmpty();
        assertThat(a.lastOps())
                .hasSize(2)
                .allMatch(op -> op instanceof TableOp.Change change && change.op() instanceof RowOp.Delete);
        world.settle(a, b, c);
        assertAllShow("parent", "q|Q");
        assertAllShow("child");
    }

    @Test
    void aWriteToAChildTouchesItsParentOnceForEachChangeSet() {
        share(EDIT_WINS, EDIT_WINS);
        a.sqls("INSERT INTO child VALUES ('c2', 'p', '2'), ('c3', 'p', '3')", "UPDATE child SET v = 'x'");
        assertThat(a.lastOps()).hasSize(4);
        TableOp.Change touch = (TableOp.Change) a.lastOps().get(3);
        assertThat(touch.table()).isEqualTo("parent");
        assertThat(((RowOp.Edit<?, ?>) touch.op()).cells()).isEmpty();
    }

    @Test
    void aParentThatIsWrittenInTheSameChangeSetIsNotTouched() {
        share(EDIT_WINS, EDIT_WINS);
        a.sqls("INSERT INTO parent VALUES ('r', 'R')", "INSERT INTO child VALUES ('c9', 'r', '9')");
        assertThat(a.lastOps()).hasSize(2);
    }

    /** The parent that is kept refers to another, which was deleted with it. */
    @Test
    void aWriteToAChildKeepsTheParentsOfItsParentToo() {
        share(EDIT_WINS, EDIT_WINS);
        for (TestReplica replica : all()) {
            replica.sql("CREATE TABLE grandchild(id TEXT PRIMARY KEY, child TEXT REFERENCES child(id), v TEXT)");
            replica.enrol("grandchild", EDIT_WINS);
        }
        a.sql("INSERT INTO grandchild VALUES ('g1', 'c1', '1')");
        world.settle(a, b, c);
        a.sqls("DELETE FROM grandchild", "DELETE FROM child", "DELETE FROM parent WHERE id = 'p'");
        b.sql("UPDATE grandchild SET v = 'edited'");
        world.settle(a, b, c);

        assertAllShow("grandchild", "g1|c1|edited");
        assertAllShow("child", "c1|p|1");
        assertAllShow("parent", "p|P", "q|Q");
    }

    @Test
    void aRowThatIsItsOwnAncestorIsTouchedOnce() {
        for (TestReplica replica : all()) {
            replica.sql("CREATE TABLE node(id TEXT PRIMARY KEY, up TEXT REFERENCES node(id), v TEXT)");
            replica.enrol("node", EDIT_WINS);
        }
        a.sqls("INSERT INTO node VALUES ('x', NULL, '1')", "INSERT INTO node VALUES ('y', 'x', '2'), ('z', 'y', '3')");
        a.sql("UPDATE node SET up = 'z' WHERE id = 'x'");
        world.settle(a, b, c);
        a.sql("UPDATE node SET v = 'edited' WHERE id = 'z'");

        assertThat(a.lastOps()).hasSize(3);
        world.settle(a, b, c);
        assertAllShow("node", "x|z|1", "y|x|2", "z|y|edited");
    }

    @Test
    void aChildThatMovesKeepsItsNewParent() {
        share(EDIT_WINS, EDIT_WINS);
        a.sql("DELETE FROM parent WHERE id = 'q'");
        b.sql("UPDATE child SET parent = 'q'");
        world.settle(a, b, c);
        assertAllShow("parent", "p|P", "q|Q");
        assertAllShow("child", "c1|q|1");
    }

    @Test
    void reviveIsRefusedWhereTheParentIsDeleteWins() {
        a.sql(PARENT);
        a.sql(CHILD);
        a.enrol("parent", DELETE_WINS);
        assertThatThrownBy(() -> a.enrol("child", EDIT_WINS.foreignKey("parent", ForeignKeyRule.REVIVE)))
                .isInstanceOf(SyncException.CannotEnrol.class)
                .hasMessageContaining("choose hide");
        assertThatThrownBy(() -> a.enrol("child", EDIT_WINS.foreignKey("v", ForeignKeyRule.HIDE)))
                .hasMessageContaining("foreign key over v, which it does not have");
    }

    // ---- Hide

    @Test
    void underDeleteWinsAChildWithoutItsParentIsHidden() {
        share(DELETE_WINS, DELETE_WINS);
        a.sql("DELETE FROM parent WHERE id = 'p'");
        b.sql("INSERT INTO child VALUES ('c2', 'p', '2')");
        world.settle(a, b, c);
        assertAllShow("parent", "q|Q");
        assertAllShow("child");
        assertThat(hidden(a)).containsExactly("foreign key: table parent shows no row with id = [p]");
        assertThat(hidden(b)).isEqualTo(hidden(a));
        assertThat(hidden(c)).isEqualTo(hidden(a));
    }

    @Test
    void aHiddenChildShowsOnceItsParentIsThereAgain() {
        underDeleteWinsAChildWithoutItsParentIsHidden();
        c.sql("INSERT INTO parent VALUES ('p', 'again')");
        c.seal();
        assertThat(c.rows("child")).as("at once, where it was inserted").containsExactly("c2|p|2");
        world.settle(a, b, c);
        assertAllShow("child", "c2|p|2");
        assertThat(hidden(a)).isEmpty();
    }

    @Test
    void hideMayBeChosenUnderEditWins() {
        share(EDIT_WINS, HIDE);
        a.sql("DELETE FROM parent WHERE id = 'p'");
        b.sql("UPDATE child SET v = 'edited'");
        world.settle(a, b, c);
        assertAllShow("parent", "q|Q");
        assertAllShow("child");
        b.sql("INSERT INTO child VALUES ('c1', 'q', 'moved')");
        world.settle(a, b, c);
        assertAllShow("child", "c1|q|moved");
    }

    @Test
    void aJoinerThatLearnsOfParentsLaterShowsTheChildrenThen() {
        share(PARENT, DELETE_WINS);
        share(CHILD, DELETE_WINS);
        a.sql("PRAGMA foreign_keys = OFF");
        a.sql("INSERT INTO child VALUES ('c1', 'p', '1')");
        a.seal();
        assertThat(a.rows("child"))
                .as("hidden at its seal, as it will be elsewhere")
                .isEmpty();
        world.settle(a, b, c);
        b.sql("INSERT INTO parent VALUES ('p', 'P')");
        world.settle(a, b, c);
        assertAllShow("child", "c1|p|1");
    }

    @Test
    void childrenOfAParentThatLosesItsUniqueKeyHideWithIt() {
        share("CREATE TABLE firm(id TEXT PRIMARY KEY, name TEXT UNIQUE)", EDIT_WINS);
        share(
                "CREATE TABLE sale(id TEXT PRIMARY KEY, firm TEXT REFERENCES firm(id))",
                EDIT_WINS.foreignKey("firm", ForeignKeyRule.HIDE));
        a.sqls("INSERT INTO firm VALUES ('f1', 'Acme')", "INSERT INTO sale VALUES ('s1', 'f1')");
        a.seal();
        world.pass(10);
        b.sqls("INSERT INTO firm VALUES ('f2', 'Acme')", "INSERT INTO sale VALUES ('s2', 'f2'), ('s3', 'f2')");
        world.settle(a, b, c);
        assertAllShow("firm", "f1|Acme");
        assertAllShow("sale", "s1|f1");
        assertThat(hidden(b)).hasSize(3);
        c.sql("UPDATE firm SET name = 'Acme 1'");
        world.settle(a, b, c);
        assertAllShow("firm", "f1|Acme 1", "f2|Acme");
        assertAllShow("sale", "s1|f1", "s2|f2", "s3|f2");
        assertThat(hidden(b)).isEmpty();
    }

    @Test
    void rowsThatReferToEachOtherAndToThemselvesShow() {
        share(
                "CREATE TABLE staff(id TEXT PRIMARY KEY, boss TEXT REFERENCES staff(id) DEFERRABLE INITIALLY DEFERRED)",
                EDIT_WINS.foreignKey("boss", ForeignKeyRule.HIDE));
        a.sqls("INSERT INTO staff VALUES ('self', 'self'), ('x', 'y'), ('y', 'x'), ('z', 'x')");
        world.settle(a, b, c);
        assertAllShow("staff", "self|self", "x|y", "y|x", "z|x");
        a.sqls("UPDATE staff SET boss = NULL WHERE id = 'z'");
        b.sql("PRAGMA foreign_keys = OFF");
        b.sql("DELETE FROM staff WHERE id = 'x'");
        b.seal();
        assertThat(b.rows("staff")).containsExactly("self|self");
        world.settle(a, b, c);
        assertAllShow("staff", "self|self", "z|null");
        c.sql("INSERT INTO staff VALUES ('x', NULL)");
        world.settle(a, b, c);
        assertAllShow("staff", "self|self", "x|null", "y|x", "z|null");
    }

    @Test
    void aKeyOfSeveralColumnsMayReferToAUniqueKey() {
        share("CREATE TABLE place(id TEXT PRIMARY KEY, x INTEGER, y TEXT COLLATE NOCASE, UNIQUE (x, y))", DELETE_WINS);
        share(
                "CREATE TABLE pin(id TEXT PRIMARY KEY, px, py TEXT, FOREIGN KEY (px, py) REFERENCES place(x, y))",
                DELETE_WINS.foreignKey("px, py", ForeignKeyRule.HIDE));
        a.sqls("INSERT INTO place VALUES ('l', 1, 'North')", "INSERT INTO pin VALUES ('i', '1', 'NORTH')");
        world.settle(a, b, c);
        assertAllShow("pin", "i|1|NORTH");
        a.sqls("DELETE FROM pin", "UPDATE place SET x = 2");
        b.sql("INSERT INTO pin VALUES ('j', 1, 'north'), ('k', NULL, 'nowhere')");
        world.settle(a, b, c);
        assertAllShow("pin", "k|null|nowhere");
        c.sql("UPDATE place SET x = 1");
        world.settle(a, b, c);
        assertAllShow("pin", "j|1|north", "k|null|nowhere");
    }

    @Test
    void aParentThatIsNotEnrolledHoldsNobodyBack() {
        for (TestReplica replica : all()) {
            replica.sql(PARENT);
            replica.sql("INSERT INTO parent VALUES ('p', 'mine')");
        }
        share(CHILD, DELETE_WINS);
        a.sql("INSERT INTO child VALUES ('c1', 'p', '1')");
        b.sql("DELETE FROM parent");
        world.settle(a, b, c);
        assertThat(b.rows("child")).containsExactly("c1|p|1");
        assertThat(hidden(b)).isEmpty();
    }

    @Test
    void aReplicaThatLearnsOfTheParentsTableLaterHidesTheOrphansThen() {
        share(CHILD, DELETE_WINS);
        a.sql("PRAGMA foreign_keys = OFF");
        a.sql("INSERT INTO child VALUES ('c1', 'p', '1'), ('c2', 'q', '2')");
        world.settle(a, b, c);
        TestReplica joiner = world.replica("joiner");
        world.exchange(joiner, a);
        assertThat(joiner.rows("child")).as("nothing is known of parents").hasSize(2);
        a.sql(PARENT);
        a.sql("INSERT INTO parent VALUES ('q', 'Q')");
        a.enrol("parent", DELETE_WINS);
        assertThat(a.rows("child")).containsExactly("c2|q|2");
        world.exchange(joiner, a);
        assertThat(joiner.rows("child")).containsExactly("c2|q|2");
        assertThat(hidden(joiner)).isEqualTo(hidden(a)).hasSize(1);
        joiner.sql("INSERT INTO parent VALUES ('p', 'P')");
        world.exchange(joiner, a);
        assertThat(a.rows("child")).containsExactly("c1|p|1", "c2|q|2");
    }

    @Test
    void theSpacesRuleForAForeignKeyHoldsForWhoeverEnrolsLater() {
        a.sql(CHILD);
        a.enrol("child", HIDE);
        world.exchange(b, a);
        TestReplica late = world.replica("late");
        late.sql(CHILD);
        world.exchange(late, a);
        assertThatThrownBy(() -> late.enrol("child", EDIT_WINS.foreignKey("parent", ForeignKeyRule.REVIVE)))
                .isInstanceOf(SyncException.CannotEnrol.class)
                .hasMessageContaining("the first declaration holds");
        late.enrol("child", EDIT_WINS);
        world.settle(a, b, late);
    }

    /** What has no answer: f2 shows unless f1 does, f1 refers to s, and s to f2. */
    @Test
    void rowsWhoseShowingWouldHideThemAreHiddenEverywhere() {
        share(
                "CREATE TABLE firm(id TEXT PRIMARY KEY, name TEXT UNIQUE, head TEXT REFERENCES sale(id))",
                EDIT_WINS.foreignKey("head", ForeignKeyRule.HIDE));
        share(
                "CREATE TABLE sale(id TEXT PRIMARY KEY, firm TEXT REFERENCES firm(id))",
                EDIT_WINS.foreignKey("firm", ForeignKeyRule.HIDE));
        a.sql("INSERT INTO firm VALUES ('f1', 'Acme', NULL)");
        world.settle(a, b, c);
        world.pass(10);
        b.sqls(
                "UPDATE firm SET name = 'Other'",
                "INSERT INTO firm VALUES ('f2', 'Acme', NULL)",
                "INSERT INTO sale VALUES ('s', 'f2')",
                "UPDATE firm SET head = 's' WHERE id = 'f1'");
        b.seal();
        world.pass(10);
        a.sqls("UPDATE firm SET name = 'Other'", "UPDATE firm SET name = 'Acme'");
        world.settle(a, b, c);
        assertAllShow("firm");
        assertAllShow("sale");
        c.sql("INSERT INTO firm VALUES ('f1', 'Acme', NULL)");
        world.settle(a, b, c);
        assertAllShow("firm", "f1|Acme|null");
        assertThat(hidden(c)).hasSize(2);
    }

    /**
     * The older of two teams called Y needs a player, of whom an older one takes the name, who needs the younger team: nothing of it
     * has an answer. A third team of that name must wait as they do, though no table shows its rivals.
     */
    @Test
    void aRowThatIsHiddenForWantOfAnAnswerKeepsYoungerRivalsHidden() {
        all().forEach(replica -> replica.sql("PRAGMA foreign_keys = OFF"));
        share(
                "CREATE TABLE team(id TEXT PRIMARY KEY, name TEXT UNIQUE, head TEXT REFERENCES player(id))",
                EDIT_WINS.foreignKey("head", ForeignKeyRule.HIDE));
        share(
                "CREATE TABLE player(id TEXT PRIMARY KEY, nick TEXT UNIQUE, team TEXT REFERENCES team(id))",
                EDIT_WINS.foreignKey("team", ForeignKeyRule.HIDE));
        world.settle(a, b, c);
        b.sql("INSERT INTO player VALUES ('p1', 'Al', 't0')");
        b.seal();
        world.pass(10);
        a.sqls("INSERT INTO team VALUES ('t1', 'Y', 'p0')", "INSERT INTO player VALUES ('p0', 'Al', NULL)");
        world.pass(10);
        b.sql("INSERT INTO team VALUES ('t0', 'Y', NULL)");
        world.settle(a, b, c);
        assertAllShow("team");
        assertAllShow("player");

        world.pass(10);
        a.sql("INSERT INTO team VALUES ('t2', 'Y', NULL)");
        world.settle(a, b, c);
        assertAllShow("team");

        b.sql("DELETE FROM player WHERE id = 'p1'");
        b.sql("INSERT INTO player VALUES ('p1', 'Bo', NULL)"); // It is the hidden row, and gives up the name.
        world.settle(a, b, c);
        assertAllShow("team", "t1|Y|p0");
        assertAllShow("player", "p0|Al|null", "p1|Bo|null");
    }

    /**
     * A team gives up its player for one whom an older player hides, who plays for a younger team; and that team takes the older
     * one's name. Each row waits for what waits for it, though neither the younger player nor the older was touched.
     */
    @Test
    void aCircleThatClosesOverRowsThatNobodyTouchedHasNoAnswer() {
        all().forEach(replica -> replica.sql("PRAGMA foreign_keys = OFF"));
        share(
                "CREATE TABLE team(id TEXT PRIMARY KEY, name TEXT UNIQUE, head TEXT REFERENCES player(id))",
                EDIT_WINS.foreignKey("head", ForeignKeyRule.HIDE));
        share(
                "CREATE TABLE player(id TEXT PRIMARY KEY, nick TEXT UNIQUE, team TEXT REFERENCES team(id))",
                EDIT_WINS.foreignKey("team", ForeignKeyRule.HIDE));
        a.sqls("INSERT INTO team VALUES ('t0', 'Y', NULL)", "INSERT INTO team VALUES ('t1', 'X', NULL)");
        world.settle(a, b, c);
        world.pass(10);
        a.sql("INSERT INTO player VALUES ('p3', 'Al', 't1')");
        a.seal();
        world.pass(10);
        b.sql("INSERT INTO player VALUES ('p2', 'Al', 't1')");
        world.settle(a, b, c);
        assertAllShow("player", "p3|Al|t1");

        b.sql("UPDATE team SET head = 'p2' WHERE id = 't0'");
        b.seal();
        assertThat(b.rows("team")).containsExactly("t1|X|null");
        b.sql("UPDATE team SET name = 'Y' WHERE id = 't1'");
        b.seal();
        world.settle(a, b, c);
        assertAllShow("team");
        assertAllShow("player");

        c.sql("INSERT INTO team VALUES ('t1', 'Z', NULL)"); // It is the hidden row, and gives up the name.
        world.settle(a, b, c);
        assertAllShow("team", "t1|Z|null");
        assertAllShow("player", "p3|Al|t1");
    }
}
