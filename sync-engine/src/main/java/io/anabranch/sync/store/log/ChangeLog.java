// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.log;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.ChangeSetReader;
import io.anabranch.sync.change.ContextEntry;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.PartsHeld;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.session.Batch;
import io.anabranch.sync.session.BatchBuilder;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Every change set held, in order of arrival: a linear extension of causality, since nothing is taken before what its
 * writer had seen. Confined to one connection.
 */
public final class ChangeLog implements Admission.History {
    private static final String LAST_LSN = "max(ifnull((SELECT max(lsn) FROM _ab_log), 0),"
            + " ifnull((SELECT value FROM _ab_meta WHERE name = 'lsn'), 0))";
    private static final String NEXT_LSN = LAST_LSN + " + 1";

    private final SqlDatabase db;
    private final Origins origins;
    private final PartStore parts;
    private long sizeBytes = -1;

    public ChangeLog(SqlDatabase db, Origins origins, PartStore parts) {
        this.db = db;
        this.origins = origins;
        this.parts = parts;
    }

    public PartStore parts() {
        return parts;
    }

    @Override
    public Head head(Origin origin) {
        return origins.head(origin);
    }

    @Override
    public @Nullable Hash128 hash(Origin origin, long seq) {
        SqlStatement query = db.prepare("SELECT hash FROM _ab_log WHERE origin = ? AND seq = ?")
                .bind(1, origins.id(origin))
                .bind(2, seq);
        try {
            byte[] hash = query.step() ? query.getBlob(0) : null;
            return hash == null ? null : Hash128.of(hash);
        } finally {
            query.reset();
        }
    }

    /** Returns the first refusal of change sets that come in this order, before any of them is taken. */
    public Admission admit(List<EncodedChangeSet> changeSets) {
        Map<Origin, EncodedChangeSet> latest = new HashMap<>();
        Admission.History afterThose = new Admission.History() {
            @Override
            public Head head(Origin origin) {
                EncodedChangeSet coming = latest.get(origin);
                return coming == null ? ChangeLog.this.head(origin) : coming.head();
            }

            @Override
            public @Nullable Hash128 hash(Origin origin, long seq) {
                return latest.containsKey(origin) ? null : ChangeLog.this.hash(origin, seq);
            }
        };
        for (EncodedChangeSet changeSet : changeSets) {
            Admission admission = Admission.of(changeSet, afterThose);
            if (admission instanceof Admission.Next) {
                latest.put(changeSet.header().origin(), changeSet);
            } else if (!(admission instanceof Admission.Known)) {
                return admission;
            }
        }
        return new Admission.Next();
    }

    /** Appends a change set that admission lets in and whose parts are all here, and moves its origin's head. */
    public void append(EncodedChangeSet changeSet) {
        insert(changeSet);
        Origin origin = changeSet.header().origin();
        origins.advance(origin, origins.head(origin), changeSet.head());
    }

    /**
     * Appends a change set that was written here just now, with all that is here in its context, and moves the clock.
     *
     * @param before its origin's head
     */
    public void appendOwn(EncodedChangeSet changeSet, Head before) {
        insert(changeSet);
        origins.advanceOwn(
                changeSet.header().origin(),
                before,
                changeSet.head(),
                changeSet.header().stamp());
    }

    private void insert(EncodedChangeSet changeSet) {
        db.prepare("INSERT INTO _ab_log(lsn, origin, seq, hash, held, bytes) VALUES (" + NEXT_LSN + ", ?, ?, ?, 0, ?)")
                .bind(1, origins.id(changeSet.header().origin()))
                .bind(2, changeSet.header().seq())
                .bind(3, changeSet.hash().bytes())
                .bind(4, changeSet.bytes())
                .run();
        sizeBytes +=
                sizeBytes < 0 ? 0 : changeSet.bytes().length + changeSet.parts().totalBytes();
    }

    /** Keeps a change set of which a snapshot has told already, because of what is not understood in it. */
    public void appendHeld(EncodedChangeSet changeSet) {
        db.prepare("INSERT INTO _ab_log(lsn, origin, seq, hash, held, bytes) VALUES (" + NEXT_LSN + ", ?, ?, ?, 1, ?)")
                .bind(1, origins.id(changeSet.header().origin()))
                .bind(2, changeSet.header().seq())
                .bind(3, changeSet.hash().bytes())
                .bind(4, changeSet.bytes())
                .run();
    }

