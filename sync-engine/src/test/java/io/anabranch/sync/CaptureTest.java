// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.RowOp;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.Sql;
import io.anabranch.sync.sql.SqlException;
import io.anabranch.sync.store.ReplicaFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whatever statement, name and value another program uses: it is captured as what it is, and arrives as that. */
class CaptureTest {
    @TempDir
    Path folder;

    private World world;
    private TestReplica a;
    private TestReplica b;

    @BeforeEach
    void world() {
        world = new World(folder);
        a = world.replica("a");
    }

    @AfterEach
    void close() {
        world.close();
    }

    private void enrol(String name, String ddl) {
        a.sql(ddl);
        a.enrol(name, TableRules.defaults());
        b = world.replica("b");
        world.settle(a, b);
    }

    private void notes() {
        enrol("note", "CREATE TABLE note(id TEXT PRIMARY KEY, body TEXT, extra)");
    }

    /** Returns what the last change set does, in words. */
    private List<String> last() {
        return a.lastOps().stream().map(CaptureTest::words).collect(Collectors.toList());
    }

    private static String words(TableOp op) {
        TableOp.Change change = (TableOp.Change) op;
        String key = change.key().toString();
        if (change.op() instanceof RowOp.Insert<String, Value> insert) {
            return "insert " + key + " " + insert.cells().keySet();
        }
        if (change.op() instanceof RowOp.Edit<String, Value> edit) {
            return "edit " + key + " " + edit.cells().keySet();
        }
        return "delete " + key;
    }

    private void assertSame(String table) {
        world.settle(a, b);
        assertThat(b.dump(table)).isEqualTo(a.dump(table));
        assertThat(b.sqlValue("SELECT count(*) FROM _ab_hidden")).isEqualTo("0");
        world.assertConverged(a, b);
    }

    // ---- Statements

    @Test
    void onlyTheColumnsThatChangedAreSealed() {
        notes();
        a.sql("INSERT INTO note VALUES ('n', 'one', 1)");
        assertThat(last()).containsExactly("insert [n] [body, extra]");

        a.sql("UPDATE note SET body = 'two', extra = 1");
        assertThat(last()).containsExactly("edit [n] [body]");
    }

    @Test
    void aFullRowUpdateThatChangesNothingSealsNothing() {
        notes();
        a.sql("INSERT INTO note VALUES ('n', 'one', 1)");
        a.seal();
        long before = a.ownSeq();

        a.sql("UPDATE note SET id = 'n', body = 'one', extra = 1");
        a.seal();

        assertThat(a.ownSeq()).isEqualTo(before);
    }

    @Test
    void thereAndBackAgainIsAWrite() {
        notes();
        a.sql("INSERT INTO note VALUES ('n', 'one', 1)");
        a.seal();

        a.sql("UPDATE note SET body = 'two'");
        a.sql("UPDATE note SET body = 'one'");

        assertThat(last()).containsExactly("edit [n] [body]");
    }

    @Test
    void replacingARowOfTheSameKeyIsAnEdit() {
        notes();
        a.sql("INSERT INTO note VALUES ('n', 'one', 1)");
        a.seal();

        a.sql("INSERT OR REPLACE INTO note(id, body) VALUES ('n', 'two')");
        assertThat(last()).containsExactly("edit [n] [body, extra]");
        assertSame("note");
        assertThat(b.dump("note")).containsExactly("'n','two',NULL");
    }

    @Test
    void anUpsertAndItsKinSealWhatTheyDid() {
        notes();
        a.sql("INSERT INTO note VALUES ('n', 'one', 1)");
        a.seal();

        a.sql(
                "INSERT INTO note VALUES ('n', 'two', 2), ('m', 'new', 3) ON CONFLICT(id) DO UPDATE SET body = excluded.body");
        assertThat(last()).containsExactly("insert [m] [body, extra]", "edit [n] [body]");
        a.sql("INSERT OR IGNORE INTO note VALUES ('n', 'three', 3), ('o', 'new', 3)");
        assertThat(last()).containsExactly("insert [o] [body, extra]");
        assertSame("note");
        assertThat(b.dump("note")).containsExactly("'m','new',3", "'n','two',1", "'o','new',3");
    }

