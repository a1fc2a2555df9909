// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.RowCells.Write;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.VersionVector;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.LongUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Tries every history of one row up to a depth: three replicas insert, edit a register and a counter, delete, pull
 * everything or one operation, and join whole states. Then longer ones at random. Each world is held against {@link
 * RowHistory}. Rules that are broken on purpose must be caught, or the search proves nothing.
 */
class RowLivesSearchTest {
    private static final boolean LONG = Boolean.getBoolean("anabranch.long");
    private static final int REPLICAS = 3;

    /** The rules as they are, under which writers do these things. */
    private record Shipped(DeletePolicy policy, List<Write> writes) implements RowWorld.Rules {}

    static Stream<Shipped> shippedRules() {
        List<Shipped> rules = new ArrayList<>();
        for (DeletePolicy policy : DeletePolicy.values()) {
            rules.add(new Shipped(policy, List.of(Write.INSERT, Write.PUT, Write.ADD, Write.DELETE)));
            rules.add(new Shipped(policy, List.of(Write.INSERT, Write.REPLACE, Write.DELETE)));
            rules.add(new Shipped(policy, List.of(Write.INSERT, Write.INCLUDE, Write.EXCLUDE, Write.DELETE)));
            rules.add(new Shipped(policy, List.of(Write.INSERT, Write.SPEND, Write.GIVE, Write.DELETE)));
            rules.add(new Shipped(policy, List.of(Write.INSERT, Write.GROW, Write.RAISE, Write.LOWER)));
        }
        return rules.stream();
    }

    @ParameterizedTest
    @MethodSource("shippedRules")
    void everyShortHistoryConvergesToWhatItsWritersSaw(Shipped rules) {
        assertThat(shortestFault(rules, LONG ? 6 : rules.writes().contains(Write.PUT) ? 5 : 4))
                .isNull();
    }

