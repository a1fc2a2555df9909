// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.jdbc;

import io.anabranch.sync.sql.Lent;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlException;
import io.anabranch.sync.sql.SqlException.Kind;
import io.anabranch.sync.sql.SqlStatement;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.sqlite.SQLiteConnection;
import org.sqlite.SQLiteException;

/** A connection in autocommit mode: transactions are begun and ended by SQL text. */
final class JdbcDatabase implements SqlDatabase {
    private static final int MAX_STATEMENTS = 200;
    /** What every transaction runs, and so is kept all the same. */
    private static final Set<String> KEPT = Set.of("BEGIN", "BEGIN IMMEDIATE", "COMMIT", "DELETE FROM _ab_pending");

    private final SQLiteConnection connection;
    /** By SQL text, least lately used first. */
    private final LinkedHashMap<String, JdbcStatement> statements = new LinkedHashMap<>(64, 0.75f, true);

    /** Those that are at a row, seldom more than one or two: to look through all after each transaction costs more than it does. */
    private final List<JdbcStatement> open = new ArrayList<>();

    JdbcDatabase(SQLiteConnection connection) {
        this.connection = connection;
    }

    @Override
    public SqlStatement prepare(String sql) {
        JdbcStatement known = statements.get(sql);
        if (known != null && known.isUsable()) {
            known.reset();
            return known;
        }
        if (known != null) {
            statements.remove(sql);
            known.close();
        }
        try {
            JdbcStatement statement = new JdbcStatement(this, sql, connection.prepareStatement(sql));
            statements.put(sql, statement);
            evict();
            return statement;
        } catch (SQLException e) {
            throw translate("preparing " + sql, e);
        }
    }

    private void evict() {
        if (statements.size() > MAX_STATEMENTS) {
            Map.Entry<String, JdbcStatement> oldest =
                    statements.entrySet().iterator().next();
            if (!oldest.getValue().isOpen()) {
                statements.remove(oldest.getKey());
                oldest.getValue().close();
            }
        }
    }

    @Override
    public void execute(String sql) {
        if (KEPT.contains(sql)) {
            prepare(sql).run();
            return;
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw translate("running " + sql, e);
        }
    }

    @Override
    public void resetAll() {
        while (!open.isEmpty()) {
            open.get(open.size() - 1).reset();
        }
    }

    /** Told by a statement that it is at a row now, or no more. */
    void opened(JdbcStatement statement, boolean isOpen) {
        if (isOpen) {
            open.add(statement);
        } else {
            open.remove(statement);
        }
    }

    @Override
    public <T> Lent<T> lend(Class<T> type) {
        if (type != Connection.class) {
            throw new IllegalArgumentException(
                    "this platform has no " + type.getName() + " to lend, but " + Connection.class.getName());
        }
        @SuppressWarnings("unchecked") // T is Connection, as was just checked.
        Lent<T> lent = (Lent<T>) new GuardedConnection(connection);
        return lent;
    }

    @Override
    public void close() {
        try {
            statements.values().forEach(JdbcStatement::close);
            statements.clear();
            connection.close();
        } catch (SQLException e) {
            throw translate("closing", e);
        }
    }

    static SqlException translate(String doing, SQLException e) {
        return new SqlException(kind(e), e.getMessage() + " (" + shorten(doing) + ")", e);
    }

    private static String shorten(String text) {
        return text.length() <= 300 ? text : text.substring(0, 300) + "…";
    }

    private static Kind kind(SQLException e) {
        int code = e instanceof SQLiteException sqlite ? sqlite.getResultCode().code : e.getErrorCode();
        switch (code & 0xff) {
            case 1:
                return Kind.BAD_SQL;
            case 5:
            case 6:
                return Kind.BUSY;
            case 8:
                return Kind.READ_ONLY;
            case 10:
                return Kind.IO;
            case 11:
                return Kind.CORRUPT;
            case 13:
                return Kind.FULL;
            case 14:
                return Kind.CANNOT_OPEN;
            case 18:
            case 19:
            case 20:
                return Kind.CONSTRAINT;
            case 26:
                return Kind.NOT_A_DATABASE;
            default:
                return Kind.OTHER;
        }
    }
}
