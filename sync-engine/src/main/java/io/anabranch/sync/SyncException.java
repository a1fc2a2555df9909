// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import org.jspecify.annotations.Nullable;

/**
 * Something that the caller has to know about and that is not an ordinary day. Messages say what failed, why, and what to
 * do now. One subclass per cause that code may want to tell apart.
 */
public class SyncException extends RuntimeException {
    private static final long serialVersionUID = 1;

    public SyncException(String message) {
        this(message, null);
    }

    public SyncException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** The file is no SQLite database, or not one that this version can use. */
    public static final class BadFile extends SyncException {
        private static final long serialVersionUID = 1;

        public BadFile(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The file is an SQLite database but not a replica. */
    public static final class NotAReplica extends SyncException {
        private static final long serialVersionUID = 1;

        public NotAReplica(String message) {
            super(message);
        }
    }

    /** The file is a replica of another space. */
    public static final class WrongSpace extends SyncException {
        private static final long serialVersionUID = 1;

        public WrongSpace(String message) {
            super(message);
        }
    }

    /** A table cannot be enrolled as asked. Nothing was changed. */
    public static final class CannotEnrol extends SyncException {
        private static final long serialVersionUID = 1;

        public CannotEnrol(String message) {
            super(message);
        }
    }

    /** No table of that name is one of the space, as far as this replica knows. */
    public static final class NoSuchTable extends SyncException {
        private static final long serialVersionUID = 1;

        public NoSuchTable(String message) {
            super(message);
        }
    }

    /** The row is not there, in the application's table. */
    public static final class NoSuchRow extends SyncException {
        private static final long serialVersionUID = 1;

        public NoSuchRow(String message) {
            super(message);
        }
    }

    /** The table has no column of that name outside its key, as far as this replica knows. */
    public static final class NoSuchColumn extends SyncException {
        private static final long serialVersionUID = 1;

        public NoSuchColumn(String message) {
            super(message);
        }
    }

    /** A key has not as many values as the primary key of its table has columns. */
    public static final class BadKey extends SyncException {
        private static final long serialVersionUID = 1;

        public BadKey(String message) {
            super(message);
        }
    }

    /** No conflict of that number is listed, or none any more. */
    public static final class NoSuchConflict extends SyncException {
        private static final long serialVersionUID = 1;

        public NoSuchConflict(String message) {
            super(message);
        }
    }

    /** A conflict cannot be resolved as asked. Nothing was changed. */
    public static final class CannotResolve extends SyncException {
        private static final long serialVersionUID = 1;

        public CannotResolve(String message) {
            super(message);
        }
    }

    /** A bundle does not fit on what a replica holds. */
    public static final class CannotImport extends SyncException {
        private static final long serialVersionUID = 1;

        public CannotImport(String message) {
            super(message);
        }
    }

    /** Another program held the file's lock for longer than the time-out. */
    public static final class Locked extends SyncException {
        private static final long serialVersionUID = 1;

        public Locked(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** The disk is full, or the file may not be written. Nothing was half done. */
    public static final class CannotWrite extends SyncException {
        private static final long serialVersionUID = 1;

        public CannotWrite(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }

    /** A transaction writes more than one change set may hold. Nothing of it was kept. */
    public static final class TransactionTooLarge extends SyncException {
        private static final long serialVersionUID = 1;

        public TransactionTooLarge(String message) {
            super(message);
        }
    }

    /** The application's own SQL failed. */
    public static final class BadSql extends SyncException {
        private static final long serialVersionUID = 1;

        public BadSql(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
