// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.log;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.ChangeSetWriter;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.PartSource;
import io.anabranch.sync.change.PartsHeld;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The parts of bodies too large for one message, in a replica's file or a relay's: of change sets in the log, and of those
 * that wait for the rest of their parts. Those are in no version vector and have no effect. Works in the caller's
 * transaction. Confined to one connection.
 *
 * <p>What waits is bounded, whatever peers claim: one change set per origin, the next after its head; parts in order, each
 * checked against the change set's list before it is kept; {@value #MAX_WAITING} change sets and 2 GiB in all, beyond which
 * those go that have waited longest for their next part.
 */
public final class PartStore {
    static final int MAX_WAITING = 64;
    static final long MAX_WAITING_BYTES = 2L << 30;

    private final SqlDatabase db;
    private final long space;
    private final long maxWaitingBytes;
    private final String part;
    private final String waiting;

    /**
     * @param prefix of the names of the tables
     * @param space which of a relay's spaces this is; 0 in a replica's file, which has one
     */
    public PartStore(SqlDatabase db, String prefix, long space) {
        this(db, prefix, space, MAX_WAITING_BYTES);
    }

    PartStore(SqlDatabase db, String prefix, long space, long maxWaitingBytes) {
        this.db = db;
        this.space = space;
        this.maxWaitingBytes = maxWaitingBytes;
        part = prefix + "part";
        waiting = prefix + "waiting";
    }

    /** Returns the statements that make the tables. */
    public static List<String> ddl(String prefix) {
        return List.of(
                "CREATE TABLE " + prefix + "part(id INTEGER PRIMARY KEY, space INTEGER NOT NULL, origin BLOB NOT NULL,"
                        + " seq INTEGER NOT NULL, part INTEGER NOT NULL, bytes BLOB NOT NULL)",
                "CREATE UNIQUE INDEX " + prefix + "part_place ON " + prefix + "part(space, origin, seq, part)",
                // The change set without its body, how many parts are here, how long they are, when the last one came.
                "CREATE TABLE " + prefix + "waiting(space INTEGER NOT NULL, origin BLOB NOT NULL, seq INTEGER NOT NULL,"
                        + " hash BLOB NOT NULL, bytes BLOB NOT NULL, held INTEGER NOT NULL, size INTEGER NOT NULL,"
                        + " turn INTEGER NOT NULL, PRIMARY KEY (space, origin))");
    }

    // ---- Of change sets in the log, or about to be

    private void put(Dot dot, int index, byte[] bytes) {
        db.prepare("INSERT INTO " + part + "(space, origin, seq, part, bytes) VALUES (?, ?, ?, ?, ?)")
                .bind(1, space)
                .bind(2, dot.origin().bytes())
                .bind(3, dot.seq())
                .bind(4, index)
                .bind(5, bytes)
                .run();
    }

    /** Returns where the parts of a change set go that is being written here. */
    public ChangeSetWriter.PartSink writing(Dot dot) {
        return (index, bytes) -> {
            if (index == 0) {
                drop(dot); // A peer may have begun to send another change set under this name.
            }
            put(dot, index, bytes);
        };
    }

    /** Drops the parts of an origin's change sets up to {@code upTo}, but those of {@code kept}. */
    void cut(Origin origin, long upTo, List<EncodedChangeSet> kept) {
        SqlStatement query = db.prepare(
                        "SELECT DISTINCT seq FROM " + part + " WHERE space = ? AND origin = ? AND seq <= ?")
                .bind(1, space)
                .bind(2, origin.bytes())
                .bind(3, upTo);
        List<Dot> cut = new ArrayList<>();
        while (query.step()) {
            cut.add(new Dot(origin, query.getLong(0)));
        }
        kept.forEach(changeSet -> cut.remove(changeSet.header().dot()));
        cut.forEach(this::dropParts);
    }

    /** Returns how many bytes all parts have. Costs O(parts). */
    long sizeBytes() {
        return db.queryLong("SELECT ifnull(sum(length(bytes)), 0) FROM " + part);
    }

