// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.ClockAhead;
import io.anabranch.sync.Conflict;
import io.anabranch.sync.Explanation;
import io.anabranch.sync.HiddenRow;
import io.anabranch.sync.RenamedRow;
import io.anabranch.sync.RowHistory;
import io.anabranch.sync.RuleConflict;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.Verification;
import io.anabranch.sync.Violation;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.store.apply.ClocksAhead;
import io.anabranch.sync.store.apply.Violations;
import io.anabranch.sync.store.history.Conflicts;
import io.anabranch.sync.store.history.Explainer;
import io.anabranch.sync.store.history.HiddenReport;
import io.anabranch.sync.store.history.Historian;
import io.anabranch.sync.store.history.KeyFinder;
import io.anabranch.sync.store.row.HiddenRows;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import io.anabranch.sync.store.snapshot.Digester;
import io.anabranch.sync.store.snapshot.Verifier;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What a file can tell of itself. Nothing here writes. Thread-safe. */
public final class Reports {
    private final Components parts;
    private final Transactions transactions;

    Reports(Components parts, Transactions transactions) {
        this.parts = parts;
        this.transactions = transactions;
    }

    // ---- Status

    /** A replica at one moment. */
    public record Moment(
            long atMillis,
            Origin self,
            long unsealed,
            long hidden,
            long violations,
            long rejected,
            List<ClockAhead> clocksAhead,
            List<String> schemaChanged,
            List<RuleConflict> ruleConflicts,
            Heads heads,
            List<ReplicaFile.Peer> peers) {}

    /** Returns what is captured and not sealed, heads, and peers, at one moment. */
    public Moment moment() {
        return transactions.read(() -> new Moment(
                parts.nowMillis(),
                parts.self(),
                parts.sealer.pending(),
                parts.db.queryLong("SELECT count(*) FROM _ab_hidden"),
                parts.db.queryLong("SELECT count(*) FROM _ab_violation"),
                parts.db.queryLong("SELECT count(*) FROM _ab_rejected"),
                new ClocksAhead(parts.db, parts.meta).all(parts.self(), parts.correctedMillis()),
                schemaChanged(),
                parts.catalog.declarations().conflicts(),
                parts.origins.heads(),
                peers()));
    }

    /** Returns the tables that are not as they were left: what is written to them may not be captured until somebody writes here. */
    private List<String> schemaChanged() {
        List<String> names = new ArrayList<>();
        parts.catalog.local().unfit().forEach(table -> names.add(table.label()));
        return names;
    }

    private List<ReplicaFile.Peer> peers() {
        List<ReplicaFile.Peer> peers = new ArrayList<>();
        for (ReplicaFile.Peer peer : parts.peers.all()) {
            peers.add(peer.withOldestLacking(
                    parts.log.firstMissingMillis(peer.heads().vector())));
        }
        return peers;
    }

    // ---- Tables

    /** Returns the application's tables, enrolled or not, that have a primary key, or that have none. */
    public List<String> tables(boolean withPrimaryKey) {
        return transactions.read(() -> {
            List<String> tables = new ArrayList<>();
            for (String table : parts.inspector.tables()) {
                if (parts.inspector.hasPrimaryKey(table) == withPrimaryKey) {
                    tables.add(table);
                }
            }
            return tables;
        });
    }

    /** Returns what tables were called that are enrolled in this file and gone from it, or that have another key by now. */
    public List<String> lostTables() {
        return transactions.read(
                () -> new ArrayList<>(parts.catalog.local().lost().keySet()));
    }

    /** Returns the tables of the space that this file knows of, as they are called here, in order of name. */
    public List<String> enrolledTables() {
        return transactions.read(() -> {
            TreeSet<String> names = new TreeSet<>();
            parts.catalog.all().forEach(table -> names.add(table.label()));
            return new ArrayList<>(names);
        });
    }

    /**
     * Returns a table's name as it is called here, whatever the case of its letters.
     *
     * @throws SyncException.NoSuchTable if there is none
     */
    public String enrolledTable(String named) {
        List<String> tables = enrolledTables();
        for (String table : tables) {
            if (table.equalsIgnoreCase(named)) {
                return table;
            }
        }
        throw new SyncException.NoSuchTable("table '" + named + "' is not enrolled in " + parts.path + "; "
                + (tables.isEmpty()
                        ? "no table is yet: 'anabranch init' enrols them"
                        : "the tables are " + String.join(", ", tables)));
    }

