// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import io.anabranch.crdt.causality.Dot;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Few replicas, the exchanges between them and the messages under way, at one moment, as a few numbers, and all that can happen next. What
 * the numbers stand for is in {@link SessionMoves}. Confined to one thread.
 *
 * <p>Of steps that change nothing for each other one order is enough. A replica writes, takes a late request or crashes while nobody waits
 * for it only when its own next step follows at once, whatever that is: until then nobody can tell. A message is lost, doubled or late
 * when it is sent: until it comes nobody can tell either. What is to hold of replicas that have written and done nothing since is looked at
 * nevertheless.
 */
final class SessionWorld {
    /**
     * How much may happen.
     *
     * @param writes how many change sets each replica may write
     * @param faults how many messages may be lost, doubled or late, and processes crash, together
     * @param asking how many exchanges may be under way at once
     * @param remember whether replicas remember from one exchange to the next what the other held
     */
    record Scope(int replicas, int writes, int faults, int asking, boolean remember, ModelPeer.Wrong wrong) {}

    /** Is shown what can happen. */
    interface Visitor {
        /** @param fault what is wrong with that; null if nothing is */
        void step(What what, int one, int other, int[] next, @Nullable String fault);
    }

    /** What can happen to two replicas, or to one. */
    enum What {
        WRITES("%d writes"),
        CRASHES("%d crashes"),
        ASKS("%d asks %d"),
        ARRIVES("%d>%d arrives"),
        IS_ANSWERED("%d>%d is answered"),
        COMES_LATE("a late request comes to %d"),
        IS_LOST("what is on its way between %d and %d is lost"),
        IS_LATE("what is on its way between %d and %d is late"),
        IS_DOUBLED("what is on its way between %d and %d is doubled");

        private final String name;

        What(String name) {
            this.name = name;
        }

        String named(int one, int other) {
            return String.format(name, one, other);
        }
    }

    private static final int FAULTS_AT = 0;
    private static final int NEXT_AT = 1;
    private static final int PEERS_AT = 2;

    private final Scope scope;
    private final SessionMoves moves;
    private final int replicas;
    private final Fingerprints healed = new Fingerprints();

    /*
     * A state: how many faults are left; whose step has to be next, plus one, since it did what nobody can tell; the peers; the exchanges by who asks whom; late
     * requests, the largest number first.
     */
    private final int exchangesAt;
    private final int lateAt;
    private final int width;

    SessionWorld(Scope scope) {
        this.scope = scope;
        replicas = scope.replicas;
        moves = new SessionMoves(replicas, scope.remember);
        exchangesAt = PEERS_AT + replicas;
        lateAt = exchangesAt + replicas * replicas;
        width = lateAt + scope.faults;
    }

    int width() {
        return width;
    }

    int[] start() {
        int[] start = new int[width];
        start[FAULTS_AT] = scope.faults;
        for (int i = 0; i < replicas; i++) {
            start[PEERS_AT + i] = moves.start(i, scope.writes, scope.wrong);
        }
        return start;
    }

    // ---- What can happen

    void forEachStep(int[] state, Visitor visitor) {
        for (int one = 0; one < replicas; one++) {
            if (state[NEXT_AT] > 0 && state[NEXT_AT] - 1 != one) {
                continue; // Another has done what nobody can tell yet.
            }
            addOwnSteps(state, one, visitor);
            for (int other = 0; other < replicas; other++) {
                addExchange(state, one, other, visitor);
            }
            for (int i = lateAt; i < width && state[i] > 0; i++) {
                if ((state[i] - 1) % replicas == one) {
                    arriveLate(state, one, i, visitor);
                }
            }
        }
    }

    private static int[] after(int[] state) {
        int[] next = state.clone();
        next[NEXT_AT] = 0;
        return next;
    }

    private int peer(int[] state, int one) {
        return state[PEERS_AT + one];
    }

    private int slot(int one, int other) {
        return exchangesAt + one * replicas + other;
    }

    private void addOwnSteps(int[] state, int one, Visitor visitor) {
        if (moves.maySay(peer(state, one))) {
            int[] next = after(state);
            next[NEXT_AT] = one + 1;
            next[PEERS_AT + one] = moves.write(peer(state, one));
            visitor.step(What.WRITES, one, one, next, faultOf(next));
        }
        if (state[FAULTS_AT] > 0 && moves.holdsAny(peer(state, one))) {
            crash(state, one, visitor);
        }
    }

