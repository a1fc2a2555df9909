// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.sync.change.ForeignKeyRule;
import io.anabranch.sync.store.ReplicaFile;
import io.anabranch.sync.store.log.Place;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a change costs while many rows are hidden, in statements. */
class HiddenCostTest {
    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(
            strings = {
                "id TEXT PRIMARY KEY, up TEXT REFERENCES node, v TEXT",
                "id TEXT PRIMARY KEY, up TEXT, v TEXT UNIQUE"
            })
    void doesNotGrowWithHiddenRowsWhereNoCircleLeadsThroughRivals(String columns) throws Exception {
        assertThat(statements(columns, 200)).isEqualTo(statements(columns, 20));
    }

    /** See {@code ConstraintResolver}: eight statements for each row and change, of these tables alone. */
    @ParameterizedTest
    @ValueSource(strings = "id TEXT PRIMARY KEY, up TEXT REFERENCES node, v TEXT UNIQUE")
    void isBoundedByTheHiddenRowsWhereATableWithUniqueKeysRefersToItself(String columns) throws Exception {
        long more = statements(columns, 220) - statements(columns, 20);

        assertThat(more).isBetween(200L, 200L * 20);
    }

    /** Returns how many statements it takes to seal and to take the change of one row beside so many that are hidden. */
    private long statements(String columns, int hidden) throws Exception {
        Path place = Files.createTempDirectory(folder, "hidden");
        try (World world = new World(place);
                CrashingDriver driver = new CrashingDriver()) {
            TestReplica a = world.replica("a");
            boolean refers = columns.contains("REFERENCES");
            a.sql("CREATE TABLE node(" + columns + ")");
            a.sql("CREATE INDEX by_up ON node(up)");
            a.enrol(
                    "node",
                    refers ? TableRules.defaults().foreignKey("up", ForeignKeyRule.HIDE) : TableRules.defaults());
            TestReplica b = world.replica("b");
            a.sql("INSERT INTO node VALUES ('root', NULL, 'root'), ('live', NULL, 'live')");
            world.settle(a, b);
            for (int i = 0; i < hidden; i++) {
                a.sql("INSERT INTO node VALUES ('a" + i + "', 'root', 'v" + i + "')");
                b.sql(
                        refers
                                ? "DELETE FROM node WHERE id = 'root'"
                                : "INSERT INTO node VALUES ('b" + i + "', NULL, 'v" + i + "')");
            }
            world.settle(a, b);
            assertThat(a.sqlValue("SELECT count(*) FROM _ab_hidden")).isEqualTo("" + hidden);
            b.close();
            try (ReplicaFile counted = ReplicaFile.open(
                    place.resolve("b.db"),
                    "shop",
                    driver,
                    new Place(place.resolve("state")),
                    world::now,
                    world.random)) {
                counted.sealPending();
                a.sql("UPDATE node SET v = 'one' WHERE id = 'live'");
                a.seal();
                long before = driver.run();
                counted.accept(
                        a.changeSets()
                                .subList(
                                        a.changeSets().size() - 1,
                                        a.changeSets().size()),
                        List.of());
                counted.transaction(db -> db.execute("UPDATE node SET v = 'two' WHERE id = 'live'"));
                assertThat(counted.heads().get(counted.self()).seq()).isPositive();
                return driver.run() - before;
            }
        }
    }
}
