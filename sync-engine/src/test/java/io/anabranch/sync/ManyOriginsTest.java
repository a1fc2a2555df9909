// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.ChangeSetCodec;
import io.anabranch.sync.change.ChangeSetHeader;
import io.anabranch.sync.change.ContextEntry;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.store.ReplicaFile;
import io.anabranch.sync.transport.Transport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Counterexample 30: a space of thousands of origins costs a change set, and an exchange, no more than one of two. */
class ManyOriginsTest {
    private static final int ORIGINS = 3_000;

    @TempDir
    Path folder;

    private World world;
    private TestReplica a;
    private TestReplica b;
    private Counting line;

    @BeforeEach
    void manyWroteOnce() {
        world = new World(folder);
        a = world.replica("a");
        a.sql("CREATE TABLE t(id TEXT PRIMARY KEY, title TEXT)");
        a.enrol("t", TableRules.defaults());
        a.sql("INSERT INTO t VALUES ('one', 'One')");
        List<EncodedChangeSet> others = new ArrayList<>();
        for (int i = 1; i <= ORIGINS; i++) {
            others.add(ChangeSetCodec.encode(
                    new ChangeSetHeader(Origin.of(7, i), 1, Hash128.ZERO, 1, List.of()), List.of()));
        }
        assertThat(a.file().accept(others)).isInstanceOf(Admission.Next.class);
        b = world.replica("b");
        line = new Counting(a.file());
        exchange();
        exchange();
    }

    @AfterEach
    void close() {
        world.close();
    }

    private long exchange() {
        line.bytes = 0;
        assertThat(new Exchange(b.file(), line, "a").run()).isInstanceOf(SyncOutcome.Settled.class);
        return line.bytes;
    }

    private static List<ContextEntry> lastContext(TestReplica replica) {
        List<EncodedChangeSet> all = replica.changeSets();
        return all.get(all.size() - 1).header().context();
    }

    @Test
    void anExchangeSaysWhatIsNewSinceTheVectorThatThePeerConfirmed() {
        assertThat(exchange()).as("nothing to say").isLessThan(300);
        b.sql("UPDATE t SET title = 'Eins'");
        assertThat(exchange()).isLessThan(100_000); // The first of b names all in its context.
        b.sql("UPDATE t SET title = 'Zwei'");
        assertThat(exchange()).as("one change of one cell").isLessThan(600);

        line.forgetBases();
        assertThat(exchange()).as("the whole vector, once").isGreaterThan(10_000);
        assertThat(exchange()).isLessThan(300);
    }

    @Test
    void aContextIsTheDifferenceFromTheOnesBefore() {
        b.sql("UPDATE t SET title = 'Eins'");
        b.seal();
        assertThat(lastContext(b)).hasSizeGreaterThan(ORIGINS);
        b.sql("UPDATE t SET title = 'Zwei'");
        b.seal();
        assertThat(lastContext(b)).isEmpty();
    }

    /** Who begins at a snapshot has no change set from before, and needs none to know what later ones had seen. */
    @Test
    void whoBeginsAtASnapshotTakesTheDifferencesThatFollow() {
        b.sql("UPDATE t SET title = 'Eins'");
        exchange();
        exchange();
        b.file().compact();
        assertThat(b.changeSets()).isEmpty();
        b.sql("UPDATE t SET title = 'Zwei'");
        b.seal();
        assertThat(lastContext(b)).isEmpty();
        TestReplica late = world.replica("late");

        assertThat(world.exchange(late, b)).isInstanceOf(SyncOutcome.Settled.class);
        assertThat(late.rows("t")).containsExactly("one|Zwei");
        assertThat(late.changeSets()).hasSize(1);
        late.sql("UPDATE t SET title = 'Drei'");
        world.exchange(late, b);
        assertThat(b.rows("t")).containsExactly("one|Drei");
        assertThat(b.file().reports().conflicts()).as("it had seen all that").isEmpty();
        world.assertConverged(b, late);
    }

    /** Counts the bytes that go both ways. */
    private static final class Counting implements Transport {
        private final ReplicaFile server;
        private Transport line;
        private long bytes;

        Counting(ReplicaFile server) {
            this.server = server;
            this.line = new World.Direct(server);
        }

        void forgetBases() {
            line = new World.Direct(server);
        }

        @Override
        public Result exchange(String space, byte[] request) {
            Result result = line.exchange(space, request);
            bytes += request.length + (result instanceof Result.Answered answered ? answered.reply().length : 0);
            return result;
        }

        @Override
        public void close() {}
    }
}
