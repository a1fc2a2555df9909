// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.log;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.BodyLimits;
import io.anabranch.sync.change.ChangeSetHeader;
import io.anabranch.sync.change.ChangeSetWriter;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.PartsHeld;
import io.anabranch.sync.change.TableDefinition;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.sql.SqlDatabase;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What waits for its parts is bounded, whatever peers claim. */
class PartStoreTest {
    private static final int PART_BYTES = 100;

    private final Map<Origin, Head> heads = new HashMap<>();
    private final Admission.History history = new Admission.History() {
        @Override
        public Head head(Origin origin) {
            return heads.getOrDefault(origin, Head.NONE);
        }

        @Override
        public Hash128 hash(Origin origin, long seq) {
            return null;
        }
    };

    private SqlDatabase db;
    private PartStore store;

    /** A change set of ten parts of 100 bytes. */
    private static final class Large {
        private final List<byte[]> parts = new ArrayList<>();
        private final EncodedChangeSet changeSet;

        Large(int origin, String filler) {
            ChangeSetHeader header = new ChangeSetHeader(Origin.of(1, origin), 1, Hash128.ZERO, 5, List.of());
            ChangeSetWriter writer = new ChangeSetWriter(
                    header, new BodyLimits(10, PART_BYTES, 10_000), (index, bytes) -> parts.add(bytes));
            writer.add(new TableOp.Declare(new TableDefinition(
                    filler.repeat(940),
                    false,
                    false,
                    false,
                    DeletePolicy.EDIT_WINS,
                    List.of(new TableDefinition.Column(
                            "id", "TEXT", true, 1, Value.NULL, "", "BINARY", io.anabranch.sync.change.Rule.LWW)),
                    List.of(),
                    List.of())));
            changeSet = writer.finish();
            assertThat(parts).hasSize(10);
        }

        Part part(int index) {
            return new Part(changeSet.header().origin(), 1, index, parts.get(index));
        }

        PartsHeld held(int count) {
            return new PartsHeld(changeSet.header().origin(), 1, changeSet.hash(), count);
        }
    }

    @BeforeEach
    void open() {
        db = new JdbcDriver().openInMemory();
        PartStore.ddl("_ab_").forEach(db::execute);
        store = new PartStore(db, "_ab_", 0, 1_000);
    }

    @AfterEach
    void close() {
        db.close();
    }

    private long partsKept() {
        return db.queryLong("SELECT count(*) FROM _ab_part");
    }

    @Test
    void anOriginWaitsForOneChangeSetTheLastToCome() {
        Large one = new Large(1, "a");
        Large other = new Large(1, "b");
        store.expect(one.changeSet);
        store.take(one.part(0));

        store.expect(other.changeSet);

        assertThat(store.waiting(history)).containsExactly(other.held(0));
        assertThat(partsKept()).isZero();
        store.take(one.part(1));
        assertThat(partsKept()).isZero();
    }

    @Test
    void whatIsExpectedAgainKeepsItsParts() {
        Large one = new Large(1, "a");
        store.expect(one.changeSet);
        store.take(one.part(0));

        store.expect(one.changeSet);

        assertThat(store.waiting(history)).containsExactly(one.held(1));
    }

    @Test
    void theLastPartCompletes() {
        Large one = new Large(1, "a");
        store.expect(one.changeSet);
        for (int i = 0; i < 9; i++) {
            assertThat(store.take(one.part(i))).isInstanceOf(PartStore.Arrival.Waiting.class);
        }

        PartStore.Arrival.Whole whole = (PartStore.Arrival.Whole) store.take(one.part(9));

        assertThat(whole.changeSet().hash()).isEqualTo(one.changeSet.hash());
        assertThat(store.waiting(history)).isEmpty();
        assertThat(store.of(one.changeSet).part(7)).isEqualTo(one.parts.get(7));
    }

    @Test
    void beyondTheBytesThatMayWaitThoseGoThatHaveWaitedLongest() {
        Large one = new Large(1, "a");
        Large two = new Large(2, "b");
        store.expect(one.changeSet);
        store.expect(two.changeSet);
        for (int i = 0; i < 5; i++) {
            store.take(one.part(i));
            store.take(two.part(i));
        }
        assertThat(store.waiting(history)).containsExactly(one.held(5), two.held(5));

        store.take(two.part(5));

        assertThat(store.waiting(history)).containsExactly(two.held(6));
        assertThat(partsKept()).isEqualTo(6);
    }

    @Test
    void noMoreThan64ChangeSetsWait() {
        for (int i = 1; i <= 64; i++) {
            store.expect(new Large(i, "a").changeSet);
        }
        assertThat(store.waiting(history)).hasSize(64);

        store.expect(new Large(65, "a").changeSet);

        assertThat(store.waiting(history))
                .hasSize(64)
                .noneMatch(held -> held.origin().equals(Origin.of(1, 1)));
    }

    @Test
    void whatAnotherChangeSetOvertookIsNoLongerWaitedFor() {
        Large one = new Large(1, "a");
        store.expect(one.changeSet);
        store.take(one.part(0));
        heads.put(Origin.of(1, 1), new Head(1, new Hash128(3, 4)));

        assertThat(store.waiting(history)).isEmpty();
        store.dropOvertaken(history);
        assertThat(partsKept()).isZero();
    }

    @Test
    void spacesOfOneFileDoNotMeet() {
        PartStore other = new PartStore(db, "_ab_", 7, 1_000);
        Large one = new Large(1, "a");
        store.expect(one.changeSet);
        store.take(one.part(0));

        assertThat(other.waiting(history)).isEmpty();
        other.take(one.part(1));
        assertThat(partsKept()).isEqualTo(1);
    }
}
