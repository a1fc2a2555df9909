// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.entry;

import io.anabranch.crdt.LwwRegister;
import io.anabranch.crdt.Resolver;
import io.anabranch.sync.change.CanonicalJson;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.store.log.Place;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Columns whose concurrent values the application merges, and what happens where it cannot. */
class CustomMergeTest {
    private static final MergeRules CARTS =
            MergeRules.none().register("cart", 1, CustomMergeTest::union).budget(Duration.ofMinutes(1));

    @TempDir
    Path folder;

    private World world;
    private TestReplica a;
    private TestReplica b;

    @BeforeEach
    void world() {
        world = new World(folder);
        a = world.replica("a");
    }

    @AfterEach
    void close() {
        world.close();
    }

    /** Puts together what is in any of several carts. */
    private static Value union(List<LwwRegister<Value>> siblings) {
        TreeSet<String> all = new TreeSet<>();
        for (LwwRegister<Value> sibling : siblings) {
            try {
                all.addAll(CanonicalJson.elements(((Value.Text) sibling.value()).utf8()));
            } catch (CanonicalJson.Malformed e) {
                throw new IllegalArgumentException(e);
            }
        }
        return Value.of("[" + String.join(",", all) + "]");
    }

    private void two(MergeRules merges) {
        a.file().use(merges);
        a.sql("CREATE TABLE basket(id TEXT PRIMARY KEY, cart TEXT, note TEXT)");
        a.enrol("basket", TableRules.defaults().custom("cart", "cart", 1));
        a.sql("INSERT INTO basket(id, cart) VALUES ('x', '[1]')");
        b = world.replica("b");
        b.file().use(merges);
        world.settle(a, b);
    }

    private void apart() {
        world.pass(10);
        a.sql("UPDATE basket SET cart = '[1,2]'");
        b.sql("UPDATE basket SET cart = '[1,3]'");
        world.settle(a, b);
    }

    private static String cart(TestReplica replica) {
        return replica.sqlValue("SELECT cart FROM basket");
    }

    @Test
    void twoCartsMergeToOneThatHoldsAll() {
        two(CARTS);
        apart();

        assertThat(cart(a)).isEqualTo("[1,2,3]");
        assertThat(cart(b)).isEqualTo("[1,2,3]");
        assertThat(a.file().mergeProblems()).isEmpty();
        world.assertConverged(a, b);
    }

    /** The seed of the idea: carts, stock and prices, each merged as it should be. */
    @Test
    void cartsUniteStockAddsUpAndPricesWaitForAPerson() {
        a.file().use(CARTS);
        a.sql("CREATE TABLE shop(id TEXT PRIMARY KEY, cart TEXT, stock INTEGER, price TEXT)");
        a.enrol(
                "shop",
                TableRules.defaults().custom("cart", "cart", 1).counter("stock").mv("price"));
        a.sql("INSERT INTO shop VALUES ('x', '[1]', 100, '9.99')");
        b = world.replica("b");
        b.file().use(CARTS);
        world.settle(a, b);

        world.pass(10);
        a.sql("UPDATE shop SET cart = '[1,2]', stock = stock - 5, price = '9.49'");
        a.seal();
        world.pass(10);
        b.sql("UPDATE shop SET cart = '[1,3]', stock = stock - 3, price = '8.99'");
        world.settle(a, b);

        assertThat(a.rows("shop")).containsExactly("x|[1,2,3]|92|8.99");
        assertThat(b.rows("shop")).containsExactly("x|[1,2,3]|92|8.99");
        assertThat(LogModel.of(a).row("shop", "x").siblings("price").stream().map(LwwRegister::value))
                .containsExactlyInAnyOrder(Value.of("9.49"), Value.of("8.99"));
    }

    /** Counterexample 36. */
    @Test
    void whatAResolverMadeIsNeverSealed() {
        two(CARTS);
        apart();
        long written = a.ownSeq();

        a.sql("UPDATE basket SET cart = cart, note = 'seen'");
        a.sql("INSERT OR REPLACE INTO basket VALUES ('x', '[1,2,3]', 'again')");
        world.settle(a, b);

        assertThat(a.ownSeq()).isEqualTo(written + 1);
        assertThat(LogModel.of(b).row("basket", "x").siblings("cart")).hasSize(2);
    }

    @Test
    void aWriteThatSawTheMergedCartReplacesWhatItWasMadeOf() {
        two(CARTS);
        apart();
        a.sql("UPDATE basket SET cart = '[1,2,3,4]'");
        world.settle(a, b);

        assertThat(cart(b)).isEqualTo("[1,2,3,4]");
        assertThat(LogModel.of(b).row("basket", "x").siblings("cart")).hasSize(1);
    }

    @Test
    void withoutTheResolverTheLatestValueShowsUntilItIsRegistered() {
        two(MergeRules.none());
        apart();

        assertThat(cart(a)).isIn("[1,2]", "[1,3]");
        assertThat(cart(a)).isEqualTo(cart(b));
        assertThat(a.file().mergeProblems()).containsExactly(entry("custom:cart@1", "it is not registered here"));

        a.file().use(CARTS);
        assertThat(cart(a)).isEqualTo("[1,2,3]");
        assertThat(a.file().mergeProblems()).isEmpty();
        b.file().use(MergeRules.none().register("cart", 2, CustomMergeTest::union));
        assertThat(b.file().mergeProblems()).containsKey("custom:cart@1");
        world.settle(a, b);
        assertThat(cart(a)).isEqualTo("[1,2,3]");
        world.assertConverged(a, b);
    }

