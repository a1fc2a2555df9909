// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.anabranch.sync.change.Value;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.store.log.Place;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Rows written without SQL. */
class ReplicaRowTest {
    @TempDir
    Path folder;

    private Surroundings around;
    private Replica ann;
    private Replica bob;
    private long nowMillis = 1_000_000_000_000L;

    @BeforeEach
    void open() {
        around = new Surroundings(
                new JdbcDriver(), new Place(folder.resolve("state")), () -> nowMillis++, new Random(3));
        ann = Replica.create(folder.resolve("a.db"), "shop", setup -> {}, around);
        ann.execute("CREATE TABLE item(id TEXT PRIMARY KEY, stock INTEGER, views INTEGER, tags TEXT, price TEXT)");
        ann.execute("INSERT INTO item VALUES ('old', 10, 0, NULL, NULL)");
        ann.enrol(
                "item",
                TableRules.defaults()
                        .bounded("stock", 0)
                        .gcounter("views")
                        .set("tags")
                        .mv("price"));
        ann.execute("INSERT INTO item VALUES ('cup', 10, 0, '[]', '1.00')");
        bob = Replica.create(folder.resolve("b.db"), "shop", setup -> {}, around);
        sync();
    }

    @AfterEach
    void close() {
        ann.close();
        bob.close();
    }

    private void sync() {
        for (int i = 0; i < 2; i++) {
            bob.sync("test:ann", new World.Direct(ann.asPeer()));
        }
    }

    private static ReplicaRow cup(Replica replica) {
        return replica.table("ITEM").row("cup");
    }

    @Test
    void countersAndSetsAreWrittenAsSqlWouldWriteThem() {
        cup(ann).increment("views", 3);
        cup(bob).increment("views", 4);
        cup(ann).add("tags", "red");
        cup(bob).add("tags", 7);
        cup(bob).add("tags", true);
        sync();
        cup(ann).remove("tags", 7L);
        sync();

        assertThat(cup(bob).get("views")).isEqualTo(7L);
        assertThat(cup(bob).elements("tags")).containsExactly("\"red\"", "true");
        assertThat(cup(bob).get("tags")).isEqualTo("[\"red\",true]");
    }

    @Test
    void severalWritesInOneTransactionAreOneChangeSet() {
        long before = ann.status().vector().get(ann.origin());
        ann.transaction(sql -> {
            cup(ann).increment("views", 1);
            cup(ann).add("tags", "x");
            cup(ann).add("tags", "y");
            cup(ann).set("price", "2.00");
        });

        assertThat(ann.status().vector().get(ann.origin())).isEqualTo(before + 1);
        assertThat(cup(ann).elements("tags")).containsExactly("\"x\"", "\"y\"");
    }

    @Test
    void pricesStandSideBySideUntilSomebodyChoosesTheOneThatShows() {
        cup(ann).set("price", "2.00");
        cup(bob).set("price", "3.00");
        sync();

        assertThat(cup(ann).siblings("price"))
                .extracting(ReplicaRow.Sibling::value)
                .containsExactlyInAnyOrder(Value.of("2.00"), Value.of("3.00"));
        assertThat(cup(ann).siblings("price"))
                .extracting(ReplicaRow.Sibling::origin)
                .containsExactlyInAnyOrder(ann.origin(), bob.origin());
        cup(ann).resolve("price", "3.00");
        sync();
        assertThat(cup(bob).siblings("price"))
                .extracting(ReplicaRow.Sibling::value)
                .containsExactly(Value.of("3.00"));
    }

    @Test
    void rightsAreTransferredAndThenSpentElsewhere() {
        assertThat(cup(ann).rights("stock")).containsExactly(entry(ann.origin(), 10L));
        assertThatThrownBy(() -> cup(bob).increment("stock", -1)).isInstanceOf(SyncException.BadSql.class);
        assertThatThrownBy(() -> cup(ann).transferRights("stock", bob.origin(), 11))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("cannot give rights to 11 of item.stock: this replica holds 10");

        cup(ann).transferRights("stock", bob.origin(), 4);
        sync();
        cup(bob).increment("stock", -4);
        assertThatThrownBy(() -> cup(bob).increment("stock", -1)).isInstanceOf(SyncException.BadSql.class);
        cup(ann).increment("stock", -6);
        assertThatThrownBy(() -> cup(ann).increment("stock", -1)).isInstanceOf(SyncException.BadSql.class);
        sync();

        assertThat(cup(ann).get("stock")).isEqualTo(0L);
        assertThat(cup(bob).get("stock")).isEqualTo(0L);
        assertThat(cup(bob).rights("stock")).isEmpty();
        assertThat(ann.status().rejected()).isZero();
        assertThat(bob.status().rejected()).isZero();
    }

    @Test
    void rightsToRowsThatWereThereAreNobodysUntilSomebodyClaimsThem() {
        ReplicaRow old = ann.table("item").row("old");
        assertThat(old.rights("stock").keySet()).doesNotContain(ann.origin()).hasSize(1);
        assertThatThrownBy(() -> old.increment("stock", -1)).isInstanceOf(SyncException.BadSql.class);

        old.claimRights();
        assertThat(old.rights("stock")).containsExactly(entry(ann.origin(), 10L));
        old.increment("stock", -1);
        sync();
        assertThat(bob.table("item").row("old").get("stock")).isEqualTo(9L);
    }

    @Test
    void rightsAreFoundUnderTheNameThatTheColumnHasHere() {
        ann.execute("ALTER TABLE item RENAME COLUMN stock TO amount");

        assertThat(cup(ann).rights("amount")).containsExactly(entry(ann.origin(), 10L));
        cup(ann).transferRights("amount", bob.origin(), 4);
        sync();
        assertThat(cup(bob).rights("stock")).containsEntry(bob.origin(), 4L);
    }

    @Test
    void enrolmentSaysThatRightsToRowsThatWereThereAreNobodys() {
        ann.execute("CREATE TABLE seat(id TEXT PRIMARY KEY, free INTEGER)");
        ann.execute("CREATE TABLE room(id TEXT PRIMARY KEY, free INTEGER)");
        ann.execute("INSERT INTO seat VALUES ('a', 10)");

        assertThat(ann.enrol("seat", TableRules.defaults().bounded("free", 0)).warnings())
                .singleElement()
                .asString()
                .contains("'anabranch rights FILE seat KEY free --claim'");
        assertThat(ann.enrol("room", TableRules.defaults().bounded("free", 0)).warnings())
                .isEmpty();
    }

    @Test
    void whatIsNotThereIsNamed() {
        assertThatThrownBy(() -> ann.table("items")).isInstanceOf(SyncException.NoSuchTable.class);
        assertThatThrownBy(() -> ann.table("item").row("pot").set("price", 1))
                .isInstanceOf(SyncException.NoSuchRow.class)
                .hasMessage("table item has no row [pot]; insert it first");
        assertThatThrownBy(() -> ann.table("item").row("pot", 2).set("price", 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the key of item is (id), not 2 values");
    }
}
