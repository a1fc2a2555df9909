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
}
