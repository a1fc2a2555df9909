// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlDriver;
import io.anabranch.sync.sql.SqlStatement;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A driver whose process dies before the statement that was chosen: from then on nothing but closing goes through. */
final class CrashingDriver implements SqlDriver, AutoCloseable {
    private final SqlDriver real = new JdbcDriver();
    private final List<SqlDatabase> opened = new ArrayList<>();
    private long left = Long.MAX_VALUE;
    private long run;
    private boolean dead;

    /** What a dead process does. */
    static final class Crash extends Error {
        private static final long serialVersionUID = 1;

        Crash(String where) {
            super("died " + where, null, false, false);
        }
    }

    /** Lets the process die before the statement after {@code statements} more. */
    void dieAfter(long statements) {
        left = statements;
    }

    /** Returns how many statements have run. */
    long run() {
        return run;
    }

    @Override
    public SqlDatabase open(Path file, int busyTimeoutMillis) {
        checkAlive();
        SqlDatabase db = real.open(file, busyTimeoutMillis);
        opened.add(db);
        return wrap(SqlDatabase.class, db);
    }

    @Override
    public SqlDatabase openInMemory() {
        checkAlive();
        return real.openInMemory();
    }

    /** The system closes what a dead process had open. */
    @Override
    public void close() {
        opened.forEach(SqlDatabase::close);
    }

    private <T> T wrap(Class<T> type, T target) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    if (!method.getName().equals("close") && !method.getName().equals("reset")) {
                        checkAlive();
                    }
                    if (isStatement(method)) {
                        count(target + "." + method.getName());
                    }
                    Object result = call(target, method, arguments);
                    if (result == target) {
                        return proxy;
                    }
                    return result instanceof SqlStatement statement ? wrap(SqlStatement.class, statement) : result;
                }));
    }

    private static boolean isStatement(Method method) {
        return switch (method.getName()) {
            case "execute", "step", "run", "queryLong" -> true;
            default -> false;
        };
    }

    private static Object call(Object target, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(target, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private void checkAlive() {
        if (dead) {
            throw new Crash("before");
        }
    }

    private void count(String where) {
        run++;
        if (left-- <= 0) {
            dead = true;
            throw new Crash("before " + where);
        }
    }
}
