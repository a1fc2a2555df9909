// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.CellWrite;
import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.Reissue;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.ChangeSetHeader;
import io.anabranch.sync.change.ContextEntry;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.session.BaseVectors;
import io.anabranch.sync.session.Responder;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.session.SyncSession;
import io.anabranch.sync.session.SyncSession.Effect;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Three replicas of one counter and up to two relays, at one moment. The first replica is cloned with its whole machine, copied, and put back to a
 * backup, so that its history forks; all meet in any order. Exchanges are by the shipped {@link SyncSession} and {@link Responder}; who holds another history and what to do about it is decided by the shipped {@link Branches}, and what is
 * said anew by the shipped {@link Reissue}. Nothing is deleted, fenced or cut. Mutable; {@link #copy} is another.
 */
final class ForkWorld {
    static final int REPLICAS = 3;
    private static final int MOST_TRIES = 4;

    /** The rules under test. */
    enum Rule {
        SHIPPED,
        /** Who is told of another history does nothing about it. */
        NOBODY_BEGINS_ANEW,
        /** Whoever says a branch anew does so under a new name of its own. */
        UNDER_ANY_NAME,
        /**
         * What is said anew claims to have seen what its writer had, and not all that is here: then it does not wait for the other branch, and comes to who holds
         * it under its old name.
         */
        AS_IT_WAS_SEEN,
        /** A third party moves over without looking whether the peer has its branch. */
        WITHOUT_LOOKING,
        /** Proposed, and not shipped: a copy says anew what its file had written and not sent when it was copied. */
        COPIES_TOO,
        /** As that, but each copy under a name that follows from its own. */
        COPIES_UNDER_THEIR_OWN_NAME,
        /** As that, but what is claimed to have been seen is in the name too. */
        COPIES_NAMED_BY_WHAT_THEY_HOLD
    }

    /**
     * How much may happen.
     *
     * @param relays none: then replicas exchange with each other, and else with relays alone
     * @param restores whether the first replica is copied and put back, or only cloned
     * @param orphans whether all must come together too if nobody is left who wrote some branch
     */
    record Scope(int relays, int writes, boolean restores, boolean orphans, Rule rule) {}

    private final Scope scope;
    private final List<ForkNode> nodes = new ArrayList<>();
    private @Nullable ForkNode backup;
    private int written;

    ForkWorld(Scope scope) {
        this.scope = scope;
        for (int i = 0; i < REPLICAS + scope.relays; i++) {
            nodes.add(new ForkNode(i));
        }
        ForkNode first = nodes.get(0);
        Map<String, CellWrite<Value>> cells = Map.of("n", new CellWrite.Increment<>(0));
        first.write(first.row().insert(first.next(), 1, DeletePolicy.EDIT_WINS, cells), 1);
        nodes.stream().skip(1).forEach(node -> node.accept(first.log(), List.of()));
    }

    private ForkWorld(ForkWorld other) {
        scope = other.scope;
        other.nodes.forEach(node -> nodes.add(node.copy()));
        backup = other.backup;
        written = other.written;
    }

    ForkWorld copy() {
        return new ForkWorld(this);
    }

    private boolean isRelay(int node) {
        return node >= REPLICAS;
    }

    // ---- Steps: each returns false if there is nothing to do

    /** Adds ten to the power of how many were written before: so digits tell how often each counts. */
    boolean write(int i) {
        if (written == scope.writes) {
            return false;
        }
        ForkNode self = nodes.get(i);
        long amount = (long) Math.pow(10, written++);
        RowOp<String, Value> op =
                self.row().edit(self.next(), 10L + written, Map.of("n", new CellWrite.Increment<>(amount)));
        if (op == null) {
            throw new AssertionError("an edit that changes nothing");
        }
        self.write(op, 10L + written);
        return true;
    }

    /** With all that is outside the file: both write under one name. */
    boolean cloneMachine() {
        nodes.get(1).takeMachine(nodes.get(0));
        return true;
    }

    /** A copy of the file alone is noticed when it is opened. */
    boolean copyFile(int onto) {
        if (scope.restores) {
            nodes.get(onto).takeCopy(nodes.get(0));
        }
        return scope.restores;
    }

    boolean backUp() {
        if (scope.restores) {
            backup = nodes.get(0).copy();
        }
        return scope.restores;
    }

    /** The file alone: that it has sent more since is noticed by what is outside. */
    boolean restoreFile() {
        if (backup == null) {
            return false;
        }
        nodes.get(0).takeFile(backup);
        if (nodes.get(0).hasSentMore()) {
            nodes.get(0).renew();
        }
        return true;
    }

    boolean mayMeet(int i, int j) {
        return i != j && !isRelay(i) && (scope.relays == 0 || isRelay(j));
    }

    /** The first asks the second, as the shipped driver does. */
    boolean meet(int i, int j) {
        ForkNode self = nodes.get(i);
        ForkNode peer = nodes.get(j);
        SyncOutcome outcome = exchange(self, peer);
        if (!isRelay(i)
                && scope.rule != Rule.NOBODY_BEGINS_ANEW
                && outcome instanceof SyncOutcome.Refused refused
                && refused.why() instanceof Admission.Fork fork
                && freshStart(self, peer, fork)) {
            exchange(self, peer);
        }
        return true;
    }

    private static SyncOutcome exchange(ForkNode self, ForkNode peer) {
        SyncSession session = new SyncSession(self.self(), null);
        Effect effect = session.begin(self.heads(), List.of());
        while (!(effect instanceof Effect.Done done)) {
            if (effect instanceof Effect.Load load) {
                effect = session.loaded(self.heads(), self.missing(load.peer(), null, load.maxBytes()));
            } else if (effect instanceof Effect.Send send) {
                Responder.Answer answer =
                        new Responder(peer.self(), Hash128.ZERO).answer(send.request(), peer, new BaseVectors(), 0);
                effect = answer instanceof Responder.Answer.Refused refused
                        ? session.refused(refused.why())
                        : session.received(((Responder.Answer.Replied) answer).reply());
            } else {
                Effect.Apply apply = (Effect.Apply) effect;
                Admission admission = self.accept(apply.changeSets(), List.of());
                effect = admission instanceof Admission.Next
                        ? session.applied(
                                self.heads(), List.of(), apply.changeSets().size())
                        : session.rejected(admission);
            }
        }
        return done.outcome();
    }

    // ---- Beginning anew, as FreshStart and FreshBeginning do

    private boolean freshStart(ForkNode self, ForkNode peer, Admission.Fork fork) {
        boolean isOwn = fork.origin().equals(self.self());
        boolean mayHave = isOwn || Branches.mayHave(self, fork.origin(), peer.heads());
        boolean says = !mayHave && mayTell(self, peer, fork.origin());
        if (!mayHave && !says && scope.rule != Rule.WITHOUT_LOOKING) {
            return false;
        }
        Origin old = says ? fork.origin() : self.self();
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            List<EncodedChangeSet> tail = peer.log();
            Branches branches = Branches.between(self.writingAs(old), Heads.NONE, tail);
            List<EncodedChangeSet> gives = new ArrayList<>();
            for (EncodedChangeSet set : self.log()) {
                Dot dot = set.header().dot();
                boolean isOld = dot.origin().equals(old) || dot.origin().equals(self.self());
                if (!isOld
                        && !peer.heads().vector().contains(dot)
                        && !branches.known().contains(dot)) {
                    gives.add(set);
                }
            }
            if (gives.isEmpty()) {
                return begin(self, old, tail, branches);
            }
            if (!(peer.accept(gives, List.of()) instanceof Admission.Next)) {
                return false;
            }
        }
        return false;
    }

    /** Returns whether a copy of the file that wrote a branch says it anew. */
    private boolean mayTell(ForkNode self, ForkNode peer, Origin forked) {
        return scope.rule.ordinal() >= Rule.COPIES_TOO.ordinal()
                && self.commonPrefix(forked, peer.log()) >= self.carriedAfter(forked);
    }

    private boolean begin(ForkNode self, Origin old, List<EncodedChangeSet> tail, Branches branches) {
        long common = self.commonPrefix(old, tail);
        if (branches.whyNot(common) != null && scope.rule != Rule.WITHOUT_LOOKING) {
            return false;
        }
        Origin own = self.self();
        boolean says = !old.equals(own);
        List<EncodedChangeSet> suffix = self.after(old, common);
        long ownCommon = self.commonPrefix(own, tail);
        List<EncodedChangeSet> onTop = says ? self.after(own, ownCommon) : List.of();
        RowLives<String, Value> before = self.row();
        boolean isBranch = !suffix.isEmpty() && (branches.isForkOf(common) || branches.isForked());
        self.begin(tail);
        if (says ? !onTop.isEmpty() : branches.isForkOf(common) || !suffix.isEmpty()) {
            self.renew();
        }
        boolean named = isBranch && scope.rule != Rule.UNDER_ANY_NAME;
        Origin fresh = named ? Branches.name(old, suffix.get(0).hash()) : self.self();
        if (named && says && scope.rule == Rule.COPIES_UNDER_THEIR_OWN_NAME) {
            fresh = Branches.name(own, suffix.get(0).hash());
        } else if (named && says && scope.rule == Rule.COPIES_NAMED_BY_WHAT_THEY_HOLD) {
            fresh = Branches.name(fresh, self.heads().sum());
        }
        Reissue<String, Value> branch = new Reissue<>(old, common, fresh, before, branches::rename);
        sayAnew(self, suffix, common, fresh, branch, named);
        if (!onTop.isEmpty()) {
            Origin name = Branches.name(own, onTop.get(0).hash());
            Reissue<String, Value> above = new Reissue<>(own, ownCommon, name, before, branch::rename);
            sayAnew(self, onTop, ownCommon, name, above, true);
        }
        return true;
    }

    private void sayAnew(
            ForkNode self,
            List<EncodedChangeSet> suffix,
            long common,
            Origin fresh,
            Reissue<String, Value> reissue,
            boolean named) {
        for (EncodedChangeSet set : suffix) {
            Head head = self.heads().get(fresh);
            if (!named || set.header().seq() - common > head.seq()) {
                RowOp<String, Value> again = reissue.reissue(ForkNode.op(set), self.row());
                if (again == null) {
                    throw new AssertionError("lost to a delete that there is not");
                }
                List<ContextEntry> context =
                        scope.rule == Rule.AS_IT_WAS_SEEN ? self.seenBy(set, common) : self.contextOf(fresh);
                ChangeSetHeader header = new ChangeSetHeader(
                        fresh, head.seq() + 1, head.hash(), set.header().stamp(), context);
                self.take(ForkNode.encode(header, new TableOp.Change("note", List.of(Value.of(1)), again, true)));
            }
        }
    }

    // ---- What must hold

    /** Returns whether some change counts more than once somewhere. */
    @Nullable
    String faultNow() {
        for (ForkNode node : nodes) {
            String sum = node.row().counter("n").toString();
            if (!sum.matches("[01]+")) {
                return node + " counts " + sum;
            }
        }
        return null;
    }

    /** Returns what is wrong once all have met often enough; null if nothing is. The world is not to be used again. */
    @Nullable
    String faultOnceHealed() {
        boolean mayStayApart = !scope.orphans && hasOrphan();
        boolean[] held = new boolean[written];
        nodes.forEach(node -> node.markHeld(held));
        for (int round = 0; round < 2 * nodes.size(); round++) {
            for (int i = 0; i < nodes.size(); i++) {
                for (int j = 0; j < nodes.size(); j++) {
                    if (mayMeet(i, j) || isRelay(i) && isRelay(j) && i != j) {
                        meet(i, j);
                    }
                }
            }
        }
        String fault = faultNow();
        return fault == null ? faultApart(held, mayStayApart || areRelaysForked()) : fault;
    }

    private @Nullable String faultApart(boolean[] held, boolean mayStayApart) {
        if (mayStayApart) {
            // What was written is still somewhere.
            boolean[] there = new boolean[written];
            nodes.forEach(node -> node.markHeld(there));
            return Arrays.equals(there, held) ? null : "something is lost";
        }
        for (ForkNode node : nodes) {
            boolean[] there = new boolean[written];
            node.markHeld(there);
            if (!Arrays.equals(there, held)) {
                return node + " has lost something, or never comes to hold it";
            }
            if (!node.heads().equals(nodes.get(0).heads())) {
                return node + " stays apart from 0";
            }
        }
        return null;
    }

    /** Returns whether something of a branch is held that nobody is left to say anew. */
    private boolean hasOrphan() {
        for (ForkNode one : nodes) {
            Set<Origin> forked = new HashSet<>();
            for (EncodedChangeSet set : one.log()) {
                Dot dot = set.header().dot();
                if (nodes.stream()
                        .anyMatch(other -> other.hash(dot.origin(), dot.seq()) != null && !other.holds(set))) {
                    forked.add(dot.origin());
                }
                boolean hasWriter =
                        nodes.stream().anyMatch(other -> other.self().equals(dot.origin()) && other.holds(set));
                if (forked.contains(dot.origin()) && !hasWriter) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Two relays that hold different branches stay apart, and so do those who exchange with one of them alone. */
    private boolean areRelaysForked() {
        return scope.relays == 2
                && exchange(nodes.get(REPLICAS).copy(), nodes.get(REPLICAS + 1).copy()) instanceof SyncOutcome.Refused;
    }

    String describe() {
        StringBuilder out = new StringBuilder().append(written);
        nodes.forEach(node -> node.describe(out));
        if (backup != null) {
            backup.describe(out.append("backup"));
        }
        return out.toString();
    }
}
