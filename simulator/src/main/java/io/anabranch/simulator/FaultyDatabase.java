// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.Lent;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** A connection of a simulated process: the real one, and its driver asked before each statement. */
final class FaultyDatabase implements SqlDatabase {
    private final SqlDatabase real;
    private final Path file;
    private final FaultyDriver driver;
    private boolean isWriting;

    FaultyDatabase(SqlDatabase real, Path file, FaultyDriver driver) {
        this.real = real;
        this.file = file;
        this.driver = driver;
    }

    @Override
    public SqlStatement prepare(String sql) {
        driver.checkAlive();
        return new Statement(sql, real.prepare(sql));
    }

    @Override
    public void execute(String sql) {
        driver.before(sql, real, isWriting);
        isWriting &= !sql.equals("ROLLBACK"); // Even if SQLite has ended the transaction before, and says so.
        if (sql.equals("COMMIT") && isWriting) {
            driver.commit(file, () -> real.execute(sql));
        } else {
            real.execute(sql);
        }
        if (sql.startsWith("BEGIN") || sql.equals("COMMIT") || sql.equals("ROLLBACK")) {
            isWriting = sql.equals("BEGIN IMMEDIATE");
        }
    }

    @Override
    public void resetAll() {
        real.resetAll();
    }

    @Override
    public <T> Lent<T> lend(Class<T> type) {
        return real.lend(type);
    }

    /** A dead process has its connections closed by the system. */
    @Override
    public void close() {
        driver.closed(this);
        real.close();
    }

    private final class Statement implements SqlStatement {
        private final String sql;
        private final SqlStatement statement;
        private boolean stepping;

        Statement(String sql, SqlStatement statement) {
            this.sql = sql;
            this.statement = statement;
        }

        @Override
        public SqlStatement bind(int parameter, long value) {
            statement.bind(parameter, value);
            return this;
        }

        @Override
        public SqlStatement bind(int parameter, String value) {
            statement.bind(parameter, value);
            return this;
        }

        @Override
        public SqlStatement bind(int parameter, byte[] value) {
            statement.bind(parameter, value);
            return this;
        }

        @Override
        public SqlStatement bind(int parameter, Value value) {
            statement.bind(parameter, value);
            return this;
        }

        @Override
        public SqlStatement bindNull(int parameter) {
            statement.bindNull(parameter);
            return this;
        }

        @Override
        public int parameterCount() {
            return statement.parameterCount();
        }

        @Override
        public boolean step() {
            if (!stepping) {
                driver.before(sql, real, isWriting);
            }
            stepping = statement.step();
            return stepping;
        }

        @Override
        public int run() {
            driver.before(sql, real, isWriting);
            return statement.run();
        }

        @Override
        public boolean isNull(int column) {
            return statement.isNull(column);
        }

        @Override
        public long getLong(int column) {
            return statement.getLong(column);
        }

        @Override
        public @Nullable String getText(int column) {
            return statement.getText(column);
        }

        @Override
        public byte @Nullable [] getBlob(int column) {
            return statement.getBlob(column);
        }

        @Override
        public Value getValue(int column) {
            return statement.getValue(column);
        }

        @Override
        public int columnCount() {
            return statement.columnCount();
        }

        @Override
        public String columnName(int column) {
            return statement.columnName(column);
        }

        @Override
        public void reset() {
            stepping = false;
            statement.reset();
        }
    }
}
