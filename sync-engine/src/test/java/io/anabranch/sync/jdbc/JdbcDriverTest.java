// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JdbcDriverTest {
    @TempDir
    Path folder;

    @Test
    void aFileInAFolderThatCannotBeWrittenIsReadWithoutAnythingBesideIt() throws Exception {
        Path file = folder.resolve("a %20?#b.db");
        try (SqlDatabase db = new JdbcDriver().open(file, 0)) {
            db.execute("PRAGMA journal_mode = WAL");
            db.execute("CREATE TABLE t(x)");
            db.execute("INSERT INTO t VALUES (7)");
        }
        try (SqlDatabase db = new JdbcDriver().openImmutable(file.toAbsolutePath())) {
            assertThat(db.queryLong("SELECT x FROM t")).isEqualTo(7);
            assertThatThrownBy(() -> db.execute("INSERT INTO t VALUES (8)"))
                    .isInstanceOfSatisfying(
                            SqlException.class, e -> assertThat(e.kind()).isEqualTo(SqlException.Kind.READ_ONLY));
            try (Stream<Path> files = Files.list(folder)) {
                assertThat(files).containsExactly(file);
            }
        }
    }

    /** The driver closes a statement after some refusals and not after others; the type of a key is one of the former. */
    @Test
    void aStatementThatWasRefusedCanBePreparedAgain() {
        try (SqlDatabase db = new JdbcDriver().open(folder.resolve("a.db"), 0)) {
            db.execute("CREATE TABLE t(id INTEGER PRIMARY KEY)");
            String sql = "INSERT INTO t VALUES (?)";
            assertThatThrownBy(() -> db.prepare(sql).bind(1, "a text").run())
                    .isInstanceOfSatisfying(
                            SqlException.class, e -> assertThat(e.kind()).isEqualTo(SqlException.Kind.CONSTRAINT));

            assertThat(db.prepare(sql).bind(1, 5L).run()).isEqualTo(1);
        }
    }
}
