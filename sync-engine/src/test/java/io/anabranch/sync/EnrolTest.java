// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.crdt.DeletePolicy;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.TableOp;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables that become part of a space, here, there, in any order, with or without rows. */
class EnrolTest {
    private static final String ITEM = "CREATE TABLE item(id TEXT PRIMARY KEY, title TEXT, stock INTEGER)";

    @TempDir
    Path folder;

    private World world;
    private TestReplica a;
    private TestReplica b;

    @BeforeEach
    void world() {
        world = new World(folder);
        a = world.replica("a");
        b = world.replica("b");
    }

    @AfterEach
    void close() {
        world.close();
    }

    private void seed(TestReplica replica, String ddl, TableRules rules, String... rows) {
        replica.sql(ddl);
        for (String row : rows) {
            replica.sql("INSERT INTO item VALUES " + row);
        }
        replica.enrol("item", rules);
    }

    private void assertSame(String... rows) {
        world.settle(a, b);
        assertThat(a.rows("item")).containsExactly(rows);
        assertThat(b.rows("item")).containsExactly(rows);
        world.assertConverged(a, b);
    }

    // ---- Existing rows

    @Test
    void equalSeedsCountOnceAndShareEveryDot() {
        TableRules rules = TableRules.defaults().counter("stock");
        seed(a, ITEM, rules, "('cup', 'Cup', 5)", "('pot', NULL, 0)");
        seed(b, ITEM, rules, "('pot', NULL, 0)", "('cup', 'Cup', 5)");
        assertThat(a.file().heads()).isEqualTo(b.file().heads());

        a.sql("UPDATE item SET stock = stock + 1 WHERE id = 'cup'");
        b.sql("UPDATE item SET stock = stock + 1 WHERE id = 'cup'");
        assertSame("cup|Cup|7", "pot|null|0");
    }

    @Test
    void tellsHowFarItHasCome() {
        a.sql(ITEM);
        a.sql("WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 10001)"
                + " INSERT INTO item SELECT 'item ' || i, 'Item', 1 FROM c");
        List<String> told = new ArrayList<>();
        a.file()
                .enrol(
                        "ITEM",
                        TableRules.defaults(),
                        (table, done, total) -> told.add(table + " " + done + " " + total));
        assertThat(told).containsExactly("item 0 10001", "item 10000 10001", "item 10001 10001");
    }

