// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.crdt.Resolver;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.Value;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Merge functions of the application, for columns of rule {@code custom:NAME@VERSION} and {@code rename:NAME@VERSION}.
 * Immutable.
 *
 * <pre>{@code
 * MergeRules.none().register("cart", 1, siblings -> union(siblings))
 * }</pre>
 *
 * <p>A resolver gets the concurrent values of one cell, at least one, in an order that is the same everywhere. It must be a
 * pure function of them: no clock, no random numbers, no files, nothing of "mine" and "theirs". What it returns is derived
 * wherever it is shown and never written back. One that answers otherwise than before needs a new version.
 *
 * <p>Where a resolver is missing, throws, returns null or takes longer than the budget, the values are kept, the latest one
 * shows, and {@link Replica#mergeProblems} says so. {@link Replica#use}, or opening the replica with the resolver, derives those
 * values.
 */
public final class MergeRules {
    private static final MergeRules NONE = new MergeRules(new TreeMap<>(), new TreeMap<>(), Duration.ofMillis(100));

    private final TreeMap<String, Resolver<Value>> resolvers;
    private final TreeMap<String, Renamer> renamers;
    private final Duration budget;

    private MergeRules(TreeMap<String, Resolver<Value>> resolvers, TreeMap<String, Renamer> renamers, Duration budget) {
        this.resolvers = resolvers;
        this.renamers = renamers;
        this.budget = budget;
    }

    public static MergeRules none() {
        return NONE;
    }

    /**
     * Returns these rules and one more.
     *
     * @param name a letter, then letters, digits, dots, dashes and underscores
     * @param version 1 or more; other replicas show what this resolver makes of values only if they have this version
     */
    public MergeRules register(String name, int version, Resolver<Value> resolver) {
        TreeMap<String, Resolver<Value>> next = new TreeMap<>(resolvers);
        next.put(Rule.custom(name, version).label(), resolver);
        return new MergeRules(next, renamers, budget);
    }

    /**
     * Returns these rules and one more, for columns of rule {@code rename:NAME@VERSION}. Where it is missing, throws or takes
     * too long, the younger rival is hidden, and {@link Replica#mergeProblems} says so.
     *
     * @param name as for {@link #register}
     * @param version as for {@link #register}
     */
    public MergeRules registerRenamer(String name, int version, Renamer renamer) {
        TreeMap<String, Renamer> next = new TreeMap<>(renamers);
        next.put(Rule.rename(name, version).label(), renamer);
        return new MergeRules(resolvers, next, budget);
    }

    /** Returns these rules with another limit to what one call may take. Positive; 100 milliseconds unless set. */
    public MergeRules budget(Duration limit) {
        if (limit.isNegative() || limit.isZero()) {
            throw new IllegalArgumentException("budget <= 0: " + limit);
        }
        return new MergeRules(resolvers, renamers, limit);
    }

    public Duration budget() {
        return budget;
    }

    /** Returns the resolver of a rule called {@code custom:NAME@VERSION}, null if there is none. */
    public @Nullable Resolver<Value> resolver(String label) {
        return resolvers.get(label);
    }

    /** Returns the renamer of a rule called {@code rename:NAME@VERSION}, null if there is none. */
    public @Nullable Renamer renamer(String label) {
        return renamers.get(label);
    }

    public Map<String, Resolver<Value>> resolvers() {
        return new TreeMap<>(resolvers);
    }
}