    @Test
    void whatAnUpdateOrFailDidBeforeItFailedIsCaptured() {
        enrol("n", "CREATE TABLE n(id INTEGER PRIMARY KEY, v INTEGER CHECK (v < 10))");
        a.sql("INSERT INTO n VALUES (1, 1), (2, 9), (3, 1)");
        a.seal();

        assertThatThrownBy(() -> a.sql("UPDATE OR FAIL n SET v = v + 1")).isInstanceOf(SqlException.class);

        assertThat(last()).containsExactly("edit [1] [v]");
        assertSame("n");
    }

    @Test
    void aNewKeyIsADeleteAndAnInsert() {
        notes();
        a.sql("INSERT INTO note VALUES ('n', 'one', 1)");
        a.seal();

        a.sql("UPDATE note SET id = 'm'");
        assertThat(last()).containsExactly("insert [m] [body, extra]", "delete [n]");
        assertSame("note");
    }

    @Test
    void aKeyThatMovesOntoAnotherReplacesThatRow() {
        notes();
        a.sql("INSERT INTO note VALUES ('m', 'one', 1), ('n', 'two', 2)");
        a.seal();

        a.sql("UPDATE OR REPLACE note SET id = 'm' WHERE id = 'n'");
        assertThat(last()).containsExactly("edit [m] [body, extra]", "delete [n]");
        assertSame("note");
        assertThat(b.dump("note")).containsExactly("'m','two',2");
    }

    @Test
    void deletedAndInsertedBetweenTwoSealsIsAnEdit() {
        notes();
        a.sql("INSERT INTO note VALUES ('n', 'one', 1)");
        a.seal();

        a.sql("DELETE FROM note");
        a.sql("INSERT INTO note(id) VALUES ('n')");
        assertThat(last()).containsExactly("edit [n] [body, extra]");
        assertSame("note");
    }

    @Test
    void insertedAndDeletedBetweenTwoSealsIsNothing() {
        notes();
        a.sql("INSERT INTO note VALUES ('n', 'one', 1)");
        a.sql("DELETE FROM note");
        a.seal();

        assertThat(a.ownSeq()).isZero();
    }

    @Test
    void aSavepointRolledBackTakesItsCapturesAlong() {
        notes();
        a.sql("BEGIN");
        a.sql("INSERT INTO note VALUES ('kept', 'one', 1)");
        a.sql("SAVEPOINT s");
        a.sql("INSERT INTO note VALUES ('gone', 'two', 1)");
        a.sql("ROLLBACK TO s");
        a.sql("COMMIT");

        assertThat(last()).containsExactly("insert [kept] [body, extra]");
    }

    /** A rowid only says where to look first: it may come to be another row's before the seal. */
    @Test
    void aRowThatMovedAfterItWasWrittenIsSealedAsItIs() {
        notes();
        a.sql("INSERT INTO note VALUES ('moved', 'one', 1), ('other', 'two', 2)");
        a.sql("UPDATE note SET rowid = rowid + 100 WHERE id = 'moved'");
        a.sql("UPDATE note SET rowid = 1 WHERE id = 'other'");
        a.sql("INSERT INTO note VALUES ('gone', 'three', 3)");
        a.sql("DELETE FROM note WHERE id = 'gone'");

        assertThat(last()).containsExactly("insert [moved] [body, extra]", "insert [other] [body, extra]");
        assertSame("note");
    }

    // ---- Keys

