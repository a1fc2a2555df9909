// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.jdbc;

import io.anabranch.sync.sql.Lent;
import io.anabranch.sync.sql.TransactionControl;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.Savepoint;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConnection;

/**
 * A connection that is inside a replica's transaction and cannot leave it: it begins and ends with the replica's own, so
 * that exactly what was written in it becomes one change set. Statements and savepoints work as ever. Confined to the thread
 * that was given it, until it is closed by its owner.
 *
 * <p>A proxy, because Connection has some sixty methods and grows with the JDK; few of them matter here.
 */
final class GuardedConnection implements InvocationHandler, Lent<Connection> {
    private final SQLiteConnection real;
    private final Connection proxy;
    private final Thread owner = Thread.currentThread();
    private final boolean hadGeneratedKeys;
    /** By identity: a driver's statement has no equals of its own. */
    private final Set<Statement> open = new HashSet<>();

    private int savepoints;
    private boolean isOver;

    GuardedConnection(SQLiteConnection real) {
        this.real = real;
        hadGeneratedKeys = real.getConnectionConfig().isGetGeneratedKeys();
        real.getConnectionConfig().setGetGeneratedKeys(true);
        proxy = (Connection) proxy(Connection.class, this);
    }

    private static Object proxy(Class<?> type, InvocationHandler handler) {
        return Proxy.newProxyInstance(GuardedConnection.class.getClassLoader(), new Class<?>[] {type}, handler);
    }

    @Override
    public Connection connection() {
        return proxy;
    }

    /** Ends its use, and closes statements that were left open, which would hold up a commit. */
    @Override
    public void close() {
        isOver = true;
        real.getConnectionConfig().setGetGeneratedKeys(hadGeneratedKeys);
        for (Statement statement : new ArrayList<>(open)) {
            try {
                statement.close();
            } catch (SQLException e) {
                throw JdbcDatabase.translate("closing a statement", e);
            }
        }
        open.clear();
    }

    // ---- The connection's methods

    @Override
    public @Nullable Object invoke(Object self, Method method, Object @Nullable [] given) throws Throwable {
        Object[] arguments = given == null ? new Object[0] : given;
        String name = method.getName();
        switch (name) {
            case "equals" -> {
                return self == arguments[0];
            }
            case "hashCode" -> {
                return System.identityHashCode(this);
            }
            case "toString" -> {
                return "a connection inside a replica's transaction" + (isOver ? ", which is over" : "");
            }
            case "isClosed" -> {
                return isOver;
            }
            case "isValid" -> {
                return !isOver;
            }
            default -> {}
        }
        checkUsable();
        switch (name) {
            case "getAutoCommit" -> {
                return false;
            }
            case "commit", "close", "abort", "setReadOnly", "setTransactionIsolation" -> throw refused(name + "()");
            case "setAutoCommit" -> {
                return keepOutOfAutoCommit((boolean) arguments[0]);
            }
            case "rollback" -> {
                if (arguments.length == 0) {
                    throw refused("rollback()");
                }
                return control("ROLLBACK TO ", (Savepoint) arguments[0]);
            }
            case "releaseSavepoint" -> {
                return control("RELEASE ", (Savepoint) arguments[0]);
            }
            case "setSavepoint" -> {
                return savepoint(arguments.length == 0 ? null : (String) arguments[0]);
            }
            case "unwrap", "isWrapperFor" -> {
                return Wrapping.answer(self, name, (Class<?>) arguments[0]);
            }
            case "prepareStatement" -> checkText((String) arguments[0]);
            default -> {}
        }
        Object result = call(real, method, arguments);
        return result instanceof Statement statement ? guard(statement, method.getReturnType()) : result;
    }

    private void checkUsable() throws SQLException {
        if (isOver) {
            throw new SQLException("the transaction that this connection was given for is over; begin another");
        }
        if (Thread.currentThread() != owner) {
            throw new SQLException("this connection belongs to thread " + owner.getName()
                    + " until its transaction is over;" + " begin one on this thread");
        }
    }

