// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.sync.session.ModelPeer.Wrong;
import io.anabranch.sync.session.SessionWorld.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Visits every state that few replicas can reach that write few change sets and exchange them: every order of writing,
 * asking, arriving and answering, with messages lost, doubled and late and processes that crash. From every state all must
 * come to hold the same once nothing is in the way any more.
 *
 * <p>{@code -Danabranch.scopes=3,2,0,1,forgetful;2,2,2,1} visits others: replicas, change sets of each, faults, exchanges at once, and whether
 * they remember nothing of each other from one exchange to the next.
 */
class SessionSearchTest {
    private static final String SHORT = "2,1,1,1;2,2,1,1;2,3,0,1;3,1,1,1,forgetful";
    private static final String LONG = SHORT + ";2,1,2,2;2,2,1,2;2,2,2,1;2,3,1,1;3,1,0,1;3,2,0,1,forgetful";

    static List<Scope> scopes() {
        String usual = Boolean.getBoolean("anabranch.long") ? LONG : SHORT;
        List<Scope> scopes = new ArrayList<>();
        for (String scope : System.getProperty("anabranch.scopes", usual).split(";")) {
            String[] words = scope.split(",");
            int[] n = Arrays.stream(words).limit(4).mapToInt(Integer::parseInt).toArray();
            scopes.add(new Scope(n[0], n[1], n[2], n[3], words.length == 4, Wrong.NOTHING));
        }
        return scopes;
    }

    @ParameterizedTest
    @MethodSource("scopes")
    void whateverHappensIsSafe(Scope scope) {
        assertThat(new Search(scope).run()).isNull();
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NOTHING")
    void whatIsWrongIsFound(Wrong wrong) {
        assertThat(new Search(new Scope(2, 2, 1, 1, true, wrong)).run()).isNotNull();
    }

    /** Nearest states first, so that the first fault found is one of the shortest. */
    private static final class Search implements SessionWorld.Visitor {
        private final Scope scope;
        private final SessionWorld world;
        private final Fingerprints seen = new Fingerprints();
        private final StateQueue open;
        private int following;
        private int step;
        private long steps;
        private @Nullable String found;

        Search(Scope scope) {
            this.scope = scope;
            world = new SessionWorld(scope);
            open = new StateQueue(world.width());
        }

        /** Returns the way to a fault, and what it is; null if there is none. */
        @Nullable
        String run() {
            long began = System.nanoTime();
            seen.add(world.start());
            open.add(world.start(), -1, 0);
            for (following = 0; !open.isEmpty() && found == null; following++) {
                step = 0;
                world.forEachStep(open.remove(), this);
            }
            System.out.println(scope + ": " + seen.size() + " states, " + steps + " steps, "
                    + (System.nanoTime() - began) / 1_000_000 + " ms" + (found == null ? "" : ": " + found));
            return found;
        }

        @Override
        public void step(SessionWorld.What what, int one, int other, int[] next, @Nullable String fault) {
            if (found != null) {
                return;
            }
            steps++;
            if (fault != null) {
                found = way() + what.named(one, other) + ": " + fault;
            } else if (seen.add(next)) {
                open.add(next, following, step);
            }
            step++;
        }

        /** Returns the names of the steps to the state that is followed now. */
        private String way() {
            StringBuilder way = new StringBuilder();
            int[] state = world.start();
            for (int taken : open.way(following)) {
                List<int[]> after = new ArrayList<>();
                world.forEachStep(state, (what, one, other, next, fault) -> {
                    if (after.size() == taken) {
                        way.append(what.named(one, other)).append(", ");
                    }
                    after.add(next);
                });
                state = after.get(taken);
            }
            return way.toString();
        }
    }
}
