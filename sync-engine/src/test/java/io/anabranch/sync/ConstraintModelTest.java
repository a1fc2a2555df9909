// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.Visibility;
import io.anabranch.sync.change.ForeignKeyRule;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.sql.SqlException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Random SQL on tables full of constraints: unique keys, partial and over expressions too, rivals that are hidden or renamed,
 * foreign keys in a circle, cascades, REPLACE. Each replica shows at all
 * times what {@code crdt}'s {@link Visibility} makes of its whole log, and never breaks a constraint. The engine looks only at
 * the rows that a change can reach; this looks at all. Run one seed alone with {@code -Danabranch.seed=N}.
 */
class ConstraintModelTest {
    private static final int STEPS = 50;
    private static final List<String> ACTIONS =
            List.of("", " ON DELETE CASCADE", " ON DELETE SET NULL", " ON DELETE RESTRICT");

    @TempDir
    Path folder;

    static LongStream seeds() {
        return Seeds.of(150, 10_000);
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void tablesShowWhatTheirConstraintsAllowOfTheLog(long seed) throws IOException {
        try (History history = new History(seed, Files.createDirectory(folder.resolve("seed" + seed)))) {
            history.run();
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("seed " + seed + ": " + e.getMessage(), e);
        }
    }

    private static final class History implements AutoCloseable {
        private final Random random;
        private final World world;
        private final List<TestReplica> replicas = new ArrayList<>();
        private final boolean playersHide;
        /** Whether of two players with one nick the younger is renamed, rather than hidden. */
        private final boolean nicksAreRenamed;
        /** The condition of a partial index. */
        private final boolean onlyFirstShirts;

        private final StringBuilder trace = new StringBuilder();

        History(long seed, Path folder) {
            random = new Random(seed);
            world = new World(folder);
            playersHide = random.nextBoolean();
            nicksAreRenamed = random.nextInt(3) > 0;
            int kind = random.nextInt(3);
            onlyFirstShirts = kind == 1;
            String nicks = List.of("nick COLLATE NOCASE", "nick COLLATE NOCASE) WHERE (shirt = 0", "lower(nick)")
                    .get(kind);
            DeletePolicy policy = random.nextInt(3) == 0 ? DeletePolicy.DELETE_WINS : DeletePolicy.EDIT_WINS;
            ForeignKeyRule players = playersHide ? ForeignKeyRule.HIDE : ForeignKeyRule.DEFAULT;
            DeletePolicy teams = playersHide ? policy : DeletePolicy.EDIT_WINS;
            String onDelete = ACTIONS.get(random.nextInt(ACTIONS.size()));
            boolean playersFirst = random.nextBoolean();
            for (int i = 0; i < 3; i++) {
                TestReplica replica = world.replica("r" + i);
                replica.sql("PRAGMA foreign_keys = " + (random.nextInt(4) == 0 ? "OFF" : "ON"));
                replica.sql("CREATE TABLE team(id TEXT PRIMARY KEY, name TEXT UNIQUE, head TEXT REFERENCES player(id)"
                        + " ON DELETE SET NULL)");
                replica.sql("CREATE TABLE player(id TEXT PRIMARY KEY, team TEXT REFERENCES team" + onDelete
                        + ", shirt INTEGER NOT NULL CHECK (shirt < 5), nick TEXT, UNIQUE (team, shirt))");
                replica.sql("CREATE UNIQUE INDEX nicks ON player(" + nicks + ")");
                TableRules teamRules = TableRules.defaults().onDelete(teams).foreignKey("head", ForeignKeyRule.HIDE);
                TableRules rules = TableRules.defaults().onDelete(policy).foreignKey("team", players);
                TableRules playerRules = nicksAreRenamed ? rules.rename("nick") : rules;
                replica.enrol(playersFirst ? "player" : "team", playersFirst ? playerRules : teamRules);
                replica.enrol(playersFirst ? "team" : "player", playersFirst ? teamRules : playerRules);
                replicas.add(replica);
            }
        }

        void run() {
            for (int step = 0; step < STEPS; step++) {
                world.pass(random.nextInt(20));
                TestReplica one = replicas.get(random.nextInt(3));
                TestReplica other = replicas.get(random.nextInt(3));
                if (random.nextInt(3) > 0) {
                    write(one);
                } else if (one != other) {
                    trace.append(one.name()).append(" <> ").append(other.name()).append('\n');
                    assertThat(world.exchange(one, other)).isInstanceOf(SyncOutcome.Settled.class);
                    check(other);
                }
                if (random.nextInt(3) == 0) {
                    trace.append(one.name()).append(" seals\n");
                    one.seal();
                    check(one);
                }
            }
            world.settle(replicas.toArray(new TestReplica[0]));
            replicas.forEach(this::check);
            world.assertConverged(replicas.toArray(new TestReplica[0]));
        }

        private void write(TestReplica replica) {
            if (random.nextInt(3) == 0) {
                transaction(replica);
                return;
            }
            trace.append(replica.name()).append(':');
            run(statement(), replica::sql);
            trace.append('\n');
        }

        /** The application's own connection always checks foreign keys, also while what it wrote is sealed. */
        private void transaction(TestReplica replica) {
            trace.append(replica.name()).append(" in one transaction:");
            replica.transaction(db -> {
                for (int left = 1 + random.nextInt(4); left > 0; left--) {
                    run(statement(), db::execute);
                }
            });
            trace.append('\n');
            check(replica);
        }

        private void run(String sql, Consumer<String> connection) {
            try {
                connection.accept(sql);
                trace.append(' ').append(sql).append(';');
            } catch (SqlException e) {
                assertThat(e.kind()).as(sql).isEqualTo(SqlException.Kind.CONSTRAINT);
            }
        }

        private String statement() {
            String team = "'t" + random.nextInt(3) + "'";
            String player = "'p" + random.nextInt(4) + "'";
            String name = "'" + "XY".charAt(random.nextInt(2)) + "'";
            String nick = List.of("NULL", "'a'", "'A'", "'b'", "'a (p1)'").get(random.nextInt(5));
            String or = List.of("", " OR REPLACE", " OR IGNORE").get(random.nextInt(3));
            return switch (random.nextInt(10)) {
                case 0, 1 -> "INSERT" + or + " INTO team VALUES (" + team + ", " + name + ", NULL)";
                case 2, 3, 4 ->
                    "INSERT" + or + " INTO player VALUES (" + player + ", " + team + ", " + random.nextInt(2) + ", "
                            + nick + ")";
                case 5 -> "UPDATE" + or + " team SET name = " + name + " WHERE id = " + team;
                case 6 -> "UPDATE" + or + " team SET head = " + player + " WHERE id = " + team;
                case 7 -> "UPDATE" + or + " player SET team = " + team + ", nick = " + nick + " WHERE id = " + player;
                case 8 -> "DELETE FROM player WHERE id = " + player;
                default -> "DELETE FROM team WHERE id = " + team;
            };
        }

        // ---- What must be shown

        private void check(TestReplica replica) {
            if (replica.file().unsealed() > 0) {
                return;
            }
            LogModel model = LogModel.of(replica);
            List<Visibility.Candidate<String, String>> rows = new ArrayList<>();
            model.shown("team").forEach((id, row) -> rows.add(team(id, row)));
            model.shown("player").forEach((id, row) -> {
                rows.add(player(id, row, LogModel.register(row, "nick"), ""));
                if (otherNick(id, row) != null) {
                    rows.add(player(id, row, otherNick(id, row), "|renamed"));
                }
            });
            Map<String, Visibility.Verdict<String, String>> verdicts = Visibility.of(rows);
            String about = replica.name() + " after\n" + trace;
            assertThat(replica.rows("team"))
                    .as(about)
                    .isEqualTo(expected(model.shown("team"), "team", verdicts, "name", "head"));
            assertThat(replica.rows("player"))
                    .as(about)
                    .isEqualTo(expected(model.shown("player"), "player", verdicts, "team", "shirt", "nick"));
            long shown = verdicts.values().stream()
                    .filter(Visibility.Verdict::isShown)
                    .count();
            long hidden = model.shown("team").size() + model.shown("player").size() - shown;
            assertThat(replica.sqlValue("SELECT count(*) FROM _ab_hidden"))
                    .as(about)
                    .isEqualTo("" + hidden);
            assertThat(replica.sqlValue("PRAGMA integrity_check")).as(about).isEqualTo("ok");
            if (playersHide) {
                assertThat(replica.column("PRAGMA foreign_key_check")).as(about).isEmpty();
            }
        }

        private static Visibility.Candidate<String, String> team(String id, RowLives<String, Value> row) {
            String name = LogModel.register(row, "name");
            String head = LogModel.register(row, "head");
            return new Visibility.Candidate<>(
                    "team|" + id,
                    java.util.Objects.requireNonNull(row.age()),
                    false,
                    name.equals("null") ? Set.of() : Set.of("name " + name),
                    head.equals("null") ? Set.of() : Set.of("player " + head),
                    Set.of("team " + id));
        }

        private @Nullable String otherNick(String id, RowLives<String, Value> row) {
            String nick = LogModel.register(row, "nick");
            return nicksAreRenamed && !nick.equals("null") ? nick + " (" + id + ")" : null;
        }

        private Visibility.Candidate<String, String> player(
                String id, RowLives<String, Value> row, String nick, String face) {
            String team = LogModel.register(row, "team");
            Set<String> claims = new LinkedHashSet<>();
            if (!team.equals("null")) {
                claims.add("shirt " + team + " " + LogModel.register(row, "shirt"));
            }
            boolean isIndexed =
                    !onlyFirstShirts || LogModel.register(row, "shirt").equals("0");
            if (!nick.equals("null") && isIndexed) {
                claims.add("nick " + nick.toLowerCase(Locale.ROOT));
            }
            claims.add("only one face of " + id);
            return new Visibility.Candidate<>(
                    "player|" + id + face,
                    java.util.Objects.requireNonNull(row.age()),
                    false,
                    claims,
                    team.equals("null") || !playersHide ? Set.of() : Set.of("team " + team),
                    Set.of("player " + id));
        }

        private List<String> expected(
                Map<String, RowLives<String, Value>> rows,
                String table,
                Map<String, Visibility.Verdict<String, String>> verdicts,
                String... columns) {
            List<String> expected = new ArrayList<>();
            rows.forEach((id, row) -> {
                Visibility.Verdict<String, String> renamed = verdicts.get(table + "|" + id + "|renamed");
                boolean isRenamed = renamed != null && renamed.isShown();
                if (isRenamed || verdicts.get(table + "|" + id).isShown()) {
                    StringBuilder text = new StringBuilder(id);
                    for (String column : columns) {
                        boolean isOther = isRenamed && column.equals("nick");
                        text.append('|').append(isOther ? otherNick(id, row) : LogModel.register(row, column));
                    }
                    expected.add(text.toString());
                }
            });
            return expected;
        }

        @Override
        public void close() {
            replicas.forEach(TestReplica::close);
        }
    }
}
