// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.jdbc;

import io.anabranch.sync.Replica;
import io.anabranch.sync.SyncException;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * A replica's transactions for code that speaks JDBC: exactly what is written in one becomes one change set.
 *
 * <pre>{@code
 * JdbcTransactions.of(replica).run(connection -> {
 *     try (PreparedStatement insert = connection.prepareStatement("INSERT INTO note VALUES (?, ?)")) {
 *         insert.setString(1, "n1");
 *         insert.setString(2, "Buy milk");
 *         insert.executeUpdate();
 *     }
 * });
 * }</pre>
 *
 * <p>The connection lives as long as the transaction, on its thread. It refuses to commit, to roll back, to be closed and to
 * begin anew; savepoints, batches and generated keys work. It enforces foreign keys. Thread-safe: transactions of one replica
 * wait for each other, and those of other connections and programs for up to ten seconds.
 */
public final class JdbcTransactions {
    private final Replica replica;

    private JdbcTransactions(Replica replica) {
        this.replica = replica;
    }

    public static JdbcTransactions of(Replica replica) {
        return new JdbcTransactions(replica);
    }

    /**
     * Runs {@code work} in one transaction, as {@link Replica#transaction} does. Throwing rolls back, and what was thrown is
     * thrown on.
     *
     * @throws SyncException.Locked if another program holds the file's lock
     * @throws SyncException.TransactionTooLarge if it writes more than one change set may hold
     */
    public void run(Work work) throws SQLException {
        call(connection -> {
            work.run(connection);
            return true;
        });
    }

    /** As {@link #run}, and returns what {@code work} does. */
    public <T extends @Nullable Object> T call(Call<T> work) throws SQLException {
        Result<T> result = new Result<>();
        try {
            replica.transaction(sql -> {
                try {
                    result.value = work.call(sql.connection(Connection.class));
                } catch (SQLException e) {
                    throw new Carried(e);
                }
            });
        } catch (Carried carried) {
            throw carried.exception;
        }
        return result.value;
    }

    /** What an application does in one transaction. */
    @FunctionalInterface
    public interface Work {
        void run(Connection connection) throws SQLException;
    }

    /** What an application does in one transaction, with a result. */
    @FunctionalInterface
    public interface Call<T extends @Nullable Object> {
        T call(Connection connection) throws SQLException;
    }

    private static final class Result<T extends @Nullable Object> {
        @SuppressWarnings("NullAway.Init") // Set, or else something was thrown.
        private T value;
    }

    /** Takes an exception through an interface that has none. Never leaves this class. */
    private static final class Carried extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final SQLException exception;

        Carried(SQLException exception) {
            super(null, exception, false, false);
            this.exception = exception;
        }
    }
}
