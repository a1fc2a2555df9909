// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.PartSource;
import io.anabranch.sync.change.PartsHeld;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.session.Comparison;
import io.anabranch.sync.session.DamagedLog;
import io.anabranch.sync.session.DigestPost;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.log.LogDamage;
import io.anabranch.sync.store.log.PartStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One space of a relay's file; see {@link RelaySchema}. */
final class SqliteSpace implements SpaceStore, DamagedLog {
    private static final int ROWS_CUT_TOGETHER = 1_000;

    private final SqliteRelayStore store;
    private final long id;
    private final Hash128 epoch;
    private final SqliteBlobs blobs;
    private final SqlitePosts posts;
    private final SqliteClaims claims;

    SqliteSpace(SqliteRelayStore store, long id, Hash128 epoch) {
        this.store = store;
        this.id = id;
        this.epoch = epoch;
        this.blobs = new SqliteBlobs(store, id);
        this.posts = new SqlitePosts(store, id);
        this.claims = new SqliteClaims(store, id);
    }

    @Override
    public Hash128 epoch() {
        return epoch;
    }

    @Override
    public Usage usage() {
        return store.read(database -> {
            SqlStatement row = database.prepare("SELECT change_sets, bytes, snapshot_bytes FROM space WHERE id = ?");
            row.bind(1, id);
            if (!row.step()) {
                throw damaged("a space is gone");
            }
            Usage usage = new Usage(row.getLong(0), row.getLong(1), row.getLong(2));
            row.reset();
            return usage;
        });
    }

    // ---- Heads

    @Override
    public Heads heads() {
        return store.read(database -> {
            SqlStatement rows = database.prepare("SELECT origin, seq, hash FROM head WHERE space = ?");
            rows.bind(1, id);
            Map<Origin, Head> heads = new TreeMap<>();
            while (rows.step()) {
                heads.put(Origin.of(blob(rows, 0)), new Head(rows.getLong(1), Hash128.of(blob(rows, 2))));
            }
            return Heads.of(heads);
        });
    }

    @Override
    public Head head(Origin origin) {
        return store.read(database -> head(database, origin));
    }

    private Head head(SqlDatabase database, Origin origin) {
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
        return store.read(database -> hash(database, origin, seq));
    }

    private @Nullable Hash128 hash(SqlDatabase database, Origin origin, long seq) {
        SqlStatement row = database.prepare("SELECT hash FROM log WHERE space = ? AND origin = ? AND seq = ?");
        row.bind(1, id).bind(2, origin.bytes()).bind(3, seq);
        if (!row.step()) {
            return null;
        }
        Hash128 hash = Hash128.of(blob(row, 0));
        row.reset();
        return hash;
    }

    // ---- Reading

    @Override
    public List<EncodedChangeSet> range(Origin origin, long first, long maxBytes) {
        return store.read(database -> {
            SqlStatement rows = database.prepare(
                    "SELECT hash, bytes FROM log WHERE space = ? AND origin = ? AND seq >= ? ORDER BY seq");
            rows.bind(1, id).bind(2, origin.bytes()).bind(3, first);
            List<EncodedChangeSet> found = new ArrayList<>();
            long bytes = 0;
            while ((found.isEmpty() || bytes < maxBytes) && rows.step()) {
                EncodedChangeSet changeSet = whole(blob(rows, 1), blob(rows, 0));
                if (changeSet == null) {
                    throw damaged("change set " + new Dot(origin, first + found.size()) + " is not what arrived");
                }
                found.add(changeSet);
                bytes += changeSet.bytes().length;
            }
            rows.reset();
            return found;
        });
    }

    /** What a disk has altered is never given to anybody. */
    private static @Nullable EncodedChangeSet whole(byte[] bytes, byte[] hash) {
        try {
            EncodedChangeSet changeSet = EncodedChangeSet.of(bytes);
            return changeSet.hash().equals(Hash128.of(hash)) ? changeSet : null;
        } catch (DecodeException | IllegalArgumentException e) {
            return null;
        }
    }

    @Override
    public PartSource parts(EncodedChangeSet changeSet) {
        return changeSet.isInParts()
                ? index -> store.read(database -> parts(database).of(changeSet).part(index))
                : PartSource.NONE;
    }

    @Override
    public List<PartsHeld> waiting() {
        return store.read(database -> parts(database).waiting(new Putting(database)));
    }

    private PartStore parts(SqlDatabase database) {
        return new PartStore(database, "", id);
    }

    // ---- Putting

    @Override
    public Admission put(List<EncodedChangeSet> changeSets, List<Part> parts) {
        return store.write(database -> put(database, changeSets, parts), Admission.Next.class::isInstance);
    }

    private Admission put(SqlDatabase database, List<EncodedChangeSet> changeSets, List<Part> arriving) {
        Putting putting = new Putting(database);
        PartStore parts = parts(database);
        parts.dropOvertaken(putting);
        for (EncodedChangeSet changeSet : changeSets) {
            Origin origin = changeSet.header().origin();
            long seq = changeSet.header().seq();
            if (seq <= putting.head(origin).seq()) {
                Hash128 known = hash(database, origin, seq);
                if (known != null && !known.equals(changeSet.hash())) {
                    return new Admission.Fork(origin, seq);
                }
            } else if (changeSet.isInParts()) {
                parts.expect(changeSet);
            } else {
                putting.append(changeSet);
            }
        }
        for (Part part : arriving) {
            PartStore.Arrival arrival = parts.take(part);
            if (arrival instanceof PartStore.Arrival.Bad bad) {
                return bad.why();
            }
            if (arrival instanceof PartStore.Arrival.Whole whole) {
                putting.append(whole.changeSet());
            }
        }
        putting.writeHeads();
        return new Admission.Next();
    }

