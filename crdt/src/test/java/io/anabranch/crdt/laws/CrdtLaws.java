// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.laws;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.codec.Codec;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.jspecify.annotations.Nullable;

/**
 * What every conflict-free type must do. Extend it, answer the questions below, and run it like any test.
 *
 * <p>The laws are checked over states that three replicas reach by random histories of edits, merges of whole states and
 * deliveries of deltas; a history that breaks one is shown shrunk. Then every history of a few edits is tried, with
 * every choice of what had reached the editor before each. Laws alone pass on wrong types (a merge that always answers
 * "empty" obeys them), so each state is also held against {@link #expected}, a model that looks at the history and knows
 * nothing of how the type works.
 *
 * @param <S> the state
 * @param <A> what describes an edit
 */
public abstract class CrdtLaws<S, A> {
    private long tried;

    /** Returns the state before any edit. */
    protected abstract S empty();

    /** Returns a small alphabet of edits, which is tried exhaustively. */
    protected abstract List<A> actions();

    /** Returns the state after an edit, or null if the type refuses it here. */
    protected abstract @Nullable S edit(S state, Event<A> event);

    /** Returns a state that, merged into any other, brings this edit. Null exactly when {@link #edit} is. */
    protected abstract @Nullable S delta(S state, Event<A> event);

    protected abstract S merge(S a, S b);

    /** Returns what a reader sees. */
    protected abstract Object value(S state);

    /** Returns what a reader should see after these edits. */
    protected abstract Object expected(Past<A> past);

    protected abstract Codec<S> codec();

    /** Returns whether a delta brings the editor's past too, as it does for types that have no deltas. */
    protected boolean deltaHoldsPast() {
        return false;
    }

    /** Returns how many edits each exhaustive history has; the system property {@code anabranch.depth} says otherwise. */
    protected int depth() {
        return Integer.getInteger("anabranch.depth", 4);
    }

    /** Returns edits that replica A makes, and B sees, before those of {@link #truthTable()}. */
    protected List<A> beforeTheTable() {
        return List.of();
    }

    /** Returns what the table says is shown: the value, unless that leaves out what a reader sees. */
    protected Object inTheTable(S state) {
        return value(state);
    }

    /** Returns, in Markdown, what is shown after each pair of concurrent edits that is possible: a table that cannot be wrong. */
    public final String truthTable() {
        StringBuilder table = new StringBuilder();
        if (!beforeTheTable().isEmpty()) {
            table.append("After ").append(beforeTheTable()).append(", seen by both:\n\n");
        }
        table.append("| A | B, at the same time | both then show |\n|---|---|---|\n");
        for (A a : actions()) {
            for (A b : actions()) {
                World<S, A> world = new World<>(this);
                beforeTheTable().forEach(action -> world.edit(0, action));
                world.pull(1, 0);
                if (world.edit(0, a) && world.edit(1, b)) {
                    String shown = String.valueOf(inTheTable(world.joined()));
                    table.append("| ")
                            .append(a)
                            .append(" | ")
                            .append(b)
                            .append(" | ")
                            .append(shown)
                            .append(" |\n");
                }
            }
        }
        return table.toString();
    }

    @Provide
    protected Arbitrary<List<Step>> histories() {
        Arbitrary<Integer> replica = Arbitraries.integers().between(0, World.REPLICAS - 1);
        Arbitrary<Integer> any = Arbitraries.integers().between(0, 59);
        Arbitrary<Step> edit = Combinators.combine(replica, any).as(Step.Edit::new);
        Arbitrary<Step> pull = Combinators.combine(replica, replica).as(Step.Pull::new);
        Arbitrary<Step> deliver = Combinators.combine(any, replica).as(Step.Deliver::new);
        return Arbitraries.oneOf(edit, edit, pull, deliver).list().ofMaxSize(24);
    }

    @Property
    protected void mergeIsCommutative(@ForAll("histories") List<Step> history) {
        World<S, A> world = World.after(this, history);
        assertSame(merge(world.state(0), world.state(1)), merge(world.state(1), world.state(0)));
    }

    @Property
    protected void mergeIsAssociative(@ForAll("histories") List<Step> history) {
        World<S, A> world = World.after(this, history);
        S a = world.state(0);
        S b = world.state(1);
        S c = world.state(2);
        assertSame(merge(merge(a, b), c), merge(a, merge(b, c)));
        assertSame(merge(merge(a, b), c), merge(merge(c, a), b));
    }

    @Property
    protected void mergeIsIdempotent(@ForAll("histories") List<Step> history) {
        World<S, A> world = World.after(this, history);
        S decoded = codec().decode(codec().encode(world.state(0)));
        assertSame(merge(world.state(0), world.state(0)), world.state(0));
        assertSame(merge(world.state(0), decoded), world.state(0));
        assertSame(merge(world.state(0), empty()), world.state(0));
        assertSame(merge(empty(), world.state(0)), world.state(0));
    }

    @Property
    protected void mergeKeepsBoth(@ForAll("histories") List<Step> history) {
        World<S, A> world = World.after(this, history);
        S both = merge(world.state(0), world.state(1));
        assertSame(merge(both, world.state(0)), both);
        assertSame(merge(both, world.state(1)), both);
    }

    /** What an edit does is checked inside: that its delta is the edit, and that it only grows the state. */
    @Property
    protected void deltasInAnyOrderRepeatedAndBatchedGiveTheState(
            @ForAll("histories") List<Step> history, @ForAll Random random) {
        World<S, A> world = World.after(this, history);
        List<S> deltas = new ArrayList<>(world.deltas());
        deltas.addAll(world.deltas());
        Collections.shuffle(deltas, random);
        S received = empty();
        S batch = empty();
        for (S delta : deltas) {
            batch = merge(batch, delta);
            if (random.nextInt(3) == 0) {
                received = merge(received, batch);
                batch = empty();
            }
        }
        assertSame(merge(received, batch), world.joined());
    }

