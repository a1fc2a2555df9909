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
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Few replicas, the exchanges between them and the messages under way, at one moment, and all that can happen next. Both sides
 * of an exchange are the shipped {@link SyncSession} and {@link Responder}.
 */
final class SessionWorld {
    private static final int MOST_EFFECTS = 60;

    /**
     * How much may happen.
     *
     * @param writes how many change sets each replica may write
     * @param faults how many messages may be lost, doubled or late, and processes crash, together
     * @param asking how many exchanges may be under way at once
     */
    record Scope(int replicas, int writes, int faults, int asking, ModelPeer.Wrong wrong) {}

    /** Something that can happen. */
    record Step(String name, Consumer<SessionWorld> act) {}

    /** One exchange under way: a request that travels, or an answer that does. */
    private static final class Ask {
        private final int from;
        private final int to;
        private final SyncSession session;
        private final SyncRequest request;
        private final Responder.@Nullable Answer answer;

        Ask(int from, int to, SyncSession session, SyncRequest request, Responder.@Nullable Answer answer) {
            this.from = from;
            this.to = to;
            this.session = session;
            this.request = request;
            this.answer = answer;
        }

        Ask copy() {
            return new Ask(from, to, copyOf(session), request, answer);
        }

        @Override
        public String toString() {
            return from + ">" + to;
        }
    }

    /** A request that nobody waits for any more. */
    private record Late(int to, SyncRequest request) {}

    private final Scope scope;
    private final List<ModelPeer> peers = new ArrayList<>();
    private final List<Ask> asks = new ArrayList<>();
    private final List<Late> late = new ArrayList<>();
    private int faultsLeft;
    private @Nullable String fault;

    SessionWorld(Scope scope) {
        this.scope = scope;
        faultsLeft = scope.faults;
        for (int i = 0; i < scope.replicas; i++) {
            peers.add(new ModelPeer(i, scope.writes, scope.wrong));
        }
    }

    private SessionWorld(SessionWorld other) {
        scope = other.scope;
        faultsLeft = other.faultsLeft;
        fault = other.fault;
        other.peers.forEach(peer -> peers.add(peer.copy()));
        other.asks.forEach(ask -> asks.add(ask.copy()));
        late.addAll(other.late);
    }

    SessionWorld copy() {
        return new SessionWorld(this);
    }

    // ---- What can happen

    List<Step> steps() {
        List<Step> steps = new ArrayList<>();
        for (ModelPeer peer : peers) {
            int one = peer.number;
            if (peer.writesLeft > 0) {
                steps.add(
                        new Step(one + " writes", world -> world.peers.get(one).write()));
            }
            if (faultsLeft > 0 && !peer.log().isEmpty()) {
                steps.add(new Step(one + " crashes", world -> world.crash(one)));
            }
            for (ModelPeer other : peers) {
                if (peer != other && mayAsk(one, other.number)) {
                    steps.add(new Step(one + " asks " + other.number, world -> world.ask(one, other.number)));
                }
            }
        }
        for (int i = 0; i < asks.size(); i++) {
            addMessage(steps, i);
        }
        for (int i = 0; i < late.size(); i++) {
            int which = i;
            steps.add(new Step("a late request comes to " + late.get(i).to, world -> world.arriveLate(which)));
        }
        return steps;
    }

    private boolean mayAsk(int one, int other) {
        return asks.size() < scope.asking && asks.stream().noneMatch(ask -> ask.from == one && ask.to == other);
    }

    private void addMessage(List<Step> steps, int i) {
        Ask ask = asks.get(i);
        if (ask.answer != null) {
            steps.add(new Step(ask + " is answered", world -> world.hear(i)));
        } else {
            steps.add(new Step(ask + " arrives", world -> world.arrive(i)));
        }
        if (faultsLeft == 0) {
            return;
        }
        if (ask.answer != null) {
            steps.add(new Step("the answer to " + ask + " is lost", world -> world.lose(i, false)));
            return;
        }
        steps.add(new Step(ask + " is lost", world -> world.lose(i, false)));
        steps.add(new Step(ask + " is late", world -> world.lose(i, true)));
        steps.add(new Step(ask + " is doubled", world -> world.repeat(i)));
    }

