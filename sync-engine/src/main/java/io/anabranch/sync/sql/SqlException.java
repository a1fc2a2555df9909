// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.sql;

/** SQLite refused. The kind says what a caller can do about it. */
public final class SqlException extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final Kind kind;

    public SqlException(Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Kind kind() {
        return kind;
    }

    /** What went wrong, by SQLite's result code. */
    public enum Kind {
        /** Another connection holds the lock. Try again. */
        BUSY,
        /** The disk, or the file's page limit, is full. */
        FULL,
        READ_ONLY,
        /** The file is not an SQLite database. */
        NOT_A_DATABASE,
        CORRUPT,
        CANNOT_OPEN,
        /** A constraint, RAISE in a trigger, or a value that does not fit. */
        CONSTRAINT,
        /** The statement, or a trigger that it fires, names what is not there. */
        BAD_SQL,
        IO,
        OTHER
    }
}