    /** Puts a change set in the place of the one of its name, which a disk has altered. */
    public void replace(EncodedChangeSet whole) {
        db.prepare("UPDATE _ab_log SET hash = ?, bytes = ? WHERE origin = ? AND seq = ?")
                .bind(1, whole.hash().bytes())
                .bind(2, whole.bytes())
                .bind(3, origins.id(whole.header().origin()))
                .bind(4, whole.header().seq())
                .run();
        sizeBytes = -1;
    }

    /** Says whether something in a change set waits until it becomes known. */
    public void setHeld(Dot dot, boolean held) {
        db.prepare("UPDATE _ab_log SET held = ? WHERE origin = ? AND seq = ?")
                .bind(1, held ? 1 : 0)
                .bind(2, origins.id(dot.origin()))
                .bind(3, dot.seq())
                .run();
    }

    public List<EncodedChangeSet> held() {
        List<EncodedChangeSet> held = new ArrayList<>();
        SqlStatement query = db.prepare("SELECT bytes FROM _ab_log WHERE held = 1 ORDER BY lsn");
        while (query.step()) {
            held.add(EncodedChangeSet.of(bytes(query, 0)));
        }
        return held;
    }

    public @Nullable EncodedChangeSet find(Dot dot) {
        SqlStatement query = db.prepare("SELECT bytes FROM _ab_log WHERE origin = ? AND seq = ?")
                .bind(1, origins.id(dot.origin()))
                .bind(2, dot.seq());
        try {
            return query.step() ? EncodedChangeSet.of(bytes(query, 0)) : null;
        } finally {
            query.reset();
        }
    }

    /** Calls {@code each} for every operation of a change set that is held. Needs memory for a part of a large one. */
    public void forEachOp(EncodedChangeSet changeSet, Consumer<TableOp> each) {
        ChangeSetReader reader = new ChangeSetReader(changeSet, parts.of(changeSet));
        for (List<TableOp> ops = reader.next(); ops != null; ops = reader.next()) {
            ops.forEach(each);
        }
    }

    /** Calls {@code each} for every change set, in order of arrival. */
    public void forEach(Consumer<EncodedChangeSet> each) {
        SqlStatement query = db.prepare("SELECT bytes FROM _ab_log ORDER BY lsn");
        while (query.step()) {
            each.accept(EncodedChangeSet.of(bytes(query, 0)));
        }
    }

    /**
     * Cuts change sets of one origin off the log, but those that wait until something in them becomes known. The caller keeps
     * a snapshot that covers them.
     */
    public void cut(Origin origin, long upTo) {
        keepLast();
        if (origins.isSeenKept(origin)) {
            origins.rememberSeen(origin, context(origin, upTo, origins.seenOf(origin)), telling(origin));
        }
        db.prepare("DELETE FROM _ab_log WHERE origin = ? AND seq <= ? AND held = 0")
                .bind(1, origins.id(origin))
                .bind(2, upTo)
                .run();
        parts.cut(origin, upTo, held());
        origins.raiseFloor(origin, upTo);
        sizeBytes = -1;
    }

    /** Empties the log. */
    public void clear() {
        keepLast();
        db.execute("DELETE FROM _ab_log");
        parts.clear();
        forget();
    }

    /** Numbers of arrivals only rise, whatever is cut: who follows the log goes by them. */
    private void keepLast() {
        db.execute("INSERT OR REPLACE INTO _ab_meta(name, value) SELECT 'lsn', " + LAST_LSN);
    }

    /** Returns the number of the last arrival. */
    public static long last(SqlDatabase db) {
        return db.queryLong("SELECT " + LAST_LSN);
    }

    /**
     * Returns all that the writer of an origin's change set had seen.
     *
     * @param before what the writer of the last one cut had seen
     */
    public VersionVector context(Origin origin, long seq, VersionVector before) {
        VersionVector context = before.with(origin, seq - 1);
        SqlStatement query = db.prepare("SELECT bytes FROM _ab_log WHERE origin = ? AND seq <= ? ORDER BY seq")
                .bind(1, origins.id(origin))
                .bind(2, seq);
        while (query.step()) {
            for (ContextEntry entry :
                    EncodedChangeSet.of(bytes(query, 0)).header().context()) {
                context = context.with(entry.origin(), entry.seq());
            }
        }
        return context;
    }

    /** Returns the heads without the last change sets of each origin that are empty: these touched nothing. */
    public VersionVector telling() {
        TreeMap<Origin, Long> telling = new TreeMap<>();
        for (Origin origin : origins.heads().entries().keySet()) {
            long seq = telling(origin);
            if (seq > 0) {
                telling.put(origin, seq);
            }
        }
        return VersionVector.of(telling);
    }