    private static @Nullable Object keepOutOfAutoCommit(boolean wanted) throws SQLException {
        if (wanted) {
            throw refused("setAutoCommit(true)");
        }
        return null;
    }

    private static SQLException refused(String what) {
        return new SQLFeatureNotSupportedException("cannot do " + what + ": " + TransactionControl.why(what));
    }

    private static void checkText(String sql) throws SQLException {
        String control = TransactionControl.find(sql);
        if (control != null) {
            throw refused(control);
        }
    }

    // ---- Savepoints

    /** By SQL: the driver's own would make the connection believe that it began a transaction. */
    private Savepoint savepoint(@Nullable String name) throws SQLException {
        NamedSavepoint savepoint = new NamedSavepoint(++savepoints, name);
        return (Savepoint) control("SAVEPOINT ", savepoint);
    }

    private Object control(String what, Savepoint savepoint) throws SQLException {
        if (!(savepoint instanceof NamedSavepoint mine)) {
            throw new SQLException("a savepoint of another connection: " + savepoint);
        }
        try (Statement statement = real.createStatement()) {
            statement.execute(what + mine.sqlName());
        }
        return mine;
    }

    // ---- Statements

    private Statement guard(Statement statement, Class<?> type) {
        open.add(statement);
        return (Statement) proxy(type, (self, method, given) -> {
            Object[] arguments = given == null ? new Object[0] : given;
            return invokeStatement(statement, self, method, arguments);
        });
    }

    private @Nullable Object invokeStatement(Statement statement, Object self, Method method, Object[] arguments)
            throws Throwable {
        String name = method.getName();
        switch (name) {
            case "equals" -> {
                return self == arguments[0];
            }
            case "hashCode" -> {
                return System.identityHashCode(statement);
            }
            case "toString" -> {
                return statement.toString();
            }
            case "close" -> {
                open.remove(statement);
                return call(statement, method, arguments);
            }
            case "isClosed" -> {
                return call(statement, method, arguments);
            }
            default -> {}
        }
        checkUsable();
        if (name.equals("getConnection")) {
            return proxy;
        }
        if (name.equals("unwrap") || name.equals("isWrapperFor")) {
            return Wrapping.answer(self, name, (Class<?>) arguments[0]);
        }
        boolean isText = arguments.length > 0 && arguments[0] instanceof String;
        if (isText && (name.startsWith("execute") || name.equals("addBatch"))) {
            checkText((String) arguments[0]);
        }
        return call(statement, method, arguments);
    }

    private @Nullable Object call(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            lookWhetherOver();
            throw e.getCause() == null ? e : e.getCause();
        }
    }

    /** Some failures end the transaction, and what followed would stand on its own. */
    private void lookWhetherOver() {
        try (Statement statement = real.createStatement()) {
            statement.execute("BEGIN");
            isOver = true;
            statement.execute("ROLLBACK");
        } catch (SQLException e) {
            // It is still inside one, as it should be.
        }
    }

    /** What is behind the guard stays there. */
    private static final class Wrapping {
        static Object answer(Object self, String method, Class<?> wanted) throws SQLException {
            boolean isSelf = wanted.isInstance(self);
            if (method.equals("isWrapperFor")) {
                return isSelf;
            }
            if (!isSelf) {
                throw refused("unwrap(" + wanted.getSimpleName() + ")");
            }
            return self;
        }
    }

    private static final class NamedSavepoint implements Savepoint {
        private final int id;
        private final @Nullable String name;

        NamedSavepoint(int id, @Nullable String name) {
            this.id = id;
            this.name = name;
        }

        String sqlName() {
            return "_ab_savepoint_" + id;
        }

        @Override
        public int getSavepointId() throws SQLException {
            if (name != null) {
                throw new SQLException("a savepoint with a name has no number: " + name);
            }
            return id;
        }

        @Override
        public String getSavepointName() throws SQLException {
            if (name == null) {
                throw new SQLException("savepoint " + id + " has no name");
            }
            return name;
        }
    }
}
