// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.sync.sql.Sql;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Names, widths and sizes that SQLite allows and nobody expects. */
class BadInputTest {
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

    private void assertSound() {
        world.settle(a, b);
        world.assertConverged(a, b);
        assertThat(a.file().verify().problems()).isEmpty();
        assertThat(b.file().verify().problems()).isEmpty();
    }

    static Stream<String> names() {
        return Stream.of(
                "\"; DROP TABLE x; --",
                "'; DELETE FROM x; --",
                "select",
                "🦫",
                "a b.c[d]`e",
                "%s\n{0}\t\\",
                "n".repeat(300));
    }

    @ParameterizedTest
    @MethodSource("names")
    void aTableAndItsColumnsAreCalledAnything(String name) {
        String table = Sql.name(name);
        String key = Sql.name(name + "k");
        String counter = Sql.name(name + "c");
        String unique = Sql.name(name + "u");
        a.sql("CREATE TABLE x(id TEXT PRIMARY KEY)");
        a.sql("CREATE TABLE " + table + "(" + key + " TEXT PRIMARY KEY, " + table + " TEXT, " + counter
                + " INTEGER DEFAULT 0, " + unique + " TEXT UNIQUE)");
        a.sql("INSERT INTO " + table + " VALUES ('r0', 'there', 1, 'u0')");
        a.enrol("x", TableRules.defaults());
        a.enrol(name, TableRules.defaults().counter(name + "c").rename(name + "u"));
        assertSound();
        a.sql("UPDATE " + table + " SET " + table + " = 'from a', " + counter + " = " + counter + " + 1");
        b.sql("UPDATE " + table + " SET " + counter + " = " + counter + " + 1");
        b.sql("INSERT OR REPLACE INTO " + table + " VALUES ('r1', NULL, 5, 'u1')");
        a.sql("INSERT INTO " + table + " VALUES ('r2', NULL, 5, 'u1')");
        assertSound();
        assertThat(a.sqlValue("SELECT " + table + " || " + counter + " FROM " + table + " WHERE " + key + " = 'r0'"))
                .isEqualTo("from a3");
        b.sql("DELETE FROM " + table);
        assertSound();
        assertThat(a.rows(name)).isEmpty();
        assertThat(a.rows("x")).isEmpty();
    }

    /** The mask comes in chunks: SQLite allows expressions 1,000 deep. */
    @Test
    void aTableHas2000Columns() {
        List<String> columns = new ArrayList<>();
        for (int i = 1; i < 2_000; i++) {
            columns.add("c" + i);
        }
        String ddl = "CREATE TABLE wide(id TEXT PRIMARY KEY, " + String.join(", ", columns) + ")";
        for (TestReplica replica : List.of(a, b)) {
            replica.sql(ddl);
            replica.enrol("wide", TableRules.defaults());
        }
        a.sql("INSERT INTO wide(id, c1, c1999) VALUES ('r', 1, 1999)");
        assertSound();
        a.sql("UPDATE wide SET c1999 = 'last'");
        b.sql("UPDATE wide SET c1 = 'first', c1000 = 'middle'");
        assertSound();
        for (TestReplica replica : List.of(a, b)) {
            assertThat(replica.sqlValue("SELECT c1 || ' ' || c1000 || ' ' || c1999 FROM wide"))
                    .isEqualTo("first middle last");
        }
        assertThat(a.lastOps()).hasSize(1);
        assertThat(a.lastOps().get(0).toString().length())
                .as("an update of one column says nothing of the others")
                .isLessThan(1_000);
    }

    @Test
    void aTextHasOneMebibyte() {
        a.sql("CREATE TABLE doc(id TEXT PRIMARY KEY, body TEXT)");
        a.enrol("doc", TableRules.defaults());
        a.sql("INSERT INTO doc VALUES ('d', replace(hex(zeroblob(262144)), '00', 'äö'))");
        assertSound();
        assertThat(b.sqlValue("SELECT length(CAST(body AS BLOB)) FROM doc")).isEqualTo("1048576");
        b.sql("UPDATE doc SET body = body || '!'");
        assertSound();
        assertThat(a.sqlValue("SELECT substr(body, -2) FROM doc")).isEqualTo("ö!");
    }

    @Test
    void anEnrolledTableThatTheApplicationDropsStaysInTheSpaceAndComesBackWithItsRows() {
        a.sql("CREATE TABLE item(id TEXT PRIMARY KEY, title TEXT)");
        a.enrol("item", TableRules.defaults());
        a.sql("INSERT INTO item VALUES ('r', 'here')");
        assertSound();
        a.sql("DROP TABLE item");
        b.sql("UPDATE item SET title = 'from b'");
        world.settle(a, b);
        assertThat(b.rows("item")).containsExactly("r|from b");
        a.sql("CREATE TABLE item(id TEXT PRIMARY KEY, title TEXT)");
        assertSound();
        assertThat(a.rows("item")).containsExactly("r|from b");
    }
}
