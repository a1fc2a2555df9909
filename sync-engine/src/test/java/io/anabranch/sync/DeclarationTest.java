// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.ChangeSetCodec;
import io.anabranch.sync.change.ChangeSetHeader;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.TableDefinition;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.change.Value;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tables that the space declares: none of them may stop an exchange. */
class DeclarationTest {
    private static final Origin STRANGER = Origin.of(9, 9);

    @TempDir
    Path folder;

    private World world;
    private TestReplica replica;

    @BeforeEach
    void open() {
        world = new World(folder);
        replica = world.replica("a");
    }

    @AfterEach
    void close() {
        world.close();
    }

    @Test
    void rulesThatDisagreeAreToldForGood() {
        TestReplica other = world.replica("b");
        for (TestReplica each : List.of(replica, other)) {
            each.sql("CREATE TABLE t(id TEXT PRIMARY KEY, likes INTEGER)");
        }
        replica.enrol("t", TableRules.defaults().counter("likes"));
        world.pass(1_000);
        other.enrol("t", TableRules.defaults());
        assertThat(other.file().reports().moment().ruleConflicts()).isEmpty();

        world.settle(replica, other);

        RuleConflict told = replica.file().reports().moment().ruleConflicts().get(0);
        assertThat(told.table() + "." + told.column()).isEqualTo("t.likes");
        assertThat(List.of(told.rule(), told.losing())).containsExactlyInAnyOrder("counter", "lww");
        assertThat(told.by()).isNotEqualTo(told.losingBy());
        other.close();
        assertThat(world.replica("b").file().reports().moment().ruleConflicts()).containsExactly(told);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void ofTwoPrimaryKeysOfOneTableTheSameHoldsEverywhereWhateverArrivesFirst(boolean isSwapped) {
        TestReplica other = world.replica("b");
        TestReplica third = world.replica("c");
        TestReplica fourth = world.replica("d");
        String single = "CREATE TABLE t(code TEXT PRIMARY KEY, id TEXT, x INTEGER)";
        String pair = "CREATE TABLE t(id TEXT, code TEXT, x INTEGER, PRIMARY KEY (id, code))";
        replica.sql(isSwapped ? pair : single);
        other.sql(isSwapped ? single : pair);
        replica.enrol("t", TableRules.defaults());
        other.enrol("t", TableRules.defaults());
        for (TestReplica each : List.of(replica, other)) {
            each.sql("INSERT INTO t(id, code, x) VALUES ('i', 'c', 1)");
            each.seal();
        }
        world.exchange(third, replica);
        world.exchange(fourth, other);

        world.settle(replica, other, third, fourth);
        for (TestReplica each : List.of(replica, other)) {
            each.sql("UPDATE t SET x = x + 1");
            each.sql("INSERT INTO t(id, code, x) VALUES ('j', 'd', 1)");
        }
        world.settle(replica, other, third, fourth);

        for (TestReplica each : List.of(replica, other, third, fourth)) {
            assertThat(each.sqlValue("SELECT hex(definition) FROM _ab_table"))
                    .isEqualTo(replica.sqlValue("SELECT hex(definition) FROM _ab_table"));
            assertThat(each.file().verify().problems()).as(each.name()).isEmpty();
        }
        world.assertConverged(replica, other, third, fourth);
    }

    @ParameterizedTest
    @ValueSource(strings = {"sqlite_secret", "_ab_meta", "_AB_ROW", ""})
    void aTableWithAReservedNameIsVoid(String name) {
        assertThat(declare(name, column("id", 1), column("v", 0))).isInstanceOf(Admission.Next.class);

        assertThat(replica.sqlValue("SELECT count(*) FROM _ab_table")).isEqualTo("0");
    }

    @Test
    void aTableWithTwoColumnsOfOneNameIsVoid() {
        assertThat(declare("t", column("id", 1), column("v", 0), column("V", 0)))
                .isInstanceOf(Admission.Next.class);

        assertThat(replica.sqlValue("SELECT count(*) FROM _ab_table")).isEqualTo("0");
    }

    @Test
    void aTableWithoutAPrimaryKeyIsVoid() {
        assertThat(declare("t", column("v", 0))).isInstanceOf(Admission.Next.class);

        assertThat(replica.sqlValue("SELECT count(*) FROM _ab_table")).isEqualTo("0");
    }

    @Test
    void aTableThatSqliteWillNotMakeIsKnownAndNotShown() {
        List<TableDefinition.Column> columns = new ArrayList<>(List.of(column("id", 1)));
        for (int i = 0; i < 2_500; i++) {
            columns.add(column("c" + i, 0));
        }

        assertThat(declare("wide", columns.toArray(new TableDefinition.Column[0])))
                .isInstanceOf(Admission.Next.class);

        assertThat(replica.sqlValue("SELECT name || ifnull(local, ' nowhere') FROM _ab_table"))
                .isEqualTo("wide nowhere");
        assertThat(replica.sqlValue("SELECT count(*) FROM sqlite_master WHERE name = 'wide'"))
                .isEqualTo("0");
    }

    private Admission declare(String name, TableDefinition.Column... columns) {
        TableDefinition definition = new TableDefinition(
                name, false, false, false, DeletePolicy.EDIT_WINS, List.of(columns), List.of(), List.of());
        EncodedChangeSet changeSet = ChangeSetCodec.encode(
                new ChangeSetHeader(STRANGER, 1, Hash128.ZERO, 0, List.of()), List.of(new TableOp.Declare(definition)));
        return replica.file().accept(List.of(changeSet));
    }

    private static TableDefinition.Column column(String name, int keyPosition) {
        return new TableDefinition.Column(name, "TEXT", false, keyPosition, Value.NULL, "", "BINARY", Rule.LWW);
    }
}
