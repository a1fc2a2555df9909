// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.jdbc;

import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlException;
import io.anabranch.sync.sql.SqlStatement;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.sqlite.core.Codes;
import org.sqlite.core.CoreStatement;
import org.sqlite.core.DB;
import org.sqlite.core.SafeStmtPtr;

/**
 * A prepared statement of the JDBC driver, run through what the driver itself stands on: a result set for each of thousands of
 * small questions costs more than SQLite takes to answer them. Text comes out as its bytes: SQLite holds any bytes under the
 * name of text, and the detour through a String costs more than all else of reading a value.
 */
final class JdbcStatement implements SqlStatement {
    private static final byte[] EMPTY = {};

    private final JdbcDatabase database;
    private final String sql;
    private final CoreStatement statement;
    /** SQLite's own statement. */
    private final SafeStmtPtr pointer;
    /** By parameter, for this and later runs; null for what was never bound. */
    private final @Nullable Object[] parameters;

    private final boolean hasColumns;
    /** Whether it is at a row. */
    private boolean isOpen;

    private boolean isUsable = true;

    JdbcStatement(JdbcDatabase database, String sql, PreparedStatement prepared) throws SQLException {
        this.database = database;
        this.sql = sql;
        this.statement = (CoreStatement) prepared;
        this.pointer = statement.pointer;
        this.parameters = new Object[prepared.getParameterMetaData().getParameterCount()];
        this.hasColumns = pointer.safeRunInt(DB::column_count) > 0;
    }

    @Override
    public SqlStatement bind(int parameter, long value) {
        parameters[parameter - 1] = value;
        return this;
    }

    @Override
    public SqlStatement bind(int parameter, String value) {
        parameters[parameter - 1] = value;
        return this;
    }

    @Override
    public SqlStatement bind(int parameter, byte[] value) {
        parameters[parameter - 1] = value;
        return this;
    }

    @Override
    public SqlStatement bindNull(int parameter) {
        parameters[parameter - 1] = null;
        return this;
    }

    @Override
    public SqlStatement bind(int parameter, Value value) {
        if (value instanceof Value.Int integer) {
            return bind(parameter, integer.value());
        }
        if (value instanceof Value.Text text) {
            return bind(parameter, new String(text.utf8(), StandardCharsets.UTF_8));
        }
        if (value instanceof Value.Real real) {
            parameters[parameter - 1] = real.value();
            return this;
        }
        if (value instanceof Value.Blob blob) {
            return bind(parameter, blob.bytes());
        }
        return bindNull(parameter);
    }

    @Override
    public boolean step() {
        try {
            boolean isRow = isOpen ? next() : execute();
            if (isRow != isOpen) {
                isOpen = isRow;
                database.opened(this, isRow);
            }
            return isRow;
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** Binds, and runs to the first row. Returns whether there is one; without it the statement is reset. */
    private boolean execute() throws SQLException {
        return statement.getDatabase().execute(statement, parameters);
    }

    private boolean next() throws SQLException {
        int code = pointer.safeRunInt(DB::step);
        if (code == Codes.SQLITE_ROW) {
            return true;
        }
        if (code != Codes.SQLITE_DONE) {
            statement.getDatabase().throwex(code);
        }
        pointer.safeRunInt(DB::reset);
        return false;
    }

    @Override
    public int run() {
        try {
            boolean isRow = execute();
            if (isRow) {
                pointer.safeRunInt(DB::reset);
            }
            return hasColumns ? 0 : (int) statement.getDatabase().changes();
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** The driver closes a statement that failed for some reasons, and says so to nobody. */
    private SqlException failed(SQLException e) {
        SqlException translated = JdbcDatabase.translate("running " + sql, e);
        isUsable = translated.kind() == SqlException.Kind.CONSTRAINT && !pointer.isClosed();
        setClosed();
        if (!pointer.isClosed()) {
            try {
                pointer.safeRunInt(DB::reset); // It gives the same error again.
            } catch (SQLException closed) {
                isUsable = false;
            }
        }
        return translated;
    }

    boolean isUsable() {
        return isUsable;
    }

    private void setClosed() {
        if (isOpen) {
            isOpen = false;
            database.opened(this, false);
        }
    }

    @Override
    public int parameterCount() {
        return parameters.length;
    }

    @Override
    public boolean isNull(int column) {
        return read(() -> pointer.safeRunInt((db, row) -> db.column_type(row, column)) == Codes.SQLITE_NULL);
    }

    @Override
    public long getLong(int column) {
        return read(() -> pointer.safeRunLong((db, row) -> db.column_long(row, column)));
    }

    @Override
    public @Nullable String getText(int column) {
        return read(() -> pointer.<@Nullable String, SQLException>safeRun((db, row) -> db.column_text(row, column)));
    }

    @Override
    public byte @Nullable [] getBlob(int column) {
        return read(() -> pointer.<byte @Nullable [], SQLException>safeRun((db, row) -> db.column_blob(row, column)));
    }

    @Override
    public Value getValue(int column) {
        return read(() -> value(column));
    }

    private Value value(int column) throws SQLException {
        switch (pointer.safeRunInt((db, row) -> db.column_type(row, column))) {
            case Codes.SQLITE_INTEGER:
                return Value.of(pointer.safeRunLong((db, row) -> db.column_long(row, column)));
            case Codes.SQLITE_FLOAT:
                return Value.of(pointer.safeRunDouble((db, row) -> db.column_double(row, column)));
            case Codes.SQLITE_TEXT:
                return Value.text(bytes(column));
            case Codes.SQLITE_BLOB:
                return Value.blob(bytes(column));
            default:
                return Value.NULL;
        }
    }

    private byte[] bytes(int column) throws SQLException {
        byte[] bytes = pointer.<byte @Nullable [], SQLException>safeRun((db, row) -> db.column_blob(row, column));
        return bytes == null ? EMPTY : bytes;
    }

    @Override
    public int columnCount() {
        return read(() -> pointer.safeRunInt(DB::column_count));
    }

    @Override
    public String columnName(int column) {
        return read(() -> pointer.<String, SQLException>safeRun((db, row) -> db.column_name(row, column)));
    }

    @Override
    public void reset() {
        if (isOpen) {
            setClosed();
            attempt(() -> pointer.safeRunInt(DB::reset));
        }
    }

    boolean isOpen() {
        return isOpen;
    }

    void close() {
        reset();
        attempt(((PreparedStatement) statement)::close);
    }

    private void attempt(Action action) {
        try {
            action.run();
        } catch (SQLException e) {
            throw JdbcDatabase.translate("in " + sql, e);
        }
    }

    private <T extends @Nullable Object> T read(Reader<T> reader) {
        if (!isOpen) {
            throw new IllegalStateException("no row to read from: " + sql);
        }
        try {
            return reader.read();
        } catch (SQLException e) {
            throw JdbcDatabase.translate("reading from " + sql, e);
        }
    }

    private interface Action {
        void run() throws SQLException;
    }

    private interface Reader<T extends @Nullable Object> {
        T read() throws SQLException;
    }
}
