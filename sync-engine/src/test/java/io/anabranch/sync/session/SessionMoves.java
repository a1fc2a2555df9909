// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.ChangeSetCodec;
import io.anabranch.sync.change.ContextEntry;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.session.SyncSession.Effect;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * What a peer, an exchange and a message can be like, each under a number, and what becomes of them. The shipped {@link SyncSession} and
 * {@link Responder} are pure: what they make of a store and a message they make of it always. So they are run once for each
 * pair that ever meets, and looked up from then on. Confined to one thread.
 */
final class SessionMoves {
    private static final int MOST_EFFECTS = 60;
    private static final int BITS_OF_SEQ = 4;

    /** No exchange: none is under way, or it has ended. */
    static final int NONE = 0;

    /** A peer as it is at one moment. Not to be changed. */
    private static final class Peer {
        private final ModelPeer is;
        private final int reach;
        /** How far it believes that each other reaches; -1 where it believes nothing. */
        private final int[] believes;

        private final @Nullable String fault;
        private int written = -1;
        private int crashed = -1;
        private int withoutTold = -1;

        Peer(ModelPeer is, int replicas) {
            this.is = is;
            reach = reach(is.heads());
            believes = new int[replicas];
            for (int i = 0; i < replicas; i++) {
                Heads remembered = is.remembered.get(i);
                believes[i] = remembered == null ? -1 : reach(remembered);
            }
            fault = faultOf(is);
        }
    }

    /** One exchange under way: a request that travels, or an answer that does; the session must not be changed. */
    private record Exchange(int from, int to, SyncSession session, int request, int answer) {}

    /** What comes of a step: the peer, and what it says; what the peer was told that the asker holds, if anything. */
    private record Outcome(
            int peer, int said, int heard, @Nullable String fault) {}

    private final int replicas;
    private final boolean remember;

    private final List<Peer> peers = new ArrayList<>();
    private final Map<String, Integer> peersByName = new HashMap<>();
    private final List<SyncRequest> requests = new ArrayList<>();
    private final Map<String, Integer> requestsByName = new HashMap<>();
    private final List<Responder.Answer> answers = new ArrayList<>();
    private final Map<String, Integer> answersByName = new HashMap<>();
    private final List<Exchange> exchanges = new ArrayList<>();
    private final Map<String, Integer> exchangesByName = new HashMap<>();
    private final Map<Heads, Integer> heads = new HashMap<>();

    private final List<Outcome> outcomes = new ArrayList<>();
    private final List<PairMemo> asked = new ArrayList<>();
    private final PairMemo answered = new PairMemo();
    private final PairMemo waiting = new PairMemo();
    private final PairMemo heard = new PairMemo();
    private final List<PairMemo> settled = new ArrayList<>();

    /** @param remember whether peers remember from one exchange to the next what the other held */
    SessionMoves(int replicas, boolean remember) {
        this.replicas = replicas;
        this.remember = remember;
        exchanges.add(null); // The number of none.
        for (int i = 0; i < replicas; i++) {
            asked.add(new PairMemo());
            settled.add(new PairMemo());
        }
    }

    // ---- Steps

    int start(int number, int writes, ModelPeer.Wrong wrong) {
        return number(new ModelPeer(number, writes, wrong));
    }

    boolean maySay(int peer) {
        return peers.get(peer).is.writesLeft > 0;
    }

    boolean holdsAny(int peer) {
        return !peers.get(peer).is.log().isEmpty();
    }

    int write(int peer) {
        Peer self = peers.get(peer);
        if (self.written < 0) {
            ModelPeer next = self.is.copy();
            next.write();
            self.written = number(next);
        }
        return self.written;
    }

    int crash(int peer) {
        Peer self = peers.get(peer);
        if (self.crashed < 0) {
            ModelPeer next = self.is.copy();
            next.crash();
            self.crashed = number(next);
        }
        return self.crashed;
    }

    boolean hasTold(int peer) {
        return peers.get(peer).is.told != null;
    }

    /** Returns whether a peer would name to another what that told last. */
    boolean names(int peer, int other) {
        ModelPeer asked = peers.get(other).is;
        Heads named = peers.get(peer).is.remembered.get(asked.number);
        return named != null && named.equals(asked.told);
    }

    int forgetTold(int peer) {
        Peer self = peers.get(peer);
        if (self.withoutTold < 0) {
            ModelPeer next = self.is.copy();
            next.told = null;
            self.withoutTold = number(next);
        }
        return self.withoutTold;
    }

