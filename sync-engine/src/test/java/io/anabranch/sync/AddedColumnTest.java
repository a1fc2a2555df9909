// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Columns that an application adds after it enrolled a table. */
class AddedColumnTest {
    @TempDir
    Path folder;

    private World world;

    @BeforeEach
    void open() {
        world = new World(folder);
    }

    @AfterEach
    void close() {
        world.close();
    }

    /** Counterexample 14b: what was in the column before the space knew it must not fall to the default. */
    @Test
    void valuesOfAColumnThatTheSpaceLearnsOfLaterStay() {
        TestReplica a = world.replica("a");
        a.sql("CREATE TABLE t(id TEXT PRIMARY KEY, title TEXT)");
        a.enrol("t", TableRules.defaults());
        a.sql("INSERT INTO t VALUES ('one', 'One')");
        a.seal();
        a.sql("ALTER TABLE t ADD COLUMN colour TEXT DEFAULT 'none'");
        a.sql("UPDATE t SET colour = 'red'");
        TestReplica b = world.replica("b");
        b.sql("CREATE TABLE t(id TEXT PRIMARY KEY, title TEXT, colour TEXT DEFAULT 'none')");
        b.enrol("t", TableRules.defaults());
        world.settle(a, b);

        b.sql("UPDATE t SET title = 'Eins'");
        world.settle(a, b);

        assertThat(a.rows("t")).containsExactly("one|Eins|red");
    }

    @Test
    void onceTheSpaceKnowsTheColumnItsWritesTravel() {
        TestReplica a = world.replica("a");
        a.sql("CREATE TABLE t(id TEXT PRIMARY KEY, title TEXT)");
        a.enrol("t", TableRules.defaults());
        a.sql("INSERT INTO t VALUES ('one', 'One')");
        a.seal();
        a.sql("ALTER TABLE t ADD COLUMN colour TEXT");
        TestReplica b = world.replica("b");
        b.sql("CREATE TABLE t(id TEXT PRIMARY KEY, title TEXT, colour TEXT)");
        b.enrol("t", TableRules.defaults());
        world.settle(a, b);

        a.sql("UPDATE t SET colour = 'red'");
        world.settle(a, b);

        assertThat(b.rows("t")).containsExactly("one|One|red");
        world.assertConverged(a, b);
    }
}