    /** Keeps a part of a change set of which a snapshot has told. */
    public void put(EncodedChangeSet changeSet, Part arrived) {
        if (!changeSet.parts().matches(arrived.index(), arrived.bytes())) {
            throw new DecodeException(
                    0, "part " + arrived.index() + " of " + changeSet.header().dot(), "other bytes");
        }
        writing(changeSet.header().dot()).take(arrived.index(), arrived.bytes());
    }

    /** Returns where a change set's parts are. Reads each when it is asked for. */
    public PartSource of(EncodedChangeSet changeSet) {
        return changeSet.isInParts() ? index -> get(changeSet, index) : PartSource.NONE;
    }

    private byte[] get(EncodedChangeSet changeSet, int index) {
        SqlStatement query = db.prepare(
                        "SELECT bytes FROM " + part + " WHERE space = ? AND origin = ? AND seq = ? AND part = ?")
                .bind(1, space)
                .bind(2, changeSet.header().origin().bytes())
                .bind(3, changeSet.header().seq())
                .bind(4, index);
        try {
            byte[] bytes = query.step() ? query.getBlob(0) : null;
            if (bytes == null || !changeSet.parts().matches(index, bytes)) {
                throw new AssertionError("part " + index + " of change set "
                        + changeSet.header().dot() + " is " + (bytes == null ? "missing" : "not what it was"));
            }
            return bytes;
        } finally {
            query.reset();
        }
    }

    // ---- Of change sets that are set aside

    /** Moves the parts of an origin's change sets after {@code seq} to another of these tables' spaces. */
    public void moveTo(PartStore other, Origin origin, long seq) {
        db.prepare("UPDATE " + part + " SET space = ? WHERE space = ? AND origin = ? AND seq > ?")
                .bind(1, other.space)
                .bind(2, space)
                .bind(3, origin.bytes())
                .bind(4, seq)
                .run();
    }

    /** Drops everything. */
    public void clear() {
        for (String table : List.of(part, waiting)) {
            db.prepare("DELETE FROM " + table + " WHERE space = ?")
                    .bind(1, space)
                    .run();
        }
    }

    // ---- Of change sets that are not whole

    /** Returns what waits and may still be completed, by origin. */
    public List<PartsHeld> waiting(Admission.History history) {
        List<PartsHeld> held = new ArrayList<>();
        SqlStatement query = db.prepare(
                        "SELECT origin, seq, hash, held FROM " + waiting + " WHERE space = ? ORDER BY origin")
                .bind(1, space);
        while (query.step()) {
            held.add(new PartsHeld(
                    Origin.of(blob(query, 0)), query.getLong(1), Hash128.of(blob(query, 2)), (int) query.getLong(3)));
        }
        held.removeIf(each -> history.head(each.origin()).seq() + 1 != each.seq());
        return held;
    }

    /** Throws away what can no longer be completed, since another change set has taken its place. */
    public void dropOvertaken(Admission.History history) {
        List<Dot> overtaken = new ArrayList<>();
        SqlStatement query = db.prepare("SELECT origin, seq FROM " + waiting + " WHERE space = ?")
                .bind(1, space);
        while (query.step()) {
            overtaken.add(new Dot(Origin.of(blob(query, 0)), query.getLong(1)));
        }
        overtaken.removeIf(dot -> history.head(dot.origin()).seq() < dot.seq());
        overtaken.forEach(this::drop);
    }

    /** Begins to wait for the parts of a change set that admission lets in. */
    public void expect(EncodedChangeSet changeSet) {
        Origin origin = changeSet.header().origin();
        EncodedChangeSet known = waitingOf(origin);
        if (known != null && known.hash().equals(changeSet.hash())) {
            return;
        }
        if (known != null) {
            drop(known.header()
                    .dot()); // Two claim to be the next of one origin: the one that comes now may be whole soon.
        }
        db.prepare("INSERT INTO " + waiting
                        + "(space, origin, seq, hash, bytes, held, size, turn) VALUES (?, ?, ?, ?, ?," + " 0, 0, 0)")
                .bind(1, space)
                .bind(2, origin.bytes())
                .bind(3, changeSet.header().seq())
                .bind(4, changeSet.hash().bytes())
                .bind(5, changeSet.bytes())
                .run();
        takeTurn(origin, 0);
    }

