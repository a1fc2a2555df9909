// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.session.SyncOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random histories on real files: whatever order change sets travel in, replicas that hold the same show the same, and each
 * shows what the plain {@code crdt} types make of its log. A seed names one history; run one by its number alone with
 * {@code -Danabranch.seed=N}.
 */
class ConvergenceTest {
    private static final int STEPS = 60;
    private static final long TEN_YEARS_MILLIS = 10L * 365 * 24 * 3600 * 1000;
    private static final String[] ITEMS = {"cup", "pot", "pan"};

    @TempDir
    Path folder;

    static LongStream seeds() {
        return Seeds.of(200, 10_000);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void replicasAgreeWhateverWayTheirChangeSetsTravel(long seed) throws IOException {
        try (History history = new History(seed, Files.createDirectory(folder.resolve("seed" + seed)))) {
            history.run();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        }
    }

    /** One history. */
    private static final class History implements AutoCloseable {
        private final Random random;
        private final World world;
        private final List<TestReplica> replicas = new ArrayList<>();
        private final List<Long> skews = new ArrayList<>();
        private final List<List<EncodedChangeSet>> delivered = new ArrayList<>();
        private int written;

        /** In every second history replicas cut their logs, and peers that lag are given snapshots. */
        private final boolean compacts;

        History(long seed, Path folder) {
            random = new Random(seed);
            compacts = seed % 2 == 0;
            world = new World(folder);
            int count = 3 + random.nextInt(3);
            for (int i = 0; i < count; i++) {
                skews.add(random.nextInt(4) == 0 ? (random.nextBoolean() ? 1 : -1) * TEN_YEARS_MILLIS : 0L);
                replicas.add(open(i));
            }
            // One enrols; some enrol copies of their own; the rest get their tables from the space.
            for (TestReplica replica : replicas.subList(0, 1 + random.nextInt(count))) {
                replica.sql("CREATE TABLE item(id TEXT PRIMARY KEY, title TEXT, stock INTEGER, price NUMERIC)");
                replica.sql("CREATE TABLE note(day INTEGER, place TEXT, body, PRIMARY KEY (day, place)) WITHOUT ROWID");
                replica.sql("INSERT INTO item VALUES ('cup', 'Cup', 5, 1.5)");
                replica.enrol("item", TableRules.defaults().counter("stock"));
                replica.enrol("note", TableRules.defaults().onDelete(DeletePolicy.DELETE_WINS));
            }
        }

        private TestReplica open(int i) {
            return world.replica("r" + i, () -> world.now() + skews.get(i));
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                world.pass(random.nextInt(5_000));
                step();
            }
            settle();
            for (TestReplica replica : replicas) {
                assertThat(replica.sqlValue("PRAGMA integrity_check")).isEqualTo("ok");
                assertThat(replica.rows("item")).isEqualTo(replicas.get(0).rows("item"));
                assertThat(replica.rows("note")).isEqualTo(replicas.get(0).rows("note"));
                if (hasWholeLog(replica)) {
                    LogModel model = LogModel.of(replica);
                    assertThat(replica.rows("item")).isEqualTo(model.rows("item", "title", "stock", "price"));
                    assertThat(replica.rows("note")).isEqualTo(model.rows("note", "body"));
                }
            }
            world.assertConverged(replicas.toArray(new TestReplica[0]));
        }

        private static boolean hasWholeLog(TestReplica replica) {
            return replica.changeSets().size()
                    == replica.file().heads().vector().countMinus(VersionVector.EMPTY);
        }

        private void step() {
            int i = random.nextInt(replicas.size());
            TestReplica one = replicas.get(i);
            TestReplica other = replicas.get(random.nextInt(replicas.size()));
            switch (random.nextInt(compacts ? 13 : 12)) {
                case 0, 1, 2, 3, 4 -> write(one);
                case 5 -> one.seal();
                case 6, 7 -> exchange(one, other);
                case 8 -> deliverSome(one, other);
                case 9 -> deliverAgain(one);
                case 10 -> deliverShuffled(one, other);
                case 12 -> one.file().compact();
                default -> {
                    one.close();
                    replicas.set(i, open(i));
                }
            }
        }

        private void write(TestReplica replica) {
            if (replica.sqlValue("SELECT count(*) FROM sqlite_master WHERE name IN ('item', 'note')")
                    .equals("2")) {
                replica.sql(statement());
            }
        }

        private String statement() {
            String item = "'" + ITEMS[random.nextInt(ITEMS.length)] + "'";
            String note = "day = " + random.nextInt(2) + " AND place = 'x'";
            written++;
            return switch (random.nextInt(10)) {
                case 0 -> "INSERT OR IGNORE INTO item VALUES (" + item + ", 't" + written + "', 3, '" + written + "')";
                case 1 -> "INSERT OR REPLACE INTO item VALUES (" + item + ", 'r" + written + "', 7, NULL)";
                case 2 -> "UPDATE item SET stock = stock - 1 WHERE id = " + item;
                case 3 -> "UPDATE item SET title = 'u" + written + "', stock = stock + 4 WHERE id = " + item;
                case 4 -> "UPDATE item SET price = " + written + ".25 WHERE id = " + item;
                case 5 -> "DELETE FROM item WHERE id = " + item;
                case 6 ->
                    "UPDATE item SET id = 'jar' WHERE id = " + item + " AND NOT EXISTS"
                            + " (SELECT 1 FROM item WHERE id = 'jar')";
                case 7 -> "INSERT OR REPLACE INTO note VALUES (" + random.nextInt(2) + ", 'x', 'n" + written + "')";
                case 8 -> "UPDATE note SET body = x'0" + written % 10 + "' WHERE " + note;
                default -> "DELETE FROM note WHERE " + note;
            };
        }

        private void exchange(TestReplica one, TestReplica other) {
            if (one != other) {
                assertThat(world.exchange(one, other)).isInstanceOf(SyncOutcome.Settled.class);
            }
        }

        private void deliverSome(TestReplica from, TestReplica to) {
            List<EncodedChangeSet> batch = from.file()
                    .missing(to.file().heads().vector(), 1 + random.nextInt(2_000))
                    .changeSets();
            delivered.add(batch);
            assertThat(to.file().accept(batch)).isInstanceOf(Admission.Next.class);
        }

        private void deliverAgain(TestReplica to) {
            if (!delivered.isEmpty()) {
                List<EncodedChangeSet> batch = delivered.get(random.nextInt(delivered.size()));
                to.file().accept(batch);
            }
        }

        private void deliverShuffled(TestReplica from, TestReplica to) {
            List<EncodedChangeSet> batch = new ArrayList<>(from.file()
                    .missing(to.file().heads().vector(), Long.MAX_VALUE)
                    .changeSets());
            Collections.shuffle(batch, random);
            to.file().accept(batch);
        }

        private void settle() {
            for (int round = 0; round < 2; round++) {
                for (TestReplica replica : replicas) {
                    exchange(replica, replicas.get(0));
                }
            }
        }

        @Override
        public void close() {
            replicas.forEach(TestReplica::close);
        }
    }
}
