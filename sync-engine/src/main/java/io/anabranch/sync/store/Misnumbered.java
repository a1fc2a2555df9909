// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.change.ChangeSetHeader;
import io.anabranch.sync.change.ContextEntry;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.capture.CaptureTriggers;
import io.anabranch.sync.store.log.Snapshots;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/**
 * Change sets that were sealed here after somebody had altered a number in {@code _ab_origin}: under a number too high, or after
 * change sets of others that do not exist. Nobody takes them, so what they say is sealed anew. Confined to one connection, in a
 * write transaction of the caller's.
 */
final class Misnumbered {
    private final Components parts;
    private final TreeMap<Origin, Head> heads = new TreeMap<>();
    private final List<EncodedChangeSet> found = new ArrayList<>();
    private final Set<Origin> broken = new HashSet<>();

    Misnumbered(Components parts) {
        this.parts = parts;
    }

    /** Takes them out of the log, with what their origin sealed after them. Returns them. Costs O(log). */
    List<EncodedChangeSet> takeOut() {
        find();
        for (EncodedChangeSet changeSet : found) {
            Origin origin = changeSet.header().origin();
            parts.db
                    .prepare("DELETE FROM _ab_log WHERE origin = ? AND seq = ?")
                    .bind(1, parts.origins.id(origin))
                    .bind(2, changeSet.header().seq())
                    .run();
            Head head = heads.getOrDefault(origin, Head.NONE);
            parts.db
                    .prepare("UPDATE _ab_origin SET seq = ?, hash = ? WHERE id = ?")
                    .bind(1, head.seq())
                    .bind(2, head.hash().bytes())
                    .bind(3, parts.origins.id(origin))
                    .run();
        }
        return found;
    }

    private void find() {
        Snapshots.Kept kept = parts.snapshots.kept();
        if (kept != null) {
            heads.putAll(kept.heads().entries());
        }
        SqlStatement query = parts.db.prepare("SELECT bytes FROM _ab_log ORDER BY lsn");
        while (query.step()) {
            byte[] bytes = query.getBlob(0);
            try {
                look(EncodedChangeSet.of(bytes == null ? new byte[0] : bytes));
            } catch (DecodeException e) {
                continue; // Whoever checks the log names it.
            }
        }
    }

    private void look(EncodedChangeSet changeSet) {
        ChangeSetHeader header = changeSet.header();
        Head before = heads.getOrDefault(header.origin(), Head.NONE);
        if (header.seq() <= before.seq()) {
            return;
        }
        boolean isNobodys = broken.contains(header.origin())
                || header.previousHash().equals(before.hash())
                        && (header.seq() > before.seq() + 1 || hasImpossibleContext(header));
        if (isNobodys && parts.origins.isMine(header.origin())) {
            broken.add(header.origin());
            found.add(changeSet);
        } else {
            heads.put(header.origin(), changeSet.head());
        }
    }

    /** The hash is that of another change set than the number: no such one was ever written. */
    private boolean hasImpossibleContext(ChangeSetHeader header) {
        for (ContextEntry entry : header.context()) {
            Head head = heads.getOrDefault(entry.origin(), Head.NONE);
            if (entry.seq() != head.seq() && entry.hashPrefix() == head.hash().prefix()) {
                return true;
            }
        }
        return false;
    }

    /** Captures the rows that they deleted: that a row is missing says too little otherwise. */
    void captureDeletes(EncodedChangeSet changeSet) {
        parts.log.forEachOp(changeSet, op -> {
            if (op instanceof TableOp.Change change && change.op() instanceof RowOp.Delete<?, ?>) {
                EnrolledTable table = parts.catalog.find(change.table());
                Key key = Key.of(change.key());
                if (table != null && table.isLocal() && parts.rows.image(table, key) == null) {
                    long[] all = new long[table.maskColumns()];
                    Arrays.fill(all, CaptureTriggers.ALL);
                    parts.rescan().note(table, key.values(), all, parts.nowMillis());
                }
            }
        });
    }
}
