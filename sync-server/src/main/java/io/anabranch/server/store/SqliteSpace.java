// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.PartsHeld;
import io.anabranch.sync.session.Batch;
import io.anabranch.sync.session.BatchBuilder;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.PartStore;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One space of a relay's file. Change sets arrive only after all that their writer had seen, so the order of arrival
 * respects causality, and any part of it from the front does too.
 */
final class SqliteSpace implements RelayStore.Space {
    private final SqliteRelayStore store;
    private final long id;
    private final Hash128 epoch;

    SqliteSpace(SqliteRelayStore store, long id, Hash128 epoch) {
        this.store = store;
        this.id = id;
        this.epoch = epoch;
    }

    @Override
    public Hash128 epoch() {
        return epoch;
    }

    @Override
    public Usage usage() {
        return store.read(database -> {
            SqlStatement row = database.prepare("SELECT change_sets, bytes FROM space WHERE id = ?");
            row.bind(1, id);
            if (!row.step()) {
                throw damaged("a space is gone");
            }
            Usage usage = new Usage(row.getLong(0), row.getLong(1));
            row.reset();
            return usage;
        });
    }

    @Override
    public String claim(Origin origin, String family) {
        String known = claimant(origin);
        return known != null
                ? known
                : store.write(database -> {
                    database.prepare("INSERT OR IGNORE INTO claim (space, origin, family) VALUES (?, ?, ?)")
                            .bind(1, id)
                            .bind(2, origin.bytes())
                            .bind(3, family)
                            .run();
                    // Another request may have been faster.
                    return Objects.requireNonNull(readClaimant(database, origin));
                });
    }

    @Override
    public @Nullable String claimant(Origin origin) {
        return store.read(database -> readClaimant(database, origin));
    }

    private @Nullable String readClaimant(SqlDatabase database, Origin origin) {
        SqlStatement row = database.prepare("SELECT family FROM claim WHERE space = ? AND origin = ?");
        row.bind(1, id).bind(2, origin.bytes());
        if (!row.step()) {
            return null;
        }
        String family = row.getText(0);
        row.reset();
        return family;
    }

    @Override
    public Heads heads() {
        return store.read(this::readHeads);
    }

    private Heads readHeads(SqlDatabase database) {
        SqlStatement rows = database.prepare("SELECT origin, seq, hash FROM head WHERE space = ?");
        rows.bind(1, id);
        Map<Origin, Head> heads = new TreeMap<>();
        while (rows.step()) {
            heads.put(Origin.of(blob(rows, 0)), new Head(rows.getLong(1), Hash128.of(blob(rows, 2))));
        }
        return Heads.of(heads);
    }

    @Override
    public List<PartsHeld> waiting() {
        return store.read(database -> parts(database).waiting(new Taking(database)));
    }

    // ---- Giving

    @Override
    public Batch missing(VersionVector peer, @Nullable List<PartsHeld> peerHolds, long maxBytes) {
        return store.read(database -> readMissing(database, peer, new BatchBuilder(peerHolds, maxBytes)));
    }

    private Batch readMissing(SqlDatabase database, VersionVector peer, BatchBuilder batch) {
        long from = firstLacking(database, peer);
        if (from == Long.MAX_VALUE) {
            return Batch.EMPTY;
        }
        SqlStatement entries =
                database.prepare("SELECT lsn, origin, seq FROM log WHERE space = ? AND lsn >= ? ORDER BY lsn");
        entries.bind(1, id).bind(2, from);
        PartStore parts = parts(database);
        while (entries.step()) {
            if (entries.getLong(2) <= peer.get(Origin.of(blob(entries, 1)))) {
                continue;
            }
            EncodedChangeSet changeSet = readChangeSet(database, entries.getLong(0));
            if (!batch.add(changeSet, parts.of(changeSet))) {
                entries.reset();
                break;
            }
        }
        return batch.build();
    }

    private PartStore parts(SqlDatabase database) {
        return new PartStore(database, "", id);
    }

    /** Returns the place of the earliest arrival that the peer lacks: one probe for each origin that is ahead of it. */
    private long firstLacking(SqlDatabase database, VersionVector peer) {
        long first = Long.MAX_VALUE;
        SqlStatement probe = database.prepare("SELECT lsn FROM log WHERE space = ? AND origin = ? AND seq = ?");
        for (VersionVector.Range lacking : readHeads(database).vector().minus(peer)) {
            probe.bind(1, id).bind(2, lacking.origin().bytes()).bind(3, lacking.first());
            if (!probe.step()) {
                throw damaged("the log lacks " + lacking.origin() + ":" + lacking.first());
            }
            first = Math.min(first, probe.getLong(0));
            probe.reset();
        }
        return first;
    }

