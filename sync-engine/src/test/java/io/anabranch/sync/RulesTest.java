// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.DeletePolicy;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows that several replicas write, delete and bring back, whatever they had heard of each other. */
class RulesTest {
    @TempDir
    Path folder;

    private World world;
    private TestReplica a;
    private TestReplica b;
    private TestReplica c;

    @BeforeEach
    void world() {
        world = new World(folder);
    }

    @AfterEach
    void close() {
        world.close();
    }

    private void three(DeletePolicy policy) {
        a = world.replica("a");
        a.sql("CREATE TABLE item(id TEXT PRIMARY KEY, title TEXT, stock INTEGER)");
        a.enrol("item", TableRules.defaults().counter("stock").onDelete(policy));
        b = world.replica("b");
        c = world.replica("c");
        world.settle(a, b, c);
    }

    private void write(TestReplica replica, String sql) {
        world.pass(10);
        replica.sql(sql);
        replica.seal();
    }

    private void assertSame(String... rows) {
        world.settle(a, b, c);
        for (TestReplica replica : List.of(a, b, c)) {
            assertThat(replica.rows("item")).as(replica.name()).containsExactly(rows);
        }
        world.assertConverged(a, b, c);
    }

    @ParameterizedTest
    @EnumSource(DeletePolicy.class)
    void concurrentFirstInsertsCombine(DeletePolicy policy) {
        three(policy);
        write(a, "INSERT INTO item VALUES ('cup', 'of a', 1)");
        write(b, "INSERT INTO item VALUES ('cup', 'of b', 2)");
        write(c, "INSERT INTO item(id, stock) VALUES ('cup', 4)");

        assertSame("cup|null|7");
        write(b, "UPDATE item SET title = 'agreed', stock = stock - 7");
        assertSame("cup|agreed|0");
    }

    @ParameterizedTest
    @EnumSource(DeletePolicy.class)
    void aDeleteEndsAllTheInsertsItSaw(DeletePolicy policy) {
        three(policy);
        write(a, "INSERT INTO item VALUES ('cup', 'of a', 1)");
        write(b, "INSERT INTO item VALUES ('cup', 'of b', 2)");
        world.settle(a, b, c);
        write(c, "DELETE FROM item");
        assertSame();
    }

    @ParameterizedTest
    @EnumSource(DeletePolicy.class)
    void anInsertThatADeleteHadNotSeenStays(DeletePolicy policy) {
        three(policy);
        write(a, "INSERT INTO item VALUES ('cup', 'of a', 1)");
        world.exchange(a, c);
        write(b, "INSERT INTO item VALUES ('cup', 'of b', 2)");
        write(c, "DELETE FROM item");
        assertSame("cup|of b|2");
    }

    @Test
    void anEditUnseenByADeleteKeepsTheWholeRow() {
        three(DeletePolicy.EDIT_WINS);
        write(a, "INSERT INTO item VALUES ('cup', 'Cup', 10)");
        world.settle(a, b, c);
        write(a, "DELETE FROM item");
        write(c, "UPDATE item SET stock = stock - 1");
        // C hears of the delete before anybody hears of its edit.
        world.exchange(a, c);
        assertSame("cup|Cup|9");
    }

    @Test
    void anEditUnseenByADeleteDiesWithTheRowWhereDeletesWin() {
        three(DeletePolicy.DELETE_WINS);
        write(a, "INSERT INTO item VALUES ('cup', 'Cup', 10)");
        world.settle(a, b, c);
        write(a, "DELETE FROM item");
        write(b, "UPDATE item SET title = 'Mug'");
        write(c, "UPDATE item SET stock = stock - 1");
        assertSame();
    }

    /** Counterexample 1. */
    @ParameterizedTest
    @EnumSource(DeletePolicy.class)
    void aRowInsertedAgainTakesNothingFromItsFormerLife(DeletePolicy policy) {
        three(policy);
        world.pass(1_000_000_000_000L);
        write(a, "INSERT INTO item VALUES ('cup', 'old', 10)");
        world.settle(a, b, c);
        write(a, "DELETE FROM item");
        world.settle(a, b, c);
        write(b, "INSERT INTO item(id, title, stock) VALUES ('cup', 'new', 5)");
        assertSame("cup|new|5");
    }