    @Test
    void nullKeysAreRefusedWithTheReason() {
        enrol("n", "CREATE TABLE n(x TEXT, y INTEGER, v, PRIMARY KEY (x, y))");

        assertThatThrownBy(() -> a.sql("INSERT INTO n VALUES ('a', NULL, 1)"))
                .hasMessageContaining("NULL in the primary key of n; a replicated row needs a key");
        a.sql("INSERT INTO n VALUES ('a', 1, 1)");
        assertThatThrownBy(() -> a.sql("UPDATE n SET x = NULL")).hasMessageContaining("NULL in the primary key");
        assertSame("n");
    }

    @Test
    void nullKeysAreRefusedWhereIntegerPrimaryKeyIsNoRowid() {
        enrol("n", "CREATE TABLE n(id INTEGER PRIMARY KEY DESC, v)");

        assertThatThrownBy(() -> a.sql("INSERT INTO n(v) VALUES (1)")).hasMessageContaining("NULL in the primary key");
    }

    @Test
    void aRowidKeyThatSqliteChoosesIsCaptured() {
        enrol("n", "CREATE TABLE n(id INTEGER PRIMARY KEY AUTOINCREMENT, v)");
        a.sql("INSERT INTO n(v) VALUES ('one'), ('two')");

        assertThat(last()).containsExactly("insert [1] [v]", "insert [2] [v]");
        assertSame("n");
    }

    @Test
    void compositeKeysWithoutRowidArrive() {
        enrol("n", "CREATE TABLE n(v, y, x TEXT, PRIMARY KEY (x, y)) WITHOUT ROWID");
        a.sql("INSERT INTO n VALUES (1, 2, 'a'), (2, 2.5, 'a'), (3, x'00', 'a'), (4, '2', 'a'), (5, 2, 'b')");
        a.seal();
        a.sql("UPDATE n SET v = v * 10 WHERE y = 2");
        a.sql("DELETE FROM n WHERE y = '2'");

        assertSame("n");
        assertThat(b.dump("n")).containsExactlyInAnyOrder("10,2,'a'", "2,2.5,'a'", "3,X'00','a'", "50,2,'b'");
    }

    @Test
    void oneAndOnePointZeroAreOneKeyAndTwoValues() {
        enrol("n", "CREATE TABLE n(id PRIMARY KEY, v)");
        a.sql("INSERT INTO n VALUES (1, 1)");
        a.seal();
        a.sql("UPDATE n SET v = 1.0");
        assertThat(last()).containsExactly("edit [1] [v]");
        assertSame("n");
        assertThat(b.dump("n")).containsExactly("1,1.0");

        a.sql("UPDATE n SET id = 1.0");
        assertThat(last()).containsExactly("edit [1] [v]");
        world.settle(a, b);
        world.assertConverged(a, b);
    }

    @Test
    void wholeNumbersInAKeyOfTypeRealArrive() {
        a.sql("CREATE TABLE n(id REAL PRIMARY KEY, v)");
        a.sql("INSERT INTO n VALUES (1.0, 'one')");
        a.enrol("n", TableRules.defaults());
        b = world.replica("b");
        a.sql(
                "INSERT INTO n VALUES (-3, 'three'), (0.5, 'half'), (9007199254740992, 'many'), (1e300, 'more'), (-0.0, 'none')");
        assertSame("n");
        assertThat(b.dump("n"))
                .containsExactly(
                        "-3.0,'three'",
                        "0.0,'none'",
                        "0.5,'half'",
                        "1.0,'one'",
                        "9007199254740992.0,'many'",
                        "1.0e+300,'more'");
        b.sql("UPDATE n SET v = 'uno' WHERE id = 1");
        assertSame("n");
    }

