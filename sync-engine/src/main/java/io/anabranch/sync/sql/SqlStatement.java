// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.sql;

import io.anabranch.sync.change.Value;
import org.jspecify.annotations.Nullable;

/** A prepared statement: bind, step, read, reset. Parameters count from 1, columns from 0. Confined to one thread. */
public interface SqlStatement {
    SqlStatement bind(int parameter, long value);

    SqlStatement bind(int parameter, String value);

    SqlStatement bind(int parameter, byte[] value);

    SqlStatement bind(int parameter, Value value);

    SqlStatement bindNull(int parameter);

    int parameterCount();

    /** Moves to the next row. At the end returns false and resets the statement. */
    boolean step();

    /** Runs a statement, passes over rows that it may give, resets it, and returns how many rows it changed. */
    int run();

    boolean isNull(int column);

    long getLong(int column);

    @Nullable
    String getText(int column);

    byte @Nullable [] getBlob(int column);

    /** Returns the value in its storage class. */
    Value getValue(int column);

    /** Returns how many columns a row has. Only after a step that returned true. */
    int columnCount();

    String columnName(int column);

    /** Ends the rows and keeps the statement for another use. */
    void reset();
}
