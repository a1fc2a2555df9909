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
import io.anabranch.sync.change.PartSource;
import io.anabranch.sync.change.PartsHeld;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.session.Comparison;
import io.anabranch.sync.session.DigestPost;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** One space in a {@link MemoryRelayStore}. Thread-safe. */
final class MemorySpace implements SpaceStore {
    private final MemoryRelayStore store;
    private final MemoryRelayStore.Kept kept;
    private final Room room;

    MemorySpace(MemoryRelayStore store, MemoryRelayStore.Kept kept, Room room) {
        this.store = store;
        this.kept = kept;
        this.room = room;
    }

    /** One space's share. */
    static final class Room {
        private final Hash128 epoch;
        private final Map<Origin, TreeMap<Long, EncodedChangeSet>> log = new TreeMap<>();
        private final Map<Origin, Post> posts = new TreeMap<>();
        private final Map<Origin, Head> heads = new TreeMap<>();
        private final Map<Origin, EncodedChangeSet> waiting = new TreeMap<>();
        private final Map<String, List<Part>> parts = new TreeMap<>();
        private final Map<Snapshot.Id, ByteArrayOutputStream> blobs = new LinkedHashMap<>();
        private final Map<Origin, String> claims = new TreeMap<>();
        private SpaceRecord record = SpaceRecord.EMPTY;

        Room(int number) {
            epoch = new Hash128(1, number);
        }
    }

    private record Post(Hash128 sum, DigestPost post) {}

    @Override
    public Hash128 epoch() {
        return room.epoch;
    }

    @Override
    public Heads heads() {
        synchronized (kept) {
            store.requireOpen();
            return Heads.of(room.heads);
        }
    }

    @Override
    public Head head(Origin origin) {
        synchronized (kept) {
            store.requireOpen();
            return room.heads.getOrDefault(origin, Head.NONE);
        }
    }

    @Override
    public @Nullable Hash128 hash(Origin origin, long seq) {
        synchronized (kept) {
            EncodedChangeSet changeSet =
                    room.log.getOrDefault(origin, new TreeMap<>()).get(seq);
            return changeSet == null ? null : changeSet.hash();
        }
    }

    @Override
    public Admission put(List<EncodedChangeSet> changeSets, List<Part> parts) {
        synchronized (kept) {
            store.requireOpen();
            for (EncodedChangeSet changeSet : changeSets) {
                Hash128 known =
                        hash(changeSet.header().origin(), changeSet.header().seq());
                if (known != null && !known.equals(changeSet.hash())) {
                    return new Admission.Fork(
                            changeSet.header().origin(), changeSet.header().seq());
                }
            }
            Admission.BadPart bad = firstBad(changeSets, parts);
            if (bad != null) {
                return bad;
            }
            changeSets.forEach(this::put);
            parts.forEach(this::put);
            kept.version++;
            return new Admission.Next();
        }
    }

    private Admission.@Nullable BadPart firstBad(List<EncodedChangeSet> changeSets, List<Part> parts) {
        Map<Origin, EncodedChangeSet> expected = new TreeMap<>(room.waiting);
        changeSets.forEach(changeSet -> expected.put(changeSet.header().origin(), changeSet));
        for (Part part : parts) {
            EncodedChangeSet of = expected.get(part.origin());
            if (of != null && of.header().seq() == part.seq() && !of.parts().matches(part.index(), part.bytes())) {
                return new Admission.BadPart(part.origin(), part.seq(), part.index());
            }
        }
        return null;
    }

    private void put(EncodedChangeSet changeSet) {
        Origin origin = changeSet.header().origin();
        if (changeSet.header().seq() <= head(origin).seq()) {
            return;
        }
        if (changeSet.isInParts()) {
            room.waiting.put(origin, changeSet);
        } else {
            append(changeSet);
        }
    }

    private void append(EncodedChangeSet changeSet) {
        Origin origin = changeSet.header().origin();
        room.log
                .computeIfAbsent(origin, each -> new TreeMap<>())
                .put(changeSet.header().seq(), changeSet);
        room.heads.put(origin, changeSet.head());
    }

    private void put(Part part) {
        EncodedChangeSet of = room.waiting.get(part.origin());
        if (of == null || of.header().seq() != part.seq()) {
            return;
        }
        List<Part> here = partsOf(of);
        if (part.index() == here.size()) {
            here.add(part);
        }
        if (here.size() == of.parts().count()) {
            room.waiting.remove(part.origin());
            append(of);
        }
    }

