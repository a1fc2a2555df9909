// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.Lent;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlException;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.sql.TransactionControl;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Plain SQL inside one transaction of a replica. Valid only there. Confined to the thread that was given it. */
public final class SqlSession {
    private final SqlDatabase db;
    private @Nullable Lent<?> lent;
    private boolean isOver;
    /** The text that was looked through last: most transactions run one many times. */
    private String harmless = "";

    private SqlSession(SqlDatabase db) {
        this.db = db;
    }

    /** Runs {@code work} in the transaction that {@code db} is in, and sees to it that it is still in it afterwards. */
    static void run(SqlDatabase db, SqlWork work) {
        SqlSession session = new SqlSession(db);
        try {
            work.run(session);
        } finally {
            session.takeBack();
        }
        session.checkNotOver();
    }

    /** What went through another connection's hands may have ended the transaction, where it failed. */
    private void takeBack() {
        if (lent != null) {
            lent.close();
            lookWhetherOver();
        }
    }

    /**
     * Runs one statement.
     *
     * @param arguments for its {@code ?}s: null, a boolean, a whole number, a double, a String, bytes, or a {@link Value}
     * @return how many rows it changed
     * @throws SyncException.BadSql if SQLite refuses it
     */
    public int execute(String sql, @Nullable Object... arguments) {
        try {
            return bind(sql, arguments).run();
        } catch (SqlException e) {
            throw badSql(sql, e);
        }
    }

    /**
     * Returns the rows of a query: column label to Long, Double, String, byte[] or null.
     *
     * @throws SyncException.BadSql if SQLite refuses it
     */
    public List<Map<String, @Nullable Object>> query(String sql, @Nullable Object... arguments) {
        try {
            List<Map<String, @Nullable Object>> rows = new ArrayList<>();
            SqlStatement statement = bind(sql, arguments);
            while (statement.step()) {
                Map<String, @Nullable Object> row = new LinkedHashMap<>();
                for (int i = 0; i < statement.columnCount(); i++) {
                    row.put(statement.columnName(i), toObject(statement.getValue(i)));
                }
                rows.add(row);
            }
            return rows;
        } catch (SqlException e) {
            throw badSql(sql, e);
        }
    }

    /**
     * Returns the platform's own connection, such as {@code java.sql.Connection}, inside this transaction and for as long as
     * it: code that speaks JDBC writes through it as through this. It refuses to end the transaction.
     *
     * @throws IllegalArgumentException if this platform has no connection of that type
     */
    public <T> T connection(Class<T> type) {
        checkNotOver();
        if (lent == null) {
            lent = db.lend(type);
        }
        return type.cast(lent.connection());
    }

    private SqlStatement bind(String sql, @Nullable Object[] arguments) {
        checkNotOver();
        String control = sql.equals(harmless) ? null : TransactionControl.find(sql);
        if (control != null) {
            throw new SyncException.BadSql("cannot run \"" + sql + "\": " + TransactionControl.why(control), null);
        }
        harmless = sql;
        SqlStatement statement = db.prepare(sql);
        if (statement.parameterCount() != arguments.length) {
            throw new SyncException.BadSql(
                    "cannot run \"" + sql + "\": it has " + statement.parameterCount() + " parameters and was given "
                            + arguments.length + " arguments",
                    null);
        }
        for (int i = 0; i < arguments.length; i++) {
            statement.bind(i + 1, toValue(arguments[i]));
        }
        return statement;
    }

    private void checkNotOver() {
        if (isOver) {
            throw new SyncException.BadSql(
                    "cannot go on: a conflict clause or trigger rolled back the whole transaction; nothing of it was"
                            + " kept",
                    null);
        }
    }

    /** Some failures end the transaction, and what followed would stand on its own. */
    private void lookWhetherOver() {
        try {
            db.execute("BEGIN");
        } catch (SqlException stillInside) {
            return;
        }
        isOver = true;
        db.execute("ROLLBACK");
    }

    private SyncException badSql(String sql, SqlException e) {
        lookWhetherOver();
        return new SyncException.BadSql(
                "cannot run \"" + sql + "\": " + e.getMessage() + "; nothing of its transaction was kept", e);
    }

    static List<Value> toValues(@Nullable Object[] objects) {
        List<Value> values = new ArrayList<>();
        for (Object object : objects) {
            values.add(toValue(object));
        }
        return values;
    }

    static List<Value> toValues(List<?> objects) {
        List<Value> values = new ArrayList<>();
        objects.forEach(object -> values.add(toValue(object)));
        return values;
    }

    static Value toValue(@Nullable Object object) {
        if (object == null) {
            return Value.NULL;
        }
        if (object instanceof Value value) {
            return value;
        }
        if (object instanceof String text) {
            return Value.of(text);
        }
        if (object instanceof byte[] bytes) {
            return Value.blob(bytes.clone());
        }
        if (object instanceof Boolean flag) {
            return Value.of(flag ? 1 : 0);
        }
        if (object instanceof Double || object instanceof Float) {
            return Value.of(((Number) object).doubleValue());
        }
        if (object instanceof Long || object instanceof Integer || object instanceof Short || object instanceof Byte) {
            return Value.of(((Number) object).longValue());
        }
        throw new IllegalArgumentException(
                "SQLite has no value for a " + object.getClass().getName() + ": " + object);
    }

    static @Nullable Object toObject(Value value) {
        if (value instanceof Value.Int integer) {
            return integer.value();
        }
        if (value instanceof Value.Real real) {
            return real.value();
        }
        if (value instanceof Value.Text) {
            return value.toString();
        }
        return value instanceof Value.Blob blob ? blob.bytes() : null;
    }
}
