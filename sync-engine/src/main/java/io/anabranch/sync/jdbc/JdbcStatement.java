// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.jdbc;

import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlException;
import io.anabranch.sync.sql.SqlStatement;
import java.nio.charset.StandardCharsets;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.sqlite.core.Codes;
import org.sqlite.core.CoreStatement;
import org.sqlite.core.SafeStmtPtr;

/**
 * A prepared statement over JDBC. Text comes out as its bytes: SQLite holds any bytes under the name of text, and the detour
 * through a String costs more than all else of reading a value.
 */
final class JdbcStatement implements SqlStatement {
    private static final byte[] EMPTY = {};

    private final String sql;
    private final PreparedStatement statement;
    /** SQLite's own statement, for what JDBC has no word for. */
    private final SafeStmtPtr pointer;

    private int parameterCount = -1;
    private @Nullable ResultSet rows;
    private boolean isUsable = true;

    JdbcStatement(String sql, PreparedStatement statement) {
        this.sql = sql;
        this.statement = statement;
        this.pointer = ((CoreStatement) statement).pointer;
    }

    @Override
    public SqlStatement bind(int parameter, long value) {
        return attempt(() -> statement.setLong(parameter, value));
    }

    @Override
    public SqlStatement bind(int parameter, String value) {
        return attempt(() -> statement.setString(parameter, value));
    }

    @Override
    public SqlStatement bind(int parameter, byte[] value) {
        return attempt(() -> statement.setBytes(parameter, value));
    }

    @Override
    public SqlStatement bindNull(int parameter) {
        return attempt(() -> statement.setObject(parameter, null));
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
            return attempt(() -> statement.setDouble(parameter, real.value()));
        }
        if (value instanceof Value.Blob blob) {
            return bind(parameter, blob.bytes());
        }
        return bindNull(parameter);
    }

    @Override
    public boolean step() {
        try {
            if (rows == null) {
                rows = statement.executeQuery();
            }
            if (rows.next()) {
                return true;
            }
            reset();
            return false;
        } catch (SQLException e) {
            rows = null;
            throw failed(e);
        }
    }

    @Override
    public int run() {
        try {
            if (!statement.execute()) {
                return statement.getUpdateCount();
            }
            statement.getResultSet().close();
            return 0;
        } catch (SQLException e) {
            throw failed(e);
        }
    }

    /** The driver closes a statement that failed for some reasons, and says so to nobody. */
    private SqlException failed(SQLException e) {
        SqlException translated = JdbcDatabase.translate("running " + sql, e);
        isUsable = translated.kind() == SqlException.Kind.CONSTRAINT && !pointer.isClosed();
        return translated;
    }

    boolean isUsable() {
        return isUsable;
    }

    @Override
    public int parameterCount() {
        try {
            if (parameterCount < 0) {
                parameterCount = statement.getParameterMetaData().getParameterCount();
            }
            return parameterCount;
        } catch (SQLException e) {
            throw JdbcDatabase.translate("in " + sql, e);
        }
    }

    @Override
    public boolean isNull(int column) {
        return read(rows -> rows.getObject(column + 1)) == null;
    }

    @Override
    public long getLong(int column) {
        return read(rows -> rows.getLong(column + 1));
    }

    @Override
    public @Nullable String getText(int column) {
        return read(rows -> rows.getString(column + 1));
    }

    @Override
    public byte @Nullable [] getBlob(int column) {
        return read(rows -> rows.getBytes(column + 1));
    }

    @Override
    public Value getValue(int column) {
        return read(rows -> value(column));
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
        return read(rows -> rows.getMetaData().getColumnCount());
    }

    @Override
    public String columnName(int column) {
        return read(rows -> rows.getMetaData().getColumnLabel(column + 1));
    }

    @Override
    public void reset() {
        ResultSet open = rows;
        rows = null;
        if (open != null) {
            attempt(open::close);
        }
    }

    boolean isOpen() {
        return rows != null;
    }

    void close() {
        reset();
        attempt(statement::close);
    }

    private SqlStatement attempt(Action action) {
        try {
            action.run();
            return this;
        } catch (SQLException e) {
            throw JdbcDatabase.translate("in " + sql, e);
        }
    }

    private <T extends @Nullable Object> T read(Reader<T> reader) {
        ResultSet open = rows;
        if (open == null) {
            throw new IllegalStateException("no row to read from: " + sql);
        }
        try {
            return reader.read(open);
        } catch (SQLException e) {
            throw JdbcDatabase.translate("reading from " + sql, e);
        }
    }

    private interface Action {
        void run() throws SQLException;
    }

    private interface Reader<T extends @Nullable Object> {
        T read(ResultSet rows) throws SQLException;
    }
}
