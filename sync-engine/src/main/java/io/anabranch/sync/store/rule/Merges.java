// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.rule;

import io.anabranch.crdt.LwwRegister;
import io.anabranch.crdt.Resolver;
import io.anabranch.sync.MergeRules;
import io.anabranch.sync.Renamer;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.store.schema.Key;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
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
 * Calls the application's resolvers and renamers, and does without where that does not work. Confined to one connection.
 *
 * <p>Calls run on one thread beside the caller's, who holds the file's write lock and must not wait for ever. A resolver that
 * has overrun its budget is not called again by this object: its thread may never come back.
 */
public final class Merges {
    private static final Logger LOG = LoggerFactory.getLogger(Merges.class);

    private final MergeRules rules;
    private final Map<String, String> problems = new TreeMap<>();
    private final Map<String, String> untold = new TreeMap<>();
    private final Map<String, String> stuck = new TreeMap<>();
    private @Nullable ExecutorService worker;

    public Merges(MergeRules rules) {
        this.rules = rules;
    }

    static Value latest(List<LwwRegister<Value>> siblings) {
        return Resolver.<Value>latest().resolve(siblings);
    }

    public boolean isRegistered(String rule) {
        return rules.resolver(rule) != null || rules.renamer(rule) != null;
    }

    Value resolve(Rule rule, List<LwwRegister<Value>> siblings) {
        Resolver<Value> resolver = rules.resolver(rule.label());
        List<LwwRegister<Value>> canonical = Collections.unmodifiableList(siblings);
        Answer answer = ask(rule, resolver == null ? null : () -> resolver.resolve(canonical));
        if (answer.problem == null && answer.value == null) {
            answer = new Answer(null, "it returned null");
        }
        if (answer.problem != null) {
            note(rule.label(), answer.problem);
        }
        return answer.value == null ? latest(siblings) : answer.value;
    }

    /** Returns what a row shows instead of a value that an older one holds; null if it is to be hidden. */
    public @Nullable Value rename(Rule rule, Value value, Key key) {
        if (!rule.isNamed()) {
            return KeyBehind.rename(value, key.values());
        }
        Renamer renamer = rules.renamer(rule.label());
        Answer answer = ask(rule, renamer == null ? null : () -> renamer.rename(value, key.values()));
        if (answer.problem != null) {
            note(rule.label(), answer.problem);
        }
        return answer.value;
    }

    /** What a function of the application said, or why it said nothing. */
    private record Answer(@Nullable Value value, @Nullable String problem) {}

    private Answer ask(Rule rule, @Nullable Callable<@Nullable Value> function) {
        String problem = function == null ? "it is not registered here" : stuck.get(rule.label());
        if (function == null || problem != null) {
            return new Answer(null, problem);
        }
        try {
            return new Answer(call(function), null);
        } catch (ExecutionException e) {
            return new Answer(null, "it threw " + e.getCause());
        } catch (TimeoutException e) {
            problem = "it took longer than " + rules.budget().toMillis() + " ms";
            stuck.put(rule.label(), problem);
            return new Answer(null, problem);
        }
    }

    private @Nullable Value call(Callable<@Nullable Value> function) throws ExecutionException, TimeoutException {
        ExecutorService thread = worker();
        Future<@Nullable Value> result = thread.submit(function);
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

    private void note(String rule, String reason) {
        if (!reason.equals(problems.put(rule, reason))) {
            untold.put(rule, reason);
            LOG.warn("merge rule {} cannot be used, and its columns show what they would without: {}", rule, reason);
        }
    }

    /** Returns what went wrong since this was last asked, by rule. */
    public Map<String, String> takeProblems() {
        Map<String, String> news = new TreeMap<>(untold);
        untold.clear();
        return news;
    }

    /** Tells everything again, after a rollback. */
    public void forget() {
        problems.clear();
        untold.clear();
    }

    public void close() {
        if (worker != null) {
            worker.shutdownNow();
        }
    }
}
