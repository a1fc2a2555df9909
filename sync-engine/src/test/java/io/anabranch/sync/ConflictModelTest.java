// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.CellOp;
import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.Life;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.ChangeSetHeader;
import io.anabranch.sync.change.ContextEntry;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.change.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random histories of few rows that are written, deleted, inserted again and inserted apart, with few values: whatever order change
 * sets travel in, each replica lists what the definition in {@code RowLosses} says, which is read from the whole log and its contexts.
 */
class ConflictModelTest {
    private static final int STEPS = 70;
    private static final long TEN_YEARS_MILLIS = 10L * 365 * 24 * 3600 * 1000;

    @TempDir
    Path folder;

    static LongStream seeds() {
        return Seeds.of(60, 10_000);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyReplicaListsWhatLost(long seed) throws IOException {
        try (World world = new World(Files.createDirectory(folder.resolve("seed" + seed)))) {
            Random random = new Random(seed);
            List<TestReplica> replicas = replicas(world, random);
            for (int step = 0; step < STEPS; step++) {
                world.pass(random.nextInt(5_000));
                TestReplica one = replicas.get(random.nextInt(replicas.size()));
                TestReplica other = replicas.get(random.nextInt(replicas.size()));
                switch (random.nextInt(5)) {
                    case 0 -> one.seal();
                    case 1, 2 -> deliver(one, other, 1 + random.nextInt(300));
                    default -> one.sql(statement(random));
                }
            }
            world.settle(replicas.toArray(new TestReplica[0]));

            List<String> expected = new Definition(replicas.get(0)).lost();
            for (TestReplica replica : replicas) {
                assertThat(listed(replica))
                        .as("%s of seed %s", replica.name(), seed)
                        .isEqualTo(expected);
            }
        }
    }

    private static List<TestReplica> replicas(World world, Random random) {
        List<TestReplica> replicas = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            long skew = random.nextInt(4) == 0 ? TEN_YEARS_MILLIS : 0;
            replicas.add(world.replica("r" + i, () -> world.now() + skew));
        }
        TestReplica first = replicas.get(0);
        first.sql("CREATE TABLE item(id TEXT PRIMARY KEY, title TEXT, label TEXT, stock INTEGER)");
        first.sql("CREATE TABLE note(id TEXT PRIMARY KEY, title TEXT, label TEXT)");
        first.enrol("item", TableRules.defaults().counter("stock"));
        first.enrol("note", TableRules.defaults().onDelete(DeletePolicy.DELETE_WINS));
        first.sql("INSERT INTO item VALUES ('a', 'v0', 'v0', 1)");
        first.sql("INSERT INTO note VALUES ('a', 'v0', 'v0')");
        world.settle(replicas.toArray(new TestReplica[0]));
        return replicas;
    }

    private static String statement(Random random) {
        String key = random.nextBoolean() ? "'a'" : "'b'";
        String value = "'v" + random.nextInt(12) + "'";
        return switch (random.nextInt(14)) {
            case 0, 1, 2 -> "UPDATE item SET title = " + value + " WHERE id = " + key;
            case 3 -> "UPDATE item SET label = " + value + " WHERE id = " + key;
            case 4, 5 -> "UPDATE item SET stock = stock + 1 WHERE id = " + key;
            case 6, 7 -> "DELETE FROM item WHERE id = " + key;
            case 8 -> "INSERT OR REPLACE INTO item VALUES (" + key + ", " + value + ", " + value + ", 2)";
            case 9 -> "INSERT OR IGNORE INTO item VALUES (" + key + ", " + value + ", 'v1', 2)";
            case 10 -> "UPDATE note SET title = " + value + " WHERE id = " + key;
            case 11 -> "UPDATE note SET label = " + value + " WHERE id = " + key;
            case 12 -> "DELETE FROM note WHERE id = " + key;
            default -> "INSERT OR REPLACE INTO note VALUES (" + key + ", " + value + ", 'v1')";
        };
    }

