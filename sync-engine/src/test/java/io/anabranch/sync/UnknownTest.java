// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Value;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a later version writes: kept, forwarded as it came, and no hindrance to what is understood. */
class UnknownTest {
    private static final Origin LATER = Origin.of(9, 9);

    @TempDir
    Path folder;

    private World world;
    private TestReplica a;
    private TestReplica b;

    @BeforeEach
    void world() {
        world = new World(folder);
        a = world.replica("a");
        a.sql("CREATE TABLE item(id TEXT PRIMARY KEY, title TEXT)");
        a.enrol("item", TableRules.defaults());
        b = world.replica("b");
        world.settle(a, b);
    }

    @AfterEach
    void close() {
        world.close();
    }

    /** Returns the first change set of an origin, with this body. */
    private static EncodedChangeSet changeSet(byte[] body) {
        ByteWriter out = new ByteWriter(256);
        out.u8(1).u8(0).origin(LATER).varint(1);
        Hash128.ZERO.write(out);
        return EncodedChangeSet.of(out.varint(5).varint(0).varint(0).blob(body).toByteArray());
    }

    /** Returns a body with one table, item, its column title under a cell kind, and one operation. */
    private static byte[] body(int cellKind, int opKind, ByteWriter op) {
        ByteWriter ops = new ByteWriter(64);
        ops.varint(opKind).nested(op);
        return new ByteWriter(64)
                .varint(0)
                .varint(0)
                .nested(new ByteWriter())
                .varint(1)
                .text("item")
                .varint(1)
                .varint(0)
                .text("title")
                .u8(cellKind)
                .nested(ops)
                .toByteArray();
    }

    private void assertKeptAndForwarded(EncodedChangeSet changeSet, String... rows) {
        assertThat(a.file().accept(List.of(changeSet))).isInstanceOf(Admission.Next.class);
        a.sql("INSERT INTO item VALUES ('known', 'here')");
        world.settle(a, b);

        for (TestReplica replica : new TestReplica[] {a, b}) {
            assertThat(replica.rows("item")).containsExactly(rows);
            assertThat(replica.sqlValue("SELECT held FROM _ab_log WHERE hash = x'" + changeSet.hash() + "'"))
                    .isEqualTo("1");
            assertThat(replica.changeSets())
                    .anySatisfy(held -> assertThat(held.bytes()).isEqualTo(changeSet.bytes()));
        }
        world.assertConverged(a, b);
    }

    @Test
    void anOperationOfAnUnknownKind() {
        assertKeptAndForwarded(changeSet(body(1, 99, new ByteWriter().text("whatever"))), "known|here");
    }

    @Test
    void aCellOfAnUnknownKindInARowThatIsUnderstood() {
        ByteWriter op = new ByteWriter(64).varint(0).varint(1);
        Value.of("later").write(op);
        op.zigzag(0).u8(0).varint(0).varint(1).varint(0).blob(new byte[] {1, 2, 3});

        assertKeptAndForwarded(changeSet(body(77, 16, op)), "known|here", "later|null");
    }

    @Test
    void aBodyThatDoesNotDecode() {
        assertKeptAndForwarded(changeSet(new byte[] {(byte) 0xff, 1, 2, 3}), "known|here");
    }

    @Test
    void anEmptyBody() {
        assertKeptAndForwarded(changeSet(new byte[0]), "known|here");
    }

    @Test
    void anOperationThatIsCutShort() {
        assertKeptAndForwarded(changeSet(body(1, 16, new ByteWriter().varint(0))), "known|here");
    }

    @Test
    void aDeclarationWithAnUnknownRule() {
        ByteWriter table = new ByteWriter(128).text("later").u8(0).u8(0).varint(1);
        table.text("id").text("TEXT").u8(0).varint(1);
        Value.NULL.write(table);
        table.text("").text("BINARY").u8(200).varint(0).varint(0);

        assertKeptAndForwarded(changeSet(body(1, 1, table)), "known|here");
    }

    @Test
    void rowsOfATableThatIsDeclaredLaterAreTakenOnceItIs() {
        TestReplica c = world.replica("c");
        c.sql("CREATE TABLE other(id TEXT PRIMARY KEY, n INTEGER)");
        c.enrol("other", TableRules.defaults().counter("n"));
        ByteWriter op = new ByteWriter(64).varint(0).varint(1);
        Value.of("early").write(op);
        op.zigzag(0).u8(0).varint(0).varint(1).varint(0).zigzag(7);
        byte[] body = new ByteWriter(64)
                .varint(0)
                .varint(0)
                .nested(new ByteWriter())
                .varint(1)
                .text("other")
                .varint(1)
                .varint(0)
                .text("n")
                .u8(2)
                .nested(new ByteWriter(64).varint(16).nested(op))
                .toByteArray();
        a.file().accept(List.of(changeSet(body)));
        assertThat(a.sqlValue("SELECT held FROM _ab_log WHERE seq = 1 AND bytes = x'"
                        + HexFormat.of().formatHex(changeSet(body).bytes()) + "'"))
                .isEqualTo("1");

        world.settle(a, b, c);

        for (TestReplica replica : new TestReplica[] {a, b, c}) {
            assertThat(replica.rows("other")).containsExactly("early|7");
            assertThat(replica.sqlValue("SELECT sum(held) FROM _ab_log")).isEqualTo("0");
        }
        world.assertConverged(a, b, c);
    }
}
