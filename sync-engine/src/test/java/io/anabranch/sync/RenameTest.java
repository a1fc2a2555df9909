// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.sync.change.Value;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows that were given one unique value apart: the younger shows another, as long as the older holds it. */
class RenameTest {
    private static final String USER = "CREATE TABLE user(id TEXT PRIMARY KEY, email TEXT UNIQUE, name TEXT)";

    @TempDir
    Path folder;

    private World world;
    private TestReplica a;
    private TestReplica b;
    private TestReplica c;

    @BeforeEach
    void open() {
        world = new World(folder);
        a = world.replica("a");
        b = world.replica("b");
        c = world.replica("c");
    }

    @AfterEach
    void close() {
        world.close();
    }

    private void share(TableRules rules) {
        a.sql(USER);
        a.enrol("user", rules);
        world.settle(a, b, c);
    }

    private void apart() {
        a.sql("INSERT INTO user VALUES ('r1', 'ann', 'from a')");
        a.seal();
        world.pass(10);
        b.sql("INSERT INTO user VALUES ('r2', 'ann', 'from b')");
        world.settle(a, b, c);
    }

    private void assertAllShow(String... rows) {
        for (TestReplica replica : List.of(a, b, c)) {
            assertThat(replica.rows("user")).as(replica.name()).containsExactly(rows);
            assertThat(replica.file().verify().isSound())
                    .as("%s", replica.file().verify().problems())
                    .isTrue();
        }
        world.assertConverged(a, b, c);
    }

    private static String count(TestReplica replica, String table) {
        return replica.sqlValue("SELECT count(*) FROM " + table);
    }

    @Test
    void theYoungerOfTwoRivalsShowsItsKeyBehindTheValueAtAll() {
        share(TableRules.defaults().rename("email"));
        apart();
        assertAllShow("r1|ann|from a", "r2|ann (r2)|from b");
        assertThat(count(c, "_ab_hidden")).isEqualTo("0");
        assertThat(count(c, "_ab_renamed")).isEqualTo("1");
    }

    @Test
    void aRenamedRowTakesItsOwnValueBackOnceTheOlderRowIsGone() {
        theYoungerOfTwoRivalsShowsItsKeyBehindTheValueAtAll();
        b.sql("DELETE FROM user WHERE id = 'r1'");
        b.seal();
        assertThat(b.rows("user")).as("at once, where it was deleted").containsExactly("r2|ann|from b");
        world.settle(a, b, c);
        assertAllShow("r2|ann|from b");
        assertThat(count(a, "_ab_renamed")).isEqualTo("0");
    }

    @Test
    void whatIsShownInsteadIsNeverSealed() {
        theYoungerOfTwoRivalsShowsItsKeyBehindTheValueAtAll();
        c.sql("UPDATE user SET name = 'edited at c' WHERE id = 'r2'");
        world.settle(a, b, c);
        assertAllShow("r1|ann|from a", "r2|ann (r2)|edited at c");
        a.sql("INSERT OR REPLACE INTO user SELECT id, email, 'whole row' FROM user WHERE id = 'r2'");
        world.settle(a, b, c);
        assertAllShow("r1|ann|from a", "r2|ann (r2)|whole row");
        a.sql("UPDATE user SET email = 'bob' WHERE id = 'r1'");
        world.settle(a, b, c);
        assertAllShow("r1|bob|from a", "r2|ann|whole row");
    }

    @Test
    void aRenamedRowTakesAValueOfItsOwnByAnOrdinaryWrite() {
        theYoungerOfTwoRivalsShowsItsKeyBehindTheValueAtAll();
        c.sql("UPDATE user SET email = 'eve' WHERE id = 'r2'");
        world.settle(a, b, c);
        assertAllShow("r1|ann|from a", "r2|eve|from b");
        assertThat(count(a, "_ab_renamed")).isEqualTo("0");
    }

    @Test
    void aRenamedRowCanBeDeleted() {
        theYoungerOfTwoRivalsShowsItsKeyBehindTheValueAtAll();
        c.sql("DELETE FROM user WHERE id = 'r2'");
        world.settle(a, b, c);
        assertAllShow("r1|ann|from a");
        assertThat(count(c, "_ab_renamed")).isEqualTo("0");
    }

    @Test
    void aRowIsHiddenWhereTheOtherNameIsTakenTooAndShowsOnceThatIsFree() {
        share(TableRules.defaults().rename("email"));
        a.sql("INSERT INTO user VALUES ('r0', 'ann (r2)', 'early')");
        a.seal();
        world.pass(10);
        apart();
        assertAllShow("r0|ann (r2)|early", "r1|ann|from a");
        assertThat(c.column("SELECT reason FROM _ab_hidden")).containsExactly("an older row, [r0], has the same email");
        c.sql("DELETE FROM user WHERE id = 'r0'");
        world.settle(a, b, c);
        assertAllShow("r1|ann|from a", "r2|ann (r2)|from b");
        assertThat(count(b, "_ab_hidden")).isEqualTo("0");
    }

