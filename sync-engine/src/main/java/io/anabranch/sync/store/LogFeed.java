// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.sync.store.apply.Applied;
import io.anabranch.sync.store.history.LogFollower;
import io.anabranch.sync.store.history.LoggedChanges;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What those are told of who follow a file as it changes. Thread-safe. */
public final class LogFeed {
    private final Components parts;
    private final Transactions transactions;
    private @Nullable Consumer<Applied> follower;

    LogFeed(Components parts, Transactions transactions) {
        this.parts = parts;
        this.transactions = transactions;
    }

    /** Says who is told, after each commit and before anybody can read it from the log here, of rows that peers changed. */
    public void follow(Consumer<Applied> follower) {
        synchronized (transactions) {
            this.follower = follower;
            parts.sealedTables.keep();
        }
    }

    /** Tells what was just committed. The caller is still alone with the connection. */
    void tell(Applied applied) {
        if (follower != null) {
            follower.accept(applied);
        }
    }

    /** Returns where the log ends. */
    public long lastLogged() {
        return transactions.read(() -> LogFollower.last(parts.db));
    }

    /** Returns what the log says after {@code lsn}, in order, or the first few MiB of that. */
    public List<LoggedChanges> changesSince(long lsn) {
        return transactions.read(() -> new LogFollower(parts.db, parts.log, parts.catalog, parts.self()).since(lsn));
    }

    /** Returns the tables that were sealed here since the last call, whether there was anything to say of them or not. */
    public Set<String> takeSealed() {
        synchronized (transactions) {
            return parts.sealedTables.take();
        }
    }
}