    private static void deliver(TestReplica from, TestReplica to, int bytes) {
        if (from != to) {
            from.seal();
            assertThat(to.file()
                            .accept(from.file()
                                    .missing(to.file().heads().vector(), bytes)
                                    .changeSets()))
                    .isInstanceOf(Admission.Next.class);
        }
    }

    private static List<String> listed(TestReplica replica) {
        return replica.file().reports().conflicts().stream()
                .filter(conflict -> conflict.kind() == Conflict.Kind.VALUE)
                .map(conflict -> text(
                        conflict.table(),
                        conflict.key(),
                        String.valueOf(conflict.column()),
                        conflict.lost().origin(),
                        conflict.lost().value(),
                        conflict.kept() == null ? null : conflict.kept().value()))
                .sorted()
                .collect(Collectors.toList());
    }

    private static String text(
            String table, List<Value> key, String column, Origin origin, Value lost, @Nullable Value kept) {
        return table + "." + column + " " + key + ": " + origin + " lost " + lost + ", kept " + kept;
    }

    /** What one log holds. */
    private static final class Definition {
        private final LogModel rows;
        private final Map<Origin, VersionVector> seen = new HashMap<>();
        private final Map<String, List<Put>> puts = new TreeMap<>();

        Definition(TestReplica replica) {
            rows = LogModel.of(replica);
            replica.file().reports().forEachChangeSet(changeSet -> {
                note(changeSet.header());
                replica.file().reports().forEachOp(changeSet, op -> {
                    if (op instanceof TableOp.Change change) {
                        take(change, changeSet.header().dot());
                    }
                });
            });
        }

        private void note(ChangeSetHeader header) {
            VersionVector context = seen.getOrDefault(header.origin(), VersionVector.EMPTY);
            for (ContextEntry entry : header.context()) {
                context = context.with(entry.origin(), entry.seq());
            }
            seen.put(header.origin(), context.with(header.origin(), header.seq()));
        }

        private void take(TableOp.Change change, Dot dot) {
            List<Put> open = puts.computeIfAbsent(change.table() + change.key(), any -> new ArrayList<>());
            RowOp<String, Value> op = change.op();
            VersionVector seenByWriter = seen.get(dot.origin());
            boolean deletesForGood =
                    op instanceof RowOp.Delete && change.table().equals("note");
            Map<String, CellOp<Value>> cells = op instanceof RowOp.Insert<String, Value> insert
                    ? insert.cells()
                    : op instanceof RowOp.Edit<String, Value> edit ? edit.cells() : Map.of();
            open.removeIf(put -> seenByWriter.contains(put.dot)
                    && (deletesForGood || op instanceof RowOp.Insert || cells.containsKey(put.column)));
            Dot life = op instanceof RowOp.Edit<String, Value> edit
                    ? edit.touches().get(0).life()
                    : dot;
            cells.forEach((column, cell) -> {
                if (cell instanceof CellOp.Put<Value> put) {
                    open.add(new Put(change.table(), change.key(), column, life, dot, put.value()));
                }
            });
        }

        List<String> lost() {
            List<String> lost = new ArrayList<>();
            puts.values()
                    .forEach(open -> open.forEach(put -> {
                        RowLives<String, Value> row = rows.row(put.table, String.valueOf(put.key.get(0)));
                        Life<String, Value> life = row.life(put.life);
                        Value shown = row.register(put.column) == null
                                ? null
                                : row.register(put.column).value();
                        boolean counts = put.table.equals("note") || life != null && life.isAlive();
                        if (counts && !put.value.equals(shown)) {
                            lost.add(text(put.table, put.key, put.column, put.dot.origin(), put.value, shown));
                        }
                    }));
            return lost.stream().sorted().collect(Collectors.toList());
        }

        private record Put(String table, List<Value> key, String column, Dot life, Dot dot, Value value) {}
    }
}