    private long telling(Origin origin) {
        long seq = origins.head(origin).seq();
        EncodedChangeSet changeSet = find(new Dot(origin, Math.max(1, seq)));
        while (changeSet != null && changeSet.isEmpty()) {
            seq--;
            changeSet = seq == 0 ? null : find(new Dot(origin, seq));
        }
        // What was cut is remembered; what came within a snapshot may have said anything.
        return changeSet == null && seq <= origins.floor(origin) ? Math.min(seq, origins.toldBy(origin, seq)) : seq;
    }

    /** Returns whether the log reaches back to all that {@code peer} lacks. */
    public boolean reaches(VersionVector peer) {
        return peer.dominates(origins.floor());
    }

    /**
     * Returns about how many bytes the change sets in the log have. Costs O(log) once for each connection; what other
     * connections append later is not counted.
     */
    public long sizeBytes() {
        if (sizeBytes < 0) {
            sizeBytes = db.queryLong("SELECT ifnull(sum(length(bytes)), 0) FROM _ab_log") + parts.sizeBytes();
        }
        return sizeBytes;
    }

    /** Forgets what was counted: after a rollback it may never have been. */
    public void forget() {
        sizeBytes = -1;
    }

    /** Returns what {@code peer} lacks, in order of arrival from the first on; at least one if there is one. */
    public Batch missing(VersionVector peer, @Nullable List<PartsHeld> peerHolds, long maxBytes) {
        // A tail would pretend to be whole: who lacks what was cut needs the snapshot.
        long from = reaches(peer) ? firstMissing(peer) : Long.MAX_VALUE;
        if (from == Long.MAX_VALUE) {
            return Batch.EMPTY;
        }
        BatchBuilder batch = new BatchBuilder(peerHolds, maxBytes);
        SqlStatement query = db.prepare("SELECT origin, seq, bytes, hash FROM _ab_log WHERE lsn >= ? ORDER BY lsn")
                .bind(1, from);
        while (query.step()) {
            if (query.getLong(1) <= peer.get(origins.name(query.getLong(0)))) {
                continue;
            }
            EncodedChangeSet changeSet = intact(query);
            if (!batch.add(changeSet, parts.of(changeSet))) {
                query.reset();
                break;
            }
        }
        return batch.build();
    }

    /** Two change sets under one dot would be a fork: what a disk has altered is never sent. */
    private EncodedChangeSet intact(SqlStatement row) {
        try {
            EncodedChangeSet changeSet = EncodedChangeSet.of(bytes(row, 2));
            if (Hash128.of(bytes(row, 3)).equals(changeSet.hash())) {
                return changeSet;
            }
        } catch (DecodeException | IllegalArgumentException e) {
            // Nor is it one that can be read.
        }
        throw new SyncException.BadFile(
                "change set " + new Dot(origins.name(row.getLong(0)), row.getLong(1))
                        + " is damaged in the log, and is not sent: the peer gets it from another replica, and 'anabranch"
                        + " verify FILE --repair --from URL' fetches it from a peer that has it",
                null);
    }

    /**
     * Returns when the first change set in the log that {@code peer} lacks was written, in milliseconds since 1970; 0 if there is none,
     * or it has no time.
     */
    public long firstMissingMillis(VersionVector peer) {
        SqlStatement query =
                db.prepare("SELECT bytes FROM _ab_log WHERE lsn = ?").bind(1, firstMissing(peer));
        try {
            return query.step()
                    ? new HybridTime(EncodedChangeSet.of(bytes(query, 0))
                                    .header()
                                    .stamp())
                            .millis()
                    : 0;
        } catch (DecodeException | IllegalArgumentException e) {
            return 0; // A disk has altered it: that is told where it would be sent.
        } finally {
            query.reset();
        }
    }

    /** One index probe per origin that differs. */
    private long firstMissing(VersionVector peer) {
        long first = Long.MAX_VALUE;
        for (Map.Entry<Origin, Head> entry : origins.heads().entries().entrySet()) {
            long known = peer.get(entry.getKey());
            if (known < entry.getValue().seq()) {
                SqlStatement query = db.prepare("SELECT lsn FROM _ab_log WHERE origin = ? AND seq = ?")
                        .bind(1, origins.id(entry.getKey()))
                        .bind(2, known + 1);
                first = query.step() ? Math.min(first, query.getLong(0)) : first;
                query.reset();
            }
        }
        return first;
    }

    private static byte[] bytes(SqlStatement row, int column) {
        byte[] bytes = row.getBlob(column);
        if (bytes == null) {
            throw new AssertionError("a log row without bytes");
        }
        return bytes;
    }
}