    @Property
    protected void everyReplicaShowsWhatTheModelSays(@ForAll("histories") List<Step> history) {
        World<S, A> world = World.after(this, history);
        for (int i = 0; i < World.REPLICAS; i++) {
            // A delta names what it replaced, not what that had replaced before: until its past is here, more may show.
            if (world.isCausal(i)) {
                assertThat(value(world.state(i)))
                        .as("replica %s of %s", i, world)
                        .isEqualTo(expected(world.past(i)));
            }
        }
        assertThat(value(world.joined())).as("all of %s", world).isEqualTo(expected(world.past()));
    }

    @Property
    protected void bytesGiveTheStateBack(@ForAll("histories") List<Step> history) {
        World<S, A> world = World.after(this, history);
        for (int i = 0; i < World.REPLICAS; i++) {
            assertSame(codec().decode(codec().encode(world.state(i))), world.state(i));
        }
        world.deltas().forEach(delta -> assertSame(codec().decode(codec().encode(delta)), delta));
    }

    /**
     * Tries every history of a few edits: every replica, every action and every choice of earlier edits that reach the
     * editor first. At the end every order of delivery must give one state, the one that the model says.
     */
    @Example
    protected void everySmallHistoryConverges() {
        tried = 0;
        World<S, A> start = new World<>(this);
        checkModel("everything", empty(), start.past(), start);
        explore(start, List.of(empty()), depth());
    }

    /** Returns how many histories {@link #everySmallHistoryConverges} tried, the empty one included; not those that {@link #comesFirst} leaves out. */
    public final long tried() {
        return tried;
    }

    private void explore(World<S, A> world, List<S> joins, int depth) {
        tried++;
        if (depth == 0) {
            return;
        }
        for (int replica = 0; replica < World.REPLICAS; replica++) {
            for (int subset = 0; subset < 1 << world.events().size(); subset++) {
                World<S, A> informed = inform(world, replica, subset);
                if (informed == null || comesFirst(informed, replica)) {
                    continue;
                }
                for (A action : actions()) {
                    World<S, A> next = new World<>(informed);
                    if (next.edit(replica, action)) {
                        explore(next, checkEveryOrder(next, joins), depth - 1);
                    }
                }
            }
        }
    }

    /**
     * Returns whether an edit here would not have seen the last one and belongs before it: edits that do not know of
     * each other are one history in either order, so one of the two is enough.
     */
    private static boolean comesFirst(World<?, ?> world, int replica) {
        int last = world.events().size();
        return last > 0
                && !world.has(replica, last)
                && replica < world.events().get(last - 1).origin().low() - 1;
    }

    /** Returns the world after these events reach the replica; null if it had one, or lacks an earlier one of an origin. */
    private @Nullable World<S, A> inform(World<S, A> world, int replica, int subset) {
        for (Event<A> event : world.events()) {
            boolean chosen = (subset & 1 << event.number() - 1) != 0;
            if (chosen && world.has(replica, event.number())) {
                return null;
            }
            if (chosen) {
                for (Event<A> earlier : world.events().subList(0, event.number() - 1)) {
                    boolean present = (subset & 1 << earlier.number() - 1) != 0 || world.has(replica, earlier.number());
                    if (earlier.origin().equals(event.origin()) && !present) {
                        return null;
                    }
                }
            }
        }
        World<S, A> informed = new World<>(world);
        for (Event<A> event : world.events()) {
            if ((subset & 1 << event.number() - 1) != 0) {
                informed.deliver(event.number(), replica);
            }
        }
        return informed;
    }

    /**
     * If all ways to reach a set of deltas from one less agree, then, by induction, so do all orders.
     *
     * @param known the joins of all sets without the last delta, which have been checked
     * @return the joins of all sets
     */
    private List<S> checkEveryOrder(World<S, A> world, List<S> known) {
        List<S> joins = new ArrayList<>(known);
        for (int set = known.size(); set < 2 * known.size(); set++) {
            S join = null;
            for (int i = 0; i < world.events().size(); i++) {
                if ((set & 1 << i) != 0) {
                    S other = merge(joins.get(set ^ 1 << i), world.deltas().get(i));
                    if (join != null && !join.equals(other)) {
                        throw new AssertionError("two orders differ, " + join + " and " + other + ": " + world);
                    }
                    join = other;
                }
            }
            joins.add(join);
        }
        S joined = world.joined();
        S all = joins.get(joins.size() - 1);
        if (!joined.equals(all)) {
            throw new AssertionError("deltas give " + all + ", states " + joined + ": " + world);
        }
        checkModel("everything", joined, world.past(), world);
        for (int i = 0; i < World.REPLICAS; i++) {
            if (world.isCausal(i)) {
                checkModel("replica " + i, world.state(i), world.past(i), world);
            }
        }
        return joins;
    }

    private void checkModel(String who, S state, Past<A> past, World<S, A> world) {
        Object expected = expected(past);
        if (!value(state).equals(expected)) {
            throw new AssertionError(who + " shows " + value(state) + ", the model says " + expected + ": " + world);
        }
    }

    private void assertSame(S actual, S expected) {
        assertThat(actual).isEqualTo(expected);
        assertThat(actual).hasSameHashCodeAs(expected);
        assertThat(codec().encode(actual)).isEqualTo(codec().encode(expected));
    }
}
