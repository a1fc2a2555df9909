// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.ChangeSetCodec;
import io.anabranch.sync.change.ChangeSetHeader;
import io.anabranch.sync.change.ContextEntry;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.PartsHeld;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.session.Batch;
import io.anabranch.sync.session.PeerStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A file with one row, and what is known of it outside: how far each name has been sent from here. Mutable. */
final class ForkNode implements PeerStore, Branches.Held {
    private final int number;

    private Origin self;
    private List<EncodedChangeSet> log = List.of();
    private Heads heads = Heads.NONE;
    private RowLives<String, Value> row = RowLives.none();
    /** Of names that this file wrote under before it was copied: up to where that had been sent. */
    private Map<Origin, Long> carried = Map.of();

    /** Outside the file. */
    private Map<Origin, Long> sent = Map.of();

    private int names;

    ForkNode(int number) {
        this.number = number;
        self = Origin.of(number + 1, 0);
    }

    ForkNode copy() {
        ForkNode copy = new ForkNode(number);
        copy.takeMachine(this);
        copy.names = names;
        return copy;
    }

    void takeMachine(ForkNode other) {
        takeFile(other);
        sent = other.sent;
    }

    void takeFile(ForkNode other) {
        self = other.self;
        log = other.log;
        heads = other.heads;
        row = other.row;
        carried = other.carried;
    }

    /** Takes a copy of another's file, which knows how far it had been sent. */
    void takeCopy(ForkNode other) {
        takeFile(other);
        carried = with(carried, self, other.sent.getOrDefault(self, 0L));
        renew();
    }

    /** Returns up to where a name was sent before this file was copied; endless if it never was this file's. */
    long carriedAfter(Origin origin) {
        return carried.getOrDefault(origin, Long.MAX_VALUE);
    }

    boolean hasSentMore() {
        return sent.getOrDefault(self, 0L) > heads.get(self).seq();
    }

    void renew() {
        self = Origin.of(number + 1, ++names);
    }

    private static Map<Origin, Long> with(Map<Origin, Long> map, Origin origin, long seq) {
        Map<Origin, Long> next = new HashMap<>(map);
        next.merge(origin, seq, Math::max);
        return next;
    }

    // ---- Writing

    Dot next() {
        return new Dot(self, heads.get(self).seq() + 1);
    }

    void write(RowOp<String, Value> op, long stamp) {
        Head head = heads.get(self);
        ChangeSetHeader header = new ChangeSetHeader(self, head.seq() + 1, head.hash(), stamp, contextOf(self));
        take(encode(header, new TableOp.Change("note", List.of(Value.of(1)), op, true)));
    }

    static EncodedChangeSet encode(ChangeSetHeader header, TableOp.Change change) {
        return ChangeSetCodec.encode(header, List.of(change));
    }

    static RowOp<String, Value> op(EncodedChangeSet set) {
        return ((TableOp.Change) ChangeSetCodec.ops(set).get(0)).op();
    }

    /** All that is here of others. */
    List<ContextEntry> contextOf(Origin writer) {
        List<ContextEntry> context = new ArrayList<>();
        heads.entries().forEach((other, head) -> {
            if (!other.equals(writer)) {
                context.add(new ContextEntry(other, head.seq(), head.hash().prefix()));
            }
        });
        return context;
    }

    void take(EncodedChangeSet set) {
        List<EncodedChangeSet> next = new ArrayList<>(log);
        next.add(set);
        log = next;
        heads = heads.with(Map.of(set.header().origin(), set.head()));
        row = row.apply(op(set));
    }

    /** Holds all that a peer holds, and nothing else. */
    void begin(List<EncodedChangeSet> all) {
        log = List.of();
        heads = Heads.NONE;
        row = RowLives.none();
        all.forEach(this::take);
    }

    // ---- What is here

    List<EncodedChangeSet> log() {
        return log;
    }

    RowLives<String, Value> row() {
        return row;
    }

    List<EncodedChangeSet> after(Origin origin, long common) {
        List<EncodedChangeSet> after = new ArrayList<>();
        for (EncodedChangeSet set : log) {
            if (set.header().origin().equals(origin) && set.header().seq() > common) {
                after.add(set);
            }
        }
        return after;
    }

