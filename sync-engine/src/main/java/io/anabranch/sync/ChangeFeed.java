// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.sync.store.ReplicaFile;
import io.anabranch.sync.store.apply.Applied;
import io.anabranch.sync.store.history.LoggedChanges;
import java.util.HashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the log of a replica and tells listeners what is new in it, after the commit and in order, whoever wrote it: this
 * program, another one, or another replica. One thread, which begins with the first listener; it looks as soon as this program
 * has written, and ten times a second for what others did. Thread-safe.
 *
 * <p>What this program applied is told as what its tables show differently. What another process applied to the same file can
 * only be told as what the change sets say; a value that lost to another one may be among it.
 */
final class ChangeFeed implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ChangeFeed.class);
    private static final long LOOK_EVERY_MILLIS = 100;
    private static final long PATIENCE_MILLIS = 10_000;

    private final ReplicaFile engine;
    private final Supplier<ReplicaFile> opener;
    private final List<RowListener> listeners = new CopyOnWriteArrayList<>();
    private final List<QueryWatch> watches = new CopyOnWriteArrayList<>();
    private final Queue<Applied> applied = new ConcurrentLinkedQueue<>();

    private @Nullable Thread thread;
    private @Nullable ReplicaFile reader;
    private boolean isNudged;
    private boolean isClosed;

    /** Confined to the thread, once it runs. */
    private long told;

    private long covered;
    private long seenVersion;

    /** @param opener opens a connection for watched queries, which must not wait for anybody's writes */
    ChangeFeed(ReplicaFile engine, Supplier<ReplicaFile> opener) {
        this.engine = engine;
        this.opener = opener;
    }

    Subscription listen(@Nullable String table, Executor executor, Consumer<RowChange> listener) {
        start();
        RowListener added = new RowListener(
                table, executor, listener, listeners::remove, engine.feed().lastLogged());
        listeners.add(added);
        return added;
    }

    Subscription watch(LiveQuery query, Consumer<QueryDiff> listener) {
        start();
        QueryWatch added = new QueryWatch(query, reader(), listener, watches::remove);
        added.begin();
        watches.add(added);
        nudge(); // What was committed meanwhile concerns it too, and its first rows wait to be told.
        return added;
    }

    private synchronized ReplicaFile reader() {
        if (reader == null) {
            reader = opener.get();
        }
        return reader;
    }

    private synchronized void start() {
        if (isClosed) {
            throw new IllegalStateException("the replica is closed");
        }
        if (thread == null) {
            engine.feed().follow(batch -> {
                applied.add(batch);
                nudge();
            });
            told = engine.feed().lastLogged();
            seenVersion = engine.dataVersion();
            thread = new Thread(this::run, "anabranch-events");
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** Says that something was committed. */
    synchronized void nudge() {
        isNudged = true;
        notifyAll();
    }

    // ---- The thread

    private void run() {
        boolean wasNudged = true;
        while (true) {
            try {
                look(wasNudged);
                wasNudged = false;
            } catch (RuntimeException e) {
                // A lock held for long, or a full disk: the next look may have more luck.
                LOG.warn("cannot look for changes now: {}", e.getMessage());
                wasNudged = true;
            }
            synchronized (this) {
                if (!isNudged && !isClosed) {
                    try {
                        wait(LOOK_EVERY_MILLIS);
                    } catch (InterruptedException e) {
                        isClosed = true;
                    }
                }
                if (isClosed) {
                    return;
                }
                wasNudged |= isNudged;
                isNudged = false;
            }
        }
    }

    private void look(boolean wasNudged) {
        long version = engine.dataVersion();
        if (version == seenVersion && !wasNudged) {
            return;
        }
        if (engine.unsealed() > 0) {
            engine.sealPending();
        }
        Set<String> touched = new HashSet<>(engine.feed().takeSealed());
        tell(touched);
        for (QueryWatch watch : watches) {
            watch.refresh(touched);
            watch.deliver();
        }
        seenVersion = version;
    }

    private void tell(Set<String> touched) {
        while (true) {
            List<LoggedChanges> logged = engine.feed().changesSince(told);
            for (LoggedChanges each : logged) {
                tellApplied(each.lsn(), touched);
                if (each.lsn() > covered) {
                    tell(each.changes(), each.lsn());
                }
                touched.addAll(each.tables());
                told = each.lsn();
            }
            if (logged.isEmpty()) {
                tellApplied(Long.MAX_VALUE, touched);
                told = Math.min(told, engine.feed().lastLogged()); // The log may have been cut.
                return;
            }
        }
    }

    /** What was applied here is in the queue before its change sets can be read from the log. */
    private void tellApplied(long upTo, Set<String> touched) {
        for (Applied batch = applied.peek(); batch != null && batch.firstLsn() <= upTo; batch = applied.peek()) {
            applied.remove();
            // What is in no log, a snapshot say, comes after what is.
            tell(batch.changes(), Math.max(batch.firstLsn(), batch.lastLsn()));
            batch.changes().forEach(change -> touched.add(change.table()));
            covered = batch.lastLsn();
        }
    }

    private void tell(List<RowChange> changes, long at) {
        listeners.forEach(listener -> listener.tell(changes, at));
    }

    /** Ends the thread, after the call that is under way. What was not told yet is not told any more. */
    @Override
    public void close() {
        Thread running;
        synchronized (this) {
            isClosed = true;
            notifyAll();
            running = thread;
        }
        listeners.forEach(RowListener::close);
        watches.forEach(QueryWatch::close);
        try {
            if (running != null && running != Thread.currentThread()) {
                running.join(PATIENCE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (this) {
            if (reader != null) {
                reader.close();
            }
        }
    }
}
