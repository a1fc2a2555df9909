// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.log;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.change.ContextEntry;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Every origin ever met, as a small number, and the version vector: the head of each. Confined to one connection.
 *
 * <p>Numbers are given once and never change, so they are cached; {@link #forget} after a rollback, which takes back the
 * latest. Heads are read from the file again whenever another connection may have moved them.
 */
public final class Origins {
    private static final int MOST_HEADS = 1_000;
    private static final String SEEN = "seen:";
    private static final String TOLD = "told:";

    private final SqlDatabase db;
    private final Meta meta;
    private final Map<Origin, Long> ids = new HashMap<>();
    private final Map<Long, Origin> names = new HashMap<>();
    private final Map<Origin, Head> heads = new HashMap<>();
    /** Whether all heads are in the context of the last change set that was sealed here. */
    private boolean isAllSeen;
    /** The {@link Meta#epoch} of what is remembered of heads. */
    private long epoch = -1;

    public Origins(SqlDatabase db, Meta meta) {
        this.db = db;
        this.meta = meta;
    }

    public void forget() {
        ids.clear();
        names.clear();
        heads.clear();
        isAllSeen = false;
    }

    /** Returns the number of an origin, giving it one if it is new here. */
    public long id(Origin origin) {
        Long known = find(origin);
        if (known != null) {
            return known;
        }
        db.prepare("INSERT INTO _ab_origin(origin, seq, hash, seen) VALUES (?, 0, ?, 0)")
                .bind(1, origin.bytes())
                .bind(2, Hash128.ZERO.bytes())
                .run();
        Long id = find(origin);
        if (id == null) {
            throw new AssertionError("an origin just inserted is gone: " + origin);
        }
        return id;
    }

    private @Nullable Long find(Origin origin) {
        Long cached = ids.get(origin);
        if (cached != null) {
            return cached;
        }
        SqlStatement query =
                db.prepare("SELECT id FROM _ab_origin WHERE origin = ?").bind(1, origin.bytes());
        try {
            if (!query.step()) {
                return null;
            }
            return cache(query.getLong(0), origin);
        } finally {
            query.reset();
        }
    }

    private Long cache(long id, Origin origin) {
        ids.put(origin, id);
        names.put(id, origin);
        return id;
    }

    public Origin name(long id) {
        Origin cached = names.get(id);
        if (cached != null) {
            return cached;
        }
        SqlStatement query =
                db.prepare("SELECT origin FROM _ab_origin WHERE id = ?").bind(1, id);
        try {
            byte[] bytes = query.step() ? query.getBlob(0) : null;
            if (bytes == null) {
                throw new AssertionError("state names an origin that is not in _ab_origin: " + id);
            }
            Origin origin = Origin.of(bytes);
            cache(id, origin);
            return origin;
        } finally {
            query.reset();
        }
    }

    // ---- Heads

    public Head head(Origin origin) {
        lookAgainIfChanged();
        Head known = heads.get(origin);
        if (known == null) {
            known = readHead(origin);
            remember(origin, known);
        }
        return known;
    }

    private void lookAgainIfChanged() {
        long now = meta.epoch();
        if (now != epoch) {
            heads.clear();
            isAllSeen = false;
            epoch = now;
        }
    }

    private void remember(Origin origin, Head head) {
        if (heads.size() >= MOST_HEADS) {
            heads.clear();
        }
        heads.put(origin, head);
    }

    private Head readHead(Origin origin) {
        SqlStatement query =
                db.prepare("SELECT seq, hash FROM _ab_origin WHERE origin = ?").bind(1, origin.bytes());
        try {
            return query.step() ? head(query, 0) : Head.NONE;
        } finally {
            query.reset();
        }
    }

    /** Moves an origin's head, and with it the version vector and its sum. */
    public void advance(Origin origin, Head from, Head to) {
        db.prepare("UPDATE _ab_origin SET seq = ?, hash = ? WHERE id = ?")
                .bind(1, to.seq())
                .bind(2, to.hash().bytes())
                .bind(3, id(origin))
                .run();
        lookAgainIfChanged();
        remember(origin, to);
        isAllSeen = false;
        meta.put("sum", movedSum(origin, from, to));
    }

    /**
     * As {@link #advance}, for a change set that was written here just now, with all that is here in its context; and moves the
     * clock to its stamp.
     */
    void advanceOwn(Origin self, Head from, Head to, long stamp) {
        db.prepare("UPDATE _ab_origin SET seq = ?, hash = ?, seen = ? WHERE id = ?")
                .bind(1, to.seq())
                .bind(2, to.hash().bytes())
                .bind(3, to.seq())
                .bind(4, id(self))
                .run();
        lookAgainIfChanged();
        remember(self, to);
        meta.put("sum", movedSum(self, from, to), "hlc", stamp);
    }

    /** Makes all heads, and their sum, what snapshot and log say. */
    public void restore(Heads said) {
        said.entries()
                .forEach((origin, head) -> db.prepare("UPDATE _ab_origin SET seq = ?, hash = ?,"
                                + " seen = min(seen, ?) WHERE id = ? AND (seq <> ? OR hash <> ?)")
                        .bind(1, head.seq())
                        .bind(2, head.hash().bytes())
                        .bind(3, head.seq())
                        .bind(4, id(origin))
                        .bind(5, head.seq())
                        .bind(6, head.hash().bytes())
                        .run());
        heads.clear();
        isAllSeen = false;
        meta.put("sum", said.sum().bytes());
    }

    private byte[] movedSum(Origin origin, Head from, Head to) {
        return sum().minus(from.term(origin)).plus(to.term(origin)).bytes();
    }

    public Hash128 sum() {
        byte[] sum = meta.getBlob("sum");
        return sum == null ? Hash128.ZERO : Hash128.of(sum);
    }

    /** Returns all heads. Costs O(origins). */
    public Heads heads() {
        TreeMap<Origin, Head> heads = new TreeMap<>();
        SqlStatement query = db.prepare("SELECT origin, seq, hash FROM _ab_origin WHERE seq > 0");
        while (query.step()) {
            heads.put(origin(query, 0), head(query, 1));
        }
        return Heads.of(heads);
    }

    /** Returns up to where change sets of an origin were cut from the log, or came within a snapshot. */
    public long floor(Origin origin) {
        SqlStatement query =
                db.prepare("SELECT floor FROM _ab_origin WHERE origin = ?").bind(1, origin.bytes());
        try {
            return query.step() ? query.getLong(0) : 0;
        } finally {
            query.reset();
        }
    }

    /** Returns the floor of every origin that has one. A peer that lacks anything up to it needs a snapshot. */
    VersionVector floor() {
        TreeMap<Origin, Long> floors = new TreeMap<>();
        SqlStatement query = db.prepare("SELECT origin, floor FROM _ab_origin WHERE floor > 0");
        while (query.step()) {
            floors.put(origin(query, 0), query.getLong(1));
        }
        return VersionVector.of(floors);
    }

    void raiseFloor(Origin origin, long seq) {
        db.prepare("UPDATE _ab_origin SET floor = ? WHERE id = ? AND floor < ?")
                .bind(1, seq)
                .bind(2, id(origin))
                .bind(3, seq)
                .run();
    }

    /** Remembers that this file writes under an origin. */
    public void markMine(Origin origin) {
        db.prepare("UPDATE _ab_origin SET mine = 1 WHERE id = ?")
                .bind(1, id(origin))
                .run();
    }

    /** Returns whether this file ever wrote under an origin. */
    public boolean isMine(Origin origin) {
        SqlStatement query =
                db.prepare("SELECT mine FROM _ab_origin WHERE origin = ?").bind(1, origin.bytes());
        try {
            return query.step() && query.getLong(0) == 1;
        } finally {
            query.reset();
        }
    }

    // ---- What others had seen

    /** Keeps what the writers of change sets that are cut from the log had seen, of these origins and no others. */
    public void keepSeenOf(Set<Origin> kept) {
        List<String> gone = new ArrayList<>();
        SqlStatement query = db.prepare("SELECT name FROM _ab_meta WHERE name LIKE 'seen:%' OR name LIKE 'told:%'");
        while (query.step()) {
            gone.add(String.valueOf(query.getText(0)));
        }
        kept.forEach(origin -> gone.removeAll(List.of(SEEN + origin, TOLD + origin)));
        gone.forEach(name ->
                db.prepare("DELETE FROM _ab_meta WHERE name = ?").bind(1, name).run());
        for (Origin origin : kept) {
            meta.put(SEEN + origin, seenOf(origin));
        }
    }

    /** Returns whether {@link #seenOf} is kept for an origin. */
    boolean isSeenKept(Origin origin) {
        return meta.getBlob(SEEN + origin) != null;
    }

    /** Returns what the writer of an origin's last change set that was cut had seen, as far as that was kept. */
    public VersionVector seenOf(Origin origin) {
        return meta.getVector(SEEN + origin);
    }

    /** Returns the last change set up to the floor that had operations; {@code otherwise} if that was not kept. */
    long toldBy(Origin origin, long otherwise) {
        return meta.getLong(TOLD + origin, otherwise);
    }

    void rememberSeen(Origin origin, VersionVector seen, long told) {
        meta.put(SEEN + origin, seen);
        meta.put(TOLD + origin, told);
    }

    // ---- Contexts

    /** Returns what other origins brought since {@code self} last sealed, sorted by origin. Costs O(what is new). */
    public List<ContextEntry> news(Origin self) {
        List<ContextEntry> news = new ArrayList<>();
        lookAgainIfChanged();
        if (isAllSeen) {
            return news;
        }
        SqlStatement query = db.prepare("SELECT origin, seq, hash FROM _ab_origin WHERE seq > seen");
        while (query.step()) {
            Origin origin = origin(query, 0);
            if (!origin.equals(self)) {
                Head head = head(query, 1);
                news.add(new ContextEntry(origin, head.seq(), head.hash().prefix()));
            }
        }
        news.sort(Comparator.comparing(ContextEntry::origin));
        return news;
    }

    /** Remembers that all heads are in the context of the change set just sealed. */
    public void markSeen() {
        lookAgainIfChanged();
        if (!isAllSeen) {
            db.prepare("UPDATE _ab_origin SET seen = seq WHERE seq > seen").run();
            isAllSeen = true;
        }
    }

    /** Makes all heads news again: a new origin has no previous change set to differ from. */
    public void forgetSeen() {
        db.prepare("UPDATE _ab_origin SET seen = 0").run();
        isAllSeen = false;
    }

    private static Origin origin(SqlStatement row, int column) {
        byte[] bytes = row.getBlob(column);
        if (bytes == null) {
            throw new AssertionError("an origin without a name");
        }
        return Origin.of(bytes);
    }

    private static Head head(SqlStatement row, int seqColumn) {
        byte[] hash = row.getBlob(seqColumn + 1);
        if (hash == null) {
            throw new AssertionError("a head without a hash");
        }
        return new Head(row.getLong(seqColumn), Hash128.of(hash));
    }
}