    private void crash(int[] state, int one, Visitor visitor) {
        int[] next = after(state);
        next[FAULTS_AT]--;
        next[PEERS_AT + one] = moves.crash(peer(state, one));
        boolean somebodyWaits = false;
        for (int other = 0; other < replicas; other++) {
            somebodyWaits |= next[slot(one, other)] != SessionMoves.NONE;
            next[slot(one, other)] = SessionMoves.NONE;
            int asked = slot(other, one);
            // What it would have answered, it answers no more; the asker hears nothing.
            if (next[asked] != SessionMoves.NONE && moves.isAnswered(next[asked])) {
                somebodyWaits = true;
                next[asked] = SessionMoves.NONE;
            }
        }
        if (!somebodyWaits && next[PEERS_AT + one] == peer(state, one)) {
            return;
        }
        next[NEXT_AT] = somebodyWaits ? 0 : one + 1;
        forgetWhatNobodyNames(next);
        visitor.step(What.CRASHES, one, one, next, faultOf(next));
    }

    /** What the first can do now in its exchange with the other, and in that of the other with it. */
    private void addExchange(int[] state, int one, int other, Visitor visitor) {
        int asking = state[slot(one, other)];
        if (asking == SessionMoves.NONE) {
            if (one != other && underWay(state) < scope.asking) {
                goOn(state, What.ASKS, one, other, moves.ask(peer(state, one), other), visitor);
            }
        } else if (moves.isAnswered(asking)) {
            goOn(state, What.IS_ANSWERED, one, other, moves.hear(peer(state, one), asking), visitor);
        }
        int asked = state[slot(other, one)];
        if (asked != SessionMoves.NONE && !moves.isAnswered(asked)) {
            arrive(state, other, one, asked, visitor);
        }
    }

    private int underWay(int[] state) {
        int count = 0;
        for (int i = exchangesAt; i < lateAt; i++) {
            count += state[i] == SessionMoves.NONE ? 0 : 1;
        }
        return count;
    }

    private void goOn(int[] state, What what, int one, int other, int outcome, Visitor visitor) {
        int[] next = after(state);
        next[PEERS_AT + one] = moves.peer(outcome);
        next[slot(one, other)] = moves.said(outcome);
        String fault = moves.fault(outcome);
        forgetWhatNobodyNames(next);
        visitor.step(what, one, other, next, fault == null ? faultOf(next) : fault);
        if (what != What.ASKS) { // To lose a first request is to have one fault less.
            lose(next, one, other, visitor);
        }
        delay(next, one, other, visitor);
    }

    private void arrive(int[] state, int from, int to, int exchange, Visitor visitor) {
        int outcome = moves.answer(peer(state, to), moves.request(exchange));
        int[] next = after(state);
        next[PEERS_AT + to] = moves.peer(outcome);
        next[slot(from, to)] = moves.answered(exchange, moves.said(outcome));
        visitor.step(What.ARRIVES, from, to, next, faultOf(next, from, to, outcome));
        lose(next, from, to, visitor);
    }

    private void arriveLate(int[] state, int to, int at, Visitor visitor) {
        int request = (state[at] - 1) / replicas;
        int outcome = moves.answer(peer(state, to), request);
        int[] next = after(state);
        next[PEERS_AT + to] = moves.peer(outcome);
        System.arraycopy(state, at + 1, next, at, width - at - 1);
        next[width - 1] = 0;
        next[NEXT_AT] = to + 1;
        forgetWhatNobodyNames(next);
        visitor.step(What.COMES_LATE, to, to, next, faultOf(next, moves.asker(request), to, outcome));
    }

    /** What was just sent never comes. */
    private void lose(int[] state, int from, int to, Visitor visitor) {
        if (state[FAULTS_AT] > 0 && state[slot(from, to)] != SessionMoves.NONE) {
            visitor.step(What.IS_LOST, from, to, lost(state, slot(from, to)), null);
        }
    }

    private int[] lost(int[] state, int slot) {
        int[] next = state.clone();
        next[FAULTS_AT]--;
        next[slot] = SessionMoves.NONE;
        forgetWhatNobodyNames(next);
        return next;
    }