    @Test
    void aNumberOfManyDigitsThatAColumnConvertsDoesNotChangeTheState() {
        a.sql("CREATE TABLE n(id TEXT PRIMARY KEY, v TEXT)");
        a.enrol("n", TableRules.defaults());
        b = world.replica("b");
        b.sql("CREATE TABLE n(id TEXT PRIMARY KEY, v NUMERIC)");
        b.enrol("n", TableRules.defaults());
        a.sql("INSERT INTO n VALUES ('x', '" + "1".repeat(500) + "')");
        world.settle(a, b);
        assertThat(b.sqlValue("SELECT typeof(v) FROM n")).isEqualTo("real");
        assertThat(b.file().verify().problems()).isEmpty();
    }

    @Test
    void keysAtTheLimitsArrive() {
        enrol("n", "CREATE TABLE n(id PRIMARY KEY, v)");
        a.sql("INSERT INTO n VALUES (9223372036854775807, 1), (-9223372036854775808, 2), (9e999, 3), (-9e999, 4),"
                + " (9223372036854775807.0, 5), ('', 7), (x'', 8), (1e-300, 9)");
        assertSame("n");
        a.sql("UPDATE n SET v = v + 1");
        assertSame("n");
        a.sql("DELETE FROM n");
        assertSame("n");
    }

    @Test
    void keysThatAreNoTextAtAllArrive() {
        enrol("n", "CREATE TABLE n(id TEXT PRIMARY KEY, v)");
        a.sql(
                "INSERT INTO n VALUES (CAST(x'ff' AS TEXT), 1), (CAST(x'610062' AS TEXT), 2), (CAST(x'c328' AS TEXT), 3)");
        assertSame("n");
        a.sql("UPDATE n SET v = v + 1");
        assertSame("n");
        b.sql("DELETE FROM n WHERE v < 4");
        assertSame("n");
        assertThat(a.dump("n")).hasSize(1);
    }

    @Test
    void aKeyTooLargeForTheWireIsRejectedAndTheRestIsSealed() {
        notes();
        a.sql("INSERT INTO note(id, body) VALUES (printf('%.*c', 8388609, 'x'), 'too large'), ('n', 'fine')");
        assertThat(last()).containsExactly("insert [n] [body, extra]");
        assertThat(a.sqlValue("SELECT count(*) FROM _ab_rejected")).isEqualTo("1");
        assertThat(a.file().unsealed()).isZero();
    }

    // ---- Values

    @Test
    void letterCaseUnderNocaseIsAChange() {
        enrol("n", "CREATE TABLE n(id TEXT PRIMARY KEY, v TEXT COLLATE NOCASE)");
        a.sql("INSERT INTO n VALUES ('n', 'abc')");
        assertSame("n");
        a.sql("UPDATE n SET v = 'ABC'");
        assertSame("n");
        assertThat(b.dump("n")).containsExactly("'n','ABC'");
    }

    @Test
    void valuesOfEveryClassArriveBitForBit() {
        enrol("n", "CREATE TABLE n(id INTEGER PRIMARY KEY, v)");
        a.sql("INSERT INTO n(v) VALUES (9223372036854775807), (-9223372036854775808), (0), (1.5), (1e308), (9e999),"
                + " (4.9e-324), (NULL), (''), ('text'), ('😀'), (x''), (x'00ff'), (CAST(x'61006200' AS TEXT)),"
                + " (CAST(x'ff' AS TEXT)), (CAST(x'eda080' AS TEXT)), (CAST(x'efbfbd' AS TEXT)), ('1'), (1), (1.0)");
        assertSame("n");
        a.sql("UPDATE n SET v = v || CAST(x'fe' AS TEXT) WHERE typeof(v) = 'text'");
        assertSame("n");
    }

    @Test
    void minusZeroBecomesZero() {
        enrol("n", "CREATE TABLE n(id INTEGER PRIMARY KEY, v)");
        a.sql("INSERT INTO n VALUES (1, -0.0)");
        world.settle(a, b);

        assertThat(b.dump("n")).containsExactly("1,0.0");
        world.assertConverged(a, b);
    }