    /** Begins an exchange. */
    int ask(int peer, int other) {
        int known = asked.get(other).get(peer, 0);
        if (known < 0) {
            ModelPeer self = peers.get(peer).is.copy();
            if (!remember) {
                self.remembered.remove(other);
            }
            SyncSession session = new SyncSession(self.origin(), self.remembered.get(other));
            known = carryOut(self, other, session, session.begin(self.heads(), List.of()));
            asked.get(other).put(peer, 0, known);
        }
        return known;
    }

    /** A request comes to a peer. */
    int answer(int peer, int request) {
        int known = answered.get(peer, request);
        if (known < 0) {
            ModelPeer self = peers.get(peer).is.copy();
            self.heard = null;
            Responder.Answer answer = self.answer(requests.get(request));
            int held = self.heard == null ? 0 : reach(self.heard);
            known = add(new Outcome(number(self), number(answer), held, null));
            answered.put(peer, request, known);
        }
        return known;
    }

    /** Returns the exchange whose request was answered. */
    int answered(int exchange, int answer) {
        int known = waiting.get(exchange, answer);
        if (known < 0) {
            Exchange asked = exchanges.get(exchange);
            known = number(new Exchange(asked.from, asked.to, asked.session, -1, answer));
            waiting.put(exchange, answer, known);
        }
        return known;
    }

    /** The answer comes to the peer that asked. */
    int hear(int peer, int exchange) {
        int known = heard.get(peer, exchange);
        if (known < 0) {
            Exchange before = exchanges.get(exchange);
            SyncSession session = copyOf(before.session);
            Responder.Answer answer = answers.get(before.answer);
            Effect next = answer instanceof Responder.Answer.Refused refused
                    ? session.refused(refused.why())
                    : session.received(((Responder.Answer.Replied) answer).reply());
            known = carryOut(peers.get(peer).is.copy(), before.to, session, next);
            heard.put(peer, exchange, known);
        }
        return known;
    }

    boolean isAnswered(int exchange) {
        return exchanges.get(exchange).answer >= 0;
    }

    int request(int exchange) {
        return exchanges.get(exchange).request;
    }

    int asker(int request) {
        return numberOf(requests.get(request).origin());
    }

    // ---- What comes of a step

    int peer(int outcome) {
        return outcomes.get(outcome).peer;
    }

    /** Returns the exchange as it goes on, or the answer. */
    int said(int outcome) {
        return outcomes.get(outcome).said;
    }

    int heard(int outcome) {
        return outcomes.get(outcome).heard;
    }

    @Nullable
    String fault(int outcome) {
        return outcomes.get(outcome).fault;
    }

    private int add(Outcome outcome) {
        outcomes.add(outcome);
        return outcomes.size() - 1;
    }

    /** As the shipped driver does, until there is a request to send or the exchange ends. */
    private int carryOut(ModelPeer self, int other, SyncSession session, Effect first) {
        Effect effect = first;
        while (!(effect instanceof Effect.Done done)) {
            if (effect instanceof Effect.Load load) {
                Batch batch = self.missing(load.peer(), load.peerHolds(), load.maxBytes());
                effect = session.loaded(self.heads(), batch);
            } else if (effect instanceof Effect.Send send) {
                int request = number(send.request());
                int next = number(new Exchange(self.number, other, session, request, -1));
                return add(new Outcome(number(self), next, 0, null));
            } else {
                Effect.Apply apply = (Effect.Apply) effect;
                Admission admission = self.accept(apply.changeSets(), apply.parts());
                if (admission instanceof Admission.Next) {
                    self.remembered.put(other, apply.peer());
                    effect = session.applied(
                            self.heads(), List.of(), apply.changeSets().size());
                } else {
                    effect = session.rejected(admission);
                }
            }
        }
        String fault = faultAtTheEnd(self, other, done.outcome());
        if (!remember) {
            self.remembered.clear();
        }
        return add(new Outcome(number(self), NONE, 0, fault));
    }

    private static @Nullable String faultAtTheEnd(ModelPeer self, int other, SyncOutcome outcome) {
        if (!(outcome instanceof SyncOutcome.Settled)) {
            return "an exchange of " + self.number + " with " + other + " ended " + outcome;
        }
        return self.heads().equals(self.remembered.get(other))
                ? null
                : self.number + " says that it settled with " + other + " and knows that it did not";
    }

