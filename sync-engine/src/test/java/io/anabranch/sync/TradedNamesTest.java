// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Applications that give the name of one enrolled table to another. */
class TradedNamesTest {
    @TempDir
    Path folder;

    private World world;
    private TestReplica a;
    private TestReplica b;

    @BeforeEach
    void open() {
        world = new World(folder);
        a = world.replica("a");
        b = world.replica("b");
        for (String table : new String[] {"red", "green", "blue"}) {
            a.sql("CREATE TABLE " + table + "(id TEXT PRIMARY KEY, v)");
            a.enrol(table, TableRules.defaults());
            a.sql("INSERT INTO " + table + " VALUES ('one', '" + table + "')");
        }
        world.settle(a, b);
    }

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void tablesThatSwapTheirNamesStayWhatTheyAre() {
        a.sqls(
                "UPDATE red SET v = 'red before'",
                "ALTER TABLE red RENAME TO other",
                "ALTER TABLE green RENAME TO red",
                "ALTER TABLE other RENAME TO green",
                "UPDATE red SET v = 'was green'");
        world.settle(a, b);

        assertThat(a.rows("red")).containsExactly("one|was green");
        assertThat(b.rows("green")).containsExactly("one|was green");
        assertThat(a.rows("green")).containsExactly("one|red before");
        assertThat(b.rows("red")).containsExactly("one|red before");
        world.assertConverged(a, b);
    }

    @Test
    void namesThatGoRoundInACircleAreFollowedAlsoBeforeAColumnIsDropped() {
        a.file().transaction(sql -> {
            sql.execute("ALTER TABLE red RENAME TO other");
            sql.execute("ALTER TABLE green RENAME TO red");
            sql.execute("ALTER TABLE blue RENAME TO green");
            sql.execute("ALTER TABLE other RENAME TO blue");
            sql.execute("ALTER TABLE blue DROP COLUMN v");
            sql.execute("INSERT INTO blue VALUES ('two')");
        });
        world.settle(a, b);

        assertThat(a.rows("blue")).containsExactly("one", "two");
        assertThat(b.rows("red")).containsExactly("one|red", "two|null");
        world.assertConverged(a, b);
    }

    @Test
    void aTableThatTakesTheNameOfADroppedOneIsNotTakenForIt() {
        a.sql("DROP TABLE red");
        a.sql("ALTER TABLE green RENAME TO red");
        a.sql("UPDATE red SET v = 'was green'");
        world.settle(a, b);
        b.sql("INSERT INTO red VALUES ('two', 'red')");
        world.settle(a, b);

        assertThat(a.rows("red")).containsExactly("one|was green");
        assertThat(b.rows("green")).containsExactly("one|was green");
        assertThat(b.rows("red")).containsExactly("one|red", "two|red");
        world.assertConverged(a, b);
    }

    @Test
    void theTableWhoseNameWasTakenCanBeEnrolledAgain() {
        a.sql("DROP TABLE red");
        a.sql("ALTER TABLE green RENAME TO red");
        world.settle(a, b);
        a.sql("ALTER TABLE red RENAME TO green");
        a.sql("CREATE TABLE red(id TEXT PRIMARY KEY, v)");
        a.enrol("red", TableRules.defaults());
        world.settle(a, b);

        assertThat(a.rows("red")).containsExactly("one|red");
        assertThat(a.rows("green")).containsExactly("one|green");
        world.assertConverged(a, b);
    }
}