    /** The request that was just sent comes when nobody waits for an answer any more, or also then. */
    private void delay(int[] state, int from, int to, Visitor visitor) {
        int exchange = state[slot(from, to)];
        if (state[FAULTS_AT] > 0 && exchange != SessionMoves.NONE) {
            int[] late = withLate(state, to, exchange);
            visitor.step(What.IS_DOUBLED, from, to, late.clone(), null);
            late[slot(from, to)] = SessionMoves.NONE;
            visitor.step(What.IS_LATE, from, to, late, null);
        }
    }

    /** What a replica told last is of use only to somebody who names it as what the next request starts from. */
    private void forgetWhatNobodyNames(int[] state) {
        for (int one = 0; one < replicas; one++) {
            if (moves.hasTold(peer(state, one)) && !mayBeNamed(state, one)) {
                state[PEERS_AT + one] = moves.forgetTold(peer(state, one));
            }
        }
    }

    private boolean mayBeNamed(int[] state, int one) {
        for (int other = 0; other < replicas; other++) {
            if (state[slot(other, one)] != SessionMoves.NONE || moves.names(peer(state, other), peer(state, one))) {
                return true;
            }
        }
        for (int i = lateAt; i < width && state[i] > 0; i++) {
            if ((state[i] - 1) % replicas == one) {
                return true;
            }
        }
        return false;
    }

    private int[] withLate(int[] state, int to, int exchange) {
        int[] next = state.clone();
        int message = moves.request(exchange) * replicas + to + 1;
        int at = width - 1;
        while (at > lateAt && next[at - 1] < message) {
            next[at] = next[at - 1];
            at--;
        }
        next[at] = message;
        next[FAULTS_AT]--;
        return next;
    }

    // ---- What must hold

    /** Returns what is wrong where one was told that another holds something; null if nothing is. */
    private @Nullable String faultOf(int[] state, int asker, int to, int outcome) {
        return moves.holds(peer(state, asker), moves.heard(outcome)) ? faultOf(state) : wrongAbout(to, asker);
    }

    private @Nullable String faultOf(int[] state) {
        for (int one = 0; one < replicas; one++) {
            for (int other = 0; other < replicas; other++) {
                if (one != other && moves.isWrongAbout(peer(state, one), peer(state, other))) {
                    return wrongAbout(one, other);
                }
            }
        }
        return faultAmong(Arrays.copyOfRange(state, PEERS_AT, exchangesAt));
    }

    private static String wrongAbout(int one, int other) {
        return one + " believes that " + other + " holds what it does not";
    }

    /** Returns what is wrong with what these hold, or would be once nothing is in the way any more; null if nothing is. */
    private @Nullable String faultAmong(int[] peers) {
        if (!healed.add(peers)) {
            return null;
        }
        for (int peer : peers) {
            if (moves.faultOf(peer) != null) {
                return moves.faultOf(peer);
            }
            Dot ambiguous = moves.ambiguous(peers[0], peer);
            ambiguous = ambiguous == null ? moves.ambiguous(peers[replicas - 1], peer) : ambiguous;
            if (ambiguous != null) {
                return "two change sets are " + ambiguous;
            }
        }
        String fault = faultOnceHealed(peers.clone());
        for (int i = 0; i < replicas && fault == null; i++) {
            if (moves.maySay(peers[i])) {
                int[] written = peers.clone();
                written[i] = moves.write(peers[i]);
                fault = faultAmong(written);
            }
        }
        return fault;
    }

    /** Nothing is in the way any more: along a line of links all must come to hold the same in as many rounds as it is long. */
    private @Nullable String faultOnceHealed(int[] peers) {
        for (int round = 0; round < replicas; round++) {
            for (int i = 0; i + 1 < replicas; i++) {
                int outcome = moves.exchange(peers[i], peers[i + 1]);
                if (moves.fault(outcome) != null) {
                    return "with nothing in the way, " + moves.fault(outcome);
                }
                peers[i] = moves.peer(outcome);
                peers[i + 1] = moves.said(outcome);
            }
        }
        for (int i = 1; i < replicas; i++) {
            if (!moves.holdsTheSame(peers[0], peers[i])) {
                return "with nothing in the way, " + i + " never comes to hold what 0 holds";
            }
        }
        return null;
    }
}
