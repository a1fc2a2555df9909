// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.sql;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransactionControlTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "BEGIN",
                "begin immediate",
                " -- a comment\n commit",
                "/* a */ /* b */ END",
                ";;ROLLBACK",
                "rollback transaction",
                "INSERT INTO t VALUES (';'); COMMIT",
                "INSERT INTO t VALUES ('it''s'); COMMIT",
                "SELECT \"a;b\" FROM [c;d]; END TRANSACTION",
                "ROLLBACK TO s; ROLLBACK",
                "CREATE TABLE t(a); COMMIT",
                "CREATE TRIGGER r AFTER INSERT ON t BEGIN DELETE FROM t; END; COMMIT",
                "CREATE; COMMIT",
                "PRAGMA user_version; COMMIT",
                "PRAGMA query_only = ON",
                "pragma query_only(1)",
                "PRAGMA main.locking_mode = EXCLUSIVE"
            })
    void findsWhatBeginsOrEndsATransactionOrOutlivesIt(String sql) {
        assertThat(TransactionControl.find(sql)).isNotNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                ";",
                "-- COMMIT",
                "/* COMMIT",
                "SELECT 'BEGIN'",
                "SELECT 1 AS \"commit\"",
                "INSERT INTO t VALUES ('; COMMIT')",
                "SAVEPOINT s",
                "RELEASE s",
                "ROLLBACK TO s",
                "rollback transaction to savepoint s",
                "CREATE TEMP TRIGGER r AFTER INSERT ON t BEGIN UPDATE t SET a = CASE WHEN 1 THEN 2 END; DELETE FROM t; END",
                "SELECT CASE a WHEN 1 THEN 2 END FROM t",
                "INSERT INTO beginning VALUES (1)",
                "PRAGMA query_only",
                "PRAGMA main.locking_mode; SELECT 1",
                "PRAGMA user_version = 3",
                "PRAGMA"
            })
    void leavesTheRestAlone(String sql) {
        assertThat(TransactionControl.find(sql)).isNull();
    }
}
