// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.Origin;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Deleted rows are forgotten without a relay once all members have seen it, and all that they wrote before is here. */
class PurgeTest {
    @TempDir
    Path folder;

    private World world;
    private TestReplica a;
    private TestReplica b;
    private TestReplica c;

    @BeforeEach
    void world() {
        world = new World(folder);
        a = world.replica("a");
        a.sql("CREATE TABLE item(id TEXT PRIMARY KEY, title TEXT, stock INTEGER)");
        a.enrol("item", TableRules.defaults().counter("stock"));
        a.sql("INSERT INTO item VALUES ('cup', 'Cup', 5), ('pot', 'Pot', 7)");
        b = world.replica("b");
        c = world.replica("c");
        world.settle(b, a, c);
        for (TestReplica each : new TestReplica[] {a, b, c}) {
            each.file().setMembers(origins(a, b, c));
        }
    }

    @AfterEach
    void close() {
        world.close();
    }

    private static Set<Origin> origins(TestReplica... replicas) {
        Set<Origin> origins = new TreeSet<>();
        for (TestReplica replica : replicas) {
            origins.add(replica.file().self());
        }
        return origins;
    }

    private long purge(TestReplica replica) {
        return replica.file().compact().livesPurged();
    }

    @Test
    void aDeletedRowIsForgottenOnceAllHaveSeenIt() {
        a.sql("DELETE FROM item WHERE id = 'cup'");
        assertThat(a.file().compact().waitingFor()).containsExactlyElementsOf(origins(b, c));
        world.settle(b, a, c);
        long purgedAtB = purge(b) + purge(c);
        world.settle(b, a, c);
        assertThat(a.file().compact())
                .satisfies(report -> assertThat(report.livesPurged()).isEqualTo(1))
                .satisfies(report -> assertThat(report.waitingFor()).isEmpty());
        assertThat(purgedAtB + purge(b) + purge(c)).isEqualTo(2);
        assertThat(a.rows("item")).containsExactly("pot|Pot|7");
        a.sql("INSERT INTO item VALUES ('cup', 'New cup', 1)");
        world.settle(b, a, c);
        assertThat(c.rows("item")).containsExactly("cup|New cup|1", "pot|Pot|7");
        world.assertConverged(a, b, c);
        assertThat(a.file().verify().problems()).isEmpty();
    }

    @Test
    void aMemberThatIsGoneIsWaitedForNoMoreOnceItIsForgotten() {
        a.sql("DELETE FROM item WHERE id = 'cup'");
        world.settle(b, a);
        purge(b);
        world.settle(b, a);
        assertThat(a.file().compact().waitingFor()).containsExactlyElementsOf(origins(c));

        assertThat(a.file().forgetPeer("http://c", c.file().self())).isTrue();
        assertThat(a.file().forgetPeer("http://c", c.file().self()))
                .as("already")
                .isFalse();
        assertThat(purge(a)).isEqualTo(1);
    }

    /** Here c never meets a: what it has seen is told by what it writes, over b. */
    @Test
    void itGoesThroughAChainToo() {
        a.sql("DELETE FROM item WHERE id = 'cup'");
        world.exchange(a, b);
        world.exchange(c, b);
        c.sql("UPDATE item SET stock = 8 WHERE id = 'pot'");
        b.sql("UPDATE item SET title = 'Big pot' WHERE id = 'pot'");
        world.exchange(c, b);
        assertThat(purge(a)).isZero();
        world.exchange(a, b);

        assertThat(purge(a)).isEqualTo(1);
        world.settle(b, a, c);
        world.assertConverged(a, b, c);
    }

    /** Counterexample 2: c has seen the delete, and its edit from before is still on its way to b. */
    @Test
    void everybodySawTheDeleteIsNotEverybodysEditsAreHere() {
        a.sql("DELETE FROM item WHERE id = 'cup'");
        world.exchange(a, b);
        c.sql("UPDATE item SET title = 'Kept' WHERE id = 'cup'");
        c.seal();
        // A link that goes one way: c gets what a has, and a gets nothing of c.
        c.file()
                .accept(a.file()
                        .missing(c.file().heads().vector(), Long.MAX_VALUE)
                        .changeSets());
        b.file().heard(c.file().self(), c.file().heads());
        b.file().heard(a.file().self(), a.file().heads());

        assertThat(purge(b)).as("what c wrote before is not here").isZero();
        world.settle(b, c);
        world.settle(b, a, c);
        assertThat(b.rows("item")).containsExactly("cup|Kept|5", "pot|Pot|7");
        world.assertConverged(a, b, c);
    }

    @Test
    void whatAMemberSaysOfItselfCountsIfNothingOfItIsLacking() {
        a.sql("DELETE FROM item WHERE id = 'cup'");
        world.exchange(a, b);
        world.exchange(c, b);
        b.file().heard(c.file().self(), c.file().heads());
        b.file().heard(a.file().self(), a.file().heads());

        assertThat(purge(b)).isEqualTo(1);
    }

    @Test
    void aMemberThatStaysAwayHoldsItUpHoweverLong() {
        a.sql("DELETE FROM item WHERE id = 'cup'");
        for (int i = 0; i < 3; i++) {
            world.settle(a, b);
            world.pass(100L * 24 * 3600 * 1000);
            purge(b);
        }
        assertThat(a.file().compact().waitingFor()).containsExactly(c.file().self());
        c.sql("UPDATE item SET title = 'Kept' WHERE id = 'cup'");
        world.settle(a, c);
        assertThat(a.rows("item")).containsExactly("cup|Kept|5", "pot|Pot|7");
    }

    @Test
    void whoIsNamedNoMoreHoldsUpNothing() {
        a.sql("DELETE FROM item WHERE id = 'cup'");
        world.settle(a, b);
        purge(b);
        world.settle(a, b);
        assertThat(purge(a)).isZero();
        a.file().setMembers(origins(a, b));
        assertThat(purge(a)).isEqualTo(1);
    }

    @Test
    void withoutMembersNothingIsForgotten() {
        a.file().setMembers(Set.of());
        a.sql("DELETE FROM item WHERE id = 'cup'");
        for (int i = 0; i < 2; i++) {
            world.settle(b, a, c);
            purge(b);
            purge(c);
        }
        assertThat(a.file().compact())
                .satisfies(report -> assertThat(report.livesPurged()).isZero())
                .satisfies(report -> assertThat(report.waitingFor()).isEmpty());
    }

    @Test
    void whatMembersHadSeenOutlivesTheLogThatSaidIt() {
        world.settle(b, a, c);
        c.sql("UPDATE item SET stock = 8 WHERE id = 'pot'");
        world.settle(b, a, c);
        purge(a);
        purge(b);
        a.sql("DELETE FROM item WHERE id = 'cup'");
        world.settle(b, a, c);
        purge(b);
        purge(c);
        world.settle(b, a, c);
        purge(b);
        assertThat(purge(a)).isEqualTo(1);
        world.settle(b, a, c);
        world.assertConverged(a, b, c);
    }

    /** Nobody has anything new to say once all have said it. */
    @Test
    void aQuietSpaceFallsSilent() {
        a.sql("DELETE FROM item WHERE id = 'cup'");
        for (int i = 0; i < 4; i++) {
            world.settle(b, a, c);
            purge(a);
            purge(b);
            purge(c);
        }
        world.settle(b, a, c);
        var before = b.file().heads();
        purge(a);
        purge(b);
        purge(c);
        world.settle(b, a, c);
        assertThat(b.file().heads()).isEqualTo(before);
    }
}
