// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.LwwRegister;
import io.anabranch.crdt.RowLives;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.CanonicalJson;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.sql.SqlException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random histories over a table with a column of every rule: each replica shows what the plain {@code crdt} types make of its
 * log, at every step, and never a bounded counter below its minimum. A seed names one history; run one by its number alone
 * with {@code -Danabranch.seed=N}.
 */
class RulesConvergenceTest {
    /** In time however busy the machine is: a resolver that takes too long is not asked again. */
    static final MergeRules CARTS =
            MergeRules.none().register("cart", 1, RulesConvergenceTest::union).budget(Duration.ofMinutes(1));

    private static final int STEPS = 60;
    private static final String[] IDS = {"cup", "pot"};

    @TempDir
    Path folder;

    static LongStream seeds() {
        return Seeds.of(60, 10_000);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void everyRuleShowsWhatTheLogSaysAtEveryStep(long seed) throws IOException {
        try (History history = new History(seed, Files.createDirectory(folder.resolve("seed" + seed)))) {
            history.run();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        }
    }

    /** What the rules should make of a row of the log. */
    private static String shown(String id, RowLives<String, Value> row) {
        LwwRegister<Value> amount = row.register("amount");
        LwwRegister<Value> currency = row.register("currency");
        return String.join(
                "|",
                id,
                row.counter("n").toString(),
                row.growth("views").toString(),
                row.aboveMinimum("stock").toString(),
                text(row.max("high")),
                text(row.min("low")),
                "[" + String.join(",", texts(row.elements("tags").keySet())) + "]",
                text(
                        row.siblings("price").isEmpty()
                                ? null
                                : row.latest("price").value()),
                cart(row.siblings("cart")),
                text(amount == null ? null : amount.value()),
                text(currency == null ? null : currency.value()));
    }

    private static String cart(List<LwwRegister<Value>> siblings) {
        return siblings.isEmpty() ? "null" : union(siblings).toString();
    }

    /** Puts together what is in any of several carts. */
    static Value union(List<LwwRegister<Value>> siblings) {
        TreeSet<String> all = new TreeSet<>();
        for (LwwRegister<Value> sibling : siblings) {
            try {
                if (sibling.value() instanceof Value.Text cart) {
                    all.addAll(CanonicalJson.elements(cart.utf8()));
                }
            } catch (CanonicalJson.Malformed e) {
                throw new IllegalArgumentException(e);
            }
        }
        return Value.of("[" + String.join(",", all) + "]");
    }

    private static List<String> texts(Iterable<Value> values) {
        List<String> texts = new ArrayList<>();
        values.forEach(value -> texts.add(value.toString()));
        return texts;
    }

    private static String text(Value value) {
        return value == null || value instanceof Value.Null ? "null" : value.toString();
    }

    /** One history. */
    private static final class History implements AutoCloseable {
        private final Random random;
        private final World world;
        private final List<TestReplica> replicas = new ArrayList<>();
        private int written;

        History(long seed, Path folder) {
            random = new Random(seed);
            world = new World(folder);
            for (int i = 0; i < 3; i++) {
                replicas.add(open(i));
            }
            TestReplica first = replicas.get(0);
            first.sql(
                    "CREATE TABLE item(id TEXT PRIMARY KEY, n INTEGER, views INTEGER, stock INTEGER, high, low, tags TEXT,"
                            + " price TEXT, cart TEXT, amount INTEGER, currency TEXT)");
            DeletePolicy policy = random.nextBoolean() ? DeletePolicy.EDIT_WINS : DeletePolicy.DELETE_WINS;
            first.enrol(
                    "item",
                    TableRules.defaults()
                            .counter("n")
                            .gcounter("views")
                            .bounded("stock", 0)
                            .max("high")
                            .min("low")
                            .set("tags")
                            .mv("price")
                            .custom("cart", "cart", 1)
                            .group("amount", "currency")
                            .onDelete(policy));
            settle();
        }

        private TestReplica open(int i) {
            TestReplica replica = world.replica("r" + i);
            replica.file().use(CARTS);
            return replica;
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                world.pass(random.nextInt(5_000));
                step();
            }
            settle();
            replicas.forEach(this::check);
            world.assertConverged(replicas.toArray(new TestReplica[0]));
            for (TestReplica replica : replicas) {
                assertThat(replica.rows("item")).isEqualTo(replicas.get(0).rows("item"));
            }
        }

        private void step() {
            int i = random.nextInt(replicas.size());
            TestReplica one = replicas.get(i);
            TestReplica other = replicas.get(random.nextInt(replicas.size()));
            switch (random.nextInt(10)) {
                case 0, 1, 2, 3, 4, 5 -> write(one);
                case 6 -> exchange(one, other);
                case 7 -> deliverSome(one, other);
                case 8 -> {
                    one.close();
                    replicas.set(i, open(i));
                }
                default -> {
                    one.seal();
                    check(one);
                }
            }
        }

        private void check(TestReplica replica) {
            LogModel model = LogModel.of(replica);
            List<String> expected = new ArrayList<>();
            for (String id : IDS) {
                RowLives<String, Value> row = model.row("item", id);
                if (row.isShown()) {
                    assertThat(row.aboveMinimum("stock").signum()).isNotNegative();
                    expected.add(shown(id, row));
                    String amount = text(
                            row.register("amount") == null
                                    ? null
                                    : row.register("amount").value());
                    String currency = text(
                            row.register("currency") == null
                                    ? null
                                    : row.register("currency").value());
                    assertThat(currency).isEqualTo(amount.equals("null") ? "null" : "c" + amount);
                }
            }
            assertThat(replica.rows("item")).isEqualTo(expected);
        }

        /** A trigger may refuse it, as it would any program. */
        private void write(TestReplica replica) {
            try {
                replica.sql(statement());
            } catch (SqlException refused) {
                assertThat(refused.getMessage()).contains("anabranch: item.");
            }
        }

        private String statement() {
            String where = " WHERE id = '" + IDS[random.nextInt(IDS.length)] + "'";
            String id = "'" + IDS[random.nextInt(IDS.length)] + "'";
            int k = written++;
            return switch (random.nextInt(14)) {
                case 0 ->
                    "INSERT OR IGNORE INTO item VALUES (" + id + ", 1, 2, 5, " + k + ", " + k + ", '[" + k % 5
                            + "]', 'p" + k + "', '[" + k + "]', " + k + ", 'c" + k + "')";
                case 1 ->
                    "INSERT OR REPLACE INTO item VALUES (" + id + ", 3, 9, 4, " + k + ", -" + k + ", '[\"r\"]', 'q" + k
                            + "', '[" + k + "]', " + k + ", 'c" + k + "')";
                case 2 -> "UPDATE item SET n = n - 1, views = views + 1" + where;
                case 3 -> "UPDATE item SET views = views - " + random.nextInt(2) + where;
                case 4, 5 -> "UPDATE item SET stock = stock - " + (1 + random.nextInt(4)) + where;
                case 6 -> "UPDATE item SET stock = stock + 2" + where;
                case 7 ->
                    "UPDATE item SET high = " + random.nextInt(50) + ", low = " + random.nextInt(50) + ".5" + where;
                case 8 ->
                    "UPDATE item SET tags = '[" + random.nextInt(5) + ", " + random.nextInt(5) + ".0, \"x\"]'" + where;
                case 9 -> "UPDATE item SET tags = NULL" + where;
                case 10 -> "UPDATE item SET price = 'u" + k + "'" + where;
                case 11 -> "UPDATE item SET cart = '[" + k + "]'" + where;
                case 12 -> "UPDATE item SET currency = 'c" + k + "', amount = " + k + where;
                default -> "DELETE FROM item" + where;
            };
        }

        private void exchange(TestReplica one, TestReplica other) {
            if (one != other) {
                assertThat(world.exchange(one, other)).isInstanceOf(SyncOutcome.Settled.class);
                check(one);
                check(other);
            }
        }

        private void deliverSome(TestReplica from, TestReplica to) {
            List<EncodedChangeSet> batch = from.file()
                    .missing(to.file().heads().vector(), 1 + random.nextInt(2_000))
                    .changeSets();
            assertThat(to.file().accept(batch)).isInstanceOf(Admission.Next.class);
            check(to);
        }

        private void settle() {
            for (int round = 0; round < 2; round++) {
                for (TestReplica replica : replicas.subList(1, replicas.size())) {
                    assertThat(world.exchange(replica, replicas.get(0))).isInstanceOf(SyncOutcome.Settled.class);
                }
            }
        }

        @Override
        public void close() {
            world.close();
        }
    }
}
