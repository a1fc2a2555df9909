// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import io.anabranch.crdt.CellWrite;
import io.anabranch.crdt.DeletePolicy;
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
import io.anabranch.sync.change.PartSource;
import io.anabranch.sync.change.PartsHeld;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.change.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * A replica of one row with the least store that a peer can have: a list of change sets in the order in which they came. It
 * admits by the shipped rule, merges by the shipped types and fills batches by the shipped builder, one change set to each,
 * so that every exchange takes several. It can be wrong on purpose.
 */
final class ModelPeer implements PeerStore {
    private static final PartSource NO_PARTS = index -> {
        throw new AssertionError("no change set here is in parts");
    };

    /** What a store may get wrong. */
    enum Wrong {
        NOTHING,
        /** Applies what it has once more. */
        TAKES_TWICE,
        /** Forgets in a crash what it took last, and has answered. */
        ANSWERS_BEFORE_IT_IS_DURABLE,
        /** Sends newest first. */
        SENDS_OUT_OF_ORDER,
        /** Sends newest first, and takes it past gaps and before its cause. */
        TAKES_OUT_OF_ORDER,
        /** Gives its next change set the name of the last one. */
        FORGETS_A_DOT
    }

    final int number;
    private final Wrong wrong;
    private final Origin origin;
    private final List<EncodedChangeSet> log;
    /** What a peer said last that it holds. It decides nothing in an exchange. */
    @Nullable
    Heads heard;

    /** What each other peer held at the end of the last exchange with it. */
    final Map<Integer, Heads> remembered;
    /** What was told to a peer last, since the process began. The shipped code remembers more: this one forgets sooner. */
    @Nullable
    Heads told;

    private Heads heads;
    private RowLives<String, Value> row;
    int writesLeft;
    /** The length of the log at the last own write: what came since was only ever taken from others. */
    private int owned;

    ModelPeer(int number, int writesLeft, Wrong wrong) {
        this.number = number;
        this.writesLeft = writesLeft;
        this.wrong = wrong;
        origin = originOf(number);
        log = new ArrayList<>();
        remembered = new TreeMap<>();
        heads = Heads.NONE;
        row = RowLives.none();
    }

    private ModelPeer(ModelPeer other) {
        number = other.number;
        writesLeft = other.writesLeft;
        wrong = other.wrong;
        origin = other.origin;
        log = new ArrayList<>(other.log);
        remembered = new TreeMap<>(other.remembered);
        told = other.told;
        heads = other.heads;
        row = other.row;
        owned = other.owned;
    }

    ModelPeer copy() {
        return new ModelPeer(this);
    }

    static Origin originOf(int number) {
        return Origin.of(0, number + 1);
    }

    Origin origin() {
        return origin;
    }

    List<EncodedChangeSet> log() {
        return log;
    }

    RowLives<String, Value> row() {
        return row;
    }

    // ---- Writing

    /** Writes the next change set: inserts the row where none shows, and else adds, puts and deletes by turns. */
    void write() {
        writesLeft--;
        long last = heads.get(origin).seq();
        long seq = wrong == Wrong.FORGETS_A_DOT && last > 0 ? last : last + 1;
        Dot dot = new Dot(origin, seq);
        // Clocks are far apart on purpose.
        long stamp = 1_000L * (number == 1 ? 9 : number + 1) + log.size();
        RowOp<String, Value> op = op(dot, stamp);
        Head previous = seq == last ? Head.NONE : heads.get(origin);
        ChangeSetHeader header = new ChangeSetHeader(origin, seq, previous.hash(), stamp, context());
        take(ChangeSetCodec.encode(header, List.of(new TableOp.Change("note", List.of(Value.of(1)), op, true))));
        owned = log.size();
    }

    private RowOp<String, Value> op(Dot dot, long stamp) {
        if (!row.isShown()) {
            return row.insert(
                    dot,
                    stamp,
                    DeletePolicy.EDIT_WINS,
                    Map.of("n", new CellWrite.Increment<>(10), "x", new CellWrite.Assign<>(Value.of(stamp))));
        }
        if (dot.seq() + number == 3) {
            return row.delete(dot);
        }
        RowOp<String, Value> edit = row.edit(
                dot, stamp, Map.of("n", new CellWrite.Increment<>(1), "x", new CellWrite.Assign<>(Value.of(stamp))));
        if (edit == null) {
            throw new AssertionError("an edit that changes nothing");
        }
        return edit;
    }

