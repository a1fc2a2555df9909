// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.change.ChangeSetCodec;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.session.Aside;
import io.anabranch.sync.sql.Sql;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.ReplicaFile;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A replica, and a foreign connection to its file that knows nothing of Anabranch. */
final class TestReplica implements AutoCloseable {
    private final String name;
    private final ReplicaFile file;
    private final SqlDatabase foreign;
    private @Nullable ReplicaFile application;

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

    /** Writes all in one transaction. */
    void sqls(String... statements) {
        foreign.execute("BEGIN");
        for (String statement : statements) {
            foreign.execute(statement);
        }
        foreign.execute("COMMIT");
    }

    /** Writes all in one transaction of the application, whose connection checks foreign keys. */
    void transaction(String... statements) {
        transaction(db -> List.of(statements).forEach(db::execute));
    }

    void transaction(Consumer<SqlDatabase> work) {
        if (application == null) {
            application = ReplicaFile.openForApplication(file, new JdbcDriver());
        }
        application.transaction(work);
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
        file.reports().forEachChangeSet(held::add);
        return held;
    }

    /** Returns what the change set that was written here last does, operation by operation. */
    List<TableOp> lastOps() {
        file.sealPending();
        List<EncodedChangeSet> own = new ArrayList<>();
        file.reports().forEachChangeSet(changeSet -> {
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

    /** Returns the rows of a table as SQL literals, so that storage classes show, in order of key. */
    List<String> dump(String table) {
        List<String> literals = new ArrayList<>();
        List<String> key = new ArrayList<>();
        SqlStatement columns =
                foreign.prepare("SELECT name, pk FROM pragma_table_xinfo(?)").bind(1, table);
        while (columns.step()) {
            String column = Sql.name(String.valueOf(columns.getText(0)));
            // quote() ends text at its first NUL.
            literals.add("CASE typeof(" + column + ") WHEN 'text' THEN CASE WHEN instr(CAST(" + column
                    + " AS BLOB), x'00') OR quote(" + column + ") LIKE '%' || char(65533) || '%' THEN 'text' || hex("
                    + column + ") ELSE quote(" + column + ") END ELSE quote(" + column + ") END");
            if (columns.getLong(1) > 0) {
                key.add(column);
            }
        }
        List<String> rows = new ArrayList<>();
        String order = " ORDER BY " + String.join(", ", key);
        if (literals.size() < 100) {
            SqlStatement query = foreign.prepare(
                    "SELECT " + String.join(" || ',' || ", literals) + " FROM " + Sql.name(table) + order);
            while (query.step()) {
                rows.add(String.valueOf(query.getText(0)));
            }
            return rows;
        }
        return rows(table);
    }

    /** Returns the snapshot that a peer needs, which its log does not reach back to; null if it does. */
    Snapshot.@Nullable Id snapshotFor(VersionVector peer) {
        Aside.Offer offer = file.offer(peer);
        return offer == null ? null : offer.id();
    }

    /** Returns how many change sets this replica has written. */
    long ownSeq() {
        return file.heads().get(file.self()).seq();
    }

    /** Returns the first column of a query's rows. */
    List<String> column(String sql) {
        List<String> values = new ArrayList<>();
        SqlStatement query = foreign.prepare(sql);
        while (query.step()) {
            values.add(String.valueOf(query.getText(0)));
        }
        return values;
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
        if (application != null) {
            application.close();
        }
        file.close();
    }
}
