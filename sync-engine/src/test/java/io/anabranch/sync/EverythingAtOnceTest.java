// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.Visibility;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.BodyLimits;
import io.anabranch.sync.change.ForeignKeyRule;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.session.Batch;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.sql.SqlException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random histories of all that a replica does together: columns of every kind under constraints, triggers of the application,
 * schemas that change, change sets in parts, compaction, snapshots joined, restarts, clocks ten years off. A witness takes every change set
 * and never cuts its log; each replica shows at all times what {@code crdt} makes of the part of that log which it has seen. Run
 * one seed alone with {@code -Danabranch.seed=N}.
 */
class EverythingAtOnceTest {
    private static final int STEPS = 60;
    private static final long TEN_YEARS_MILLIS = 10L * 365 * 24 * 3600 * 1000;

    @TempDir
    Path folder;

    static LongStream seeds() {
        return Seeds.of(60, 10_000);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void replicasShowWhatTheySawWhateverElseTheyDo(long seed) throws IOException {
        try (History history = new History(seed, Files.createDirectory(folder.resolve("seed" + seed)))) {
            try {
                history.run();
            } catch (RuntimeException | AssertionError e) {
                throw new AssertionError("seed " + seed + ": " + e.getMessage() + "\n" + history.trace, e);
            }
        }
    }

    /** One history. */
    private static final class History implements AutoCloseable {
        private final Random random;
        private final World world;
        private final List<TestReplica> replicas = new ArrayList<>();
        private final TestReplica witness;
        private final ForeignKeyRule rule;
        private final StringBuilder trace = new StringBuilder();
        private final List<Long> skews = new ArrayList<>();
        private final SchemaSteps schema;
        private int written;

        History(long seed, Path folder) {
            random = new Random(seed);
            world = new World(folder);
            schema = new SchemaSteps(random);
            rule = random.nextBoolean() ? ForeignKeyRule.HIDE : ForeignKeyRule.REVIVE;
            DeletePolicy policy = random.nextInt(3) == 0 ? DeletePolicy.DELETE_WINS : DeletePolicy.EDIT_WINS;
            boolean triggers = random.nextBoolean();
            trace.append(rule)
                    .append(' ')
                    .append(policy)
                    .append(' ')
                    .append(triggers)
                    .append('\n');
            witness = world.replica("witness");
            for (int i = 0; i < 3; i++) {
                skews.add(random.nextInt(4) == 0 ? (random.nextBoolean() ? 1 : -1) * TEN_YEARS_MILLIS : 0L);
                TestReplica replica = open(i);
                replicas.add(replica);
                if (i < 2) {
                    create(replica, policy, triggers);
                }
            }
            exchange(replicas.get(1), replicas.get(0));
            exchange(replicas.get(2), replicas.get(0));
            tell(replicas.get(0));
            witness.file().settled();
        }

        private void create(TestReplica replica, DeletePolicy policy, boolean triggers) {
            replica.sql("CREATE TABLE team(id TEXT PRIMARY KEY, name TEXT UNIQUE)");
            replica.sql("CREATE TABLE item(" + SchemaSteps.columns("title") + ")");
            replica.sql("CREATE TABLE stat(id TEXT PRIMARY KEY, hits INTEGER)");
            replica.enrol("team", TableRules.defaults());
            replica.enrol(
                    "item",
                    TableRules.defaults()
                            .foreignKey("team", rule)
                            .counter("n")
                            .bounded("stock", 0)
                            .max("high")
                            .min("low")
                            .set("tags")
                            .mv("price")
                            .group("amount", "currency")
                            .gcounter("views")
                            .custom("cart", "cart", 1)
                            .list("place")
                            .onDelete(policy));
            replica.enrol("stat", TableRules.defaults().counter("hits"));
            if (triggers) {
                replica.sql(
                        "CREATE TRIGGER hit AFTER UPDATE ON item BEGIN UPDATE stat SET hits = hits + 1 WHERE id = 'x'; END");
                replica.sql("CREATE TRIGGER gone AFTER DELETE ON item BEGIN DELETE FROM stat WHERE id = 'y'; END");
                replica.sql(
                        "CREATE TRIGGER born AFTER INSERT ON item BEGIN INSERT OR IGNORE INTO stat VALUES ('y', 1); END");
            }
        }

        private TestReplica open(int i) {
            TestReplica replica = world.replica("r" + i, () -> world.now() + skews.get(i));
            replica.file().use(RulesConvergenceTest.CARTS);
            if (i == 2) {
                replica.file().limits(new BodyLimits(60, 60, 1 << 20));
            }
            replica.sql("PRAGMA foreign_keys = " + (i == 1 ? "ON" : "OFF"));
            return replica;
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                world.pass(random.nextInt(1_000));
                step();
            }
            for (int round = 0; round < 2; round++) {
                for (TestReplica replica : replicas) {
                    if (replica != replicas.get(0)) {
                        exchange(replica, replicas.get(0));
                    }
                }
            }
            world.assertConverged(replicas.toArray(new TestReplica[0]));
            tell(replicas.get(0));
            world.assertConverged(replicas.get(0), witness);
            replicas.forEach(this::check);
        }

        private void step() {
            int i = random.nextInt(replicas.size());
            TestReplica one = replicas.get(i);
            TestReplica other = replicas.get(random.nextInt(replicas.size()));
            switch (random.nextInt(24)) {
                case 0, 1, 2, 3 -> exchange(one, other);
                case 4 -> {
                    tell(one);
                    note(one, "compacts");
                    one.file().compact();
                    check(one);
                }
                case 5 -> join(one, other);
                case 6 -> {
                    note(one, "restarts");
                    one.close();
                    replicas.set(i, open(i));
                }
                case 7 -> alter(one);
                case 8 -> {
                    note(one, "seals");
                    one.seal();
                    check(one);
                }
                case 9 -> look(one);
                case 10 -> transact(one);
                default -> write(one);
            }
        }

        private void note(TestReplica replica, String what) {
            trace.append(replica.name()).append(": ").append(what).append('\n');
        }

        // ---- Travelling

        /** Gives the witness all that a replica holds in its log, and the replica nothing. */
        private void tell(TestReplica replica) {
            replica.seal();
            for (boolean isMore = true; isMore; ) {
                Batch batch = replica.file()
                        .missing(witness.file().heads().vector(), witness.file().waiting(), Long.MAX_VALUE);
                isMore = !batch.changeSets().isEmpty() || !batch.parts().isEmpty();
                assertThat(witness.file().accept(batch.changeSets(), batch.parts()))
                        .isInstanceOf(Admission.Next.class);
            }
        }

        private void exchange(TestReplica one, TestReplica other) {
            if (one == other) {
                return;
            }
            note(one, "<> " + other.name());
            tell(one);
            tell(other);
            bringUp(one, other);
            bringUp(other, one);
            assertThat(world.exchange(one, other)).isInstanceOf(SyncOutcome.Settled.class);
            check(one);
            check(other);
        }

        /** A snapshot goes to whom the log no longer reaches. */
        private void bringUp(TestReplica from, TestReplica to) {
            VersionVector has = to.file().heads().vector();
            Snapshot.Id id = from.snapshotFor(has);
            if (id != null) {
                note(to, "needs a snapshot of " + from.name());
                receive(from, to, id);
            }
        }

        private void join(TestReplica from, TestReplica to) {
            if (from != to) {
                tell(from);
                tell(to);
                note(to, "joins " + from.name());
                from.file().compact();
                Snapshot.Id id = from.snapshotFor(VersionVector.EMPTY);
                if (id != null) {
                    receive(from, to, id);
                    check(to);
                }
            }
        }

        private void receive(TestReplica from, TestReplica to, Snapshot.Id id) {
            for (int at = 0; at < id.sizeBytes(); ) {
                byte[] part = from.file().readSnapshot(id, at, 300);
                to.file().receive(id, at, part);
                at += part.length;
            }
        }

        // ---- Writing

        private void write(TestReplica replica) {
            String sql = statement(replica);
            try {
                replica.sql(sql);
                note(replica, sql);
            } catch (SqlException refused) {
                assertThat(refused.kind()).as(sql).isEqualTo(SqlException.Kind.CONSTRAINT);
            }
        }

        private void transact(TestReplica replica) {
            note(replica, "transaction");
            replica.file().transaction(db -> {
                for (int i = 0; i < 4; i++) {
                    boolean undo = random.nextInt(4) == 0;
                    String sql = statement(replica);
                    try {
                        replica.file().transaction(same -> {
                            db.execute(sql);
                            if (undo) {
                                throw new IllegalStateException("undo");
                            }
                        });
                        note(replica, "  " + sql);
                    } catch (SqlException refused) {
                        assertThat(refused.kind()).as(sql).isEqualTo(SqlException.Kind.CONSTRAINT);
                    } catch (IllegalStateException undone) {
                        assertThat(undone).hasMessage("undo");
                    }
                }
            });
            check(replica);
        }

        private void alter(TestReplica replica) {
            String step = schema.step(replica);
            if (!step.isEmpty()) {
                note(replica, step);
                check(replica);
            }
        }

        private String statement(TestReplica replica) {
            int k = written++;
            String id = "'i" + random.nextInt(3) + "'";
            String team = random.nextInt(4) == 0 ? "NULL" : "'t" + random.nextInt(2) + "'";
            String code = random.nextInt(4) == 0 ? "NULL" : "'" + "aAb".charAt(random.nextInt(3)) + "'";
            String or = List.of("", " OR REPLACE", " OR IGNORE").get(random.nextInt(3));
            String where = random.nextInt(8) == 0 ? "" : " WHERE id = " + id;
            boolean extra = SchemaSteps.hasExtra(replica);
            String title = SchemaSteps.title(replica);
            return switch (random.nextInt(23)) {
                case 0, 1, 2 ->
                    "INSERT" + or + " INTO item(id, team, code, " + title
                            + ", n, stock, high, low, tags, price, amount, currency, views, cart, place"
                            + (extra ? ", extra" : "") + ") VALUES (" + id + ", " + team + ", " + code + ", 'v" + k
                            + "', 1, 5, " + k + ", " + k + ", '[" + k % 5 + "]', 'p" + k + "', " + k + ", 'c" + k
                            + "', 2, '[" + k + "]', 'p" + k + "'"
                            + (extra ? ", 'e" + k + "'" : "") + ")";
                case 3 -> "INSERT" + or + " INTO team VALUES (" + (team.equals("NULL") ? "'t2'" : team) + ", 'XY')";
                case 4 ->
                    "INSERT" + or + " INTO team VALUES ('t" + random.nextInt(3) + "', 'n" + random.nextInt(2) + "')";
                case 5 -> "DELETE FROM team WHERE id = 't" + random.nextInt(3) + "'";
                case 6 ->
                    "UPDATE" + or + " team SET name = 'n" + random.nextInt(2) + "' WHERE id = 't" + random.nextInt(2)
                            + "'";
                case 7, 8 -> "DELETE FROM item" + where;
                case 9 -> "UPDATE" + or + " item SET code = " + code + where;
                case 10 -> "UPDATE" + or + " item SET team = " + team + where;
                case 11 -> "UPDATE item SET n = n - 1, stock = stock - 1" + where;
                case 12 ->
                    "UPDATE item SET high = " + random.nextInt(50) + ", low = " + random.nextInt(50) + ".5" + where;
                case 13 -> "UPDATE item SET tags = '[" + random.nextInt(5) + ", \"x\"]'" + where;
                case 14 -> "UPDATE item SET price = 'u" + k + "'" + where;
                case 15 -> "UPDATE item SET amount = " + k + ", currency = 'c" + k % 10 + "'" + where;
                case 16 ->
                    "UPDATE item SET " + title + " = 'w" + k + "'" + (extra ? ", extra = 'f" + k + "'" : "") + where;
                case 17 -> "INSERT OR REPLACE INTO " + SchemaSteps.stat(replica) + " VALUES ('x', 3)";
                case 18 -> "UPDATE" + or + " item SET id = 'i" + random.nextInt(3) + "'" + where;
                case 19 -> "UPDATE item SET views = views + " + (random.nextInt(4) - 1) + where;
                case 20 -> "UPDATE item SET cart = '[" + k + "]'" + where;
                case 21 -> "UPDATE item SET place = '" + place(replica) + "'" + where;
                default -> "UPDATE item SET " + title + " = 'w" + k + "'" + where;
            };
        }

        private String place(TestReplica replica) {
            return random.nextBoolean()
                    ? "any" + random.nextInt(3)
                    : new Positions(replica.file().self(), random).between(null, null);
        }

        // ---- Looking

        /** None of these may fail, whatever left the log. */
        private void look(TestReplica replica) {
            note(replica, "looks");
            replica.file().reports().hidden();
            replica.file().reports().violations();
            List<Conflict> conflicts = replica.file().reports().conflicts();
            for (int i = 0; i < 3; i++) {
                List<Value> key = List.of(Value.of("i" + i));
                if (replica.file().rows().state("item", key).isShown()) {
                    replica.file().reports().explain("item", key, null);
                    replica.file().reports().history("item", key);
                }
            }
            if (!conflicts.isEmpty() && random.nextBoolean()) {
                Conflict conflict = conflicts.get(random.nextInt(conflicts.size()));
                Resolution resolution = random.nextBoolean() ? Resolution.accept() : Resolution.keepOther();
                note(replica, "resolves " + conflict + " by " + resolution);
                try {
                    replica.file().resolve(conflict.id(), resolution);
                } catch (SyncException e) {
                    note(replica, "  not: " + e.getMessage());
                }
            }
        }

        // ---- What must be shown

        private void check(TestReplica replica) {
            if (replica.file().unsealed() > 0) {
                return;
            }
            tell(replica);
            LogModel model = LogModel.of(witness, replica.file().heads().vector());
            List<Visibility.Candidate<String, String>> rows = new ArrayList<>();
            model.shown("team").forEach((id, row) -> rows.add(team(id, row)));
            model.shown("item").forEach((id, row) -> rows.add(item(id, row)));
            Map<String, Visibility.Verdict<String, String>> verdicts = Visibility.of(rows);
            List<String> teams = new ArrayList<>();
            model.shown("team").forEach((id, row) -> {
                if (verdicts.get("team|" + id).isShown()) {
                    teams.add(id + "|" + LogModel.register(row, "name"));
                }
            });
            boolean extra = SchemaSteps.hasExtra(replica);
            List<String> items = new ArrayList<>();
            model.shown("item").forEach((id, row) -> {
                if (verdicts.get("item|" + id).isShown()) {
                    items.add(shown(id, row, extra));
                }
            });
            List<String> stats = new ArrayList<>();
            model.shown("stat").forEach((id, row) -> stats.add(id + "|" + row.counter("hits")));
            assertThat(replica.rows("team")).as(replica.name() + " team").isEqualTo(teams);
            assertThat(replica.rows("item"))
                    .as(replica.name() + " item " + replica.file().reports().hidden())
                    .isEqualTo(items);
            if (SchemaSteps.isStatEnrolled(replica)) {
                assertThat(replica.rows(SchemaSteps.stat(replica)))
                        .as(replica.name() + " stat")
                        .isEqualTo(stats);
            }
            long hidden = verdicts.values().stream().filter(v -> !v.isShown()).count();
            assertThat(replica.sqlValue("SELECT count(*) FROM _ab_hidden")).isEqualTo("" + hidden);
            assertThat(replica.sqlValue("PRAGMA integrity_check")).isEqualTo("ok");
            assertThat(replica.file().unsealed())
                    .as(replica.name() + " has nothing of its own to say")
                    .isZero();
        }

        private static Visibility.Candidate<String, String> team(String id, RowLives<String, Value> row) {
            String name = LogModel.register(row, "name");
            return new Visibility.Candidate<>(
                    "team|" + id,
                    Objects.requireNonNull(row.age()),
                    false,
                    name.equals("null") ? Set.of() : Set.of("name " + name),
                    Set.of(),
                    Set.of("team " + id));
        }

        private Visibility.Candidate<String, String> item(String id, RowLives<String, Value> row) {
            String team = LogModel.register(row, "team");
            String code = LogModel.register(row, "code").toLowerCase(java.util.Locale.ROOT);
            return new Visibility.Candidate<>(
                    "item|" + id,
                    Objects.requireNonNull(row.age()),
                    false,
                    code.equals("null") ? Set.of() : Set.of("code " + code),
                    team.equals("null") || rule == ForeignKeyRule.REVIVE ? Set.of() : Set.of("team " + team),
                    Set.of("item " + id));
        }

        private static String shown(String id, RowLives<String, Value> row, boolean extra) {
            List<String> tags = new ArrayList<>();
            row.elements("tags").keySet().forEach(tag -> tags.add(tag.toString()));
            String text = String.join(
                    "|",
                    id,
                    LogModel.register(row, "team"),
                    LogModel.register(row, "code"),
                    row.register("title") == null ? "none" : LogModel.register(row, "title"),
                    row.counter("n").toString(),
                    row.aboveMinimum("stock").toString(),
                    text(row.max("high")),
                    text(row.min("low")),
                    "[" + String.join(",", tags) + "]",
                    row.siblings("price").isEmpty()
                            ? "null"
                            : text(row.latest("price").value()),
                    LogModel.register(row, "amount"),
                    LogModel.register(row, "currency"),
                    row.growth("views").toString(),
                    row.siblings("cart").isEmpty()
                            ? "null"
                            : RulesConvergenceTest.union(row.siblings("cart")).toString(),
                    LogModel.register(row, "place"));
            return !extra ? text : text + "|" + (row.register("extra") == null ? "d" : LogModel.register(row, "extra"));
        }

        private static String text(Value value) {
            return value == null || value instanceof Value.Null ? "null" : value.toString();
        }

        @Override
        public void close() {
            world.close();
        }
    }
}
