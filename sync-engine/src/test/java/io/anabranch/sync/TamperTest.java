// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.sync.change.TableDefinition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Side tables that somebody dropped, emptied or altered: mended from the log where it says what was there, named where not. */
class TamperTest {
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
        a.sql("INSERT INTO t VALUES ('one', 'One', 1), ('two', 'Two', 2), ('gone', 'Gone', 3)");
        world.settle(a, b);
        b.sql("UPDATE t SET title = 'Eins', likes = likes + 1 WHERE id = 'one'");
        a.sql("UPDATE t SET likes = likes + 1");
        a.sql("DELETE FROM t WHERE id = 'gone'");
        world.settle(a, b);
    }

    @AfterEach
    void close() {
        world.close();
    }

    private void reopen() {
        a.close();
        a = world.replica("a");
    }

    private void assertMended() {
        assertThat(a.file().verify().problems()).isEmpty();
        a.sql("UPDATE t SET likes = likes + 10 WHERE id = 'one'");
        world.settle(a, b);
        assertThat(a.rows("t")).containsExactly("one|Eins|13", "two|Two|3");
        assertThat(b.rows("t")).isEqualTo(a.rows("t"));
        world.assertConverged(a, b);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DROP TABLE _ab_row",
                "DELETE FROM _ab_row",
                "DROP TABLE _ab_digest",
                "DELETE FROM _ab_digest",
                "DROP TABLE _ab_hidden",
                "DROP TABLE _ab_pending",
                "DROP TABLE _ab_rejected",
                "DROP VIEW _ab_conflicts",
                "DROP TABLE _ab_peer",
                "DROP INDEX _ab_log_dot",
                "DROP TRIGGER _ab_upd_1"
            })
    void whatTheRestTellsIsMadeAgainWhenTheFileIsOpened(String tampering) {
        a.sql(tampering);
        reopen();
        a.seal();

        assertMended();
    }

    @ParameterizedTest
    @ValueSource(strings = {"_ab_meta", "_ab_mode", "_ab_origin", "_ab_log", "_ab_table", "_ab_column"})
    void whatNothingElseTellsIsNamedWhenItIsGone(String table) {
        a.sql("DROP TABLE " + table);

        assertThatThrownBy(this::reopen)
                .isInstanceOf(SyncException.BadFile.class)
                .hasMessageContaining("its table " + table + " is missing");
    }

    @ParameterizedTest
    @ValueSource(strings = {"_ab_mode", "_ab_origin", "_ab_log", "_ab_table", "_ab_column"})
    void whatNothingElseTellsIsNamedWhenItIsEmptied(String table) {
        a.sql("DELETE FROM " + table);

        assertThatThrownBy(this::reopen)
                .isInstanceOf(SyncException.BadFile.class)
                .hasMessageContaining("its table " + table + " was emptied");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE _ab_row SET state = (SELECT state FROM _ab_row ORDER BY k DESC LIMIT 1)",
                "UPDATE _ab_row SET state = x'ffffff'",
                "DELETE FROM _ab_row WHERE k = (SELECT k FROM _ab_row LIMIT 1)",
                "UPDATE _ab_digest SET digest = zeroblob(16)",
                "UPDATE _ab_meta SET value = zeroblob(16) WHERE name = 'sum'",
                "UPDATE _ab_mode SET mode = 2",
                "UPDATE _ab_column SET rule = 'counter' WHERE name = 'title'",
                "UPDATE _ab_column SET rule = 'lww' WHERE name = 'likes'",
                "DELETE FROM _ab_column WHERE name = 'likes'",
                "UPDATE _ab_origin SET seq = 99",
                "UPDATE _ab_origin SET seq = 1",
                "UPDATE _ab_origin SET hash = zeroblob(16)"
            })
    void whatWasAlteredIsRepairedFromTheLog(String tampering) {
        a.sql(tampering);
        assertThat(a.file().verify().isSound()).isFalse();

        a.file().repair();

        assertMended();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE _ab_column SET rule = 'counter' WHERE name = 'title'",
                "UPDATE _ab_origin SET seq = seq + 90",
            })
    void whatWasAlteredIsRepairedFromTheSnapshotOfACutLog(String tampering) {
        cutTheLog();
        a.sql(tampering);
        assertThat(a.file().verify().isSound()).isFalse();

        a.file().repair();

        assertAsBefore();
    }

    static List<String> alteredCatalogs() {
        return List.of(
                "UPDATE _ab_table SET name = 'other'",
                "UPDATE _ab_table SET local = NULL",
                "UPDATE _ab_table SET local_key = x'0102ff'",
                "UPDATE _ab_table SET definition = x''",
                "UPDATE _ab_table SET definition = x'ff00'",
                "UPDATE _ab_table SET origin = x'00'",
                "UPDATE _ab_table SET id = 17",
                "INSERT INTO _ab_table SELECT 17, 'other', 'other', NULL, 0, definition, rank, origin FROM _ab_table",
                "UPDATE _ab_column SET rule = 'none'",
                "UPDATE _ab_column SET origin = x'00'",
                "UPDATE _ab_column SET id = id + 10 WHERE name = 'title'",
                "UPDATE _ab_column SET tbl = 17 WHERE name = 'title'",
                "DELETE FROM _ab_column WHERE name = 'title'");
    }

    @ParameterizedTest
    @MethodSource("alteredCatalogs")
    void whatIsKnownOfTheTablesIsMadeAgainFromTheLogWhenItMakesNoSense(String tampering) {
        a.sql(tampering);
        assertThat(a.file().verify().problems()).anyMatch(problem -> problem.kind() == Verification.Kind.CATALOG);

        reopen();

        assertMended();
    }

    @ParameterizedTest
    @MethodSource("alteredCatalogs")
    void whatIsKnownOfTheTablesIsRepairedInAnOpenFileFromTheSnapshotOfACutLog(String tampering) {
        cutTheLog();
        a.sql(tampering);

        a.file().repair();

        assertAsBefore();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "UPDATE _ab_table SET rank = rank + 1",
                "UPDATE _ab_table SET origin = zeroblob(16)",
                "UPDATE _ab_column SET rank = rank + 1",
                "UPDATE _ab_column SET origin = zeroblob(16)",
                "UPDATE _ab_column SET name = 'other' WHERE name = 'title'"
            })
    void whoDeclaredWhatAndUnderWhichNameIsComparedWithTheLog(String tampering) {
        a.sql(tampering);
        reopen();
        a.sql("UPDATE t SET title = 'Zwei' WHERE id = 'two'");
        a.seal();
        assertThat(a.file().verify().problems()).anyMatch(problem -> problem.kind() == Verification.Kind.CATALOG);

        a.file().repair();

        assertThat(a.file().verify().problems()).isEmpty();
        world.settle(a, b);
        assertThat(b.rows("t")).isEqualTo(a.rows("t"));
        world.assertConverged(a, b);
    }

    @Test
    void aDefinitionThatSaysSomethingElseIsComparedWithTheLog() {
        a.sql("CREATE TABLE u(id TEXT PRIMARY KEY, title TEXT NOT NULL DEFAULT 'x', likes INTEGER)");
        a.enrol("u", TableRules.defaults().counter("likes"));
        byte[] other = TableDefinition.read(new ByteReader(
                        HexFormat.of().parseHex(a.sqlValue("SELECT hex(definition) FROM _ab_table WHERE name = 'u'"))))
                .bytes();
        other[1] = 't'; // Its name, behind the length.
        a.sql("UPDATE _ab_table SET definition = x'" + HexFormat.of().formatHex(other) + "' WHERE name = 't'");
        assertThat(a.file().verify().problems())
                .extracting(Verification.Problem::message)
                .contains("its definition in _ab_table is not the one that was declared");

        a.file().repair();

        assertMended();
    }

    @Test
    void renamedTablesAndColumnsKeepTheirNamesWhenWhatIsKnownOfThemIsMadeAgain() {
        a.sqls("ALTER TABLE t RENAME TO renamed", "ALTER TABLE renamed RENAME COLUMN title TO heading");
        a.seal();
        a.sqls("DELETE FROM _ab_column WHERE name = 'title'", "UPDATE _ab_table SET definition = x'', local = NULL");

        reopen();

        assertThat(a.file().verify().problems()).isEmpty();
        a.sql("UPDATE renamed SET heading = 'Uno' WHERE id = 'one'");
        world.settle(a, b);
        assertThat(b.rows("t")).containsExactly("one|Uno|3", "two|Two|3").isEqualTo(a.rows("renamed"));
    }

    @Test
    void tablesThatNothingTellsApartAnyMoreAreNamed() {
        a.sql("CREATE TABLE u(id TEXT PRIMARY KEY)");
        a.enrol("u", TableRules.defaults());
        a.sqls("ALTER TABLE t RENAME TO t2", "ALTER TABLE u RENAME TO u2");
        a.seal();
        a.sqls("DELETE FROM _ab_table WHERE id > 1", "UPDATE _ab_table SET id = 9, name = 'x', definition = x''");

        assertThatThrownBy(this::reopen)
                .isInstanceOf(SyncException.BadFile.class)
                .hasMessageContaining("nothing says which table of the space t2 is")
                .hasMessageContaining("restore a backup");
    }

    @Test
    void anAlteredHeadIsMendedWhenTheFileIsOpened() {
        a.sql("UPDATE _ab_origin SET seq = 99");
        reopen();

        assertMended();
    }

    @Test
    void whatWasSealedAfterAnAlteredHeadIsSealedAgain() {
        a.sql("UPDATE _ab_origin SET seq = 99");
        a.sql("UPDATE t SET likes = likes + 1, title = 'Uno' WHERE id = 'one'");
        a.sql("INSERT INTO t VALUES ('three', 'Three', 7)");
        a.seal();
        a.sql("DELETE FROM t WHERE id = 'two'");
        a.seal();
        assertThat(a.file().verify().isSound()).isFalse();

        a.file().repair();

        assertThat(a.file().verify().problems()).isEmpty();
        world.settle(a, b);
        assertThat(a.rows("t")).containsExactly("one|Uno|4", "three|Three|7");
        world.assertConverged(a, b);
    }

    @Test
    void whatOnlyAnotherCopyHasIsNotPromisedFromAPeer() {
        a.sql("DELETE FROM _ab_log WHERE lsn = (SELECT max(lsn) FROM _ab_log)");

        assertThatThrownBy(() -> a.file().repair())
                .isInstanceOf(SyncException.BadFile.class)
                .hasMessageContaining("cannot repair")
                .hasMessageContaining("restore a backup, or make a new replica")
                .hasMessageNotContaining("--from");
    }

    @Test
    void aTableThatShowsSomethingElseShowsItsStateAgain() {
        a.sql("UPDATE _ab_mode SET mode = 2");
        a.sql("UPDATE t SET title = 'forged', likes = 99");
        a.sql("DELETE FROM t WHERE id = 'two'");
        a.sql("UPDATE _ab_mode SET mode = 0");

        a.file().repair();

        assertMended();
    }

    @Test
    void whatIsCapturedSurvivesARepair() {
        a.sql("UPDATE t SET title = 'unsealed' WHERE id = 'two'");
        a.sql("UPDATE _ab_row SET state = x'ffffff'");
        a.file().repair();
        world.settle(a, b);

        assertThat(b.rows("t")).containsExactly("one|Eins|3", "two|unsealed|3");
        assertThat(a.file().verify().problems()).isEmpty();
    }

    @Test
    void aDamagedLogIsNotRepairedAndNothingIsChanged() {
        a.sql("UPDATE _ab_log SET bytes = CAST(substr(bytes, 1, length(bytes) - 1) || x'00' AS BLOB) WHERE lsn = 2");

        assertThatThrownBy(() -> a.file().repair())
                .isInstanceOf(SyncException.BadFile.class)
                .hasMessageContaining("is damaged itself: change set")
                .hasMessageContaining("was altered");
        assertThat(a.rows("t")).containsExactly("one|Eins|3", "two|Two|3");
    }

    @Test
    void aDamagedChangeSetIsNamedAndNotSentAndComesFromAnotherReplica() {
        a.sql("UPDATE _ab_log SET bytes = CAST(substr(bytes, 1, length(bytes) - 1) || x'00' AS BLOB) WHERE lsn = 2");
        TestReplica c = world.replica("c");

        assertThatThrownBy(() -> world.settle(a, c))
                .isInstanceOf(SyncException.BadFile.class)
                .hasMessageContaining(":1 is damaged in the log, and is not sent");
        world.settle(b, c);

        assertThat(c.rows("t")).isEqualTo(a.rows("t"));
    }

    /** As a file of the same format is that an earlier build made. */
    @Test
    void columnsThatADerivedTableLacksAreAdded() {
        a.sql("ALTER TABLE _ab_peer DROP COLUMN clock_offset");
        a.sql("ALTER TABLE _ab_row DROP COLUMN shown");
        a.sql("DROP VIEW _ab_conflicts");
        a.sql("ALTER TABLE _ab_conflict DROP COLUMN rule");
        reopen();
        a.seal();

        assertMended();
        assertThat(a.sqlValue("SELECT count(clock_offset) FROM _ab_peer")).isEqualTo("0");
        assertThat(a.sqlValue("SELECT count(rule) FROM _ab_conflicts")).isEqualTo("0");
    }

    @Test
    void aViewThatAnEarlierBuildMadeIsMadeAnew() {
        String view = a.sqlValue("SELECT sql FROM sqlite_master WHERE name = '_ab_conflicts'");
        a.sql("DROP VIEW _ab_conflicts");
        a.sql("CREATE VIEW _ab_conflicts AS SELECT id FROM _ab_conflict");
        reopen();
        a.seal();

        assertThat(a.sqlValue("SELECT sql FROM sqlite_master WHERE name = '_ab_conflicts'"))
                .isEqualTo(view);
    }

    @Test
    void aColumnThatNothingElseTellsIsNamedWhenItIsGone() {
        a.sql("ALTER TABLE _ab_origin DROP COLUMN floor");

        assertThatThrownBy(this::reopen)
                .isInstanceOf(SyncException.BadFile.class)
                .hasMessageContaining("its table _ab_origin lacks its column floor")
                .hasMessageContaining("restore a backup");
    }

    static List<String> sideTables() throws IOException {
        Path folder = Files.createTempDirectory("side-tables");
        try (World world = new World(folder)) {
            return world.replica("a")
                    .column(
                            "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '\\_ab\\_%' ESCAPE '\\'");
        }
    }

    /** Opens the file; returns whether that said what is wrong instead. */
    private boolean isNamedWhenOpened(String table) {
        try {
            reopen();
            return false;
        } catch (SyncException.BadFile e) {
            assertThat(e).hasMessageContaining("its table " + table).hasMessageContaining("restore a backup");
            return true;
        }
    }

    /** Repairs the file if it is not sound; returns false if that said what to do instead. */
    private boolean isSoundOrRepaired() {
        try {
            if (!a.file().verify().isSound()) {
                a.file().repair();
            }
            return true;
        } catch (SyncException.BadFile e) {
            assertThat(e).hasMessageContaining("restore a backup");
            return false;
        }
    }

    private void cutTheLog() {
        a.file().compact();
        a.sql("UPDATE t SET title = 'Zwei' WHERE id = 'two'");
        world.settle(a, b);
    }

    private void assertAsBefore() {
        a.seal();
        assertThat(a.file().verify().problems()).isEmpty();
        world.settle(a, b);
        assertThat(a.rows("t")).containsExactly("one|Eins|3", "two|Zwei|3");
        world.assertConverged(a, b);
    }

    @ParameterizedTest
    @MethodSource("sideTables")
    void noTableIsDroppedUnnoticed(String table) {
        cutTheLog();
        a.sql("DROP TABLE " + table);

        if (!isNamedWhenOpened(table)) {
            assertAsBefore();
        }
    }

    @ParameterizedTest
    @MethodSource("sideTables")
    void noTableIsEmptiedUnnoticed(String table) {
        cutTheLog();
        a.sql("DELETE FROM " + table);

        if (!isNamedWhenOpened(table) && isSoundOrRepaired()) {
            assertAsBefore();
        }
    }
}