    /** All that is here of others. The shipped code writes only what is new since; a longer list means the same. */
    private List<ContextEntry> context() {
        List<ContextEntry> context = new ArrayList<>();
        heads.entries().forEach((other, head) -> {
            if (!other.equals(origin)) {
                context.add(new ContextEntry(other, head.seq(), head.hash().prefix()));
            }
        });
        return context;
    }

    private void take(EncodedChangeSet set) {
        log.add(set);
        heads = heads.with(Map.of(set.header().origin(), set.head()));
        for (TableOp op : ChangeSetCodec.ops(set)) {
            row = row.apply(((TableOp.Change) op).op());
        }
    }

    /** The process ends, and begins again. */
    void crash() {
        told = null;
        if (wrong == Wrong.ANSWERS_BEFORE_IT_IS_DURABLE && log.size() > owned) {
            List<EncodedChangeSet> durable = new ArrayList<>(log.subList(0, log.size() - 1));
            log.clear();
            heads = Heads.NONE;
            row = RowLives.none();
            durable.forEach(this::take);
        }
    }

    // ---- As a peer

    @Override
    public Heads heads() {
        return heads;
    }

    @Override
    public List<PartsHeld> waiting() {
        return List.of();
    }

    @Override
    public Batch missing(VersionVector peer, @Nullable List<PartsHeld> peerHolds, long maxBytes) {
        BatchBuilder batch = new BatchBuilder(peerHolds, 1);
        boolean isBackwards = wrong == Wrong.SENDS_OUT_OF_ORDER || wrong == Wrong.TAKES_OUT_OF_ORDER;
        for (int i = 0; i < log.size(); i++) {
            EncodedChangeSet set = log.get(isBackwards ? log.size() - 1 - i : i);
            if (set.header().seq() > peer.get(set.header().origin()) && !batch.add(set, NO_PARTS)) {
                break;
            }
        }
        return batch.build();
    }

    @Override
    public Admission accept(List<EncodedChangeSet> sets, List<Part> parts) {
        ModelPeer before = copy();
        for (EncodedChangeSet set : sets) {
            Admission admission = Admission.of(set, new History());
            if (admission instanceof Admission.Next || isWronglyTaken(admission)) {
                take(set);
            } else if (!(admission instanceof Admission.Known)) {
                log.clear();
                log.addAll(before.log);
                heads = before.heads;
                row = before.row;
                return admission;
            }
        }
        return new Admission.Next();
    }

    private boolean isWronglyTaken(Admission admission) {
        boolean isTooEarly = admission instanceof Admission.Gap || admission instanceof Admission.MissingContext;
        return isTooEarly && wrong == Wrong.TAKES_OUT_OF_ORDER
                || admission instanceof Admission.Known && wrong == Wrong.TAKES_TWICE;
    }

    @Override
    public void heard(Origin peer, Heads claimed) {
        heard = claimed;
    }

    /** Answers a request by the shipped rule. */
    Responder.Answer answer(SyncRequest request) {
        BaseVectors bases = new BaseVectors();
        if (told != null) {
            bases.remember(told);
        }
        Responder.Answer answer = new Responder(origin, Hash128.ZERO).answer(request, this, bases, 0);
        if (answer instanceof Responder.Answer.Replied replied
                && !replied.reply().baseUnknown()) {
            told = heads;
        }
        return answer;
    }

    /**
     * Tells two states apart that may go on differently. What was heard from others decides nothing in an exchange.
     *
     * @param numbers tells heads apart
     */
    void describe(StringBuilder out, ToIntFunction<Heads> numbers) {
        out.append(number).append(':').append(writesLeft).append(wrong == Wrong.NOTHING ? 0 : owned);
        for (EncodedChangeSet set : log) {
            out.append(' ').append(set.hash().prefix());
        }
        remembered.forEach(
                (other, what) -> out.append('/').append(other).append('=').append(numbers.applyAsInt(what)));
        out.append('-').append(told == null ? -1 : numbers.applyAsInt(told));
    }

    private final class History implements Admission.History {
        @Override
        public Head head(Origin of) {
            return heads.get(of);
        }

        @Override
        public @Nullable Hash128 hash(Origin of, long seq) {
            for (EncodedChangeSet set : log) {
                if (set.header().origin().equals(of) && set.header().seq() == seq) {
                    return set.hash();
                }
            }
            return null;
        }
    }
}
