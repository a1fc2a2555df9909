// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.Life;
import io.anabranch.crdt.RowLives;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.store.log.SideTables;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.seal.Rescan;
import io.anabranch.sync.store.snapshot.Replay;
import io.anabranch.sync.store.snapshot.Verifier;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Works state, digests and tables out anew from snapshot and log. Thread-safe. */
final class Mending {
    private static final Logger LOG = LoggerFactory.getLogger(Mending.class);

    private final Components parts;
    private final Transactions transactions;

    Mending(Components parts, Transactions transactions) {
        this.parts = parts;
        this.transactions = transactions;
    }

    /** Mends a file whose own head is not in its log, so that nothing is sealed after a change set that does not exist. */
    void mendOwnHead() {
        LOG.warn("the head of the replica {} was altered in _ab_origin: its state is worked out anew", parts.path);
        try {
            repair();
        } catch (SyncException.BadFile e) {
            LOG.warn("{}", e.getMessage());
        }
    }

    /** Mends a file whose tables of the space are not told any more by what tells them. */
    void mendCatalog(String damage) {
        LOG.warn("{} in the replica {}: its state is worked out anew", damage, parts.path);
        repair();
    }

    /** Makes again what somebody dropped or emptied, from what is left. */
    void remake(List<String> missing) {
        boolean isPendingLost = false;
        for (String statement : missing) {
            isPendingLost |= statement.startsWith("CREATE TABLE _ab_pending");
        }
        boolean lostWrites = isPendingLost;
        LOG.warn(
                "tables of the replica {} were dropped, emptied or altered, or come from an earlier version: its state is worked out"
                        + " anew",
                parts.path);
        transactions.writeAsIs(() -> {
            missing.forEach(parts.db::execute);
            repair(lostWrites);
        });
    }

    /**
     * Makes state, digests and tables what snapshot and log say. What is in a table and in no change set is sealed as written
     * here.
     *
     * @throws SyncException.BadFile if snapshot or log are damaged themselves; nothing was changed then
     */
    void repair() {
        transactions.writeAsIs(this::repairInside);
    }

    /** As {@link #repair()}, in the caller's write transaction. */
    void repairInside() {
        repair(false);
    }

    /** @param lostWrites whether what was captured is lost, so that tables must be looked through for it */
    private void repair(boolean lostWrites) {
        SideTables.setMode(parts.db, SideTables.MODE_CAPTURE);
        parts.catalog.forget();
        parts.catalog.refresh();
        parts.rows.forget();
        List<EncodedChangeSet> again = takeOutMisnumbered();
        rebuildState();
        parts.rows.flush();
        again.forEach(new Misnumbered(parts)::captureDeletes);
        parts.seal();
        Rescan rescan = parts.rescan();
        for (EnrolledTable table : new ArrayList<>(parts.catalog.all())) {
            if (table.isLocal()) {
                if (lostWrites || !again.isEmpty()) {
                    rescan.sealChanged(table, Set.of(), keys -> {});
                } else {
                    rescan.sealUnknown(table);
                }
            }
            parts.applier(Set.of()).show(table, parts.rows.keys(table));
        }
        parts.followSchema();
    }

    private List<EncodedChangeSet> takeOutMisnumbered() {
        List<EncodedChangeSet> again = new Misnumbered(parts).takeOut();
        if (!again.isEmpty()) {
            LOG.warn(
                    "{} change sets were sealed in {} after a number in _ab_origin had been altered, so that nobody takes them:"
                            + " what they say is sealed again, under another origin",
                    again.size(),
                    parts.path);
            parts.origins.forget();
            parts.log.forget();
            parts.identity.renew();
        }
        return again;
    }

    private void rebuildState() {
        Verifier verifier =
                new Verifier(parts.db, parts.log, parts.origins, parts.snapshots, parts.catalog, parts.rows);
        try (Replay replay = new Replay(parts.db, parts.log.parts())) {
            Heads heads = verifier.replay(replay).heads();
            verifier.requireSound(parts.path);
            parts.origins.restore(heads);
            restoreCatalog(replay);
            parts.db.execute("DELETE FROM _ab_row");
            parts.db.execute("DELETE FROM _ab_digest");
            parts.db.execute("DELETE FROM _ab_hidden");
            parts.db.execute("DELETE FROM _ab_renamed");
            parts.db.execute("DELETE FROM _ab_unshown");
            for (String name : replay.declared().keySet()) {
                replay.forEach(name, (key, row) -> takeColumns(name, row));
            }
            for (EnrolledTable table : parts.catalog.all()) {
                SideTables.widenPending(parts.db, table.keyNames().size(), table.maskColumns());
                replay.forEach(table.name(), (key, row) -> {
                    if (table.onDelete() == DeletePolicy.EDIT_WINS || row.isShown()) {
                        parts.rows.save(table, key, row, null);
                    }
                });
            }
        }
    }

    /** Makes room for cells of columns that nobody declared. */
    private void takeColumns(String name, RowLives<String, Value> row) {
        for (Life<String, Value> life : row.lives()) {
            Set<String> columns = new TreeSet<>(life.registers().keySet());
            life.cells().keySet().forEach(cell -> columns.add(cell.key()));
            for (String column : columns) {
                EnrolledTable table = parts.catalog.find(name);
                if (table != null && table.column(column) == null) {
                    parts.catalog
                            .declarations()
                            .withColumn(table, column, life.id().origin());
                }
            }
        }
    }

    private void restoreCatalog(Replay replay) {
        Set<String> altered = parts.catalog.declarations().restore(replay.declared(), parts.path.toString());
        for (String name : altered) {
            EnrolledTable table = parts.catalog.find(name);
            if (table != null) {
                LOG.warn(
                        "what {} knows of table {} of the space was altered, and is what was declared again",
                        parts.path,
                        name);
                parts.catalog.local().putTriggersBack(table); // What they refuse depends on the rules.
            }
        }
    }
}