    private EncodedChangeSet readChangeSet(SqlDatabase database, long lsn) {
        SqlStatement row = database.prepare("SELECT hash, bytes FROM log WHERE lsn = ?");
        row.bind(1, lsn);
        if (!row.step()) {
            throw damaged("the log lacks entry " + lsn);
        }
        EncodedChangeSet changeSet = EncodedChangeSet.of(blob(row, 1));
        boolean intact = changeSet.hash().equals(Hash128.of(blob(row, 0)));
        row.reset();
        if (!intact) {
            throw damaged("entry " + lsn + " of the log is not what arrived");
        }
        return changeSet;
    }

    // ---- Taking

    @Override
    public Admission accept(List<EncodedChangeSet> changeSets, List<Part> parts) {
        return store.write(database -> take(database, changeSets, parts), Admission.Next.class::isInstance);
    }

    private Admission take(SqlDatabase database, List<EncodedChangeSet> changeSets, List<Part> arriving) {
        Taking taking = new Taking(database);
        PartStore parts = parts(database);
        parts.dropOvertaken(taking);
        for (EncodedChangeSet changeSet : changeSets) {
            Admission admission = Admission.of(changeSet, taking);
            if (admission instanceof Admission.Next) {
                if (changeSet.isInParts()) {
                    parts.expect(changeSet);
                } else {
                    taking.append(changeSet);
                }
            } else if (!(admission instanceof Admission.Known)) {
                return admission;
            }
        }
        for (Part part : arriving) {
            PartStore.Arrival arrival = parts.take(part);
            if (arrival instanceof PartStore.Arrival.Bad bad) {
                return bad.why();
            }
            if (arrival instanceof PartStore.Arrival.Whole whole) {
                taking.append(whole.changeSet());
            }
        }
        taking.writeHeads();
        return new Admission.Next();
    }

    /** What the space holds while one batch is taken: each head is read once and written once. */
    private final class Taking implements Admission.History {
        private final SqlDatabase database;
        private final Map<Origin, Head> heads = new HashMap<>();
        private final Map<Origin, Head> moved = new TreeMap<>();

        Taking(SqlDatabase database) {
            this.database = database;
        }

        @Override
        public Head head(Origin origin) {
            return heads.computeIfAbsent(origin, this::readHead);
        }

        private Head readHead(Origin origin) {
            SqlStatement row = database.prepare("SELECT seq, hash FROM head WHERE space = ? AND origin = ?");
            row.bind(1, id).bind(2, origin.bytes());
            if (!row.step()) {
                return Head.NONE;
            }
            Head head = new Head(row.getLong(0), Hash128.of(blob(row, 1)));
            row.reset();
            return head;
        }

        @Override
        public @Nullable Hash128 hash(Origin origin, long seq) {
            SqlStatement row = database.prepare("SELECT hash FROM log WHERE space = ? AND origin = ? AND seq = ?");
            row.bind(1, id).bind(2, origin.bytes()).bind(3, seq);
            if (!row.step()) {
                return null;
            }
            Hash128 hash = Hash128.of(blob(row, 0));
            row.reset();
            return hash;
        }

        void append(EncodedChangeSet changeSet) {
            database.prepare("INSERT INTO log (space, origin, seq, hash, bytes) VALUES (?, ?, ?, ?, ?)")
                    .bind(1, id)
                    .bind(2, changeSet.header().origin().bytes())
                    .bind(3, changeSet.header().seq())
                    .bind(4, changeSet.hash().bytes())
                    .bind(5, changeSet.bytes())
                    .run();
            heads.put(changeSet.header().origin(), changeSet.head());
            moved.put(changeSet.header().origin(), changeSet.head());
        }

        void writeHeads() {
            SqlStatement put =
                    database.prepare("INSERT OR REPLACE INTO head (space, origin, seq, hash) VALUES (?, ?, ?, ?)");
            moved.forEach((origin, head) -> put.bind(1, id)
                    .bind(2, origin.bytes())
                    .bind(3, head.seq())
                    .bind(4, head.hash().bytes())
                    .run());
        }
    }

    private static byte[] blob(SqlStatement row, int column) {
        return Objects.requireNonNull(row.getBlob(column));
    }

    private static RelayStoreException damaged(String what) {
        return new RelayStoreException(
                "the relay's file is damaged: " + what + ". Restore it from a backup; replicas give back what it lacks",
                null);
    }
}
