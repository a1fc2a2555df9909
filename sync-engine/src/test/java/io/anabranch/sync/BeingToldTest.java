// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.store.log.Place;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Applications are told of what changes, whoever changed it, after it is committed. */
class BeingToldTest {
    private static final long PATIENCE_SECONDS = 20;

    @TempDir
    Path folder;

    private Replica replica;
    private SqlDatabase foreign;
    private final BlockingQueue<String> told = new LinkedBlockingQueue<>();

    @BeforeEach
    void open() {
        replica = open("shop");
        replica.execute("CREATE TABLE item(id TEXT PRIMARY KEY, title TEXT, stock INTEGER)");
        replica.execute("CREATE TABLE note(id INTEGER PRIMARY KEY, body TEXT)");
        replica.execute("CREATE TABLE plain(id INTEGER PRIMARY KEY, body TEXT)");
        replica.execute("INSERT INTO item VALUES ('old', 'Old', 1)");
        replica.enrol("item", TableRules.defaults().counter("stock"));
        replica.enrol("note", TableRules.defaults());
        foreign = new JdbcDriver().open(folder.resolve("shop.db"), 10_000);
    }

    private Replica open(String name) {
        return Replica.create(
                folder.resolve(name + ".db"),
                "shop",
                setup -> {},
                new Surroundings(
                        new JdbcDriver(), new Place(folder.resolve("state")), System::currentTimeMillis, new Random()));
    }

    @AfterEach
    void close() {
        foreign.close();
        replica.close();
    }

    private String next() {
        return next(told);
    }

