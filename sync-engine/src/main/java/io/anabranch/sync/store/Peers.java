// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.HeadsCodec;
import io.anabranch.sync.session.SyncReply;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What peers held when they last answered: a hint where to begin, and what status tells. Confined to one connection. */
final class Peers {
    private static final long SAME_EXCHANGE_MILLIS = 5_000;

    private final SqlDatabase db;

    Peers(SqlDatabase db) {
        this.db = db;
    }

    /** Returns what a peer held when it last answered; null if it never did. */
    @Nullable
    Heads heads(String url) {
        SqlStatement query =
                db.prepare("SELECT heads FROM _ab_peer WHERE url = ?").bind(1, url);
        try {
            byte[] heads = query.step() ? query.getBlob(0) : null;
            return heads == null ? null : read(heads);
        } finally {
            query.reset();
        }
    }

    /** A peer that is asked every second and has nothing new is not worth a write to disk each time. */
    boolean isRemembered(String url, Hash128 sum, long nowMillis) {
        SqlStatement query = db.prepare("SELECT sum, last_exchange FROM _ab_peer WHERE url = ?")
                .bind(1, url);
        try {
            byte[] known = query.step() ? query.getBlob(0) : null;
            return known != null
                    && sum.equals(Hash128.of(known))
                    && Math.abs(nowMillis - query.getLong(1)) < SAME_EXCHANGE_MILLIS;
        } finally {
            query.reset();
        }
    }

    /** @param clockOffset what the peer's clock says more than this one's, in milliseconds; null if that was not measured */
    void remember(String url, Heads heads, SyncReply reply, @Nullable Long clockOffset, long nowMillis) {
        ByteWriter bytes = new ByteWriter(256);
        HeadsCodec.write(heads.entries(), bytes);
        Long known = clockOffset == null ? clockOffset(url) : clockOffset;
        SqlStatement insert =
                db.prepare("INSERT OR REPLACE INTO _ab_peer(url, peer, epoch, heads, sum, last_exchange, clock_offset)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?)");
        if (known != null) {
            insert.bind(7, known);
        }
        insert.bind(1, url)
                .bind(2, reply.peer().bytes())
                .bind(3, reply.epoch().bytes())
                .bind(4, bytes.toByteArray())
                .bind(5, reply.sum().bytes())
                .bind(6, nowMillis)
                .run();
    }

    private @Nullable Long clockOffset(String url) {
        SqlStatement query = db.prepare("SELECT clock_offset FROM _ab_peer WHERE url = ? AND clock_offset IS NOT NULL")
                .bind(1, url);
        try {
            return query.step() ? query.getLong(0) : null;
        } finally {
            query.reset();
        }
    }

    /** Returns whether it is remembered already that a replica that asked says it holds this. */
    boolean isKnownOf(Origin member, Heads heads) {
        SqlStatement query =
                db.prepare("SELECT heads FROM _ab_member WHERE origin = ?").bind(1, member.bytes());
        try {
            byte[] known = query.step() ? query.getBlob(0) : null;
            return known != null && heads.equals(read(known));
        } finally {
            query.reset();
        }
    }

    void rememberMember(Origin member, Heads heads, long nowMillis) {
        ByteWriter bytes = new ByteWriter(256);
        HeadsCodec.write(heads.entries(), bytes);
        db.prepare("INSERT OR REPLACE INTO _ab_member(origin, heads, at) VALUES (?, ?, ?)")
                .bind(1, member.bytes())
                .bind(2, bytes.toByteArray())
                .bind(3, nowMillis)
                .run();
    }

    /**
     * Forgets a peer, by its address or by the name it gives itself.
     *
     * @param origin that name; null if it is only called by its address
     * @return whether anything was known of it
     */
    boolean forget(String url, @Nullable Origin origin) {
        long before = count();
        db.prepare("DELETE FROM _ab_peer WHERE url = ?").bind(1, url).run();
        if (origin != null) {
            db.prepare("DELETE FROM _ab_peer WHERE peer = ?")
                    .bind(1, origin.bytes())
                    .run();
            db.prepare("DELETE FROM _ab_member WHERE origin = ?")
                    .bind(1, origin.bytes())
                    .run();
        }
        return count() < before;
    }

    private long count() {
        return db.queryLong("SELECT (SELECT count(*) FROM _ab_peer) + (SELECT count(*) FROM _ab_member)");
    }

    /** Returns what each replica that asked this one says it holds. */
    Map<Origin, Heads> ofMembers() {
        Map<Origin, Heads> members = new TreeMap<>();
        SqlStatement query = db.prepare("SELECT origin, heads FROM _ab_member");
        while (query.step()) {
            byte[] origin = query.getBlob(0);
            byte[] heads = query.getBlob(1);
            if (origin != null && heads != null) {
                members.put(Origin.of(origin), read(heads));
            }
        }
        return members;
    }

    /** Returns how many peers are known to hold all of {@code vector}, by the names that they give themselves. */
    int countHolders(VersionVector vector) {
        Set<Origin> holders = new HashSet<>();
        ofMembers().forEach((member, heads) -> {
            if (heads.vector().dominates(vector)) {
                holders.add(member);
            }
        });
        SqlStatement query = db.prepare("SELECT peer, heads FROM _ab_peer");
        while (query.step()) {
            byte[] peer = query.getBlob(0);
            byte[] heads = query.getBlob(1);
            if (peer != null && heads != null && read(heads).vector().dominates(vector)) {
                holders.add(Origin.of(peer));
            }
        }
        return holders.size();
    }

    /** Returns what any peer is known to hold, heads by heads. */
    List<Heads> known() {
        List<Heads> known = new ArrayList<>(ofMembers().values());
        all().forEach(peer -> known.add(peer.heads()));
        return known;
    }

    /** Returns what relays are known to hold, together. */
    VersionVector heldByRelays() {
        VersionVector held = VersionVector.EMPTY;
        SqlStatement query = db.prepare("SELECT heads FROM _ab_peer WHERE epoch <> zeroblob(16)");
        while (query.step()) {
            byte[] heads = query.getBlob(0);
            if (heads != null) {
                held = held.union(read(heads).vector());
            }
        }
        return held;
    }

    /** Returns all peers, the one asked longest ago first. */
    List<ReplicaFile.Peer> all() {
        List<ReplicaFile.Peer> peers = new ArrayList<>();
        SqlStatement query = db.prepare(
                "SELECT url, heads, sum, last_exchange, clock_offset FROM _ab_peer ORDER BY last_exchange, url");
        while (query.step()) {
            String url = query.getText(0);
            byte[] heads = query.getBlob(1);
            byte[] sum = query.getBlob(2);
            if (url != null && heads != null && sum != null) {
                Long offset = query.isNull(4) ? null : query.getLong(4);
                peers.add(new ReplicaFile.Peer(url, read(heads), Hash128.of(sum), query.getLong(3), offset, 0));
            }
        }
        return peers;
    }

    private static Heads read(byte[] heads) {
        return Heads.of(HeadsCodec.read(new ByteReader(heads)));
    }
}