    private void crash(int one) {
        faultsLeft--;
        asks.removeIf(ask -> ask.from == one);
        // What it would have answered, it answers no more; the asker hears nothing.
        asks.removeIf(ask -> ask.to == one && ask.answer != null);
        peers.get(one).crash();
    }

    private void ask(int one, int other) {
        ModelPeer self = peers.get(one);
        SyncSession session = new SyncSession(self.origin(), self.remembered.get(other));
        carryOut(one, other, session, session.begin(self.heads(), List.of()));
    }

    private void arrive(int i) {
        Ask ask = asks.get(i);
        Responder.Answer answer = peers.get(ask.to).answer(ask.request);
        asks.set(i, new Ask(ask.from, ask.to, ask.session, ask.request, answer));
    }

    private void repeat(int i) {
        faultsLeft--;
        late.add(new Late(asks.get(i).to, asks.get(i).request));
    }

    private void lose(int i, boolean comesLate) {
        faultsLeft--;
        Ask ask = asks.remove(i);
        if (comesLate) {
            late.add(new Late(ask.to, ask.request));
        }
    }

    private void arriveLate(int which) {
        Late message = late.remove(which);
        peers.get(message.to).answer(message.request);
    }

    private void hear(int i) {
        Ask ask = asks.remove(i);
        Effect next;
        if (ask.answer instanceof Responder.Answer.Refused refused) {
            next = ask.session.refused(refused.why());
        } else if (ask.answer instanceof Responder.Answer.Replied replied) {
            next = ask.session.received(replied.reply());
        } else {
            throw new AssertionError("no answer");
        }
        carryOut(ask.from, ask.to, ask.session, next);
    }