    private static <T> T next(BlockingQueue<T> queue) {
        try {
            T next = queue.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(next).as("told in time").isNotNull();
            return next;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static String text(RowChange change) {
        return change.cause() + " " + change.kind() + " " + change.table() + change.key() + " "
                + new TreeSet<>(change.columns());
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Lets a second replica take part; returns it with all that the first has. */
    private Replica peer() {
        Replica peer = open("peer");
        exchange(peer);
        return peer;
    }

    private void exchange(Replica peer) {
        peer.sync("shop", new World.Direct(replica.asPeer()));
    }

    // ---- Rows

    @Test
    void rowsThatComeWithinASnapshotAreToldToWhoeverListensAlready() {
        peer().close();
        replica.sync("peer", new World.Direct(replica.asPeer()));
        replica.compact();
        try (Replica late = open("late")) {
            late.onChange(change -> told.add(text(change)));
            exchange(late);

            assertThat(late.log(null)).as("what is in a snapshot is in no log").isEmpty();
            assertThat(next()).isEqualTo("REMOTE INSERTED item[old] [stock, title]");
        }
    }

    /** It went by the names that the space knows, so whoever listened to the table by its name here heard nothing of others. */
    @Test
    void whatOthersWriteToATableThatIsRenamedHereIsToldByItsNamesHere() {
        try (Replica peer = peer()) {
            peer.execute("ALTER TABLE item RENAME TO thing");
            peer.execute("ALTER TABLE thing RENAME COLUMN title TO name");
            BlockingQueue<QueryDiff> diffs = new LinkedBlockingQueue<>();
            peer.watch("SELECT name FROM thing", List.of(), diffs::add);
            assertThat(next(diffs).added()).hasSize(1);
            peer.onChange("thing", change -> told.add(text(change)));

            replica.execute("UPDATE item SET title = 'New' WHERE id = 'old'");
            exchange(peer);

            assertThat(next()).isEqualTo("REMOTE UPDATED thing[old] [name]");
            assertThat(next(diffs)).isNotNull();
        }
    }

    @Test
    void whatThisProgramWritesIsToldWithItsColumns() {
        replica.onChange(change -> told.add(text(change)));

        replica.execute("INSERT INTO item VALUES ('cup', 'Cup', 1)");
        replica.execute("UPDATE item SET title = 'Mug' WHERE id = 'cup'");
        replica.execute("DELETE FROM item WHERE id = 'cup'");

        assertThat(next()).isEqualTo("LOCAL INSERTED item[cup] [stock, title]");
        assertThat(next()).isEqualTo("LOCAL UPDATED item[cup] [title]");
        assertThat(next()).isEqualTo("LOCAL DELETED item[cup] []");
    }

    @Test
    void whatAnotherProgramWritesIsSealedAndTold() {
        replica.onChange(change -> told.add(text(change)));

        foreign.execute("UPDATE item SET stock = stock + 1");

        assertThat(next()).isEqualTo("LOCAL UPDATED item[old] [stock]");
        assertThat(replica.status().unsealed()).isZero();
    }

    @Test
    void whatAPeerWroteIsToldAsWhatTheTableShowsDifferently() {
        try (Replica peer = peer()) {
            peer.execute("UPDATE item SET title = 'Mug', stock = stock WHERE id = 'old'");
            peer.execute("INSERT INTO note VALUES (1, 'Buy milk')");
            replica.onChange("item", change -> told.add(text(change) + change.origins()));
            exchange(peer);

            assertThat(next()).isEqualTo("REMOTE UPDATED item[old] [title][" + peer.origin() + "]");
            replica.execute("UPDATE item SET title = 'Jar'");
            assertThat(next()).startsWith("LOCAL UPDATED item[old] [title]");
        }
    }

    @Test
    void aValueThatLosesChangesNothingAndIsNotTold() {
        try (Replica peer = peer()) {
            peer.execute("UPDATE item SET title = 'Lost'");
            replica.execute("UPDATE item SET title = 'Kept for now'");
            replica.execute("UPDATE item SET title = 'Kept'"); // Of a higher rank than the peer's in any case.
            replica.onChange(change -> told.add(text(change)));
            exchange(peer);
            replica.execute("INSERT INTO note VALUES (1, 'The end')");

            List<String> all = new ArrayList<>();
            for (String each = next(); !each.contains("note"); each = next()) {
                all.add(each);
            }
            String title = String.valueOf(
                    replica.query("SELECT title FROM item").get(0).get("title"));
            assertThat(all).hasSize(title.equals("Kept") ? 0 : 1);
        }
    }

    @Test
    void whatAnotherProcessAppliesIsToldFromItsLog() {
        try (Replica peer = peer();
                Replica again = Replica.open(folder.resolve("shop.db"))) {
            again.onChange(change -> told.add(text(change)));
            peer.execute("UPDATE item SET title = 'Mug'");
            exchange(peer); // Applied by the first, and the second sees it in the file alone.

            assertThat(next()).isEqualTo("REMOTE UPDATED item[old] [title]");
        }
    }

    @Test
    void rowsThatWereThereWhenTheirTableIsEnrolledAreNoNews() {
        replica.execute("INSERT INTO plain VALUES (1, 'there')");
        replica.onChange(change -> told.add(text(change)));
        replica.enrol("plain", TableRules.defaults());

        replica.execute("INSERT INTO plain VALUES (2, 'new')");

        assertThat(next()).isEqualTo("LOCAL INSERTED plain[2] [body]");
    }

    @Test
    void aListenerThatThrowsCostsNobodyAnything() {
        replica.onChange(change -> {
            throw new IllegalStateException("bad manners");
        });
        replica.onChange(change -> told.add(text(change)));

        replica.execute("INSERT INTO note VALUES (1, 'a'), (2, 'b')");

        assertThat(next()).contains("note[1]");
        assertThat(next()).contains("note[2]");
    }

    @Test
    void aListenerThatIsClosedIsToldNothingMore() {
        Subscription first = replica.onChange(change -> told.add("first " + text(change)));
        replica.onChange(change -> told.add("second " + text(change)));
        first.close();

        replica.execute("INSERT INTO note VALUES (1, 'a')");

        assertThat(next()).startsWith("second");
        assertThat(told).isEmpty();
    }

    @Test
    void aListenerMayWriteAndRead() {
        replica.onChange("item", change -> {
            replica.execute("INSERT INTO note(body) VALUES ('item changed')");
            told.add(String.valueOf(replica.query("SELECT count(*) AS n FROM note")));
        });

        replica.execute("UPDATE item SET title = 'Mug'");

        assertThat(next()).isEqualTo("[{n=1}]");
    }

    @Test
    void theApplicationsExecutorCallsTheListener() {
        BlockingQueue<Runnable> work = new LinkedBlockingQueue<>();
        replica.onChange("note", work::add, change -> told.add(text(change)));
        replica.execute("INSERT INTO note VALUES (1, 'a')");

        Runnable task = next(work);
        assertThat(told).isEmpty();
        task.run();

        assertThat(told).hasSize(1);
    }

    @Test
    void afterCloseNobodyIsTold() {
        BlockingQueue<Runnable> work = new LinkedBlockingQueue<>();
        replica.onChange("note", work::add, change -> told.add(text(change)));
        replica.execute("INSERT INTO note VALUES (1, 'a')");
        Runnable late = next(work);
        replica.close();

        late.run();

        assertThat(told).isEmpty();
        replica = open("shop");
    }

    @Test
    void aListenerMayCloseTheReplica() {
        CountDownLatch closed = new CountDownLatch(1);
        replica.onChange(change -> {
            replica.close();
            closed.countDown();
        });

        foreign.execute("INSERT INTO note VALUES (1, 'a')");
        await(closed);

        replica = open("shop");
    }

    // ---- Live queries

    private final BlockingQueue<QueryDiff> diffs = new LinkedBlockingQueue<>();

    private static List<String> titles(List<Map<String, Object>> rows) {
        return rows.stream().map(row -> String.valueOf(row.get("title"))).collect(Collectors.toList());
    }

    @Test
    void aWatchedQueryTellsAllRowsFirstAndThenWhatDiffers() {
        replica.watch("SELECT id, title FROM item WHERE stock > ?", List.of(0), diffs::add);
        QueryDiff first = next(diffs);
        assertThat(titles(first.rows())).containsExactly("Old");
        assertThat(titles(first.added())).containsExactly("Old");

        replica.execute("INSERT INTO item VALUES ('cup', 'Cup', 1), ('none', 'None', 0)");
        QueryDiff second = next(diffs);
        assertThat(titles(second.added())).containsExactly("Cup");
        assertThat(second.removed()).isEmpty();

        foreign.execute("UPDATE item SET stock = 0 WHERE id = 'old'");
        QueryDiff third = next(diffs);
        assertThat(third.added()).isEmpty();
        assertThat(titles(third.removed())).containsExactly("Old");
        assertThat(titles(third.rows())).containsExactly("Cup");
    }

    @Test
    void rowsWithAKeyAreChangedRatherThanReplaced() {
        replica.watch(LiveQuery.of("SELECT id, title FROM item").keyedBy("ID"), diffs::add);
        next(diffs);

        replica.execute("UPDATE item SET title = 'Mug'");
        QueryDiff diff = next(diffs);

        assertThat(diff.added()).isEmpty();
        assertThat(diff.removed()).isEmpty();
        assertThat(diff.changed()).hasSize(1);
        assertThat(diff.changed().get(0).before()).containsEntry("title", "Old");
        assertThat(diff.changed().get(0).after()).containsEntry("title", "Mug");
    }

    @Test
    void aQueryRunsOnlyWhenWhatItReadsHasChanged() {
        replica.execute("CREATE VIEW titles AS SELECT title FROM item");
        replica.watch("SELECT (SELECT count(*) FROM titles) AS title, random() AS r", List.of(), diffs::add);
        next(diffs);

        replica.execute("INSERT INTO note VALUES (1, 'a')"); // Would give another random number.
        replica.execute("INSERT INTO item VALUES ('cup', 'Cup', 1)");

        assertThat(titles(next(diffs).rows())).containsExactly("2");
        assertThat(diffs).isEmpty();
    }

    @Test
    void aQueryOfATableThatIsNotEnrolledIsWatchedToo() {
        replica.watch("SELECT body AS title FROM plain", List.of(), diffs::add);
        assertThat(next(diffs).rows()).isEmpty();

        replica.execute("INSERT INTO plain VALUES (1, 'mine')");
        assertThat(titles(next(diffs).added())).containsExactly("mine");
        foreign.execute("INSERT INTO plain VALUES (2, 'theirs')");
        assertThat(titles(next(diffs).added())).containsExactly("theirs");
    }

    @Test
    void changesThatComeTogetherAreToldTogether() {
        BlockingQueue<Runnable> work = new LinkedBlockingQueue<>();
        replica.onChange("item", change -> told.add(text(change)));
        replica.watch(LiveQuery.of("SELECT title FROM item ORDER BY title").on(work::add), diffs::add);
        next(work).run();
        assertThat(titles(next(diffs).rows())).containsExactly("Old");

        for (int i = 1; i <= 5; i++) {
            replica.execute("INSERT INTO item VALUES (?, ?, 0)", "i" + i, "Item " + i);
            next(); // The feed has seen it, and the executor, busy elsewhere, has not.
        }
        replica.execute("INSERT INTO item VALUES ('z', 'Last', 0)");
        next();
        List<QueryDiff> all = new ArrayList<>();
        while (all.isEmpty() || all.get(all.size() - 1).rows().size() < 7) {
            next(work).run();
            diffs.drainTo(all);
        }

        assertThat(all.size()).isLessThan(6);
        assertThat(all.stream().mapToInt(diff -> diff.added().size()).sum()).isEqualTo(6);
    }

    @Test
    void aValueThatIsRejectedIsNotWhatAQueryIsLeftWith() {
        replica.watch("SELECT stock AS title FROM item ORDER BY id", List.of(), diffs::add);
        assertThat(titles(next(diffs).rows())).containsExactly("1");

        foreign.execute("BEGIN");
        foreign.execute("UPDATE item SET stock = 'many' WHERE id = 'old'");
        foreign.execute("INSERT INTO item VALUES ('cup', 'Cup', 2)");
        foreign.execute("COMMIT");
        List<String> seen = titles(next(diffs).rows());
        while (!seen.equals(List.of("2", "1"))) {
            seen = titles(next(diffs).rows());
        }

        assertThat(replica.status().rejected()).isEqualTo(1);
    }

    @Test
    void aQueryThatIsWrongOrWritesIsRefused() {
        assertThatThrownBy(() -> replica.watch("SELECT ghost FROM item", List.of(), diffs::add))
                .isInstanceOf(SyncException.BadSql.class)
                .hasMessageContaining("ghost");
        assertThatThrownBy(() -> replica.watch("DELETE FROM item", List.of(), diffs::add))
                .isInstanceOf(SyncException.BadSql.class)
                .hasMessageContaining("it writes");
        assertThatThrownBy(
                        () -> replica.watch(LiveQuery.of("SELECT id FROM item").keyedBy("title"), diffs::add))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("gives no column title");
        assertThat(replica.query("SELECT id FROM item")).hasSize(1);
    }

    @Test
    void aListenerOfAQueryThatThrowsIsToldTheNextTimeToo() {
        replica.watch("SELECT id AS title FROM note", List.of(), diff -> {
            diffs.add(diff);
            throw new IllegalStateException("bad manners");
        });
        next(diffs);

        replica.execute("INSERT INTO note VALUES (1, 'a')");

        assertThat(titles(next(diffs).added())).containsExactly("1");
    }

    @Test
    void aWatchThatIsClosedIsToldNothingMore() {
        Subscription watch = replica.watch("SELECT id AS title FROM note", List.of(), diffs::add);
        next(diffs);
        watch.close();
        replica.onChange(change -> told.add(text(change)));

        replica.execute("INSERT INTO note VALUES (1, 'a')");
        next();
        replica.execute("INSERT INTO note VALUES (2, 'a')");
        next();

        assertThat(diffs).isEmpty();
    }
}