    @Test
    void whatProgressThrowsEndsTheEnrolment() {
        a.sql(ITEM);
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 5)");
        assertThatThrownBy(() -> a.file().enrol("item", TableRules.defaults(), (table, done, total) -> {
                    if (done > 0) {
                        throw new IllegalStateException("enough");
                    }
                }))
                .hasMessage("enough");
        assertThat(a.file().reports().enrolledTables()).isEmpty();
        assertThat(a.file().enrol("item", TableRules.defaults()).rows()).isEqualTo(1);
    }

    @Test
    void seedsThatDifferCombine() {
        TableRules rules = TableRules.defaults().counter("stock");
        seed(a, ITEM, rules, "('cup', 'Cup', 5)", "('pot', 'Pot', 1)");
        seed(b, ITEM, rules, "('cup', 'Cup', 5)", "('pan', 'Pan', 2)");
        assertSame("cup|Cup|10", "pan|Pan|2", "pot|Pot|1");

        Conflict twice = b.file().reports().conflicts().get(0);
        assertThat(twice.kind()).isEqualTo(Conflict.Kind.IDENTITY);
        assertThat(twice.reason()).isEqualTo("stock counts both, 5 and 5");
    }

    @Test
    void whatWasWrittenSinceBeatsWhatWasThereAtFirst() {
        seed(a, ITEM, TableRules.defaults(), "('cup', 'seed of a', 5)");
        a.sql("UPDATE item SET title = 'written'");
        a.seal();
        seed(b, ITEM, TableRules.defaults(), "('cup', 'seed of b', 5)");
        assertSame("cup|written|5");
    }

    @Test
    void twentyFiveThousandRowsAreThreeChangeSets() {
        a.sql(ITEM);
        a.sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000)"
                + " INSERT INTO item SELECT printf('i%05d', i), 'item', i FROM n");
        EnrolReport report = a.enrol("item", TableRules.defaults().counter("stock"));

        assertThat(report.rows()).isEqualTo(25_000);
        assertThat(a.changeSets()).hasSize(3);
        world.settle(a, b);
        assertThat(b.sqlValue("SELECT count(*) || ' ' || sum(stock) FROM item")).isEqualTo("25000 312512500");
        world.assertConverged(a, b);
    }

    @Test
    void rowsWithKeysThatAreNoTextAreCapturedOnce() {
        a.sql("CREATE TABLE item(id TEXT PRIMARY KEY, v)");
        a.sql("INSERT INTO item VALUES (CAST(x'ff' AS TEXT), 1), (CAST(x'fe' AS TEXT), 2), ('a', 3)");
        assertThat(a.enrol("item", TableRules.defaults()).rows()).isEqualTo(3);
        world.settle(a, b);
        assertThat(b.dump("item")).isEqualTo(a.dump("item"));
    }

    @Test
    void enrollingTwiceChangesNothing() {
        seed(a, ITEM, TableRules.defaults().counter("stock"), "('cup', 'Cup', 5)");
        long before = a.changeSets().size();

        EnrolReport again = a.enrol("item", TableRules.defaults());

        assertThat(again.alreadyEnrolled()).isTrue();
        assertThat(a.changeSets()).hasSize((int) before);
        assertSame("cup|Cup|5");
    }

    @Test
    void anEnrolmentThatFailsLeavesNoTrace() {
        a.sql(ITEM);
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 'many')");
        assertThatThrownBy(() -> a.enrol("item", TableRules.defaults().counter("stock")))
                .isInstanceOf(SyncException.CannotEnrol.class)
                .hasMessageContaining("it cannot take what 1 rows hold there (a counter holds integers)");

        assertThat(a.sqlValue("SELECT count(*) FROM sqlite_master WHERE type = 'trigger'"))
                .isEqualTo("0");
        assertThat(a.rows("_ab_table")).isEmpty();
        assertThat(a.changeSets()).isEmpty();
        a.sql("UPDATE item SET stock = 1");
        a.enrol("item", TableRules.defaults().counter("stock"));
        assertSame("cup|Cup|1");
    }

    // ---- Rules

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whoeverDeclaredARuleFirstIsRightEverywhereWhateverArrivesFirst(boolean aAsks) {
        seed(a, ITEM, TableRules.defaults().counter("stock"), "('cup', 'Cup', 5)");
        seed(b, ITEM, TableRules.defaults().onDelete(DeletePolicy.DELETE_WINS), "('cup', 'Cup', 7)");
        a.sql("UPDATE item SET stock = stock + 1");
        b.sql("UPDATE item SET stock = 9");
        TestReplica c = world.replica("c");
        if (aAsks) {
            world.exchange(a, b);
            world.exchange(c, b);
        } else {
            world.exchange(c, a);
            world.exchange(b, c);
        }
        world.settle(a, b, c);

        // Both wrote under both rules; which of the two rules holds depends on the origins alone.
        String counted = "cup|Cup|6";
        String assigned = "cup|Cup|9";
        assertThat(a.rows("item")).hasSize(1);
        assertThat(a.rows("item").get(0)).isIn(counted, assigned);
        assertThat(b.rows("item")).isEqualTo(a.rows("item"));
        assertThat(c.rows("item")).isEqualTo(a.rows("item"));
        world.assertConverged(a, b, c);

        a.sql("UPDATE item SET stock = stock + 1");
        b.sql("UPDATE item SET title = 'Mug'");
        world.settle(a, b, c);
        assertThat(b.rows("item")).isEqualTo(a.rows("item"));
        assertThat(c.rows("item")).isEqualTo(a.rows("item"));
        world.assertConverged(a, b, c);
    }

    @Test
    void aDefaultThatTheSpaceSettlesOnIsShownByAll() {
        TestReplica c = world.replica("c");
        a.sql("CREATE TABLE item(id TEXT PRIMARY KEY, x)");
        a.enrol("item", TableRules.defaults());
        b.sql("CREATE TABLE item(id TEXT PRIMARY KEY, x, y INTEGER DEFAULT 1)");
        b.enrol("item", TableRules.defaults());
        c.sql("CREATE TABLE item(id TEXT PRIMARY KEY, x, y INTEGER DEFAULT 2)");
        c.enrol("item", TableRules.defaults());
        a.sql("INSERT INTO item VALUES ('cup', 'by a')");
        world.exchange(a, b);
        world.exchange(a, c);
        world.settle(a, b, c);

        assertThat(c.rows("item")).isEqualTo(b.rows("item"));
        world.assertConverged(a, b, c);
    }

    @Test
    void anotherPrimaryKeyKeepsTheTablesApartAndStopsNothing() {
        a.sql("CREATE TABLE item(id TEXT PRIMARY KEY, code TEXT)");
        a.sql("INSERT INTO item VALUES ('1', 'x')");
        a.enrol("item", TableRules.defaults());
        b.sql("CREATE TABLE item(id TEXT, code TEXT PRIMARY KEY)");
        b.sql("INSERT INTO item VALUES ('2', 'y')");
        b.enrol("item", TableRules.defaults());
        world.settle(a, b);
        a.sql("INSERT INTO item VALUES ('3', 'z')");
        b.sql("INSERT INTO item VALUES ('4', 'w')");
        a.sql("CREATE TABLE other(id TEXT PRIMARY KEY)");
        a.enrol("other", TableRules.defaults());
        a.sql("INSERT INTO other VALUES ('o')");
        world.settle(a, b);

        assertThat(b.rows("other")).containsExactly("o");
        assertThat(a.rows("item")).contains("1|x", "3|z");
        assertThat(b.rows("item")).contains("2|y", "4|w");
        world.assertConverged(a, b);
    }

    @Test
    void aRuleAgainstTheSpacesIsRefused() {
        seed(a, ITEM, TableRules.defaults().counter("stock"));
        world.settle(a, b);

        assertThatThrownBy(() -> b.enrol("item", TableRules.defaults().rule("stock", Rule.LWW)))
                .isInstanceOf(SyncException.CannotEnrol.class)
                .hasMessageContaining("the space has declared it as counter, and the first declaration holds");
        assertThatThrownBy(() -> b.enrol("item", TableRules.defaults().onDelete(DeletePolicy.DELETE_WINS)))
                .isInstanceOf(SyncException.CannotEnrol.class);
    }

    // ---- Tables that are there before the space names them

    @Test
    void aTableOfTheApplicationIsLeftAloneUntilItIsEnrolledAndThenJoins() {
        b.sql(ITEM);
        b.sql("INSERT INTO item VALUES ('pan', 'Pan', 1), ('cup', 'mine', 2)");
        seed(a, ITEM, TableRules.defaults().counter("stock"), "('cup', 'Cup', 5)");
        world.settle(a, b);
        a.sql("UPDATE item SET stock = stock + 1");
        world.settle(a, b);
        assertThat(b.rows("item")).containsExactly("cup|mine|2", "pan|Pan|1");

        b.enrol("item", TableRules.defaults());
        world.settle(a, b);
        assertThat(b.rows("item")).isEqualTo(a.rows("item"));
        assertThat(a.sqlValue("SELECT group_concat(id || stock) FROM item ORDER BY id"))
                .isEqualTo("cup8,pan1");
        world.assertConverged(a, b);
    }

    @Test
    void whatIsHeldForAnotherTableIsNotTakenTwiceWhenATableIsEnrolled() {
        seed(a, ITEM, TableRules.defaults().counter("stock"));
        world.settle(a, b);
        TestReplica late = world.replica("late");
        late.sql(ITEM);
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 5)");
        a.seal();
        a.sql("UPDATE item SET stock = stock + 1");
        a.seal();
        late.file().accept(a.changeSets());
        // As if something else in the last change set were not understood here.
        late.sql("UPDATE _ab_log SET held = 1 WHERE lsn = (SELECT max(lsn) FROM _ab_log)");

        late.enrol("item", TableRules.defaults());
        world.settle(a, late);

        assertThat(late.rows("item")).containsExactly("cup|Cup|6");
        world.assertConverged(a, late);
    }

    // ---- Tables made from the space

    @Test
    void anEmptyFileGetsTablesAsTheyAre() {
        a.sql("CREATE TABLE parent(id INTEGER PRIMARY KEY)");
        a.sql("CREATE TABLE item(b VARCHAR(20) NOT NULL COLLATE NOCASE DEFAULT 'it''s', a INT, c DECIMAL(10,2)"
                + " DEFAULT -1.5, d DATETIME DEFAULT CURRENT_TIMESTAMP, e BLOB, f, g DOUBLE PRECISION DEFAULT 1e3,"
                + " h UNSIGNED BIG INT DEFAULT -9223372036854775808, parent INTEGER REFERENCES parent(id) ON"
                + " DELETE CASCADE,"
                + " PRIMARY KEY (b2, a), b2 TEXT) WITHOUT ROWID"
                        .replace(" PRIMARY KEY (b2, a), b2 TEXT", " b2 TEXT, PRIMARY KEY (b2, a)"));
        a.sql("CREATE INDEX by_parent ON item(parent, b COLLATE NOCASE DESC)");
        a.enrol("parent", TableRules.defaults());
        a.enrol("item", TableRules.defaults());
        world.settle(a, b);

        String columns =
                "SELECT group_concat(name || ' ' || type || ' ' || \"notnull\" || ' ' || ifnull(dflt_value, '') || ' '"
                        + " || pk, char(10)) FROM pragma_table_info('item')";
        assertThat(b.sqlValue(columns)
                        .replace("0x8000000000000000", "-9223372036854775808")
                        .replace("1000.0", "1e3"))
                .isEqualTo(a.sqlValue(columns));
        String index = "SELECT group_concat(name || coll || \"desc\") FROM pragma_index_xinfo('by_parent')";
        assertThat(b.sqlValue(index)).isEqualTo(a.sqlValue(index));
        String foreign = "SELECT \"table\" || \"from\" || \"to\" || on_delete FROM pragma_foreign_key_list('item')";
        assertThat(b.sqlValue(foreign)).isEqualTo(a.sqlValue(foreign));
        a.sql("INSERT INTO item(b2, a) VALUES ('k', 1)");
        world.settle(a, b);
        assertThat(b.dump("item")).isEqualTo(a.dump("item"));
    }

    @Test
    void whatCannotTravelIsReportedAndLeftOut() {
        a.sql("CREATE TABLE item(id TEXT PRIMARY KEY, x DEFAULT ('a' || 'b'), y INTEGER CHECK (y > 0), z DEFAULT"
                + " (random()))");
        a.sql("CREATE INDEX part ON item(x) WHERE y > 1");
        a.sql("CREATE INDEX expr ON item(lower(x))");

        assertThat(a.enrol("item", TableRules.defaults()).warnings())
                .anySatisfy(warning -> assertThat(warning).contains("item.x: its default is an expression"))
                .anySatisfy(warning -> assertThat(warning).contains("item.z: its default is an expression"))
                .anySatisfy(warning -> assertThat(warning).contains("CHECK constraints stay in this file"))
                .anySatisfy(warning -> assertThat(warning).contains("index part is over some rows alone"))
                .anySatisfy(warning -> assertThat(warning).contains("index expr is over an expression"));
        world.settle(a, b);
        assertThat(b.sqlValue("SELECT count(*) FROM sqlite_master WHERE name IN ('part', 'expr')"))
                .isEqualTo("0");
        assertThat(b.sqlValue("SELECT group_concat(ifnull(dflt_value, 'none')) FROM pragma_table_info('item')"))
                .isEqualTo("none,none,none,none");
    }

    @Test
    void theApplicationsOwnInternalsCannotBeEnrolled() {
        a.sql("CREATE VIRTUAL TABLE words USING fts5(body)");
        a.sql("CREATE TABLE seq(id INTEGER PRIMARY KEY AUTOINCREMENT)");
        for (String table : List.of("_ab_row", "_ab_meta", "sqlite_sequence", "words", "words_data", "missing")) {
            assertThatThrownBy(() -> a.enrol(table, TableRules.defaults()))
                    .as(table)
                    .isInstanceOf(SyncException.CannotEnrol.class);
        }
        assertThat(a.file().reports().tables(true)).containsExactly("seq");
        assertThat(a.file().reports().tables(false)).isEmpty();
    }

    @Test
    void namesTooLongForTheWireAreRefused() {
        a.sql("CREATE TABLE " + "x".repeat(5_000) + "(id TEXT PRIMARY KEY)");
        a.sql("CREATE TABLE item(id TEXT PRIMARY KEY, " + "y".repeat(5_000) + ")");

        assertThatThrownBy(() -> a.enrol("x".repeat(5_000), TableRules.defaults()))
                .isInstanceOf(SyncException.CannotEnrol.class);
        assertThatThrownBy(() -> a.enrol("item", TableRules.defaults())).isInstanceOf(SyncException.CannotEnrol.class);
    }

    @Test
    void theDeclarationTravelsWithTheFirstRows() {
        seed(a, ITEM, TableRules.defaults(), "('cup', 'Cup', 5)");

        assertThat(io.anabranch.sync.change.ChangeSetCodec.ops(a.changeSets().get(0))
                        .get(0))
                .isInstanceOf(TableOp.Declare.class);
    }
}
