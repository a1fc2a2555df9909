// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Tables that stop replicating, and perhaps start again. */
class DropTest {
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
        a.sql("CREATE TABLE t(id TEXT PRIMARY KEY, title TEXT, likes INTEGER)");
        a.enrol("t", TableRules.defaults().counter("likes"));
        a.sql("INSERT INTO t VALUES ('one', 'One', 1), ('two', 'Two', 2)");
        world.settle(a, b);
    }

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void aDroppedTableIsAPlainOneWithTheRowsItHas() {
        a.file().drop("T");
        a.sql("UPDATE t SET title = 'alone'");
        b.sql("UPDATE t SET likes = likes + 1");
        world.settle(a, b);

        assertThat(a.rows("t")).containsExactly("one|alone|1", "two|alone|2");
        assertThat(b.rows("t")).containsExactly("one|One|2", "two|Two|3");
        assertThat(a.sqlValue("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'"))
                .isEqualTo("0");
        world.assertConverged(a, b);
        assertThat(a.file().verify().problems()).isEmpty();
    }

    @Test
    void whatIsWrittenBeforeTheDropIsSealed() {
        a.sql("UPDATE t SET title = 'last' WHERE id = 'one'");
        a.file().drop("t");
        world.settle(a, b);

        assertThat(b.rows("t")).containsExactly("one|last|1", "two|Two|2");
    }

    @Test
    void enrolledAgainItJoinsWithTheRowsItHasAndCountsNothingTwice() {
        a.file().drop("t");
        a.sql("UPDATE t SET title = 'alone', likes = likes + 10 WHERE id = 'one'");
        a.sql("INSERT INTO t VALUES ('three', 'Three', 3)");
        a.sql("DELETE FROM t WHERE id = 'two'");
        b.sql("UPDATE t SET likes = likes + 1");
        world.settle(a, b);

        a.enrol("t", TableRules.defaults());
        world.settle(a, b);

        assertThat(a.rows("t")).containsExactly("one|One|2", "three|Three|3", "two|Two|3");
        assertThat(b.rows("t")).isEqualTo(a.rows("t"));
        world.assertConverged(a, b);
        a.sql("UPDATE t SET likes = likes + 1");
        world.settle(a, b);
        assertThat(b.rows("t")).containsExactly("one|One|3", "three|Three|4", "two|Two|4");
        assertThat(a.file().verify().problems()).isEmpty();
    }

    @Test
    void enrolledAgainItTellsHowManyRowsItHas() {
        a.file().drop("t");
        assertThat(a.enrol("t", TableRules.defaults()).rows()).isEqualTo(2);

        a.file().drop("t");
        a.sql("INSERT INTO t VALUES ('three', 'Three', 3)");
        assertThat(a.enrol("t", TableRules.defaults()).rows()).isEqualTo(3);
    }

    @Test
    void aColumnThatOnlyThisFileHadKeepsItsValuesWhenItIsEnrolledAgain() {
        a.file().drop("t");
        a.sql("ALTER TABLE t ADD COLUMN colour TEXT");
        a.sql("UPDATE t SET colour = 'red' WHERE id = 'one'");
        a.enrol("t", TableRules.defaults());
        b.sql("ALTER TABLE t ADD COLUMN colour TEXT");
        world.settle(a, b);

        assertThat(b.rows("t")).containsExactly("one|One|1|red", "two|Two|2|null");
        assertThat(a.rows("t")).isEqualTo(b.rows("t"));
        world.assertConverged(a, b);
    }

    @Test
    void afterTheLogWasCutADroppedTableStillHasItsValues() {
        a.file().compact();
        a.file().drop("t");
        a.sql("DROP TABLE t");
        a.file().compact();
        a.sql("CREATE TABLE t(id TEXT PRIMARY KEY, title TEXT, likes INTEGER)");
        a.enrol("t", TableRules.defaults());

        assertThat(a.rows("t")).containsExactly("one|One|1", "two|Two|2");
        assertThat(a.file().verify().problems()).isEmpty();
    }

    /** Each program that opened the file warned of it, for ever. */
    @Test
    void aTableThatIsGoneFromTheFileCanBeDroppedToo() {
        a.sql("DROP TABLE t");
        assertThat(a.file().reports().lostTables()).containsExactly("t");

        a.file().drop("T");
        b.sql("UPDATE t SET title = 'Eins' WHERE id = 'one'");
        world.settle(a, b);

        assertThat(a.file().reports().lostTables()).isEmpty();
        a.sql("CREATE TABLE t(id TEXT PRIMARY KEY, title TEXT, likes INTEGER)");
        a.enrol("t", TableRules.defaults());
        assertThat(a.rows("t")).containsExactly("one|Eins|1", "two|Two|2");
        world.settle(a, b);
        world.assertConverged(a, b);
    }

    @Test
    void aTableThatIsGoneAndMadeAgainIsNotLost() {
        a.sql("DROP TABLE t");
        assertThat(a.file().reports().lostTables()).containsExactly("t");
        a.sql("CREATE TABLE t(id TEXT PRIMARY KEY, title TEXT, likes INTEGER)");
        a.seal();

        assertThat(a.file().reports().lostTables()).isEmpty();
        assertThat(a.rows("t")).containsExactly("one|One|1", "two|Two|2");
    }

    @Test
    void aTableThatIsNotEnrolledCannotBeDropped() {
        a.sql("CREATE TABLE plain(id)");
        assertThatThrownBy(() -> a.file().drop("plain"))
                .isInstanceOf(SyncException.NoSuchTable.class)
                .hasMessageContaining("cannot drop plain: it is not enrolled");
    }
}