    private List<Part> partsOf(EncodedChangeSet changeSet) {
        return room.parts.computeIfAbsent(changeSet.header().dot().toString(), each -> new ArrayList<>());
    }

    @Override
    public List<EncodedChangeSet> range(Origin origin, long first, long maxBytes) {
        synchronized (kept) {
            List<EncodedChangeSet> found = new ArrayList<>();
            long bytes = 0;
            for (EncodedChangeSet changeSet : room.log
                    .getOrDefault(origin, new TreeMap<>())
                    .tailMap(first)
                    .values()) {
                if (!found.isEmpty() && bytes >= maxBytes) {
                    break;
                }
                found.add(changeSet);
                bytes += changeSet.bytes().length;
            }
            return found;
        }
    }

    @Override
    public PartSource parts(EncodedChangeSet changeSet) {
        return index -> partsOf(changeSet).get(index).bytes();
    }

    @Override
    public List<PartsHeld> waiting() {
        synchronized (kept) {
            return room.waiting.values().stream()
                    .map(each -> new PartsHeld(
                            each.header().origin(),
                            each.header().seq(),
                            each.hash(),
                            partsOf(each).size()))
                    .toList();
        }
    }

    @Override
    public void cut(VersionVector floor) {
        synchronized (kept) {
            floor.entries()
                    .forEach((origin, last) -> room.log
                            .getOrDefault(origin, new TreeMap<>())
                            .headMap(last, true)
                            .clear());
        }
    }

    @Override
    public Usage usage() {
        synchronized (kept) {
            long count = 0;
            long bytes = 0;
            for (TreeMap<Long, EncodedChangeSet> ofOrigin : room.log.values()) {
                count += ofOrigin.size();
                bytes += ofOrigin.values().stream()
                        .mapToLong(each -> each.bytes().length)
                        .sum();
            }
            long snapshots = room.blobs.values().stream()
                    .mapToLong(ByteArrayOutputStream::size)
                    .sum();
            return new Usage(count, bytes, snapshots);
        }
    }

    @Override
    public SpaceRecord record() {
        synchronized (kept) {
            return room.record;
        }
    }

    @Override
    public boolean replace(SpaceRecord known, SpaceRecord next) {
        synchronized (kept) {
            boolean same = room.record.equals(known);
            room.record = same ? SpaceRecord.of(next.bytes()) : room.record;
            return same;
        }
    }

    @Override
    public List<Snapshot.Id> blobs() {
        synchronized (kept) {
            return List.copyOf(room.blobs.keySet());
        }
    }

    @Override
    public long blobLength(Snapshot.Id id) {
        synchronized (kept) {
            ByteArrayOutputStream blob = room.blobs.get(id);
            return blob == null ? 0 : blob.size();
        }
    }

    @Override
    public void appendBlob(Snapshot.Id id, long from, byte[] bytes) {
        synchronized (kept) {
            if (blobLength(id) == from && from + bytes.length <= id.sizeBytes()) {
                room.blobs
                        .computeIfAbsent(id, each -> new ByteArrayOutputStream())
                        .writeBytes(bytes);
            }
        }
    }

    @Override
    public byte[] readBlob(Snapshot.Id id, long from, int maxBytes) {
        synchronized (kept) {
            ByteArrayOutputStream blob = room.blobs.get(id);
            return blob == null || from >= blob.size()
                    ? new byte[0]
                    : Arrays.copyOfRange(blob.toByteArray(), (int) from, (int) Math.min(blob.size(), from + maxBytes));
        }
    }

    @Override
    public void dropBlob(Snapshot.Id id) {
        synchronized (kept) {
            room.blobs.remove(id);
        }
    }

    @Override
    public void putPost(Origin origin, Hash128 sum, DigestPost post) {
        synchronized (kept) {
            room.posts.put(origin, new Post(sum, post));
        }
    }

    @Override
    public List<Comparison.Other> posts(Hash128 sum) {
        synchronized (kept) {
            return room.posts.entrySet().stream()
                    .filter(entry -> entry.getValue().sum.equals(sum))
                    .map(entry -> new Comparison.Other(entry.getKey(), entry.getValue().post))
                    .toList();
        }
    }

    @Override
    public @Nullable String claim(Origin origin, String family, long most) {
        synchronized (kept) {
            if (room.claims.size() < most) {
                room.claims.putIfAbsent(origin, family);
            }
            return room.claims.get(origin);
        }
    }

    @Override
    public @Nullable String claimant(Origin origin) {
        synchronized (kept) {
            return room.claims.get(origin);
        }
    }
}