    /** What the space holds while one batch is put: each head is read once and written once. */
    private final class Putting implements Admission.History {
        private final SqlDatabase database;
        private final Map<Origin, Head> heads = new HashMap<>();
        private final Map<Origin, Head> moved = new TreeMap<>();

        Putting(SqlDatabase database) {
            this.database = database;
        }

        @Override
        public Head head(Origin origin) {
            return heads.computeIfAbsent(origin, each -> SqliteSpace.this.head(database, each));
        }

        @Override
        public @Nullable Hash128 hash(Origin origin, long seq) {
            return SqliteSpace.this.hash(database, origin, seq);
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

    // ---- Cutting

    @Override
    public void cut(VersionVector floor) {
        floor.entries().forEach((origin, last) -> {
            boolean done;
            do {
                done = store.write(database -> cut(database, origin, last));
            } while (!done);
        });
    }

    /** Cuts some. Returns whether nothing is left to cut. */
    private boolean cut(SqlDatabase database, Origin origin, long last) {
        SqlStatement rows = database.prepare(
                "SELECT lsn, seq FROM log WHERE space = ? AND origin = ? AND seq <= ? ORDER BY seq LIMIT "
                        + ROWS_CUT_TOGETHER);
        rows.bind(1, id).bind(2, origin.bytes()).bind(3, last);
        List<Long> cut = new ArrayList<>();
        long upTo = 0;
        while (rows.step()) {
            cut.add(rows.getLong(0));
            upTo = rows.getLong(1);
        }
        cut.forEach(lsn ->
                database.prepare("DELETE FROM log WHERE lsn = ?").bind(1, lsn).run());
        database.prepare("DELETE FROM part WHERE space = ? AND origin = ? AND seq <= ?")
                .bind(1, id)
                .bind(2, origin.bytes())
                .bind(3, upTo)
                .run();
        return cut.size() < ROWS_CUT_TOGETHER;
    }

    // ---- The record

    @Override
    public SpaceRecord record() {
        byte[] bytes = store.read(this::recordBytes);
        return bytes == null ? SpaceRecord.EMPTY : SpaceRecord.of(bytes);
    }

    private byte @Nullable [] recordBytes(SqlDatabase database) {
        SqlStatement row = database.prepare("SELECT record FROM space WHERE id = ?");
        row.bind(1, id);
        byte[] bytes = row.step() ? row.getBlob(0) : null;
        row.reset();
        return bytes;
    }

    @Override
    public boolean replace(SpaceRecord known, SpaceRecord next) {
        return store.write(database -> {
            byte[] bytes = recordBytes(database);
            if (!known.equals(bytes == null ? SpaceRecord.EMPTY : SpaceRecord.of(bytes))) {
                return false;
            }
            database.prepare("UPDATE space SET record = ? WHERE id = ?")
                    .bind(1, next.bytes())
                    .bind(2, id)
                    .run();
            return true;
        });
    }

    // ---- Bytes of snapshots

    @Override
    public List<Snapshot.Id> blobs() {
        return blobs.all();
    }

    @Override
    public long blobLength(Snapshot.Id blob) {
        return blobs.length(blob);
    }

    @Override
    public void appendBlob(Snapshot.Id blob, long from, byte[] bytes) {
        blobs.append(blob, from, bytes);
    }

    @Override
    public byte[] readBlob(Snapshot.Id blob, long from, int maxBytes) {
        return blobs.read(blob, from, maxBytes);
    }

    @Override
    public void dropBlob(Snapshot.Id blob) {
        blobs.drop(blob);
    }

    // ---- Digests

    @Override
    public void putPost(Origin origin, Hash128 sum, DigestPost post) {
        posts.put(origin, sum, post);
    }

    @Override
    public List<Comparison.Other> posts(Hash128 sum) {
        return posts.at(sum);
    }

    // ---- Who speaks for whom

    @Override
    public @Nullable String claim(Origin origin, String family, long most) {
        return claims.claim(origin, family, most);
    }

    @Override
    public @Nullable String claimant(Origin origin) {
        return claims.claimant(origin);
    }

    // ---- Healing

    @Override
    public List<Damaged> damaged() {
        Heads covered = record().covered();
        Heads heads = heads();
        return store.read(database -> {
            List<Damaged> damaged = new ArrayList<>();
            heads.entries().forEach((origin, head) -> {
                SqlStatement rows = database.prepare(
                        "SELECT seq, hash, bytes FROM log WHERE space = ? AND origin = ? ORDER BY seq DESC");
                rows.bind(1, id).bind(2, origin.bytes());
                damaged.addAll(LogDamage.find(origin, head, covered.get(origin), rows));
            });
            return damaged;
        });
    }

    @Override
    public void replace(EncodedChangeSet whole) {
        store.write(database -> database.prepare(
                        "UPDATE log SET hash = ?, bytes = ? WHERE space = ? AND origin = ? AND seq = ?")
                .bind(1, whole.hash().bytes())
                .bind(2, whole.bytes())
                .bind(3, id)
                .bind(4, whole.header().origin().bytes())
                .bind(5, whole.header().seq())
                .run());
    }

    static byte[] blob(SqlStatement row, int column) {
        return Objects.requireNonNull(row.getBlob(column));
    }

    private static RelayStoreException damaged(String what) {
        return new RelayStoreException(
                "the relay's file is damaged: " + what
                        + ". 'anabranch verify FILE --repair --from URL' fetches it from a"
                        + " replica or relay that has it; or restore a backup: replicas give back what it lacks",
                null);
    }
}
