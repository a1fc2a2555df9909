// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.sync.sql.SqlException;
import io.anabranch.sync.store.QueryTables;
import io.anabranch.sync.store.ReplicaFile;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One live query. It runs on the feed's thread; its listener is called by the executor, one call at a time and never under a
 * lock, with all that came together while the last call was under way. Thread-safe.
 */
final class QueryWatch implements Subscription {
    private static final Logger LOG = LoggerFactory.getLogger(QueryWatch.class);

    private final LiveQuery query;
    private final ReplicaFile reader;
    private final Consumer<QueryDiff> listener;
    private final Consumer<QueryWatch> whenClosed;

    /** Confined to the feed's thread, after {@link #begin}. */
    private QueryTables tables = QueryTables.UNKNOWN;

    private QueryRows delivered = QueryRows.NONE;
    private boolean isTold;

    private @Nullable QueryRows latest;
    private boolean isDelivering;
    private boolean isClosed;

    QueryWatch(LiveQuery query, ReplicaFile reader, Consumer<QueryDiff> listener, Consumer<QueryWatch> whenClosed) {
        this.query = query;
        this.reader = reader;
        this.listener = listener;
        this.whenClosed = whenClosed;
    }

    /**
     * Runs the query for the first time, on the caller's thread.
     *
     * @throws SyncException.BadSql if SQLite refuses it, or it would write
     */
    void begin() {
        run();
    }

    /** Runs the query again if one of these tables concerns it. What SQLite refuses now may be right again later. */
    void refresh(Set<String> touched) {
        if (!tables.areAmong(touched, reader)) {
            return;
        }
        try {
            run();
        } catch (SyncException e) {
            LOG.warn("a watched query fails: {}", e.getMessage());
        }
    }

    private void run() {
        reader.reading(db -> {
            try {
                tables = QueryTables.of(db, query.sql());
                QueryRows rows = QueryRows.read(db, query);
                synchronized (this) {
                    latest = rows;
                }
            } catch (SqlException e) {
                throw new SyncException.BadSql("cannot watch \"" + query.sql() + "\": " + e.getMessage(), e);
            }
        });
    }

    /** Lets the executor tell what is new, unless it is at that already. */
    void deliver() {
        synchronized (this) {
            if (isDelivering || isClosed || latest == null) {
                return;
            }
            isDelivering = true;
        }
        try {
            query.executor().execute(this::tellAll);
        } catch (RuntimeException e) {
            LOG.error("the executor of a watched query took no work", e);
            synchronized (this) {
                isDelivering = false;
            }
        }
    }

    private void tellAll() {
        while (true) {
            QueryRows now;
            synchronized (this) {
                if (isClosed || latest == null) {
                    isDelivering = false;
                    return;
                }
                now = latest;
                latest = null;
            }
            tell(now);
        }
    }

    private void tell(QueryRows now) {
        QueryRows before = delivered;
        delivered = now;
        if (isTold && now.isSame(before)) {
            return;
        }
        isTold = true;
        try {
            listener.accept(now.since(before));
        } catch (RuntimeException e) {
            LOG.error("the listener of \"{}\" failed", query.sql(), e);
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            isClosed = true;
        }
        whenClosed.accept(this);
    }
}
