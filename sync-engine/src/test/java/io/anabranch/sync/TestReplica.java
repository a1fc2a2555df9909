// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.sync.change.ChangeSetCodec;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.ReplicaFile;
import java.util.ArrayList;
import java.util.List;

/** A replica, and a foreign connection to its file that knows nothing of Anabranch. */
final class TestReplica implements AutoCloseable {
    private final String name;
    private final ReplicaFile file;
    private final SqlDatabase foreign;

    TestReplica(String name, ReplicaFile file) {
        this.name = name;
        this.file = file;
        this.foreign = new JdbcDriver().open(file.path(), 5_000);
    }

    String name() {
        return name;
    }

    ReplicaFile file() {
        return file;
    }

    /** Writes as any other program would. */
    void sql(String sql) {
        foreign.execute(sql);
    }

    EnrolReport enrol(String table, TableRules rules) {
        return file.enrol(table, rules);
    }

    void seal() {
        file.sealPending();
    }

    /** Returns all change sets held, in order of arrival. */
    List<EncodedChangeSet> changeSets() {
        List<EncodedChangeSet> held = new ArrayList<>();
        file.forEachChangeSet(held::add);
        return held;
    }

    /** Returns what the change set that was written here last does, operation by operation. */
    List<TableOp> lastOps() {
        file.sealPending();
        List<EncodedChangeSet> own = new ArrayList<>();
        file.forEachChangeSet(changeSet -> {
            if (changeSet.header().origin().equals(file.self())) {
                own.add(changeSet);
            }
        });
        return own.isEmpty() ? List.of() : ChangeSetCodec.ops(own.get(own.size() - 1));
    }

    /** Returns the rows of a table in order of its first column, columns joined by bars. */
    List<String> rows(String table) {
        List<String> rows = new ArrayList<>();
        SqlStatement query = foreign.prepare("SELECT * FROM \"" + table.replace("\"", "\"\"") + "\" ORDER BY 1");
        while (query.step()) {
            StringBuilder row = new StringBuilder();
            for (int i = 0; i < query.columnCount(); i++) {
                row.append(i == 0 ? "" : "|").append(query.isNull(i) ? "null" : query.getText(i));
            }
            rows.add(row.toString());
        }
        return rows;
    }

    String sqlValue(String sql) {
        SqlStatement query = foreign.prepare(sql);
        try {
            return query.step() ? String.valueOf(query.getText(0)) : "no row";
        } finally {
            query.reset();
        }
    }

    @Override
    public void close() {
        foreign.close();
        file.close();
    }
}
