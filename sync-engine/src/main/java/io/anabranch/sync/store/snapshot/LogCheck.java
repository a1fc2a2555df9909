// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.snapshot;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.Verification.Kind;
import io.anabranch.sync.change.ContextEntry;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.PartSource;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.log.PartStore;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a log from its first change set to its last and checks that each is what its origin wrote, follows the one before, and
 * comes after all that its writer had seen. Confined to one connection.
 */
public final class LogCheck {
    private final SqlDatabase db;
    private final PartStore parts;
    private final Problems problems;
    private final Map<Long, Origin> origins = new HashMap<>();
    private final Map<Origin, Long> floors = new HashMap<>();
    /** What the change sets read so far, and the snapshot before them, bring the heads to. */
    private final TreeMap<Origin, Head> heads = new TreeMap<>();

    private long changeSets;

    LogCheck(SqlDatabase db, PartStore parts, Problems problems, Heads covered) {
        this.db = db;
        this.parts = parts;
        this.problems = problems;
        heads.putAll(covered.entries());
    }

    /** Calls {@code each} for every change set whose bytes are what they were, in order of arrival. */
    void run(Consumer<EncodedChangeSet> each) {
        readOrigins();
        SqlStatement query = db.prepare("SELECT lsn, origin, seq, hash, bytes FROM _ab_log ORDER BY lsn");
        while (query.step()) {
            changeSets++;
            EncodedChangeSet changeSet = read(query);
            if (changeSet != null) {
                follow(changeSet);
                each.accept(changeSet);
            }
        }
        compareHeads();
    }

    long changeSets() {
        return changeSets;
    }

    /** Returns the heads that snapshot and log make. */
    public Heads heads() {
        return Heads.of(heads);
    }

    private void readOrigins() {
        SqlStatement query = db.prepare("SELECT id, origin, floor FROM _ab_origin");
        while (query.step()) {
            byte[] origin = query.getBlob(1);
            if (origin == null || origin.length != Origin.SIZE_BYTES) {
                problems.add(Kind.HEADS, "row " + query.getLong(0) + " of _ab_origin names no origin");
            } else {
                origins.put(query.getLong(0), Origin.of(origin));
                floors.put(Origin.of(origin), query.getLong(2));
            }
        }
    }

    private @Nullable EncodedChangeSet read(SqlStatement row) {
        String name = "row " + row.getLong(0) + " of _ab_log";
        Origin origin = origins.get(row.getLong(1));
        if (origin == null) {
            problems.add(Kind.LOG, name + " is of origin number " + row.getLong(1) + ", which _ab_origin lacks");
        }
        byte[] bytes = row.getBlob(4);
        byte[] hash = row.getBlob(3);
        try {
            EncodedChangeSet changeSet = EncodedChangeSet.of(bytes == null ? new byte[0] : bytes);
            if (origin != null && !origin.equals(changeSet.header().origin())
                    || row.getLong(2) != changeSet.header().seq()) {
                problems.add(
                        Kind.LOG,
                        name + " holds " + Replay.name(changeSet.header().dot()) + " under another name");
            } else if (hash == null
                    || hash.length != Hash128.SIZE_BYTES
                    || !Hash128.of(hash).equals(changeSet.hash())) {
                problems.addAltered(Replay.name(changeSet.header().dot()) + " was altered: its bytes hash to "
                        + changeSet.hash() + ", not to what was noted when it came");
                return null;
            }
            return hasItsParts(changeSet) ? changeSet : null;
        } catch (DecodeException e) {
            problems.addAltered(name + " was altered and cannot be read: " + e.getMessage());
            return null;
        }
    }

    private boolean hasItsParts(EncodedChangeSet changeSet) {
        PartSource source = parts.of(changeSet);
        for (int i = 0; i < changeSet.parts().count(); i++) {
            try {
                source.part(i);
            } catch (AssertionError e) {
                problems.add(Kind.LOG, String.valueOf(e.getMessage()));
                return false;
            }
        }
        return true;
    }

    private void follow(EncodedChangeSet changeSet) {
        Origin origin = changeSet.header().origin();
        long seq = changeSet.header().seq();
        if (seq <= floors.getOrDefault(origin, 0L)) {
            return; // Kept for what is not understood in it; the snapshot stands for the chain.
        }
        Head before = heads.getOrDefault(origin, Head.NONE);
        if (seq <= before.seq()) {
            return; // The snapshot covers it, and it is still here for peers.
        }
        if (seq != before.seq() + 1) {
            problems.add(
                    Kind.LOG,
                    "the log lacks change sets " + (before.seq() + 1) + " to " + (seq - 1) + " of origin " + origin);
        } else if (!changeSet.header().previousHash().equals(before.hash())) {
            problems.add(Kind.LOG, Replay.name(changeSet.header().dot()) + " does not follow the one before it");
        }
        for (ContextEntry entry : changeSet.header().context()) {
            if (entry.seq() > heads.getOrDefault(entry.origin(), Head.NONE).seq()) {
                problems.add(
                        Kind.LOG,
                        Replay.name(changeSet.header().dot()) + " comes before what its writer had seen: change set "
                                + entry.seq() + " of origin " + entry.origin());
            }
        }
        heads.put(origin, changeSet.head());
    }

    private void compareHeads() {
        TreeMap<Origin, Head> noted = new TreeMap<>();
        SqlStatement query = db.prepare("SELECT id, seq, hash FROM _ab_origin WHERE seq > 0");
        while (query.step()) {
            Origin origin = origins.get(query.getLong(0));
            byte[] hash = query.getBlob(2);
            if (origin != null && hash != null && hash.length == Hash128.SIZE_BYTES) {
                noted.put(origin, new Head(query.getLong(1), Hash128.of(hash)));
            }
        }
        heads.forEach((origin, head) -> {
            if (!head.equals(noted.get(origin))) {
                compareHead(origin, head, noted.getOrDefault(origin, Head.NONE));
            }
        });
        noted.forEach((origin, head) -> {
            if (!heads.containsKey(origin)) {
                problems.add(
                        Kind.HEADS,
                        "_ab_origin has origin " + origin + " at " + head.seq() + ", and the log holds nothing of it");
            }
        });
    }

    /** A hash that no change set here has is that of one that was lost: another number or hash is somebody's alteration. */
    private void compareHead(Origin origin, Head head, Head noted) {
        String message = "_ab_origin has origin " + origin + " at " + noted.seq() + ", and the log at " + head.seq()
                + (noted.seq() == head.seq() ? ", with another hash" : "");
        if (noted.seq() > head.seq() && !noted.hash().equals(head.hash())) {
            problems.add(Kind.HEADS, message);
        } else {
            problems.addMendable(Kind.HEADS, message);
        }
    }
}