    /** What became of a part that came. */
    public sealed interface Arrival {
        /** It is kept, or was here, or is not the next one: parts of what nobody waits for are passed over. */
        record Waiting() implements Arrival {}

        /** It is not what the change set's list says. */
        record Bad(Admission.BadPart why) implements Arrival {}

        /** It was the last: the change set is whole, and waits no more. */
        record Whole(EncodedChangeSet changeSet) implements Arrival {}
    }

    /** Keeps the next part of a change set that waits. */
    public Arrival take(Part arrived) {
        Origin origin = arrived.origin();
        EncodedChangeSet changeSet = waitingOf(origin);
        if (changeSet == null || changeSet.header().seq() != arrived.seq() || arrived.index() != held(origin)) {
            return new Arrival.Waiting();
        }
        if (!changeSet.parts().matches(arrived.index(), arrived.bytes())) {
            return new Arrival.Bad(new Admission.BadPart(origin, arrived.seq(), arrived.index()));
        }
        put(changeSet.header().dot(), arrived.index(), arrived.bytes());
        if (arrived.index() + 1 == changeSet.parts().count()) {
            forget(origin);
            return new Arrival.Whole(changeSet);
        }
        takeTurn(origin, arrived.bytes().length);
        return new Arrival.Waiting();
    }

    /** Notes that something came for an origin just now, and makes room by dropping what waits longest. */
    private void takeTurn(Origin origin, int bytes) {
        long turn = 1 + db.queryLong("SELECT max(turn) FROM " + waiting);
        db.prepare("UPDATE " + waiting
                        + " SET held = held + ?, size = size + ?, turn = ? WHERE space = ? AND origin = ?")
                .bind(1, bytes > 0 ? 1 : 0)
                .bind(2, bytes)
                .bind(3, turn)
                .bind(4, space)
                .bind(5, origin.bytes())
                .run();
        while (isTooMuch()) {
            dropOldest();
        }
    }

    private boolean isTooMuch() {
        SqlStatement query = db.prepare("SELECT count(*), total(size) FROM " + waiting + " WHERE space = ?")
                .bind(1, space);
        try {
            query.step();
            long count = query.getLong(0);
            return count > 1 && (count > MAX_WAITING || query.getLong(1) > maxWaitingBytes);
        } finally {
            query.reset();
        }
    }

    private void dropOldest() {
        SqlStatement query = db.prepare("SELECT origin, seq FROM " + waiting + " WHERE space = ? ORDER BY turn LIMIT 1")
                .bind(1, space);
        query.step();
        Dot oldest = new Dot(Origin.of(blob(query, 0)), query.getLong(1));
        query.reset();
        drop(oldest);
    }

    private void drop(Dot dot) {
        forget(dot.origin());
        dropParts(dot);
    }

    private void dropParts(Dot dot) {
        db.prepare("DELETE FROM " + part + " WHERE space = ? AND origin = ? AND seq = ?")
                .bind(1, space)
                .bind(2, dot.origin().bytes())
                .bind(3, dot.seq())
                .run();
    }

    private void forget(Origin origin) {
        db.prepare("DELETE FROM " + waiting + " WHERE space = ? AND origin = ?")
                .bind(1, space)
                .bind(2, origin.bytes())
                .run();
    }

    private @Nullable EncodedChangeSet waitingOf(Origin origin) {
        SqlStatement query = db.prepare("SELECT bytes FROM " + waiting + " WHERE space = ? AND origin = ?")
                .bind(1, space)
                .bind(2, origin.bytes());
        try {
            return query.step() ? EncodedChangeSet.of(blob(query, 0)) : null;
        } finally {
            query.reset();
        }
    }

    private int held(Origin origin) {
        SqlStatement query = db.prepare("SELECT held FROM " + waiting + " WHERE space = ? AND origin = ?")
                .bind(1, space)
                .bind(2, origin.bytes());
        try {
            return query.step() ? (int) query.getLong(0) : 0;
        } finally {
            query.reset();
        }
    }

    private static byte[] blob(SqlStatement row, int column) {
        byte[] bytes = row.getBlob(column);
        if (bytes == null) {
            throw new AssertionError("a part without bytes");
        }
        return bytes;
    }
}
