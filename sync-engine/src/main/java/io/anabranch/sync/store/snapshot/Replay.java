// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.snapshot;

import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.codec.Codecs;
import io.anabranch.sync.change.ChangeSetReader;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.change.TableDefinition;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.catalog.DeclaredTable;
import io.anabranch.sync.store.log.PartStore;
import io.anabranch.sync.store.schema.Key;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The state that a snapshot and the change sets after it make, worked out from them alone: nothing that is kept beside them
 * is read. Rows are in a temporary table, values included, so memory stays bounded however large the space is. Confined to
 * one connection.
 */
public final class Replay implements AutoCloseable {
    private static final Codec<RowLives<String, Value>> ROW = RowLives.codec(Codecs.text(), Value.codec());

    private final SqlDatabase db;
    private final PartStore parts;
    private final SortedMap<String, DeclaredTable> declared = new TreeMap<>();

    public Replay(SqlDatabase db, PartStore parts) {
        this.db = db;
        this.parts = parts;
        db.execute("CREATE TEMP TABLE IF NOT EXISTS _ab_replay(tbl TEXT NOT NULL, k BLOB NOT NULL, state BLOB NOT NULL,"
                + " PRIMARY KEY (tbl, k)) WITHOUT ROWID");
        db.execute("DELETE FROM temp._ab_replay");
    }

    // ---- Taking operations

    void take(Snapshot.Declared declaration) {
        declare(declaration.definition(), declaration.rank(), declaration.origin());
    }

    void take(Snapshot.Row row) {
        save(row.table(), Key.of(row.key()), row.lives());
    }

    /** @param onlyUnknown whether to take operations on tables alone that the snapshot did not know */
    void take(EncodedChangeSet changeSet, boolean onlyUnknown, Set<String> known) {
        if (changeSet.header().isVoid()) {
            return;
        }
        Set<Map.Entry<String, Key>> said = new HashSet<>();
        ChangeSetReader reader = new ChangeSetReader(changeSet, parts.of(changeSet));
        for (List<TableOp> ops = reader.next(); ops != null; ops = reader.next()) {
            for (TableOp op : ops) {
                if (op instanceof TableOp.Declare declare && !onlyUnknown) {
                    if (declare.definition().flaw() == null) {
                        declare(
                                declare.definition(),
                                changeSet.header().stamp(),
                                changeSet.header().origin());
                    }
                } else if (op instanceof TableOp.Change change && !(onlyUnknown && known.contains(change.table()))) {
                    Key key = Key.of(change.key());
                    // A change set says one thing about a row; what more it says is void.
                    if (said.add(Map.entry(change.table(), key))) {
                        apply(change.table(), key, change.op());
                    }
                }
            }
        }
    }

    private void apply(String table, Key key, RowOp<String, Value> op) {
        RowLives<String, Value> row = row(table, key);
        save(table, key, (row == null ? RowLives.<String, Value>none() : row).apply(op));
    }

    private void declare(TableDefinition definition, long rank, Origin origin) {
        declared.computeIfAbsent(definition.name(), name -> new DeclaredTable()).take(definition, rank, origin);
    }

    // ---- Reading

    /** Returns the tables of the space, by their names. */
    public SortedMap<String, DeclaredTable> declared() {
        return declared;
    }

    @Nullable
    RowLives<String, Value> row(String table, Key key) {
        SqlStatement query = db.prepare("SELECT state FROM temp._ab_replay WHERE tbl = ? AND k = ?")
                .bind(1, table)
                .bind(2, key.bytes());
        try {
            byte[] state = query.step() ? query.getBlob(0) : null;
            return state == null ? null : ROW.read(new ByteReader(state));
        } finally {
            query.reset();
        }
    }

    private void save(String table, Key key, RowLives<String, Value> row) {
        if (row.lives().isEmpty()) {
            db.prepare("DELETE FROM temp._ab_replay WHERE tbl = ? AND k = ?")
                    .bind(1, table)
                    .bind(2, key.bytes())
                    .run();
            return;
        }
        ByteWriter out = new ByteWriter(256);
        ROW.write(row, out);
        db.prepare("INSERT OR REPLACE INTO temp._ab_replay(tbl, k, state) VALUES (?, ?, ?)")
                .bind(1, table)
                .bind(2, key.bytes())
                .bind(3, out.toByteArray())
                .run();
    }

    /** Calls {@code each} for every row of a table, in order of key. */
    public void forEach(String table, RowConsumer each) {
        SqlStatement query = db.prepare("SELECT k, state FROM temp._ab_replay WHERE tbl = ? ORDER BY k")
                .bind(1, table);
        while (query.step()) {
            byte[] key = query.getBlob(0);
            byte[] state = query.getBlob(1);
            if (key != null && state != null) {
                each.accept(Key.of(key), ROW.read(new ByteReader(state)));
            }
        }
    }

    /** Sees one row. */
    public interface RowConsumer {
        void accept(Key key, RowLives<String, Value> row);
    }

    @Override
    public void close() {
        db.execute("DROP TABLE IF EXISTS temp._ab_replay");
    }

    /** Names a change set in messages. */
    static String name(Dot dot) {
        return "change set " + dot.seq() + " of origin " + dot.origin();
    }
}
