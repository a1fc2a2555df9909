// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.history;

import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.RowChange;
import io.anabranch.sync.change.ChangeSetHeader;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.catalog.Catalog;
import io.anabranch.sync.store.log.ChangeLog;
import io.anabranch.sync.store.row.RowStore;
import io.anabranch.sync.store.schema.EnrolledTable;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads from the log what changed since a place in it. Confined to one connection. */
public final class LogFollower {
    /** What is read at once, if there is so much. */
    private static final long MAX_BYTES = 4 << 20;

    private final SqlDatabase db;
    private final ChangeLog log;
    private final Catalog catalog;
    private final Origin self;

    /** @param self whose change sets were written in this file */
    public LogFollower(SqlDatabase db, ChangeLog log, Catalog catalog, Origin self) {
        this.db = db;
        this.log = log;
        this.catalog = catalog;
        this.self = self;
    }

    public static long last(SqlDatabase db) {
        return ChangeLog.last(db);
    }

    /** Returns what came after {@code lsn}, in order, or the first few MiB of that. */
    public List<LoggedChanges> since(long lsn) {
        List<LoggedChanges> found = new ArrayList<>();
        long size = 0;
        SqlStatement query = db.prepare("SELECT lsn, bytes FROM _ab_log WHERE lsn > ? ORDER BY lsn")
                .bind(1, lsn);
        while (size < MAX_BYTES && query.step()) {
            byte[] bytes = query.getBlob(1);
            if (bytes == null) {
                throw new AssertionError("a log row without bytes");
            }
            size += bytes.length;
            found.add(read(query.getLong(0), EncodedChangeSet.of(bytes)));
        }
        query.reset();
        return found;
    }

    private LoggedChanges read(long lsn, EncodedChangeSet changeSet) {
        ChangeSetHeader header = changeSet.header();
        Set<String> tables = new LinkedHashSet<>();
        List<RowChange> changes = new ArrayList<>();
        if (!header.isVoid()) {
            log.forEachOp(changeSet, op -> {
                EnrolledTable table = op instanceof TableOp.Change change ? catalog.find(change.table()) : null;
                if (table != null && table.isLocal()) {
                    tables.add(table.label());
                    RowChange change = describe(table, (TableOp.Change) op, header);
                    if (change != null && header.stamp() != 0) {
                        changes.add(change);
                    }
                }
            });
        }
        return new LoggedChanges(lsn, tables, changes);
    }

    /** Returns null for an edit that only keeps its row alive. */
    private @Nullable RowChange describe(EnrolledTable table, TableOp.Change change, ChangeSetHeader header) {
        RowOp<String, Value> op = change.op();
        Set<String> columns = new LinkedHashSet<>();
        RowStore.cells(op).keySet().forEach(name -> {
            EnrolledTable.Column column = table.column(name);
            if (column != null) {
                columns.add(column.label());
            }
        });
        RowChange.Kind kind = RowChange.Kind.DELETED;
        if (op instanceof RowOp.Insert<String, Value>) {
            kind = RowChange.Kind.INSERTED;
        } else if (op instanceof RowOp.Edit<String, Value>) {
            if (columns.isEmpty()) {
                return null;
            }
            kind = RowChange.Kind.UPDATED;
        }
        RowChange.Cause cause = header.origin().equals(self) ? RowChange.Cause.LOCAL : RowChange.Cause.REMOTE;
        return new RowChange(table.label(), change.key(), kind, columns, Set.of(header.origin()), cause);
    }
}
