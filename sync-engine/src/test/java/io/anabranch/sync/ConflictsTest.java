// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.DeletePolicy;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        return replica.file().conflicts().stream()
                .map(c -> c.table() + "." + c.column() + " " + c.key() + ": kept "
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
        assertThat(conflicts(a)).containsExactly("item.title [pot]: kept Kettle, lost Pot");
        assertThat(conflicts(b)).containsExactly("item.title [pot]: kept Kettle, lost Pot");
    }

    @Test
    void anEditOfARowThatADeleteTookAwayIsListedWhereTheDeleteCameFirst() {
        apart("DELETE FROM note", "UPDATE note SET body = 'Buy bread'");

        assertThat(a.rows("note")).isEmpty();
        assertThat(conflicts(a)).containsExactly("note.body [n]: kept nothing, lost Buy bread");
    }

    @Test
    void aViewShowsThemToPlainSql() {
        apart("UPDATE item SET title = 'Mug'", "UPDATE item SET title = 'Glass'");

        assertThat(a.sqlValue("SELECT \"table\" || ' ' || \"column\" || ' ' || kept_value || ' ' || lost_value"
                        + " FROM _ab_conflicts"))
                .isEqualTo("item title Glass Mug");
    }
}