    @Test
    void valuesArriveInColumnsOfEveryAffinity() {
        enrol("n", "CREATE TABLE n(id INTEGER PRIMARY KEY, i INTEGER, r REAL, t TEXT, u NUMERIC, b BLOB, d DATETIME)");
        for (String value : List.of(
                "1",
                "1.0",
                "1.5",
                "'1'",
                "'1.0'",
                "' 1 '",
                "'1e3'",
                "'x'",
                "x'31'",
                "9e999",
                "1e20",
                "9223372036854775807",
                "'9223372036854775808'",
                "''",
                "NULL",
                "'0x10'",
                "'+1'",
                "'.5'",
                "1e15",
                "-0.0")) {
            a.sql("INSERT INTO n(i, r, t, u, b, d) VALUES ("
                    + String.join(", ", List.of(value, value, value, value, value, value)) + ")");
        }
        assertSame("n");
        b.sql("UPDATE n SET b = 'other'");
        assertSame("n");
    }

    @Test
    void aMebibyteOfTextArrives() {
        enrol("n", "CREATE TABLE n(id INTEGER PRIMARY KEY, v)");
        a.sql("INSERT INTO n VALUES (1, printf('%.*c', 1048576, 'é'))");
        assertSame("n");
    }

    @Test
    void brokenTextArrivesInColumnsWithQuestionMarksInTheirNames() {
        enrol("what?", "CREATE TABLE \"what?\"(\"id?\" TEXT PRIMARY KEY, \"why?\" TEXT, \"?\" TEXT, \"a\"\"?\" TEXT)");
        a.sql("INSERT INTO \"what?\" VALUES ('n', 'fine', CAST(x'ff' AS TEXT), 'fine')");
        assertSame("what?");
        a.sql("UPDATE \"what?\" SET \"a\"\"?\" = CAST(x'fe' AS TEXT)");
        assertSame("what?");
    }

    // ---- Shapes

    @Test
    void generatedColumnsAreLeftOut() {
        enrol(
                "n",
                "CREATE TABLE n(id INTEGER PRIMARY KEY, v INTEGER, twice INTEGER AS (v * 2) STORED, thrice AS (v * 3))");
        a.sql("INSERT INTO n(id, v) VALUES (1, 2)");
        assertThat(last()).containsExactly("insert [1] [v]");
        a.sql("UPDATE n SET v = 3");
        world.settle(a, b);
        assertThat(b.dump("n")).containsExactly("1,3");
        b.sql("UPDATE n SET v = 4");
        world.settle(a, b);
        assertThat(a.dump("n")).containsExactly("1,4,8,12");
    }

    @Test
    void aTableOfNothingButItsKeyArrives() {
        enrol("tag", "CREATE TABLE tag(item TEXT, name TEXT, PRIMARY KEY (item, name))");
        a.sql("INSERT INTO tag VALUES ('cup', 'blue'), ('cup', 'big')");
        assertSame("tag");
        b.sql("DELETE FROM tag WHERE name = 'big'");
        b.sql("UPDATE tag SET name = 'red'");
        assertSame("tag");
        assertThat(a.dump("tag")).containsExactly("'cup','red'");
    }

