// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.sync.Verification.Kind;
import io.anabranch.sync.Verification.Problem;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that were changed behind the engine's back: found out, and said where. */
class VerifyTest {
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
        a.sql("INSERT INTO t VALUES ('zero', 'Zero', 0)");
        a.enrol("t", TableRules.defaults().counter("likes"));
        world.settle(a, b);
        a.sql("INSERT INTO t VALUES ('one', 'One', 1), ('two', 'Two', 2), ('gone', 'Gone', 3)");
        b.sql("INSERT INTO t VALUES ('one', 'Eins', 4)");
        world.settle(a, b);
        a.sql("DELETE FROM t WHERE id = 'gone'");
        b.sql("UPDATE t SET likes = likes + 1 WHERE id = 'two'");
        world.settle(a, b);
    }

    @AfterEach
    void close() {
        world.close();
    }

    private void assertFound(Kind kind, String message) {
        assertThat(a.file().verify().problems()).anySatisfy(problem -> {
            assertThat(problem.kind()).isEqualTo(kind);
            assertThat(problem.message()).contains(message);
        });
        assertThat(b.file().verify().problems()).isEmpty();
    }

    @Test
    void aFileThatNobodyTamperedWithIsSound() {
        Verification found = a.file().verify();

        assertThat(found.problems()).isEmpty();
        assertThat(found.isSound()).isTrue();
        assertThat(found.rows()).isEqualTo(4);
        assertThat(found.changeSets()).isEqualTo(a.changeSets().size());
        assertThat(b.file().verify().problems()).isEmpty();
    }

    @Test
    void whatIsCapturedAndNotSealedIsNoProblem() {
        a.sql("UPDATE t SET title = 'new', likes = 9 WHERE id = 'one'");
        a.sql("INSERT INTO t VALUES ('three', 'Three', 3)");
        a.sql("DELETE FROM t WHERE id = 'two'");

        Verification found = a.file().verify();

        assertThat(found.problems()).isEmpty();
        assertThat(found.unsealed()).isEqualTo(3);
    }

    private void silently(String sql) {
        a.sql("UPDATE _ab_mode SET mode = 2");
        a.sql(sql);
        a.sql("UPDATE _ab_mode SET mode = 0");
    }

    @Test
    void aValueThatIsNotTheStatesIsNamed() {
        silently("UPDATE t SET title = 'forged' WHERE id = 'one'");

        Verification found = a.file().verify();

        assertThat(found.problems()).hasSize(1);
        Problem problem = found.problems().get(0);
        assertThat(problem.kind()).isEqualTo(Kind.PROJECTION);
        assertThat(problem.table()).isEqualTo("t");
        assertThat(problem.key().toString()).isEqualTo("[one]");
        assertThat(problem.column()).isEqualTo("title");
        assertThat(problem.message()).contains("shows forged");
    }

    @Test
    void rowsThatAreTooManyOrTooFewAreNamed() {
        silently("DELETE FROM t WHERE id = 'one'");
        assertFound(Kind.PROJECTION, "lacks this row");
        silently("INSERT INTO t VALUES ('gone', 'back', 0)");
        assertFound(Kind.PROJECTION, "was deleted");
        silently("INSERT INTO t VALUES ('alien', 'who?', 0)");
        assertFound(Kind.PROJECTION, "which no change set wrote");
    }

    @Test
    void stateThatIsNotTheLogsIsNamed() {
        a.sql("UPDATE _ab_row SET state = (SELECT state FROM _ab_row ORDER BY k DESC LIMIT 1)");
        assertFound(Kind.STATE, "is not what the log says");
    }

    @Test
    void stateThatCannotBeReadIsNamed() {
        a.sql("UPDATE _ab_row SET state = x'ffffff'");
        assertFound(Kind.STATE, "cannot be read");
    }

    @Test
    void stateThatIsGoneIsNamed() {
        a.sql("DELETE FROM _ab_row");
        assertFound(Kind.STATE, "_ab_row lacks its state");
    }

    @Test
    void stateOfARowThatTheLogDoesNotKnowIsNamed() {
        a.sql("INSERT INTO _ab_row(tbl, k, state) SELECT tbl, x'0301ff', state FROM _ab_row LIMIT 1");
        assertFound(Kind.STATE, "a row that the log does not know");
        a.sql("UPDATE _ab_row SET tbl = 99 WHERE k = x'0301ff'");
        assertFound(Kind.STRUCTURE, "belong to no table");
    }

    @Test
    void anAlteredChangeSetIsNamed() {
        a.sql("UPDATE _ab_log SET bytes = CAST(substr(bytes, 1, length(bytes) - 1) || x'00' AS BLOB) WHERE lsn = 2");
        assertFound(Kind.LOG, "was altered");
    }

    @Test
    void aChangeSetThatIsGoneIsNamed() {
        a.sql("DELETE FROM _ab_log WHERE lsn = 2");
        assertFound(Kind.LOG, "the log lacks change sets 1 to 1 of origin");
    }

    @Test
    void headsThatAreNotTheLogsAreNamed() {
        a.sql("UPDATE _ab_origin SET seq = seq + 1 WHERE id = 2");
        assertFound(Kind.HEADS, "and the log at");
        a.sql("UPDATE _ab_meta SET value = zeroblob(16) WHERE name = 'sum'");
        assertFound(Kind.HEADS, "the sum over all heads");
    }

    @Test
    void aDigestThatIsNotThatOfTheRowsIsNamed() {
        a.sql("UPDATE _ab_digest SET digest = zeroblob(16)");
        assertFound(Kind.DIGEST, "is not the sum over its rows");
    }

    @Test
    void aRuleThatWasNotDeclaredIsNamed() {
        a.sql("UPDATE _ab_column SET rule = 'lww' WHERE name = 'likes'");
        assertFound(Kind.CATALOG, "its rule is counter, and _ab_column says lww");
    }

    @Test
    void triggersThatAreGoneAreNamed() {
        a.sql("DROP TRIGGER _ab_upd_1");
        assertFound(Kind.TRIGGERS, "its triggers are gone or altered");
    }

    @Test
    void aModeInWhichNothingIsCapturedIsNamed() {
        a.sql("UPDATE _ab_mode SET mode = 2");
        assertFound(Kind.STRUCTURE, "_ab_mode is not 0");
    }

    /** Counterexample 34: what was cut from the log is in the snapshot. */
    @Test
    void aFileWhoseLogWasCutIsVerifiedFromItsSnapshot() {
        a.file().compact();
        a.sql("UPDATE t SET title = 'after', likes = likes + 1 WHERE id = 'two'");
        a.seal();

        assertThat(a.file().verify().problems()).isEmpty();
        assertThat(a.file().verify().rows()).isGreaterThanOrEqualTo(3);
        silently("UPDATE t SET title = 'forged' WHERE id = 'zero'");
        assertFound(Kind.PROJECTION, "shows forged");
        a.sql("UPDATE _ab_snapshot_part SET bytes = CAST(bytes || x'00' AS BLOB)");
        assertFound(Kind.SNAPSHOT, "the snapshot that stands for");
    }
}
