// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.sync.change.Rule;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReplicaTest {
    @TempDir
    Path folder;

    private World world;

    @BeforeEach
    void world() {
        world = new World(folder);
    }

    private TestReplica shop(String name) {
        TestReplica replica = world.replica(name);
        replica.sql("CREATE TABLE item(id TEXT PRIMARY KEY, title TEXT, stock INTEGER)");
        replica.enrol("item", TableRules.defaults().counter("stock"));
        return replica;
    }

    @Test
    void concurrentWritesMergeByTheRuleOfTheirColumn() {
        TestReplica a = shop("a");
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 10)");
        TestReplica b = world.replica("b");
        world.settle(a, b);

        a.sql("UPDATE item SET stock = stock - 3");
        b.sql("UPDATE item SET stock = stock - 2, title = 'Mug'");
        world.settle(a, b);

        assertThat(a.rows("item")).containsExactly("cup|Mug|5");
        assertThat(b.rows("item")).containsExactly("cup|Mug|5");
        world.assertConverged(a, b);
    }

    @Test
    void anEditKeepsARowThatIsDeletedMeanwhileWithAllItsColumns() {
        TestReplica a = shop("a");
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 10)");
        TestReplica b = world.replica("b");
        world.settle(a, b);

        a.sql("DELETE FROM item");
        b.sql("UPDATE item SET title = 'Mug'");
        world.settle(a, b);

        assertThat(a.rows("item")).containsExactly("cup|Mug|10");
        assertThat(b.rows("item")).containsExactly("cup|Mug|10");
        world.assertConverged(a, b);
    }

    @Test
    void aDeleteThatNobodyContradictsStands() {
        TestReplica a = shop("a");
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 10)");
        TestReplica b = world.replica("b");
        world.settle(a, b);

        a.sql("DELETE FROM item");
        world.settle(a, b);

        assertThat(b.rows("item")).isEmpty();
        world.assertConverged(a, b);
    }

    @Test
    void aRowInsertedAgainStartsEmpty() {
        TestReplica a = shop("a");
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 10)");
        TestReplica b = world.replica("b");
        world.settle(a, b);
        a.sql("DELETE FROM item");
        a.seal();
        a.sql("INSERT INTO item(id, stock) VALUES ('cup', 1)");
        world.settle(a, b);

        assertThat(b.rows("item")).containsExactly("cup|null|1");
        world.assertConverged(a, b);
    }

    /** Found by seed 9 of the convergence test. */
    @Test
    void aWriteThatReplacesTheValueOfAnotherLifeLeavesThatLifeAsItWas() {
        TestReplica a = shop("a");
        TestReplica b = world.replica("b");
        world.settle(a, b);
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 1)");
        b.sql("INSERT INTO item VALUES ('cup', 'Mug', 2)");
        world.settle(a, b);

        a.sql("UPDATE item SET title = 'Glass'");
        world.settle(a, b);

        assertThat(b.rows("item")).containsExactly("cup|Glass|3");
        world.assertConverged(a, b);
    }

    @Test
    void copiesOfOneTableEnrolledApartCountTheirCountersOnce() {
        TestReplica a = world.replica("a");
        TestReplica b = world.replica("b");
        for (TestReplica replica : List.of(a, b)) {
            replica.sql("CREATE TABLE item(id TEXT PRIMARY KEY, title TEXT, stock INTEGER)");
            replica.sql("INSERT INTO item VALUES ('cup', 'Cup', 10), ('pot', 'Pot', 4)");
            replica.enrol("item", TableRules.defaults().counter("stock"));
        }
        world.settle(a, b);

        assertThat(a.rows("item")).containsExactly("cup|Cup|10", "pot|Pot|4");
        assertThat(b.rows("item")).containsExactly("cup|Cup|10", "pot|Pot|4");
        world.assertConverged(a, b);
    }

    @Test
    void whatACounterCannotTakeIsRejectedAndTheRestIsSealed() {
        TestReplica a = shop("a");
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 10)");
        a.seal();
        a.sql("UPDATE item SET stock = 'oops', title = 'Mug'");
        a.seal();

        assertThat(a.rows("item")).containsExactly("cup|Mug|10");
        assertThat(a.sqlValue("SELECT name || ' ' || value || ' ' || reason FROM _ab_rejected"))
                .isEqualTo("stock oops a counter holds integers");
    }

    @Test
    void aFileThatIsNotSqliteIsRefusedAndLeftAsItIs() throws Exception {
        Path file = folder.resolve("letter.txt");
        Files.writeString(file, "Dear reader, this is a letter and no database at all, as anyone can see.");
        byte[] before = Files.readAllBytes(file);

        assertThatThrownBy(() -> world.open(file, "shop"))
                .isInstanceOf(SyncException.BadFile.class)
                .hasMessageContaining("it is not an SQLite database");
        assertThat(Files.readAllBytes(file)).isEqualTo(before);
    }

    @Test
    void aRuleThatContradictsItsColumnIsRefused() {
        TestReplica a = world.replica("a");
        a.sql("CREATE TABLE item(id TEXT PRIMARY KEY, title TEXT)");

        assertThatThrownBy(() -> a.enrol("item", TableRules.defaults().rule("title", Rule.COUNTER)))
                .isInstanceOf(SyncException.CannotEnrol.class)
                .hasMessageContaining("rule counter contradicts column title, which is declared TEXT");
    }
}
