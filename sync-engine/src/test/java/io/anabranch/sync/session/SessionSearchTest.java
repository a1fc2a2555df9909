// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.sync.session.ModelPeer.Wrong;
import io.anabranch.sync.session.SessionWorld.Scope;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tries everything that can happen among few replicas that write few change sets and exchange them: every order of writing,
 * asking, arriving and answering, with messages lost, doubled and late and processes that crash. From every state all must
 * come to hold the same once nothing is in the way any more.
 */
class SessionSearchTest {
    private static final boolean LONG = Boolean.getBoolean("anabranch.long");
    private static final int UNBOUNDED = Integer.MAX_VALUE;

    @Test
    void twoReplicasAreSafeWhateverHappens() {
        Scope oneFault = new Scope(2, 1, 1, LONG ? 2 : 1, Wrong.NOTHING);
        Scope moreWrites = new Scope(2, LONG ? 3 : 2, LONG ? 2 : 0, LONG ? 2 : 1, Wrong.NOTHING);

        assertThat(search(oneFault, UNBOUNDED)).isNull();
        assertThat(search(moreWrites, UNBOUNDED)).isNull();
    }

    @Test
    void threeReplicasAreSafeWhateverHappensInSoManySteps() {
        Scope scope = new Scope(3, LONG ? 2 : 1, 1, LONG ? 2 : 1, Wrong.NOTHING);

        assertThat(search(scope, LONG ? 12 : 5)).isNull();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NOTHING")
    void whatIsWrongIsFound(Wrong wrong) {
        Scope scope = new Scope(2, 2, 1, 1, wrong);

        assertThat(search(scope, UNBOUNDED)).isNotNull();
    }

    /** Nearest states first, so that the first fault found is one of the shortest. */
    private static @Nullable String search(Scope scope, int mostSteps) {
        Set<Key> seen = new HashSet<>();
        Set<Key> healed = new HashSet<>();
        Deque<State> open = new ArrayDeque<>();
        open.add(new State(new SessionWorld(scope), null));
        long steps = 0;
        while (!open.isEmpty()) {
            State state = open.remove();
            if (state.path != null && state.path.length == mostSteps) {
                continue;
            }
            for (SessionWorld.Step step : state.world.steps()) {
                SessionWorld next = state.world.copy();
                step.act().accept(next);
                steps++;
                Path path = Path.of(state.path, step.name());
                String fault = next.fault();
                if (fault == null && healed.add(Key.of(next.describePeers()))) {
                    fault = next.faultInLogs();
                    fault = fault == null ? next.faultOnceHealed() : fault;
                }
                if (fault != null) {
                    return path + ": " + fault;
                }
                if (seen.add(Key.of(next.describe()))) {
                    open.add(new State(next, path));
                }
            }
        }
        System.out.println(scope + ": " + seen.size() + " states, " + steps + " steps");
        return null;
    }

    private record State(SessionWorld world, @Nullable Path path) {}

    /** The steps that led to a state. */
    private record Path(@Nullable Path before, String step, int length) {
        static Path of(@Nullable Path before, String step) {
            return new Path(before, step, before == null ? 1 : before.length + 1);
        }

        @Override
        public String toString() {
            return before == null ? step : before + ", " + step;
        }
    }

    /** Two hashes of a text: millions of them are to be told apart, and held. */
    private record Key(long one, long other) {
        static Key of(String text) {
            long one = 0xcbf29ce484222325L;
            long other = 1;
            for (int i = 0; i < text.length(); i++) {
                one = (one ^ text.charAt(i)) * 0x100000001b3L;
                other = other * 0x5DEECE66DL + text.charAt(i);
            }
            return new Key(one, other);
        }
    }
}