    /** As the shipped driver does, until there is a request to send or the exchange ends. */
    private void carryOut(int one, int other, SyncSession session, Effect first) {
        ModelPeer self = peers.get(one);
        Effect effect = first;
        while (!(effect instanceof Effect.Done done)) {
            if (effect instanceof Effect.Load load) {
                Batch batch = self.missing(load.peer(), load.peerHolds(), load.maxBytes());
                effect = session.loaded(self.heads(), batch);
            } else if (effect instanceof Effect.Send send) {
                asks.add(new Ask(one, other, session, send.request(), null));
                return;
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
        ended(one, other, done.outcome());
    }

    private void ended(int one, int other, SyncOutcome outcome) {
        boolean settled = outcome instanceof SyncOutcome.Settled;
        if (!settled) {
            fault = "an exchange of " + one + " with " + other + " ended " + outcome;
        } else if (!peers.get(one).heads().equals(peers.get(one).remembered.get(other))) {
            fault = one + " says that it settled with " + other + " and knows that it did not";
        }
    }

    // ---- What must hold

    /** Returns what is wrong now; null if nothing is. */
    @Nullable
    String fault() {
        for (ModelPeer peer : peers) {
            if (fault == null) {
                fault = falseBeliefOf(peer);
            }
        }
        return fault;
    }

    /** Returns what is wrong with what they hold; null if nothing is. */
    @Nullable
    String faultInLogs() {
        for (ModelPeer peer : peers) {
            if (fault == null) {
                fault = faultOf(peer);
            }
        }
        if (fault == null) {
            fault = faultAmong();
        }
        return fault;
    }

    /** Returns what would be wrong once nothing is in the way any more and nothing under way; null if nothing. */
    @Nullable
    String faultOnceHealed() {
        SessionWorld healed = copy();
        healed.heal();
        return healed.fault;
    }

    /** Gapless, causes first, each once. */
    private @Nullable String faultOf(ModelPeer peer) {
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
        return null;
    }

    private @Nullable String falseBeliefOf(ModelPeer peer) {
        for (ModelPeer other : peers) {
            Heads believed = other.heard.get(peer.origin());
            Heads remembered = other.remembered.get(peer.number);
            if (isBeyond(believed, peer.heads()) || isBeyond(remembered, peer.heads())) {
                return other.number + " believes that " + peer.number + " holds what it does not";
            }
        }
        return null;
    }

    private static boolean isBeyond(@Nullable Heads believed, Heads held) {
        return believed != null
                && believed.entries().entrySet().stream()
                        .anyMatch(entry -> held.get(entry.getKey()).seq()
                                < entry.getValue().seq());
    }

    private @Nullable String faultAmong() {
        Map<Dot, Hash128> known = new HashMap<>();
        for (ModelPeer peer : peers) {
            for (EncodedChangeSet set : peer.log()) {
                Hash128 before = known.putIfAbsent(set.header().dot(), set.hash());
                if (before != null && !before.equals(set.hash())) {
                    return "two change sets are " + set.header().dot();
                }
            }
            if (!peer.row().equals(expected(peer))) {
                return peer.number + " shows " + peer.row() + " for " + peer.heads();
            }
        }
        return null;
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

    /** Nothing is in the way any more: along a line of links all must come to hold the same in as many rounds as it is long. */
    private void heal() {
        asks.clear();
        late.clear();
        for (int round = 0; round < peers.size() && fault == null; round++) {
            for (int i = 0; i + 1 < peers.size() && fault == null; i++) {
                exchange(i, i + 1);
            }
        }
        for (ModelPeer peer : peers) {
            if (fault == null && !peer.heads().equals(peers.get(0).heads())) {
                fault = "with nothing in the way, " + peer.number + " never comes to hold what 0 holds";
            }
        }
    }

    private void exchange(int one, int other) {
        ask(one, other);
        for (int effects = 0; !asks.isEmpty() && fault == null; effects++) {
            if (effects > MOST_EFFECTS) {
                fault = "with nothing in the way, an exchange of " + one + " with " + other + " never ends";
                return;
            }
            arrive(0);
            hear(0);
        }
    }

    // ---- Telling states apart

    /** Returns what decides how things go on from here once nothing is under way. */
    String describePeers() {
        StringBuilder out = new StringBuilder();
        peers.forEach(peer -> peer.describe(out));
        return out.toString();
    }

    /** Returns what decides how things may go on from here. */
    String describe() {
        StringBuilder out = new StringBuilder().append(faultsLeft).append('\n').append(describePeers());
        List<String> messages = new ArrayList<>();
        for (Ask ask : asks) {
            messages.add(ask + describe(ask.session) + describe(ask.request) + describe(ask.answer));
        }
        late.forEach(message -> messages.add("late " + message.to + describe(message.request)));
        messages.sort(null);
        return out.append(messages).toString();
    }

    private static String describe(SyncRequest request) {
        return request.origin() + " " + request.sum() + request.base() + dots(request.changeSets());
    }

    private static String describe(Responder.@Nullable Answer answer) {
        if (answer instanceof Responder.Answer.Replied replied) {
            return replied.reply().sum().toString()
                    + dots(replied.reply().changeSets())
                    + replied.reply().baseUnknown();
        }
        return String.valueOf(answer);
    }

    private static List<Hash128> dots(List<EncodedChangeSet> sets) {
        List<Hash128> dots = new ArrayList<>();
        sets.forEach(set -> dots.add(set.hash()));
        return dots;
    }

    /** What a session only counts for its report. */
    private static final Set<String> REPORTED = Set.of("sent", "received", "sending");

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
    private static String describe(SyncSession session) {
        StringBuilder out = new StringBuilder();
        for (Field field : FIELDS) {
            Object value = get(field, session);
            boolean isOfParts = value instanceof PartsProgress || value instanceof SnapshotProgress;
            if (value instanceof Heads heads) {
                out.append(ModelPeer.seqs(heads)).append(';');
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
                field.set(copy, get(field, session));
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