    @ParameterizedTest
    @ValueSource(ints = {62, 63, 70, 1_999})
    void everyOneOfManyColumnsIsCaptured(int count) {
        String columns = IntStream.range(0, count).mapToObj(i -> "c" + i).collect(Collectors.joining(", "));
        enrol("n", "CREATE TABLE n(id INTEGER PRIMARY KEY, " + columns + ")");
        a.sql("INSERT INTO n(id, c0, c" + (count - 1) + ") VALUES (1, 'first', 'last')");
        assertSame("n");

        a.sql("UPDATE n SET c" + (count - 1) + " = 'changed'");
        assertThat(last()).containsExactly("edit [1] [c" + (count - 1) + "]");
        a.sql("UPDATE n SET c61 = 'middle'");
        assertThat(last()).containsExactly("edit [1] [c61]");
        assertSame("n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"; DROP TABLE note; --",
                "'; DROP TABLE note; --",
                "select",
                "😀",
                "what?",
                "?1 $x :y @z",
                "a.b",
                "[brackets]",
                "`ticks`",
                "two words",
                "new\nline",
                "tab\t",
                "%_\\",
                " ",
                "p",
                "t",
                "rowid2",
                "k0",
                "probe"
            })
    void namesOfTablesAndColumnsAreNeverSql(String name) {
        notes();
        String quoted = Sql.name(name);
        a.sql("CREATE TABLE " + quoted + "(id TEXT PRIMARY KEY, " + quoted + " TEXT DEFAULT 'x', "
                + Sql.name(name + "2") + " INTEGER)");
        a.enrol(name, TableRules.defaults().counter(name + "2"));
        a.sql("INSERT INTO " + quoted + " VALUES ('n', 'one', 1)");
        assertSame(name);

        b.sql("UPDATE " + quoted + " SET " + quoted + " = 'two', " + Sql.name(name + "2") + " = 5");
        assertSame(name);
        assertThat(a.dump(name)).containsExactly("'n','two',5");
        assertThat(a.dump("note")).isEmpty();
    }

    @Test
    void namesOfThreeHundredCharactersArrive() {
        String name = "é".repeat(300);
        enrol(name, "CREATE TABLE " + name + "(id TEXT PRIMARY KEY, " + name + "1 TEXT)");
        a.sql("INSERT INTO " + name + " VALUES ('n', 'one')");
        assertSame(name);
    }

    @Test
    void nothingIsLostBetweenManyForeignTransactions() {
        notes();
        List<String> expected = new ArrayList<>();
        for (int i = 10; i < 60; i++) {
            a.sql("INSERT INTO note VALUES ('n" + i + "', 'one', " + i + ")");
            expected.add("'n" + i + "','one'," + i);
        }
        assertSame("note");
        assertThat(b.dump("note")).isEqualTo(expected);
        assertThat(a.ownSeq()).isEqualTo(1);
    }

    @Test
    void writesToATableThatWasDroppedDoNotStopTheRest() {
        enrol("n", "CREATE TABLE n(id TEXT PRIMARY KEY, v)");
        notes2();
        a.sql("INSERT INTO n VALUES ('n', 1)");
        a.sql("INSERT INTO note VALUES ('m', 'one', 1)");
        a.sql("DROP TABLE n");

        assertThat(last()).containsExactly("insert [m] [body, extra]");
        assertThat(a.file().unsealed()).isZero();
        b.sql("INSERT INTO n VALUES ('b', 1)");
        world.settle(a, b);
        world.assertConverged(a, b);
    }

    @Test
    void aTableThatTheApplicationMakesAnewOrRenamesIsCapturedOn() {
        notes();
        a.sql("INSERT INTO note VALUES ('n', 'one', 1)");
        a.seal();
        a.sql("CREATE TABLE fresh(id TEXT PRIMARY KEY, body TEXT NOT NULL, extra)");
        a.sql("INSERT INTO fresh SELECT * FROM note");
        a.sql("DROP TABLE note");
        a.sql("ALTER TABLE fresh RENAME TO note");
        a.seal();
        a.sql("UPDATE note SET body = 'two'");
        assertSame("note");

        a.sql("ALTER TABLE note RENAME TO memo");
        a.sql("UPDATE memo SET body = 'three'");
        world.settle(a, b);
        assertThat(b.dump("note")).containsExactly("'n','three',1");
        b.sql("UPDATE note SET body = 'four'");
        world.settle(a, b);
        assertThat(a.dump("memo")).containsExactly("'n','four',1");
        world.assertConverged(a, b);
    }

