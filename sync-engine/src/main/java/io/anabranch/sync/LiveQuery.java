// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.sync.change.Value;
import java.util.List;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * A query that runs again whenever a table it reads has changed. Immutable.
 *
 * <pre>{@code
 * LiveQuery.of("SELECT id, title FROM note WHERE done = ?", 0).keyedBy("id").on(Platform::runLater)
 * }</pre>
 */
public final class LiveQuery {
    private final String sql;
    private final List<Value> arguments;
    private final List<String> key;
    private final Executor executor;

    private LiveQuery(String sql, List<Value> arguments, List<String> key, Executor executor) {
        this.sql = sql;
        this.arguments = arguments;
        this.key = key;
        this.executor = executor;
    }

    /** @param arguments as for {@link SqlSession#query} */
    public static LiveQuery of(String sql, @Nullable Object... arguments) {
        return new LiveQuery(sql, SqlSession.toValues(arguments), List.of(), Runnable::run);
    }

    /**
     * Returns this query with rows told apart by these columns of its result, so that a row whose other columns change is
     * changed, and not removed and added.
     */
    public LiveQuery keyedBy(String... columns) {
        return new LiveQuery(sql, arguments, List.of(columns), executor);
    }

    /** Returns this query with its listener called by {@code executor}; a thread of the replica's own unless set. */
    public LiveQuery on(Executor executor) {
        return new LiveQuery(sql, arguments, key, executor);
    }

    public String sql() {
        return sql;
    }

    List<Value> arguments() {
        return arguments;
    }

    List<String> key() {
        return key;
    }

    Executor executor() {
        return executor;
    }
}