    @Test
    void aResolverThatThrowsLeavesTheLatestValue() {
        two(MergeRules.none().register("cart", 1, siblings -> {
            if (siblings.size() > 1) {
                throw new IllegalStateException("no idea");
            }
            return siblings.get(0).value();
        }));
        apart();

        assertThat(cart(a)).isIn("[1,2]", "[1,3]");
        assertThat(a.file().mergeProblems())
                .containsExactly(entry("custom:cart@1", "it threw java.lang.IllegalStateException: no idea"));
        a.file().use(CARTS);
        assertThat(cart(a)).isEqualTo("[1,2,3]");
    }

    @Test
    void aResolverThatNeverEndsDoesNotHoldUpTheWriter() {
        CountDownLatch never = new CountDownLatch(1);
        Resolver<Value> endless = siblings -> {
            while (true) {
                try {
                    never.await();
                } catch (InterruptedException e) {
                    // It does not listen either.
                }
            }
        };
        two(MergeRules.none().register("cart", 1, endless).budget(Duration.ofMillis(20)));
        apart();

        assertThat(cart(a)).isEqualTo(cart(b)).isIn("[1,2]", "[1,3]");
        assertThat(a.file().mergeProblems()).containsExactly(entry("custom:cart@1", "it took longer than 20 ms"));
    }

    /** A machine may be busy just once. */
    @Test
    void aResolverThatTookTooLongOnceIsTriedAgainWhenTheSameRulesAreUsedAnew() {
        CountDownLatch answered = new CountDownLatch(1);
        MergeRules slowAtFirst = MergeRules.none().register("cart", 1, siblings -> {
            try {
                if (siblings.size() > 1) {
                    answered.await();
                }
                return union(siblings);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        two(slowAtFirst.budget(Duration.ofMillis(20)));
        apart();
        assertThat(cart(a)).isIn("[1,2]", "[1,3]");
        answered.countDown();
        a.sql("UPDATE basket SET note = 'seen'");
        a.seal();
        assertThat(a.file().mergeProblems())
                .as("it is not called again unasked")
                .isNotEmpty();

        a.file().use(slowAtFirst.budget(Duration.ofSeconds(10)));

        assertThat(cart(a)).isEqualTo("[1,2,3]");
        assertThat(a.file().mergeProblems()).isEmpty();
    }

    @Test
    void aReplicaThatIsOpenedAnewTriesAgain() {
        two(MergeRules.none());
        apart();
        b.close();

        try (Replica opened = Replica.open(b.file().path(), surroundings(CARTS))) {
            assertThat(opened.query("SELECT cart FROM basket").get(0)).containsEntry("cart", "[1,2,3]");
            assertThat(opened.mergeProblems()).isEmpty();
        }
    }

    @Test
    void rulesRegisteredWhileTheReplicaIsOpenAreUsedAtOnceAndWhoListensIsTold() throws InterruptedException {
        two(MergeRules.none());
        apart();
        b.close();

        try (Replica opened = Replica.open(b.file().path(), surroundings(MergeRules.none()))) {
            LinkedBlockingQueue<RowChange> told = new LinkedBlockingQueue<>();
            LinkedBlockingQueue<QueryDiff> rows = new LinkedBlockingQueue<>();
            opened.onChange(told::add);
            opened.watch("SELECT cart FROM basket", List.of(), rows::add);
            assertThat(rows.poll(20, TimeUnit.SECONDS).added()).hasSize(1);

            opened.use(CARTS);

            assertThat(opened.mergeProblems()).isEmpty();
            assertThat(told.poll(20, TimeUnit.SECONDS).columns()).containsExactly("cart");
            assertThat(rows.poll(20, TimeUnit.SECONDS).added().get(0)).containsEntry("cart", "[1,2,3]");
            assertThatThrownBy(() -> opened.transaction(sql -> opened.use(CARTS)))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("inside a transaction");
        }
    }

    /** What another program wrote must be sealed before a row is shown anew. */
    @Test
    void whatIsCapturedAndNotSealedSurvivesADerivation() {
        two(MergeRules.none());
        apart();
        a.sql("UPDATE basket SET cart = '[9]', note = 'mine'");

        a.file().use(CARTS);
        world.settle(a, b);

        assertThat(b.rows("basket")).containsExactly("x|[9]|mine");
        assertThat(a.rows("basket")).containsExactly("x|[9]|mine");
    }

    @Test
    void aFileThatIsOpenedToReadShowsWhatItDid() {
        two(MergeRules.none());
        apart();
        b.close();

        try (Replica opened = Replica.openToRead(b.file().path(), surroundings(CARTS))) {
            assertThat(opened.mergeProblems()).containsKey("custom:cart@1");
        }
    }

    private Surroundings surroundings(MergeRules merges) {
        return new Surroundings(new JdbcDriver(), new Place(folder.resolve("state")), world::now, world.random, merges);
    }
}