    @Test
    void aColumnThatConvertsWhatItIsGivenDoesNotChangeTheState() {
        a.sql("CREATE TABLE n(id TEXT PRIMARY KEY, v, w)");
        a.enrol("n", TableRules.defaults());
        b = world.replica("b");
        b.sql("CREATE TABLE n(id TEXT PRIMARY KEY, v TEXT, w INTEGER)");
        b.enrol("n", TableRules.defaults());
        a.sql("INSERT INTO n VALUES ('n', 1, '2')");
        world.settle(a, b);

        assertThat(b.dump("n")).containsExactly("'n','1',2");
        world.assertConverged(a, b);
        b.sql("UPDATE n SET w = 3");
        world.settle(a, b);
        assertThat(a.dump("n")).containsExactly("'n',1,3");
        world.assertConverged(a, b);
    }

    private void notes2() {
        a.sql("CREATE TABLE note(id TEXT PRIMARY KEY, body TEXT, extra)");
        a.enrol("note", TableRules.defaults());
    }

    @Test
    void columnsThatOnlyOthersKnowDoNotDisturbWhatIsSealedHere() {
        enrol("n", "CREATE TABLE n(id TEXT PRIMARY KEY, v)");
        TestReplica wide = world.replica("wide");
        String columns = IntStream.range(0, 100).mapToObj(i -> "c" + i).collect(Collectors.joining(", "));
        wide.sql("CREATE TABLE n(id TEXT PRIMARY KEY, " + columns + ", v)");
        wide.enrol("n", TableRules.defaults());
        wide.sql("INSERT INTO n(id, c99, v) VALUES ('w', 'wide', 1)");
        world.settle(a, wide);

        a.sql("UPDATE n SET v = 2");
        a.sql("INSERT INTO n VALUES ('x', 3)");
        world.settle(a, b, wide);

        assertThat(b.dump("n")).containsExactly("'w',2", "'x',3");
        assertThat(wide.sqlValue("SELECT group_concat(v || ifnull(c99, '-')) FROM n ORDER BY id"))
                .isEqualTo("2wide,3-");
        world.assertConverged(a, b, wide);
    }

    @Test
    void aColumnThatTheApplicationAddsIsSealedOnceTheSpaceKnowsIt() {
        notes();
        TestReplica newer = world.replica("newer");
        newer.sql("CREATE TABLE note(id TEXT PRIMARY KEY, body TEXT, extra, added TEXT)");
        newer.enrol("note", TableRules.defaults());
        a.sql("ALTER TABLE note ADD COLUMN added TEXT");
        world.settle(a, newer);

        a.sql("INSERT INTO note VALUES ('n', 'one', 1, 'x')");
        a.seal();
        a.sql("UPDATE note SET added = 'y'");
        world.settle(a, newer);

        assertThat(newer.dump("note")).containsExactly("'n','one',1,'y'");
    }

    // ---- The application's own transactions

    @Test
    void aTransactionSealsExactlyWhatItWrote() {
        notes();
        a.sql("INSERT INTO note VALUES ('foreign', 'one', 1)");
        ReplicaFile file = a.file();
        file.transaction(db -> db.execute("INSERT INTO note VALUES ('own', 'two', 2)"));

        assertThat(last()).containsExactly("insert [own] [body, extra]");
        assertThat(a.ownSeq()).isEqualTo(2);
    }

    @Test
    void aTransactionThatThrowsLeavesNothing() {
        notes();
        assertThatThrownBy(() -> a.file().transaction(db -> {
                    db.execute("INSERT INTO note VALUES ('own', 'two', 2)");
                    throw new IllegalStateException("changed my mind");
                }))
                .hasMessage("changed my mind");

        assertThat(a.dump("note")).isEmpty();
        assertThat(a.ownSeq()).isZero();
        assertThat(a.file().unsealed()).isZero();
        a.file().transaction(db -> db.execute("INSERT INTO note VALUES ('own', 'two', 2)"));
        assertThat(a.ownSeq()).isEqualTo(1);
    }
}
