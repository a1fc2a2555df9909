// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.LwwRegister;
import io.anabranch.crdt.Resolver;
import io.anabranch.sync.MergeRules;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.Value;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls the application's resolvers, and takes the latest value where that does not work. Confined to one connection.
 *
 * <p>Calls run on one thread beside the caller's, who holds the file's write lock and must not wait for ever. A resolver that
 * has overrun its budget is not called again by this process: its thread may never come back.
 */
final class Merges {
    private static final Logger LOG = LoggerFactory.getLogger(Merges.class);

    private final MergeRules rules;
    private final Map<String, String> problems = new TreeMap<>();
    private final Map<String, String> untold = new TreeMap<>();
    private final Map<String, String> stuck = new TreeMap<>();
    private @Nullable ExecutorService worker;

    Merges(MergeRules rules) {
        this.rules = rules;
    }

    static Value latest(List<LwwRegister<Value>> siblings) {
        return Resolver.<Value>latest().resolve(siblings);
    }

    boolean isRegistered(String rule) {
        return rules.resolver(rule) != null;
    }

    Value resolve(Rule rule, List<LwwRegister<Value>> siblings) {
        Resolver<Value> resolver = rules.resolver(rule.label());
        String problem = resolver == null ? "it is not registered here" : stuck.get(rule.label());
        if (resolver != null && problem == null) {
            try {
                Value value = call(resolver, Collections.unmodifiableList(siblings));
                if (value != null) {
                    return value;
                }
                problem = "it returned null";
            } catch (ExecutionException e) {
                problem = "it threw " + e.getCause();
            } catch (TimeoutException e) {
                problem = "it took longer than " + rules.budget().toMillis() + " ms";
                stuck.put(rule.label(), problem);
            }
        }
        note(rule.label(), problem);
        return latest(siblings);
    }

    private @Nullable Value call(Resolver<Value> resolver, List<LwwRegister<Value>> siblings)
            throws ExecutionException, TimeoutException {
        ExecutorService thread = worker();
        Future<Value> result = thread.submit(() -> resolver.resolve(siblings));
        try {
            return result.get(rules.budget().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            thread.shutdownNow();
            worker = null;
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ExecutionException(e);
        }
    }

    private ExecutorService worker() {
        ExecutorService running = worker;
        if (running == null) {
            running = Executors.newSingleThreadExecutor(work -> {
                Thread thread = new Thread(work, "anabranch-merge");
                thread.setDaemon(true);
                return thread;
            });
            worker = running;
        }
        return running;
    }

    private void note(String rule, @Nullable String problem) {
        String reason = String.valueOf(problem);
        if (!reason.equals(problems.put(rule, reason))) {
            untold.put(rule, reason);
            LOG.warn("merge rule {} cannot be used, and its columns show the latest value: {}", rule, reason);
        }
    }

    /** Returns what went wrong since this was last asked, by rule. */
    Map<String, String> takeProblems() {
        Map<String, String> news = new TreeMap<>(untold);
        untold.clear();
        return news;
    }

    /** Tells everything again, after a rollback. */
    void forget() {
        problems.clear();
        untold.clear();
    }

    void close() {
        if (worker != null) {
            worker.shutdownNow();
        }
    }
}
