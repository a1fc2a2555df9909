// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.Codecs;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.HeadsCodec;
import io.anabranch.sync.change.Snapshot;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The little that a relay remembers of a space beside its change sets. Immutable. O(origins) for each vector in it.
 *
 * @param floor up to here the log may have been cut: who lacks something of it needs snapshots
 * @param fence an origin's own change sets are taken only if their writer had seen all of this; rises only
 * @param purged what was hidden before this may be forgotten by all; rises only, never above the fence
 * @param marks what was held at some times in the past, in order of time
 * @param snapshots those that are whole: together they stand for everything up to the floor
 * @param relays what the relays of this space have said of themselves, this one too
 */
public record SpaceRecord(
        VersionVector floor,
        VersionVector fence,
        VersionVector purged,
        List<Mark> marks,
        List<Kept> snapshots,
        SortedMap<Origin, Word> relays) {
    public static final SpaceRecord EMPTY = new SpaceRecord(
            VersionVector.EMPTY, VersionVector.EMPTY, VersionVector.EMPTY, List.of(), List.of(), new TreeMap<>());

    private static final int FORMAT = 1;
    private static final int MET = 1;
    private static final int FORGOTTEN = 2;

    /** What was held at a time. */
    public record Mark(long atMillis, VersionVector vector) {}

    /** A snapshot that is here whole. */
    public record Kept(Snapshot.Id id, Heads heads) {}

    /**
     * What a relay said: by what it fences, and what it held when it said so. Of itself a relay remembers by what it has fenced
     * for some time.
     *
     * @param settled what it fenced by when it said the last word of which everything is here that it held then
     * @param met whether there was ever such a word
     * @param forgotten whether it is gone for good: nothing waits for it, and nothing is taken from it, any more
     */
    public record Word(VersionVector fence, VersionVector held, VersionVector settled, boolean met, boolean forgotten) {
        public static final Word NONE =
                new Word(VersionVector.EMPTY, VersionVector.EMPTY, VersionVector.EMPTY, false, false);

        public Word forget() {
            return new Word(VersionVector.EMPTY, VersionVector.EMPTY, VersionVector.EMPTY, met, true);
        }

        private int flags() {
            return (met ? MET : 0) | (forgotten ? FORGOTTEN : 0);
        }
    }

    public SpaceRecord {
        marks = List.copyOf(marks);
        snapshots = List.copyOf(snapshots);
        relays = Collections.unmodifiableSortedMap(new TreeMap<>(relays));
    }

    /** Returns what the snapshots stand for: the furthest head of each origin. */
    public Heads covered() {
        Heads covered = Heads.NONE;
        for (Kept snapshot : snapshots) {
            covered = furthest(covered, snapshot.heads());
        }
        return covered;
    }

    /** Returns the head that is further of each origin. */
    public static Heads furthest(Heads a, Heads b) {
        TreeMap<Origin, Head> ahead = new TreeMap<>();
        b.entries().forEach((origin, head) -> {
            if (head.seq() > a.get(origin).seq()) {
                ahead.put(origin, head);
            }
        });
        return a.with(ahead);
    }

    public SpaceRecord withFloor(VersionVector next) {
        return new SpaceRecord(next, fence, purged, marks, snapshots, relays);
    }

    public SpaceRecord withFence(VersionVector next) {
        return new SpaceRecord(floor, next, purged, marks, snapshots, relays);
    }

    public SpaceRecord withPurged(VersionVector next) {
        return new SpaceRecord(floor, fence, next, marks, snapshots, relays);
    }

    public SpaceRecord withMarks(List<Mark> next) {
        return new SpaceRecord(floor, fence, purged, next, snapshots, relays);
    }

    public SpaceRecord withSnapshots(List<Kept> next) {
        return new SpaceRecord(floor, fence, purged, marks, next, relays);
    }

    public SpaceRecord withRelay(Origin relay, Word word) {
        TreeMap<Origin, Word> next = new TreeMap<>(relays);
        next.put(relay, word);
        return new SpaceRecord(floor, fence, purged, marks, snapshots, next);
    }

    // ---- Bytes

    public byte[] bytes() {
        ByteWriter out = new ByteWriter(256);
        out.u8(FORMAT);
        write(floor, out);
        write(fence, out);
        write(purged, out);
        out.varint(marks.size());
        for (Mark mark : marks) {
            out.zigzag(mark.atMillis);
            write(mark.vector, out);
        }
        out.varint(snapshots.size());
        for (Kept kept : snapshots) {
            kept.id.hash().write(out);
            out.varint(kept.id.sizeBytes());
            HeadsCodec.write(kept.heads.entries(), out);
        }
        out.varint(relays.size());
        relays.forEach((relay, word) -> {
            out.origin(relay);
            write(word.fence, out);
            write(word.held, out);
            write(word.settled, out);
            out.u8(word.flags());
        });
        return out.toByteArray();
    }

    private static void write(VersionVector vector, ByteWriter out) {
        Codecs.versionVector().write(vector, out);
    }

    /** @throws io.anabranch.crdt.codec.DecodeException if these are no bytes of a record */
    public static SpaceRecord of(byte[] bytes) {
        ByteReader in = new ByteReader(bytes);
        if (in.u8() != FORMAT) {
            throw in.error("a record of format " + FORMAT, "another");
        }
        VersionVector floor = vector(in);
        VersionVector fence = vector(in);
        VersionVector purged = vector(in);
        List<Mark> marks = new ArrayList<>();
        for (int n = in.count(2, "marks"); n > 0; n--) {
            marks.add(new Mark(in.zigzag(), vector(in)));
        }
        List<Kept> snapshots = new ArrayList<>();
        for (int n = in.count(Hash128.SIZE_BYTES + 2, "snapshots"); n > 0; n--) {
            Snapshot.Id id = new Snapshot.Id(Hash128.read(in), in.varint(1, Long.MAX_VALUE, "a size"));
            snapshots.add(new Kept(id, Heads.of(HeadsCodec.read(in))));
        }
        TreeMap<Origin, Word> relays = new TreeMap<>();
        for (int n = in.count(Origin.SIZE_BYTES + 4, "relays"); n > 0; n--) {
            relays.put(in.origin(), word(in));
        }
        in.end();
        return new SpaceRecord(floor, fence, purged, marks, snapshots, relays);
    }

    private static Word word(ByteReader in) {
        VersionVector fence = vector(in);
        VersionVector held = vector(in);
        VersionVector settled = vector(in);
        int flags = in.u8();
        return new Word(fence, held, settled, (flags & MET) != 0, (flags & FORGOTTEN) != 0);
    }

    private static VersionVector vector(ByteReader in) {
        return Codecs.versionVector().read(in);
    }
}
