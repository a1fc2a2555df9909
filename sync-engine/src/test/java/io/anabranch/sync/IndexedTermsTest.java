// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Unique indexes over some rows alone, over expressions and over generated columns. */
class IndexedTermsTest {
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
    }

    @AfterEach
    void close() {
        world.close();
    }

    private void share(String... ddl) {
        for (TestReplica replica : List.of(a, b)) {
            for (String statement : ddl) {
                replica.sql(statement);
            }
            replica.enrol("t", TableRules.defaults());
        }
    }

    private void assertBothShow(String... rows) {
        world.settle(a, b);
        assertThat(a.rows("t")).containsExactly(rows);
        assertThat(b.rows("t")).containsExactly(rows);
        world.assertConverged(a, b);
    }

    @Test
    void rowsOutsideAPartialIndexAreNoRivals() {
        share(
                "CREATE TABLE t(id TEXT PRIMARY KEY, email TEXT, deleted INTEGER)",
                "CREATE UNIQUE INDEX live ON t(email) WHERE deleted = 0");
        a.sql("INSERT INTO t VALUES ('r1', 'x', 0)");
        a.seal();
        world.pass(10);
        b.sql("INSERT INTO t VALUES ('r2', 'x', 0), ('r3', 'x', 1)");
        assertBothShow("r1|x|0", "r3|x|1");
        a.sql("UPDATE t SET deleted = 1 WHERE id = 'r1'");
        assertBothShow("r1|x|1", "r2|x|0", "r3|x|1");
    }

    @Test
    void anExpressionTellsWhoIsARival() {
        share(
                "CREATE TABLE t(id TEXT PRIMARY KEY, first TEXT, last TEXT)",
                "CREATE UNIQUE INDEX names ON t(lower(first) || ' ' || lower(\"last\") COLLATE NOCASE DESC)");
        a.sql("INSERT INTO t VALUES ('r1', 'Ann', 'Lee')");
        a.seal();
        world.pass(10);
        b.sql("INSERT INTO t VALUES ('r2', 'ann', 'LEE'), ('r3', 'Ann', NULL)");
        assertBothShow("r1|Ann|Lee", "r3|Ann|null");
        b.sql("UPDATE t SET last = 'Ray' WHERE id = 'r1'");
        assertBothShow("r1|Ann|Ray", "r2|ann|LEE", "r3|Ann|null");
    }

    @Test
    void aGeneratedColumnTellsWhoIsARival() {
        share("CREATE TABLE t(id TEXT PRIMARY KEY, doc TEXT, slug TEXT AS (substr(doc, 1, 3)) UNIQUE)");
        a.sql("INSERT INTO t(id, doc) VALUES ('r1', 'abcdef')");
        a.seal();
        world.pass(10);
        b.sql("INSERT INTO t(id, doc) VALUES ('r2', 'abcxyz')");
        assertBothShow("r1|abcdef|abc");
        a.sql("DELETE FROM t WHERE id = 'r1'");
        assertBothShow("r2|abcxyz|abc");
    }

    @Test
    void whatReplaceDeletesByAPartialOrExpressionIndexIsCaptured() {
        share(
                "CREATE TABLE t(id TEXT PRIMARY KEY, email TEXT, deleted INTEGER)",
                "CREATE UNIQUE INDEX live ON t(lower(email)) WHERE deleted IS NULL /* or 'never' -- */");
        a.sql("INSERT INTO t VALUES ('r1', 'x', NULL), ('r2', 'y', 1)");
        assertBothShow("r1|x|null", "r2|y|1");
        b.sql("INSERT OR REPLACE INTO t VALUES ('r3', 'X', NULL)");
        assertBothShow("r2|y|1", "r3|X|null");
        b.sql("UPDATE OR REPLACE t SET email = 'x', deleted = NULL WHERE id = 'r2'");
        assertBothShow("r2|x|null");
    }

    @Test
    void rowsSwapWhatAPartialIndexHoldsInOneTransaction() {
        share(
                "CREATE TABLE t(id TEXT PRIMARY KEY, place INTEGER, board TEXT)",
                "CREATE UNIQUE INDEX places ON t(place) WHERE board = 'main'");
        a.sql("INSERT INTO t VALUES ('r1', 1, 'main'), ('r2', 2, 'main')");
        assertBothShow("r1|1|main", "r2|2|main");
        a.sqls(
                "UPDATE t SET place = 3 WHERE id = 'r1'",
                "UPDATE t SET place = 1 WHERE id = 'r2'",
                "UPDATE t SET place = 2 WHERE id = 'r1'");
        assertBothShow("r1|2|main", "r2|1|main");
    }

    @Test
    void namesInAnIndexAreFoundHoweverTheyAreQuoted() {
        share(
                "CREATE TABLE t(id TEXT PRIMARY KEY, [a b] TEXT, \"select\" TEXT, text TEXT)",
                "CREATE UNIQUE INDEX odd ON t(`a b`, cast([select] AS text), \"text\" COLLATE RTRIM) WHERE \"a b\" <> 'text'");
        a.sql("INSERT INTO t VALUES ('r1', 'x', '1', 'z  ')");
        a.seal();
        world.pass(10);
        b.sql("INSERT INTO t VALUES ('r2', 'x', '1', 'z'), ('r3', 'text', '1', 'z'), ('r4', 'text', '1', 'z')");
        assertBothShow("r1|x|1|z  ", "r3|text|1|z", "r4|text|1|z");
        b.sql("INSERT OR REPLACE INTO t VALUES ('r5', 'x', '1', 'z ')");
        assertBothShow("r2|x|1|z", "r3|text|1|z", "r4|text|1|z"); // Without r1, r2 is older than r5.
    }

    @Test
    void aTableMadeFromTheSpaceLacksThemAndTheReportSaysSo() {
        a.sql("CREATE TABLE t(id TEXT PRIMARY KEY, email TEXT, deleted INTEGER)");
        a.sql("CREATE UNIQUE INDEX live ON t(email) WHERE deleted = 0");
        assertThat(a.enrol("t", TableRules.defaults()).warnings())
                .containsExactly("index live is over some rows alone: tables made from the space lack it, and show rows"
                        + " that are hidden here because of it");
        a.sql("INSERT INTO t VALUES ('r1', 'x', 0)");
        world.settle(a, b);
        b.sql("INSERT INTO t VALUES ('r2', 'x', 0)");
        world.settle(a, b);
        assertThat(a.rows("t")).hasSize(1);
        assertThat(b.rows("t")).hasSize(2);
        world.assertConverged(a, b);
    }

    @Test
    void anIndexThatOnlyTheApplicationUnderstandsIsRefused() {
        a.sql("CREATE TABLE t(id TEXT PRIMARY KEY, email TEXT)");
        a.sql("PRAGMA writable_schema = ON");
        a.sql("CREATE UNIQUE INDEX odd ON t(lower(email))");
        a.sql("UPDATE sqlite_master SET sql = 'CREATE UNIQUE INDEX odd ON t(soundslike(email))' WHERE name = 'odd'");
        a.sql("PRAGMA writable_schema = RESET");
        assertThatThrownBy(() -> a.enrol("t", TableRules.defaults()))
                .isInstanceOf(SyncException.CannotEnrol.class)
                .hasMessageContaining("its unique index odd cannot be worked out here")
                .hasMessageContaining("soundslike");
    }
}
