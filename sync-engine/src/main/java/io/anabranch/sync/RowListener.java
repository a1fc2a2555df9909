// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One listener for changes of rows, and who calls it. Thread-safe. */
final class RowListener implements Subscription {
    private static final Logger LOG = LoggerFactory.getLogger(RowListener.class);

    private final @Nullable String table;
    private final Executor executor;
    private final Consumer<RowChange> listener;
    private final Consumer<RowListener> whenClosed;
    /** Where in the log it began to listen: what was there before is no news. */
    private final long after;

    private volatile boolean isClosed;

    RowListener(
            @Nullable String table,
            Executor executor,
            Consumer<RowChange> listener,
            Consumer<RowListener> whenClosed,
            long after) {
        this.table = table;
        this.executor = executor;
        this.listener = listener;
        this.whenClosed = whenClosed;
        this.after = after;
    }

    /** @param at where in the log the changes are */
    void tell(List<RowChange> changes, long at) {
        if (at <= after || isClosed) {
            return;
        }
        List<RowChange> mine = new ArrayList<>();
        for (RowChange change : changes) {
            if (table == null || table.equalsIgnoreCase(change.table())) {
                mine.add(change);
            }
        }
        if (mine.isEmpty()) {
            return;
        }
        try {
            executor.execute(() -> mine.forEach(this::tell));
        } catch (RuntimeException e) {
            LOG.error("the executor of a listener took no work", e);
        }
    }

    /** A listener that throws must not cost it, or others, what comes next. */
    private void tell(RowChange change) {
        if (isClosed) {
            return;
        }
        try {
            listener.accept(change);
        } catch (RuntimeException e) {
            LOG.error("a listener failed on {} of {}", change.key(), change.table(), e);
        }
    }

    @Override
    public void close() {
        isClosed = true;
        whenClosed.accept(this);
    }
}