    @ParameterizedTest
    @MethodSource("shippedRules")
    void longRandomHistoriesConvergeToWhatTheirWritersSaw(Shipped rules) {
        assertThat(randomFault(rules, LONG ? 2_000_000 : 5_000, new Random(11))).isNull();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("brokenRules")
    void aBrokenRuleIsCaught(String name, RowWorld.Rules rules) {
        String fault = shortestFault(rules, 5);
        assertThat(fault != null ? fault : randomFault(rules, 20_000, new Random(11)))
                .as(name)
                .isNotNull();
    }

    @Test
    void theSearchFindsTheShortestHistory() {
        assertThat(shortestFault(new JoinLikeASet(DeletePolicy.DELETE_WINS), 5))
                .startsWith("[A INSERT, A DELETE, B pulls one of A]: replica 1 with everything shows shown {");
    }

    static Stream<Arguments> brokenRules() {
        List<RowWorld.Rules> rules = new ArrayList<>();
        for (DeletePolicy policy : DeletePolicy.values()) {
            rules.add(new JoinLikeASet(policy));
            rules.add(new JoinKeepsOnlyWhatIsNew(policy));
            rules.add(new DeleteEndsWhateverIsHere(policy));
            rules.add(new InsertContinuesTheOldLife(policy));
            rules.add(new LastToArriveWins(policy));
            rules.add(new RankIgnoresWhatWasSeen(policy));
            rules.add(new CounterOfTheNewestLife(policy));
        }
        for (DeletePolicy policy : DeletePolicy.values()) {
            rules.add(new ReplaceTakesWhateverIsHere(policy));
            rules.add(new ReplaceReachesOneLifeOnly(policy));
            rules.add(new RemoveTakesWhateverIsHere(policy));
            rules.add(new RightsAreOfTheRowNotOfItsLives(policy));
            rules.add(new RaiseIsAPut(policy));
        }
        // Under DELETE_WINS an insert never finds a life to supersede: those that it could have seen are gone.
        rules.add(new InsertSupersedesNothing(DeletePolicy.EDIT_WINS));
        rules.add(new EditReplacesWhateverIsHere(DeletePolicy.EDIT_WINS));
        rules.add(new DeadLivesAreForgotten(DeletePolicy.EDIT_WINS));
        rules.add(new EditOfAnEndedLifeIsSkippedWhole(DeletePolicy.EDIT_WINS));
        return rules.stream().map(each -> Arguments.of(each.getClass().getSimpleName() + " " + each.policy(), each));
    }

    // ---- The search

    /** Breadth first, so that what it finds is as short as can be. Null if all is well. */
    private static @Nullable String shortestFault(RowWorld.Rules rules, int depth) {
        Map<RowWorld, List<String>> worlds = new LinkedHashMap<>();
        worlds.put(RowWorld.of(REPLICAS, rules), List.of());
        HashSet<RowWorld> known = new HashSet<>(worlds.keySet());
        for (int d = 1; d <= depth; d++) {
            Map<RowWorld, List<String>> next = new LinkedHashMap<>();
            for (Map.Entry<RowWorld, List<String>> entry : worlds.entrySet()) {
                for (Map.Entry<String, RowWorld> step : steps(entry.getKey()).entrySet()) {
                    if (known.add(step.getValue())) {
                        List<String> path = new ArrayList<>(entry.getValue());
                        path.add(step.getKey());
                        String fault = step.getValue().fault();
                        if (fault != null) {
                            return path + ": " + fault;
                        }
                        next.put(step.getValue(), path);
                    }
                }
            }
            worlds = next;
        }
        return null;
    }

    private static @Nullable String randomFault(RowWorld.Rules rules, int histories, Random random) {
        for (int i = 0; i < histories; i++) {
            RowWorld world = RowWorld.of(REPLICAS, rules);
            List<String> path = new ArrayList<>();
            for (int length = 4 + random.nextInt(12); length > 0; length--) {
                List<Map.Entry<String, RowWorld>> steps =
                        List.copyOf(steps(world).entrySet());
                Map.Entry<String, RowWorld> step = steps.get(random.nextInt(steps.size()));
                path.add(step.getKey());
                world = step.getValue();
            }
            String fault = world.fault();
            if (fault != null) {
                return path + ": " + fault;
            }
        }
        return null;
    }

    private static Map<String, RowWorld> steps(RowWorld world) {
        Map<String, RowWorld> steps = new LinkedHashMap<>();
        for (int i = 0; i < REPLICAS; i++) {
            String name = "ABC".substring(i, i + 1);
            for (Write write : world.rules().writes()) {
                put(steps, name + " " + write, world.write(i, write));
            }
            for (int from = 0; from < REPLICAS; from++) {
                if (from != i) {
                    String other = "ABC".substring(from, from + 1);
                    put(steps, name + " pulls " + other, world.pull(i, from, Integer.MAX_VALUE));
                    put(steps, name + " pulls one of " + other, world.pull(i, from, 1));
                    put(steps, name + " joins " + other, world.join(i, from));
                }
            }
        }
        return steps;
    }

    private static void put(Map<String, RowWorld> steps, String name, @Nullable RowWorld world) {
        if (world != null) {
            steps.put(name, world);
        }
    }

    // ---- Rules that look right and are not

    /** Takes every dot that either side has. */
    private record JoinLikeASet(DeletePolicy policy) implements RowWorld.Rules {
        @Override
        public RowLives<String, String> join(
                RowLives<String, String> mine,
                RowLives<String, String> theirs,
                VersionVector here,
                VersionVector there) {
            return mine.join(theirs, VersionVector.EMPTY, VersionVector.EMPTY);
        }
    }

    /** Believes that the other side had seen everything. */
    private record JoinKeepsOnlyWhatIsNew(DeletePolicy policy) implements RowWorld.Rules {
        @Override
        public RowLives<String, String> join(
                RowLives<String, String> mine,
                RowLives<String, String> theirs,
                VersionVector here,
                VersionVector there) {
            return mine.join(theirs, here, here.union(there));
        }
    }

    /** Deletes by key, not by what the writer saw. */
    private record DeleteEndsWhateverIsHere(DeletePolicy policy) implements RowWorld.Rules {
        @Override
        public RowLives<String, String> apply(RowLives<String, String> row, RowOp<String, String> op) {
            return row.apply(op instanceof RowOp.Delete<String, String> ? row.delete(op.dot()) : op);
        }
    }

    private record EditReplacesWhateverIsHere(DeletePolicy policy) implements RowWorld.Rules {
        @Override
        public RowLives<String, String> apply(RowLives<String, String> row, RowOp<String, String> op) {
            if (op instanceof RowOp.Edit<String, String> edit) {
                List<RowOp.Touch> touches = edit.touches().stream()
                        .map(touch -> new RowOp.Touch(
                                touch.life(),
                                row.lives().stream()
                                        .filter(life -> life.id().equals(touch.life()))
                                        .flatMap(life -> life.live().stream())
                                        .collect(Collectors.toCollection(TreeSet::new))))
                        .toList();
                return row.apply(new RowOp.Edit<>(op.dot(), touches, edit.cells()));
            }
            return row.apply(op);
        }
    }

    private record InsertSupersedesNothing(DeletePolicy policy) implements RowWorld.Rules {
        @Override
        public RowLives<String, String> apply(RowLives<String, String> row, RowOp<String, String> op) {
            return row.apply(
                    op instanceof RowOp.Insert<String, String> insert
                            ? new RowOp.Insert<>(
                                    op.dot(), insert.rank(), insert.policy(), new TreeSet<>(), insert.cells())
                            : op);
        }
    }

    /** One state per key: a later insert writes into the first life that is here. */
    private record InsertContinuesTheOldLife(DeletePolicy policy) implements RowWorld.Rules {
        @Override
        public RowLives<String, String> apply(RowLives<String, String> row, RowOp<String, String> op) {
            if (op instanceof RowOp.Insert<String, String> insert
                    && !row.lives().isEmpty()) {
                Life<String, String> life = row.lives().iterator().next();
                return row.apply(new RowOp.Edit<>(
                        op.dot(), List.of(new RowOp.Touch(life.id(), new TreeSet<>())), insert.cells()));
            }
            return row.apply(op);
        }
    }

    private record LastToArriveWins(DeletePolicy policy) implements RowWorld.Rules {
        @Override
        public RowLives<String, String> apply(RowLives<String, String> row, RowOp<String, String> op) {
            LwwRegister<String> here = row.register("x");
            return row.apply(reranked(op, rank -> here == null ? rank : Math.max(rank, here.rank() + 1)));
        }
    }

    /** Orders by clocks alone, which are far apart. */
    private record RankIgnoresWhatWasSeen(DeletePolicy policy) implements RowWorld.Rules {
        @Override
        public RowLives<String, String> apply(RowLives<String, String> row, RowOp<String, String> op) {
            return row.apply(reranked(op, rank -> 100 * op.dot().origin().low()));
        }
    }

    private static RowOp<String, String> reranked(RowOp<String, String> op, LongUnaryOperator rank) {
        if (op instanceof RowOp.Edit<String, String> edit) {
            TreeMap<String, CellOp<String>> cells = new TreeMap<>(edit.cells());
            cells.replaceAll((key, cell) -> cell instanceof CellOp.Put<String> put
                    ? new CellOp.Put<>(rank.applyAsLong(put.rank()), put.value(), put.replaces())
                    : cell);
            return new RowOp.Edit<>(op.dot(), edit.touches(), cells);
        }
        return op;
    }

    /** Drops what two replicas that inserted one key at once had counted in all but one of the lives. */
    private record CounterOfTheNewestLife(DeletePolicy policy) implements RowWorld.Rules {
        @Override
        public RowLives<String, String> join(
                RowLives<String, String> mine,
                RowLives<String, String> theirs,
                VersionVector here,
                VersionVector there) {
            List<Life<String, String>> shown = mine.join(theirs, here, there).shown();
            return RowLives.of(shown.subList(Math.max(0, shown.size() - 1), shown.size()));
        }
    }

    /** What an edit that the delete had not seen brings back is then a husk. */
    private record DeadLivesAreForgotten(DeletePolicy policy) implements RowWorld.Rules {
        @Override
        public RowLives<String, String> apply(RowLives<String, String> row, RowOp<String, String> op) {
            return RowLives.of(
                    row.apply(op).lives().stream().filter(Life::isAlive).toList());
        }
    }

    private record EditOfAnEndedLifeIsSkippedWhole(DeletePolicy policy) implements RowWorld.Rules {
        @Override
        public RowLives<String, String> apply(RowLives<String, String> row, RowOp<String, String> op) {
            if (op instanceof RowOp.Edit<String, String> edit
                    && row.lives().stream()
                            .noneMatch(life -> life.isAlive()
                                    && life.id().equals(edit.touches().get(0).life()))) {
                return row;
            }
            return row.apply(op);
        }
    }

    // ---- Cells of other kinds

    /** Does to each cell operation what a broken rule does. */
    private static RowOp<String, String> changed(
            RowOp<String, String> op, BiFunction<String, CellOp<String>, CellOp<String>> change) {
        if (op instanceof RowOp.Edit<String, String> edit) {
            TreeMap<String, CellOp<String>> cells = new TreeMap<>(edit.cells());
            cells.replaceAll(change);
            return new RowOp.Edit<>(op.dot(), edit.touches(), cells);
        }
        return op;
    }

    private record ReplaceTakesWhateverIsHere(DeletePolicy policy) implements RowWorld.Rules {
        @Override
        public List<Write> writes() {
            return List.of(Write.INSERT, Write.REPLACE, Write.DELETE);
        }

        @Override
        public RowLives<String, String> apply(RowLives<String, String> row, RowOp<String, String> op) {
            return row.apply(changed(op, (key, cell) -> {
                TreeSet<Dot> here = new TreeSet<>();
                row.siblings(key).forEach(sibling -> here.add(sibling.dot()));
                return cell instanceof CellOp.Replace<String> replace
                        ? new CellOp.Replace<>(replace.rank(), replace.value(), here)
                        : cell;
            }));
        }
    }

    private record ReplaceReachesOneLifeOnly(DeletePolicy policy) implements RowWorld.Rules {
        @Override
        public List<Write> writes() {
            return List.of(Write.INSERT, Write.REPLACE, Write.DELETE);
        }

        @Override
        public RowLives<String, String> apply(RowLives<String, String> row, RowOp<String, String> op) {
            if (op instanceof RowOp.Edit<String, String> edit && edit.touches().size() > 1) {
                List<RowOp.Touch> others =
                        edit.touches().subList(1, edit.touches().size());
                return row.apply(new RowOp.Edit<>(edit.dot(), edit.touches().subList(0, 1), edit.cells()))
                        .apply(new RowOp.Edit<String, String>(edit.dot(), others, new TreeMap<>()));
            }
            return row.apply(op);
        }
    }

    private record RemoveTakesWhateverIsHere(DeletePolicy policy) implements RowWorld.Rules {
        @Override
        public List<Write> writes() {
            return List.of(Write.INSERT, Write.INCLUDE, Write.EXCLUDE);
        }

        @Override
        public RowLives<String, String> apply(RowLives<String, String> row, RowOp<String, String> op) {
            return row.apply(changed(op, (key, cell) -> {
                if (cell instanceof CellOp.Change<String> change) {
                    TreeMap<String, SortedSet<Dot>> removes = new TreeMap<>(row.elements(key));
                    removes.keySet().retainAll(change.removes().keySet());
                    return new CellOp.Change<>(change.adds(), removes);
                }
                return cell;
            }));
        }
    }

    /** Takes what is spent from the oldest life, whoever made it there. */
    private record RightsAreOfTheRowNotOfItsLives(DeletePolicy policy) implements RowWorld.Rules {
        @Override
        public List<Write> writes() {
            return List.of(Write.INSERT, Write.SPEND, Write.DELETE);
        }

        @Override
        public RowLives<String, String> apply(RowLives<String, String> row, RowOp<String, String> op) {
            if (op instanceof RowOp.Edit<String, String> edit) {
                Dot oldest = edit.touches().get(0).life();
                return row.apply(changed(
                        op,
                        (key, cell) -> cell instanceof CellOp.Trade<String> trade
                                ? new CellOp.Trade<>(new TreeMap<>(Map.of(
                                        oldest,
                                        trade.byLife().get(trade.byLife().firstKey()))))
                                : cell));
            }
            return row.apply(op);
        }
    }

    /** The last to arrive shows, though it may be lower. */
    private record RaiseIsAPut(DeletePolicy policy) implements RowWorld.Rules {
        @Override
        public List<Write> writes() {
            return List.of(Write.INSERT, Write.RAISE);
        }

        @Override
        public RowLives<String, String> apply(RowLives<String, String> row, RowOp<String, String> op) {
            return row.apply(changed(op, (key, cell) -> {
                String here = row.max(key);
                return cell instanceof CellOp.Raise<String> && here != null
                        ? new CellOp.Raise<>(here + "+" + op.dot().origin().low())
                        : cell;
            }));
        }
    }
}