    @Test
    void aThirdRivalIsRenamedToo() {
        share(TableRules.defaults().rename("email"));
        b.sql("INSERT INTO user VALUES ('r2', 'ann', 'from b')");
        b.seal();
        world.pass(10);
        c.sql("INSERT INTO user VALUES ('r3', 'ann', 'from c')");
        world.settle(a, b, c);
        world.pass(-20);
        a.sql("DELETE FROM user WHERE id = 'r2'");
        a.sql("INSERT INTO user VALUES ('r1', 'ann', 'from a')");
        world.settle(a, b, c);
        assertAllShow("r1|ann (r1)|from a", "r3|ann|from c");
    }

    @Test
    void aRenamerOfTheApplicationSaysWhatIsShown() {
        MergeRules rules =
                MergeRules.none().registerRenamer("shout", 2, (value, key) -> Value.of(value + "!" + key.get(0)));
        List.of(a, b, c).forEach(replica -> replica.file().use(rules));
        share(TableRules.defaults().rename("email", "shout", 2));
        apart();
        assertAllShow("r1|ann|from a", "r2|ann!r2|from b");
    }

    @Test
    void withoutItsRenamerARowIsHiddenAndSaysSoAndShowsOnceThereIsOne() {
        share(TableRules.defaults().rename("email", "shout", 2));
        apart();
        assertAllShow("r1|ann|from a");
        assertThat(a.file().mergeProblems()).containsEntry("rename:shout@2", "it is not registered here");
        MergeRules rules = MergeRules.none().registerRenamer("shout", 2, (value, key) -> Value.of(value + "!"));
        List.of(a, b, c).forEach(replica -> replica.file().use(rules));
        assertAllShow("r1|ann|from a", "r2|ann!|from b");
        assertThat(a.file().mergeProblems()).isEmpty();
    }

    @Test
    void aRenamerThatReturnsNullOrThrowsHidesTheRow() {
        MergeRules rules = MergeRules.none().registerRenamer("shout", 1, (value, key) -> {
            if (value.toString().equals("ann")) {
                return null;
            }
            throw new IllegalStateException("no idea");
        });
        List.of(a, b, c).forEach(replica -> replica.file().use(rules));
        share(TableRules.defaults().rename("email", "shout", 1));
        apart();
        assertAllShow("r1|ann|from a");
        b.sql("INSERT INTO user VALUES ('s2', 'bob', 'from b')");
        a.sql("INSERT INTO user VALUES ('s1', 'bob', 'from a')");
        world.settle(a, b, c);
        assertThat(count(c, "user")).isEqualTo("2");
        assertThat(c.file().mergeProblems().get("rename:shout@1")).contains("no idea");
    }

    @Test
    void aRepairedFileShowsTheOtherNameAgain() {
        theYoungerOfTwoRivalsShowsItsKeyBehindTheValueAtAll();
        c.file().repair();
        assertAllShow("r1|ann|from a", "r2|ann (r2)|from b");
        assertThat(c.file().unsealed()).isZero();
    }

    @Test
    void rowsThatAreLookedThroughForWritesWithoutTriggersKeepTheirOwnName() {
        theYoungerOfTwoRivalsShowsItsKeyBehindTheValueAtAll();
        c.sql("DROP TRIGGER _ab_upd_1");
        c.sql("UPDATE user SET name = 'unseen' WHERE id = 'r2'");
        c.file().sealPending();
        world.settle(a, b, c);
        assertAllShow("r1|ann|from a", "r2|ann (r2)|unseen");
        a.sql("DELETE FROM user WHERE id = 'r1'");
        world.settle(a, b, c);
        assertAllShow("r2|ann|unseen");
    }

    @Test
    void onlyAColumnOfAUniqueKeyCanBeRenamedAndOnlyOne() {
        a.sql(USER);
        a.sql("CREATE TABLE two(id TEXT PRIMARY KEY, x TEXT UNIQUE, y TEXT UNIQUE)");
        assertThatThrownBy(() -> a.enrol("user", TableRules.defaults().rename("name")))
                .isInstanceOf(SyncException.CannotEnrol.class)
                .hasMessageContaining("rule rename is for a column of a unique key, and name is in none");
        assertThatThrownBy(() -> a.enrol("user", TableRules.defaults().rename("id")))
                .hasMessageContaining("a key never changes");
        assertThatThrownBy(
                        () -> a.enrol("two", TableRules.defaults().rename("x").rename("y")))
                .hasMessageContaining("columns x and y both have rule rename");
    }
}