    /** Lets two exchange with nothing in the way. */
    int exchange(int one, int two) {
        int other = peers.get(two).is.number;
        int known = settled.get(other).get(one, two);
        if (known < 0) {
            known = exchangeNow(one, two, other);
            settled.get(other).put(one, two, known);
        }
        return known;
    }

    private int exchangeNow(int one, int two, int other) {
        int asking = one;
        int asked = two;
        int outcome = ask(asking, other);
        for (int effects = 0; said(outcome) != NONE; effects++) {
            asking = peer(outcome);
            if (effects > MOST_EFFECTS) {
                String fault = "with nothing in the way, an exchange with " + other + " never ends";
                return add(new Outcome(asking, asked, 0, fault));
            }
            int answer = answer(asked, request(said(outcome)));
            asked = peer(answer);
            outcome = hear(asking, answered(said(outcome), said(answer)));
        }
        return add(new Outcome(peer(outcome), asked, 0, fault(outcome)));
    }

    // ---- What must hold

    /** Returns whether a peer holds as much as is said of it. */
    boolean holds(int peer, int reach) {
        return !isBeyond(reach, peers.get(peer).reach);
    }

    /** Returns whether a peer believes of another what that does not hold. */
    boolean isWrongAbout(int peer, int other) {
        Peer held = peers.get(other);
        int believed = peers.get(peer).believes[held.is.number];
        return believed >= 0 && isBeyond(believed, held.reach);
    }

    private static boolean isBeyond(int believed, int held) {
        for (int shift = 0; shift < 32; shift += BITS_OF_SEQ) {
            if ((believed >>> shift & 15) > (held >>> shift & 15)) {
                return true;
            }
        }
        return false;
    }

    boolean holdsTheSame(int one, int other) {
        return peers.get(one).is.heads().equals(peers.get(other).is.heads());
    }

    /** Returns what is wrong with what a peer holds; null if nothing is. */
    @Nullable
    String faultOf(int peer) {
        return peers.get(peer).fault;
    }

    /** Returns a name that is another change set at each of two peers; null if there is none. */
    @Nullable
    Dot ambiguous(int one, int other) {
        if (one == other) {
            return null;
        }
        Map<Dot, Hash128> known = new HashMap<>();
        peers.get(one).is.log().forEach(set -> known.put(set.header().dot(), set.hash()));
        for (EncodedChangeSet set : peers.get(other).is.log()) {
            if (!set.hash().equals(known.getOrDefault(set.header().dot(), set.hash()))) {
                return set.header().dot();
            }
        }
        return null;
    }

    /** Gapless, causes first, each once, and the row is what they make of it in another order. */
    private static @Nullable String faultOf(ModelPeer peer) {
        Map<Origin, Long> seen = new HashMap<>();
        for (EncodedChangeSet set : peer.log()) {
            Dot dot = set.header().dot();
            if (seen.merge(dot.origin(), 1L, Long::sum) != dot.seq()) {
                return peer.number + " took " + dot + " behind a gap, or again";
            }
            for (ContextEntry cause : set.header().context()) {
                if (seen.getOrDefault(cause.origin(), 0L) < cause.seq()) {
                    return peer.number + " took " + dot + " before its cause";
                }
            }
        }
        return peer.row().equals(expected(peer)) ? null : peer.number + " shows " + peer.row() + " for " + peer.heads();
    }

    /** The row by its own change sets, smallest dot first of those whose causes are there: one order for all who hold the same. */
    private static RowLives<String, Value> expected(ModelPeer peer) {
        RowLives<String, Value> row = RowLives.none();
        Map<Origin, Long> seen = new HashMap<>();
        Set<EncodedChangeSet> left = new HashSet<>(peer.log());
        while (!left.isEmpty()) {
            EncodedChangeSet next = left.stream()
                    .filter(set -> isReady(set, seen))
                    .min((a, b) -> a.header().dot().compareTo(b.header().dot()))
                    .orElseThrow();
            left.remove(next);
            seen.put(next.header().origin(), next.header().seq());
            for (TableOp op : ChangeSetCodec.ops(next)) {
                row = row.apply(((TableOp.Change) op).op());
            }
        }
        return row;
    }