    /** Returns the rows that state shows and the application's tables do not. Costs O(those). */
    public List<HiddenRow> hidden() {
        return transactions.read(() -> new HiddenReport(parts.catalog, parts.rows, new HiddenRows(parts.db)).all());
    }

    /** Returns the rows that show another value of a unique key than was written. Costs O(those). */
    public List<RenamedRow> renamed() {
        return transactions.read(() -> new HiddenReport(parts.catalog, parts.rows, new HiddenRows(parts.db)).renamed());
    }

    /** Returns the rows that show and fail a CHECK. */
    public List<Violation> violations() {
        return transactions.read(() -> Violations.all(parts.db, parts.catalog));
    }

    /** Returns the values that lost to concurrent ones, oldest first. */
    public List<Conflict> conflicts() {
        return transactions.read(() -> known().all());
    }

    private Conflicts known() {
        return new Conflicts(parts.db, parts.catalog, parts.rows, parts.log, parts.self());
    }

    // ---- The log

    /** Calls {@code each} for every change set held, in order of arrival. */
    public void forEachChangeSet(Consumer<EncodedChangeSet> each) {
        transactions.read(() -> parts.log.forEach(each));
    }

    /** Calls {@code each} for every operation of a change set that is held. Needs memory for a part of a large one. */
    public void forEachOp(EncodedChangeSet changeSet, Consumer<TableOp> each) {
        transactions.read(() -> parts.log.forEachOp(changeSet, each));
    }

    // ---- One row

    /** Returns what was done to a row. Costs O(log). */
    public RowHistory history(String table, List<Value> key) {
        return transactions.read(() -> {
            EnrolledTable known = tableNamed(table);
            return new Historian(parts.db, parts.log).history(known, new KeyFinder(parts.rows).find(known, key));
        });
    }

    /** Returns why a row is as it is: one column of it, or all. */
    public Explanation explain(String table, List<Value> key, @Nullable String column) {
        return transactions.read(() -> {
            EnrolledTable known = tableNamed(table);
            Key found = new KeyFinder(parts.rows).find(known, key);
            return new Explainer(
                            parts.rows,
                            parts.log,
                            new HiddenRows(parts.db),
                            new Historian(parts.db, parts.log),
                            known().of(known, found))
                    .explain(known, found, column);
        });
    }

    private EnrolledTable tableNamed(String named) {
        EnrolledTable table = parts.catalog.named(enrolledTable(named));
        if (table == null) {
            throw new AssertionError("no table " + named);
        }
        return table;
    }

    // ---- Checking

    /** As {@link ReplicaFile#verify}. */
    Verification verify() {
        return transactions.read(() -> {
            parts.catalog.forget(); // Whoever changed a side table by hand has not said so.
            parts.catalog.refresh();
            return new Verifier(parts.db, parts.log, parts.origins, parts.snapshots, parts.catalog, parts.rows)
                    .verify();
        });
    }

    /** Returns the digest of each table of the space. Costs O(tables). */
    public SortedMap<String, Hash128> digests() {
        return transactions.read(() -> {
            TreeMap<String, Hash128> digests = new TreeMap<>();
            for (EnrolledTable table : parts.catalog.all()) {
                digests.put(table.name(), parts.rows.digests().of(table.id()));
            }
            return digests;
        });
    }

    /** Returns what {@link #digests} must return, worked out anew. Costs O(rows). */
    public SortedMap<String, Hash128> recomputedDigests() {
        return transactions.read(() -> {
            TreeMap<String, Hash128> digests = new TreeMap<>();
            for (EnrolledTable table : parts.catalog.all()) {
                digests.put(table.name(), new Digester(parts.rows).digest(table));
            }
            return digests;
        });
    }

    /** Returns digests of a table per column and kind of operation, over values too. Costs O(rows). */
    public SortedMap<String, Hash128> columnDigests(String table) {
        return transactions.read(() -> {
            EnrolledTable known = parts.catalog.find(table);
            return known == null ? new TreeMap<>() : new Digester(parts.rows).columns(known);
        });
    }
}