    /** Counterexample 10. */
    @ParameterizedTest
    @EnumSource(DeletePolicy.class)
    void anEditOfARowInsertedAgainBesideAnOldEditLives(DeletePolicy policy) {
        three(policy);
        write(a, "INSERT INTO item VALUES ('cup', 'first', 1)");
        world.settle(a, b, c);
        write(b, "UPDATE item SET title = 'edited'");
        write(c, "DELETE FROM item");
        world.exchange(a, c);
        write(a, "INSERT INTO item VALUES ('cup', 'again', 2)");
        world.settle(a, b, c);
        write(b, "UPDATE item SET stock = stock + 5");
        assertSame("cup|again|7");
    }

    @ParameterizedTest
    @EnumSource(DeletePolicy.class)
    void aLateEditOfAFormerLifeDoesNotTouchTheNewOne(DeletePolicy policy) {
        three(policy);
        write(a, "INSERT INTO item VALUES ('cup', 'first', 1)");
        world.settle(a, b, c);
        write(a, "DELETE FROM item");
        write(a, "INSERT INTO item VALUES ('cup', 'second', 2)");
        write(b, "UPDATE item SET title = 'late', stock = stock + 100");
        assertSame("cup|second|2");
    }

    @ParameterizedTest
    @EnumSource(DeletePolicy.class)
    void twoThatDeleteAndInsertAgainCombine(DeletePolicy policy) {
        three(policy);
        write(a, "INSERT INTO item VALUES ('cup', 'first', 1)");
        world.settle(a, b, c);
        for (TestReplica replica : List.of(a, b)) {
            write(replica, "DELETE FROM item");
            write(replica, "INSERT INTO item VALUES ('cup', 'of " + replica.name() + "', 2)");
        }
        assertSame("cup|of b|4");
    }

    @ParameterizedTest
    @EnumSource(DeletePolicy.class)
    void aDeleteOfADeletedRowAndAnEmptyInsertAreFine(DeletePolicy policy) {
        three(policy);
        write(a, "INSERT INTO item(id) VALUES ('cup')");
        world.settle(a, b, c);
        write(a, "DELETE FROM item");
        write(b, "DELETE FROM item");
        assertSame();
        write(c, "INSERT INTO item(id) VALUES ('cup')");
        assertSame("cup|null|0");
    }

    @Test
    void anEditThatRevivedARowIsItselfEndedByADeleteThatSawIt() {
        three(DeletePolicy.EDIT_WINS);
        write(a, "INSERT INTO item VALUES ('cup', 'Cup', 1)");
        world.settle(a, b, c);
        write(a, "DELETE FROM item");
        write(b, "UPDATE item SET title = 'Mug'");
        assertSame("cup|Mug|1");
        write(c, "DELETE FROM item");
        assertSame();
        write(a, "INSERT INTO item(id) VALUES ('cup')");
        assertSame("cup|null|0");
    }

    @Test
    void aKeyThatMovesWhileItIsEditedLeavesBothRows() {
        three(DeletePolicy.EDIT_WINS);
        write(a, "INSERT INTO item VALUES ('cup', 'Cup', 1)");
        world.settle(a, b, c);
        write(a, "UPDATE item SET id = 'mug'");
        write(b, "UPDATE item SET title = 'Edited'");
        assertSame("cup|Edited|1", "mug|Cup|1");
    }

    @Test
    void concurrentWritesOfDifferentColumnsAreBothKept() {
        three(DeletePolicy.EDIT_WINS);
        write(a, "INSERT INTO item VALUES ('cup', 'Cup', 1)");
        world.settle(a, b, c);
        write(a, "UPDATE item SET title = 'Mug'");
        write(b, "UPDATE item SET stock = stock + 1");
        write(c, "UPDATE item SET title = 'Glass', stock = stock + 2");
        assertSame("cup|Glass|4");
    }

    @Test
    void aChainOfPartialHearsayEndsTheSameEverywhere() {
        three(DeletePolicy.EDIT_WINS);
        write(a, "INSERT INTO item VALUES ('cup', 'Cup', 1)");
        world.exchange(b, a);
        write(b, "DELETE FROM item");
        world.exchange(c, a);
        write(c, "UPDATE item SET title = 'by c'");
        world.exchange(c, b);
        write(a, "UPDATE item SET stock = stock + 1");
        write(b, "DELETE FROM item");
        world.exchange(b, c);
        assertSame("cup|by c|2");
    }
}