    private static boolean isReady(EncodedChangeSet set, Map<Origin, Long> seen) {
        return seen.getOrDefault(set.header().origin(), 0L) == set.header().seq() - 1
                && set.header().context().stream()
                        .allMatch(cause -> seen.getOrDefault(cause.origin(), 0L) >= cause.seq());
    }

    // ---- Numbers: two that go on alike have one

    private int number(ModelPeer peer) {
        StringBuilder out = new StringBuilder();
        peer.describe(out, this::number);
        String name = out.toString();
        Integer known = peersByName.get(name);
        if (known == null) {
            known = peers.size();
            peers.add(new Peer(peer, replicas));
            peersByName.put(name, known);
        }
        return known;
    }

    private int number(Heads of) {
        return heads.computeIfAbsent(of, h -> heads.size());
    }

    private int number(SyncRequest request) {
        String name = request.origin() + " " + request.head() + request.sum() + request.base()
                + names(request.changes()) + hashes(request.changeSets());
        return requestsByName.computeIfAbsent(name, n -> {
            requests.add(request);
            return requests.size() - 1;
        });
    }

    private int number(Responder.Answer answer) {
        String name = String.valueOf(answer);
        if (answer instanceof Responder.Answer.Replied replied) {
            SyncReply reply = replied.reply();
            name = reply.peer() + " " + reply.sum() + reply.baseUnknown() + reply.knownOfYou() + reply.more()
                    + names(reply.changes()) + hashes(reply.changeSets());
        }
        return answersByName.computeIfAbsent(name, n -> {
            answers.add(answer);
            return answers.size() - 1;
        });
    }

    private int number(Exchange exchange) {
        String name = exchange.from + ">" + exchange.to + " " + exchange.request + " " + exchange.answer + " "
                + describe(exchange.session);
        return exchangesByName.computeIfAbsent(name, n -> {
            exchanges.add(exchange);
            return exchanges.size() - 1;
        });
    }

    private static String names(SortedMap<Origin, Head> changes) {
        StringBuilder out = new StringBuilder();
        changes.forEach((origin, head) -> out.append(numberOf(origin)).append(head));
        return out.toString();
    }

    private static List<Hash128> hashes(List<EncodedChangeSet> sets) {
        List<Hash128> hashes = new ArrayList<>();
        sets.forEach(set -> hashes.add(set.hash()));
        return hashes;
    }

    private static int numberOf(Origin origin) {
        return (int) origin.low() - 1;
    }

    /** Returns how far heads reach of each replica, as one number. */
    private static int reach(Heads heads) {
        int reach = 0;
        for (Map.Entry<Origin, Head> entry : heads.entries().entrySet()) {
            reach |= (int) entry.getValue().seq() << BITS_OF_SEQ * numberOf(entry.getKey());
        }
        return reach;
    }

    // ---- Looking into a session

    /** What a session only counts for its report. */
    private static final Set<String> REPORTED = Set.of("sent", "received", "onTheWay");

    private static final List<Field> FIELDS = fields();

    private static List<Field> fields() {
        List<Field> fields = new ArrayList<>();
        for (Field field : SyncSession.class.getDeclaredFields()) {
            if (!java.lang.reflect.Modifier.isStatic(field.getModifiers())) {
                field.setAccessible(true);
                fields.add(field);
            }
        }
        return fields;
    }

    /** All that a session holds, but for what counts parts and snapshots, of which there are none here. */
    private String describe(SyncSession session) {
        StringBuilder out = new StringBuilder();
        for (Field field : FIELDS) {
            Object value = get(field, session);
            boolean isOfParts = value instanceof PartsProgress || value instanceof SnapshotProgress;
            if (value instanceof Heads known) {
                out.append(number(known)).append(';');
            } else if (!isOfParts && !REPORTED.contains(field.getName())) {
                out.append(value).append(';');
            }
        }
        return out.toString();
    }

    private static SyncSession copyOf(SyncSession session) {
        SyncSession copy = new SyncSession(ModelPeer.originOf(0), null);
        for (Field field : FIELDS) {
            try {
                Object value = get(field, session);
                field.set(copy, value instanceof Set<?> set ? new HashSet<>(set) : value);
            } catch (IllegalAccessException e) {
                throw new AssertionError(e);
            }
        }
        return copy;
    }

    private static @Nullable Object get(Field field, SyncSession session) {
        try {
            return field.get(session);
        } catch (IllegalAccessException e) {
            throw new AssertionError(e);
        }
    }
}