    /** Returns the last change set of an origin that is in both histories. */
    long commonPrefix(Origin origin, List<EncodedChangeSet> others) {
        long common = 0;
        for (EncodedChangeSet set : others) {
            if (set.header().origin().equals(origin)) {
                if (!set.hash().equals(hash(origin, set.header().seq()))) {
                    return common;
                }
                common = set.header().seq();
            }
        }
        return common;
    }

    /** Marks which changes are here, by whatever name. */
    void markHeld(boolean[] held) {
        String sum = new StringBuilder(row.counter("n").toString()).reverse().toString();
        for (int i = 0; i < Math.min(held.length, sum.length()); i++) {
            held[i] |= sum.charAt(i) != '0';
        }
    }

    @Override
    public Origin self() {
        return self;
    }

    /** Looks at the same from the view of one who writes under another name, without what was written here. */
    Branches.Held writingAs(Origin name) {
        return new Branches.Held() {
            @Override
            public Origin self() {
                return name;
            }

            @Override
            public Heads heads() {
                return name.equals(self) ? heads : heads.with(Map.of(self, Head.NONE));
            }

            @Override
            public long floor(Origin origin) {
                return 0;
            }

            @Override
            public @Nullable Hash128 hash(Origin origin, long seq) {
                return ForkNode.this.hash(origin, seq);
            }
        };
    }

    @Override
    public Heads heads() {
        return heads;
    }

    @Override
    public long floor(Origin origin) {
        return 0;
    }

    @Override
    public @Nullable Hash128 hash(Origin origin, long seq) {
        for (EncodedChangeSet set : log) {
            if (set.header().origin().equals(origin) && set.header().seq() == seq) {
                return set.hash();
            }
        }
        return null;
    }

    boolean holds(EncodedChangeSet set) {
        return set.hash().equals(hash(set.header().origin(), set.header().seq()));
    }

    /** Returns what the writer of a change set had seen, and before the first of a branch what that goes on from. */
    List<ContextEntry> seenBy(EncodedChangeSet set, long common) {
        List<ContextEntry> seen = new ArrayList<>(set.header().context());
        Hash128 before = hash(set.header().origin(), common);
        if (before != null && set.header().seq() == common + 1) {
            seen.add(new ContextEntry(set.header().origin(), common, before.prefix()));
        }
        seen.sort(Comparator.comparing(ContextEntry::origin));
        return seen;
    }

    // ---- As a peer

    @Override
    public List<PartsHeld> waiting() {
        return List.of();
    }

    @Override
    public Batch missing(VersionVector peer, @Nullable List<PartsHeld> peerHolds, long maxBytes) {
        List<EncodedChangeSet> sets = new ArrayList<>();
        for (EncodedChangeSet set : log) {
            if (!peer.contains(set.header().dot())) {
                sets.add(set);
                if (set.header().origin().equals(self)) {
                    sent = with(sent, self, set.header().seq());
                }
            }
        }
        return new Batch(sets, List.of(), false);
    }

    @Override
    public Admission accept(List<EncodedChangeSet> sets, List<Part> parts) {
        ForkNode before = copy();
        long ownSeq = heads.get(self).seq();
        for (EncodedChangeSet set : sets) {
            Admission admission = Admission.of(set, history);
            if (admission instanceof Admission.Next) {
                take(set);
            } else if (!(admission instanceof Admission.Known)) {
                log = before.log;
                heads = before.heads;
                row = before.row;
                return admission;
            }
        }
        if (heads.get(self).seq() > ownSeq) {
            renew(); // Somebody knew more of this name: the file was put back.
        }
        return new Admission.Next();
    }

    private final Admission.History history = new Admission.History() {
        @Override
        public Head head(Origin origin) {
            return heads.get(origin);
        }

        @Override
        public @Nullable Hash128 hash(Origin origin, long seq) {
            return ForkNode.this.hash(origin, seq);
        }
    };

    void describe(StringBuilder out) {
        out.append('\n').append(number).append(self).append(names);
        for (EncodedChangeSet set : log) {
            out.append(' ').append(set.hash().prefix());
        }
        out.append(new TreeMap<>(sent)).append(new TreeMap<>(carried));
    }

    @Override
    public String toString() {
        return String.valueOf(number);
    }
}
