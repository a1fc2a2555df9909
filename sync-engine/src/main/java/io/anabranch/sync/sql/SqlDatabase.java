// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.sql;

/**
 * One connection to one SQLite file. All that the engine asks of a driver, so that a second form can stand on Android's.
 * Errors are {@link SqlException}. Confined to one thread at a time.
 */
public interface SqlDatabase extends AutoCloseable {
    /**
     * Returns the statement for this text, reset and without parameters. It is kept: asking again for the same text gives
     * the same statement, so two uses of one text must not overlap.
     */
    SqlStatement prepare(String sql);

    /** Runs one statement without parameters, which is not kept: DDL, pragmas, BEGIN and COMMIT. */
    void execute(String sql);

    /** Resets every statement: an error may have left one amid its rows, and that would hold a lock, or an old view. */
    void resetAll();

    /**
     * Lends the platform's own connection, with which nobody can end the transaction that this is in.
     *
     * @throws IllegalArgumentException if this platform has none of that type
     */
    <T> Lent<T> lend(Class<T> type);

    @Override
    void close();

    /** Runs one statement without parameters and returns the first column of its first row as a number, 0 if none. */
    default long queryLong(String sql) {
        SqlStatement statement = prepare(sql);
        try {
            return statement.step() ? statement.getLong(0) : 0;
        } finally {
            statement.reset();
        }
    }
}
