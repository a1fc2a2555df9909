// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.space;

import io.anabranch.crdt.CellWrite;
import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.LateEdits;
import io.anabranch.crdt.Life;
import io.anabranch.crdt.Reissue;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.server.store.MemoryRelayStore;
import io.anabranch.server.store.SpaceRecord;
import io.anabranch.server.store.SpaceStore;
import io.anabranch.sync.session.Aside;
import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Two relays and two replicas of one row with a counter, at one moment. Replicas write, exchange with either relay, are put back and
 * cloned; relays exchange with each other, let others forget, cut their logs and are put back. By what relays fence and what may be
 * forgotten the shipped {@link SpaceKeeper} and {@link RelayWords} decide, what becomes of late edits {@link LateEdits}, and what is said
 * anew {@link Reissue}; what a replica does around them is a model of {@code Fence}, {@code LateRows} and {@code FreshBeginning}. Mutable; {@link #copy} is
 * another.
 */
final class RelaysWorld {
    private static final Retention AT_ONCE = new Retention(1, 1, Duration.ZERO, Duration.ZERO);
    private static final SpaceStore STORE = new MemoryRelayStore().space("shop");
    private static final int ROUNDS = 6;

    /** The rules under test. */
    enum Rule {
        SHIPPED,
        /** Relays take whatever replicas bring. */
        NO_FENCE,
        /** Late edits are given as they are. */
        NO_NEW_LIFE,
        /** A file that was put back writes on under its old name, and nobody minds. */
        FORKS_UNNOTICED,
        /** A relay lets others forget what it fences by itself. */
        WITHOUT_THE_OTHER,
        /** What is said anew gets a name of its own each time. */
        UNDER_ANY_NAME,
        /** Who finds the name of its branch taken believes that all of the branch was said under it. */
        BY_THE_FIRST_ALONE,
        /** A relay that was put back answers replicas before it has asked the other: a limit that is told of. */
        PUT_BACK_UNASKED
    }

    /**
     * How much may happen.
     *
     * @param linked whether the relays exchange with each other
     * @param forgets whether relays let others forget
     * @param restores whether the first replica and the first relay are put back
     * @param clones whether the first replica is cloned, with all that is outside of its file
     */
    record Scope(int writes, boolean linked, boolean forgets, boolean restores, boolean clones, Rule rule) {
        Scope writing(int more) {
            return new Scope(more, linked, forgets, restores, clones, rule);
        }
    }

    /**
     * A change set.
     *
     * @param said which one, and its bytes
     * @param tips by origin, the last one that its writer had seen: stands for the hashes in a context
     */
    private record Entry(Dot dot, Said said, RowOp<String, String> op, VersionVector context, Map<Origin, Said> tips) {}

    /**
     * What chains of hashes tell of a change set.
     *
     * @param number what it says, whatever name it goes by
     * @param bytes who says it anew having seen something else says it in other bytes
     */
    private record Said(int number, int bytes) {}

    /** What all nodes have. */
    private static class Node {
        VersionVector vector = VersionVector.EMPTY;
        /** What is in no log here. */
        VersionVector floor = VersionVector.EMPTY;

        List<Entry> log = List.of();
        /** By origin, the numbers of its change sets. */
        Map<Origin, List<Said>> chains = Map.of();

        void take(Node other) {
            vector = other.vector;
            floor = other.floor;
            log = other.log;
            chains = other.chains;
        }

        void apply(Entry entry) {
            if (!vector.dominates(entry.context) || vector.get(entry.dot.origin()) + 1 != entry.dot.seq()) {
                throw new AssertionError("an effect before its cause: " + entry);
            }
            vector = vector.with(entry.dot.origin(), entry.dot.seq());
            log = plus(log, entry);
            Map<Origin, List<Said>> next = new TreeMap<>(chains);
            next.put(entry.dot.origin(), plus(chain(entry.dot.origin()), entry.said));
            chains = next;
        }

        /** Takes what a snapshot of another stands for. */
        void jump(Node other) {
            Map<Origin, List<Said>> next = new TreeMap<>(chains);
            other.chains.forEach((origin, chain) -> {
                if (chain.size() > chain(origin).size()) {
                    next.put(origin, chain);
                }
            });
            chains = next;
            floor = floor.union(other.vector);
            vector = vector.union(other.vector);
            List<Entry> tail = new ArrayList<>(log);
            tail.removeIf(entry -> floor.contains(entry.dot));
            log = tail;
        }

        /** Returns whether what the writer of an entry had seen is here, and is the same. */
        boolean follows(Entry entry) {
            return vector.dominates(entry.context)
                    && entry.tips.entrySet().stream()
                            .allMatch(tip -> chain(tip.getKey())
                                    .get((int) entry.context.get(tip.getKey()) - 1)
                                    .equals(tip.getValue()));
        }

        boolean says(int number) {
            return chains.values().stream().anyMatch(chain -> chain.stream().anyMatch(said -> said.number == number));
        }

        List<Said> chain(Origin origin) {
            return chains.getOrDefault(origin, List.of());
        }

        /** Returns whether this and another hold different histories of an origin. */
        boolean isForked(Node other, Origin origin) {
            int common = Math.min(chain(origin).size(), other.chain(origin).size());
            return !chain(origin).subList(0, common).equals(other.chain(origin).subList(0, common));
        }

        String describe() {
            return vector + "/" + floor + "/" + log + "/" + chains;
        }

        static <T> List<T> plus(List<T> list, T last) {
            List<T> next = new ArrayList<>(list);
            next.add(last);
            return next;
        }
    }

    private static final class Relay extends Node {
        private final Origin self;
        private SpaceRecord record = SpaceRecord.EMPTY;
        /** The row before what is in the log, as a snapshot has it. */
        private RowLives<String, String> before = RowLives.none();

        private int epoch;

        Relay(Origin self) {
            this.self = self;
        }

        Relay copy() {
            Relay copy = new Relay(self);
            copy.take(this);
            copy.record = record;
            copy.before = before;
            copy.epoch = epoch;
            return copy;
        }

        /** Returns the row with what is within a vector, and the lives that began since. */
        RowLives<String, String> row(VersionVector bound) {
            RowLives<String, String> row = before;
            for (Entry entry : log) {
                if (bound.contains(entry.dot) || entry.op instanceof RowOp.Insert) {
                    row = row.apply(entry.op);
                }
            }
            return row;
        }

        @Override
        String describe() {
            return super.describe() + before + record + epoch;
        }
    }

    private static final class Replica extends Node {
        private Origin self;
        private RowLives<String, String> row = RowLives.none();
        /** By what all here was held that no relay is known to hold. */
        private VersionVector fence = VersionVector.EMPTY;
        /** By what hidden lives may be dropped. */
        private VersionVector purged = VersionVector.EMPTY;
        /** What this replica held when anything last touched the row. */
        private VersionVector touched = VersionVector.EMPTY;
        /** What each relay is known to hold, and its epoch then. */
        private List<VersionVector> held = List.of(VersionVector.EMPTY, VersionVector.EMPTY);

        private List<Integer> epochs = List.of(0, 0);
        /** Outside the file: up to where each name was sent. */
        private Map<Origin, Long> sent = Map.of();

        Replica(Origin self) {
            this.self = self;
        }

        Replica copy() {
            Replica copy = new Replica(self);
            copy.takeFile(this);
            copy.sent = sent;
            return copy;
        }

        void takeFile(Replica other) {
            take(other);
            self = other.self;
            row = other.row;
            fence = other.fence;
            purged = other.purged;
            touched = other.touched;
            held = other.held;
            epochs = other.epochs;
        }

        @Override
        void apply(Entry entry) {
            super.apply(entry);
            row = row.apply(entry.op);
            touched = vector;
        }

        void write(int number, RowOp<String, String> op) {
            Map<Origin, Said> tips = new TreeMap<>();
            chains.forEach((origin, chain) -> tips.put(origin, chain.get(chain.size() - 1)));
            Said said = new Said(number, Objects.hash(op.toString(), vector.toString(), tips.toString()));
            apply(new Entry(op.dot(), said, op, vector, tips));
        }

        Dot next() {
            return new Dot(self, vector.get(self) + 1);
        }

        VersionVector heldByRelays() {
            return held.get(0).union(held.get(1));
        }

        @Override
        String describe() {
            return super.describe() + self + row + fence + purged + touched + held + epochs + sent;
        }
    }

    private final Scope scope;
    private final List<Relay> relays = new ArrayList<>();
    private final List<Replica> replicas = new ArrayList<>();
    private @Nullable Replica backup;
    private @Nullable Relay relayBackup;
    private int written;
    private int numbers;
    private int names;

    RelaysWorld(Scope scope) {
        this.scope = scope;
        for (int i = 0; i < 2; i++) {
            relays.add(new Relay(Origin.of(9, i)));
            replicas.add(new Replica(Origin.of(1, i)));
        }
        Replica first = replicas.get(0);
        first.write(
                numbers++,
                first.row.insert(first.next(), 1, DeletePolicy.EDIT_WINS, Map.of("n", new CellWrite.Increment<>(0))));
        meet(0, 0);
        meet(0, 1);
        meet(1, 0);
        if (scope.linked) {
            ask(0);
            ask(1);
        }
    }

    private RelaysWorld(RelaysWorld other) {
        scope = other.scope;
        other.relays.forEach(relay -> relays.add(relay.copy()));
        other.replicas.forEach(replica -> replicas.add(replica.copy()));
        backup = other.backup;
        relayBackup = other.relayBackup;
        written = other.written;
        numbers = other.numbers;
        names = other.names;
    }

    RelaysWorld copy() {
        return new RelaysWorld(this);
    }

    String describe() {
        StringBuilder text = new StringBuilder();
        relays.forEach(relay -> text.append(relay.describe()).append('|'));
        replicas.forEach(replica -> text.append(replica.describe()).append('|'));
        return text.append(backup == null ? "" : backup.describe())
                .append(relayBackup == null ? "" : relayBackup.describe())
                .append(written)
                .append(names)
                .toString();
    }

    // ---- Steps of replicas: each returns false if there is nothing to do

    /**
     * Adds ten to the power of how many were written before, so that digits tell how often each counts: to the row, or to one inserted
     * again.
     */
    boolean add(int i) {
        Replica self = replicas.get(i);
        if (written == scope.writes) {
            return false;
        }
        long amount = (long) Math.pow(10, written++);
        Map<String, CellWrite<String>> cells = Map.of("n", new CellWrite.Increment<>(amount));
        RowOp<String, String> op = self.row.isShown()
                ? self.row.edit(self.next(), 10L + written, cells)
                : self.row.insert(self.next(), 10L + written, DeletePolicy.EDIT_WINS, cells);
        if (op == null) {
            throw new AssertionError("an edit that changes nothing");
        }
        self.write(numbers++, op);
        return true;
    }

    boolean delete(int i) {
        Replica self = replicas.get(i);
        if (written == scope.writes || !self.row.isShown()) {
            return false;
        }
        written++;
        self.write(numbers++, self.row.delete(self.next()));
        return true;
    }

    boolean purge(int i) {
        Replica self = replicas.get(i);
        List<Life<String, String>> alive = new ArrayList<>(self.row.lives());
        if (!alive.removeIf(life -> !life.isAlive()) || !self.purged.dominates(self.touched)) {
            return false;
        }
        self.row = RowLives.of(alive);
        return true;
    }

    boolean backUp() {
        backup = replicas.get(0).copy();
        return scope.restores;
    }

    /** The file alone: that it has sent more since is noticed by what is outside. */
    boolean putBack() {
        if (backup == null) {
            return false;
        }
        Replica self = replicas.get(0);
        self.takeFile(backup);
        boolean hasSentMore = self.sent.getOrDefault(self.self, 0L) > self.vector.get(self.self);
        if (hasSentMore && scope.rule != Rule.FORKS_UNNOTICED) {
            self.self = Origin.of(2, names++);
        }
        return true;
    }

    boolean cloneMachine() {
        Replica clone = replicas.get(1);
        clone.takeFile(replicas.get(0));
        clone.sent = replicas.get(0).sent;
        return scope.clones;
    }

    // ---- Steps of relays

    boolean tend(int i) {
        Relay self = relays.get(i);
        SpaceRecord before = self.record;
        keeper(self).tend(self.vector, 0);
        self.record = STORE.record();
        if (scope.rule == Rule.WITHOUT_THE_OTHER) {
            self.record = self.record.withPurged(self.record.fence());
        }
        return scope.forgets && !self.record.equals(before);
    }

    /** A replica that holds the same brings a snapshot, and the log goes. */
    boolean cut(int i) {
        Relay self = relays.get(i);
        for (Replica replica : replicas) {
            if (replica.vector.equals(self.vector) && !self.log.isEmpty() && replica.chains.equals(self.chains)) {
                self.before = replica.row;
                self.floor = self.vector;
                self.log = List.of();
                return scope.forgets;
            }
        }
        return false;
    }

    boolean backUpRelay() {
        relayBackup = relays.get(0).copy();
        return scope.restores;
    }

    boolean putBackRelay() {
        if (relayBackup == null) {
            return false;
        }
        Relay self = relayBackup.copy();
        self.epoch = relays.get(0).epoch + 1;
        relays.set(0, self);
        if (scope.linked && scope.rule != Rule.PUT_BACK_UNASKED) {
            ask(0);
        }
        return true;
    }

    /** Both do what time brings and exchange, until they agree. */
    boolean agree() {
        boolean any = false;
        for (int round = 0; round < 4; round++) {
            any |= tend(0) | tend(1);
            ask(0);
            ask(1);
        }
        return any && scope.linked;
    }

    /** A relay exchanges with the other, and each hears what the other says. */
    boolean ask(int i) {
        Relay self = relays.get(i);
        Relay other = relays.get(1 - i);
        if (isRefused(self, other)) {
            return false;
        }
        List<Aside.Word> said = words(self).words(self.vector);
        give(self, other);
        hear(other, self, said);
        List<Aside.Word> answered = words(other).words(other.vector);
        give(other, self);
        hear(self, other, answered);
        return scope.linked;
    }

    private static void hear(Relay self, Relay other, List<Aside.Word> said) {
        keeper(self).fenceBy(other.record.fence(), self.vector);
        words(STORE, self.self).hear(said, self.vector);
        self.record = STORE.record();
    }

    private static void give(Relay from, Relay to) {
        if (!to.vector.dominates(from.floor)) {
            to.before = to.before.join(from.before, to.floor, from.floor);
            Relay snapshot = from.copy();
            snapshot.vector = from.floor;
            snapshot.chains = upTo(from.chains, from.floor);
            to.jump(snapshot);
        }
        from.log.stream().filter(entry -> !to.vector.contains(entry.dot)).forEach(to::apply);
    }

    private static Map<Origin, List<Said>> upTo(Map<Origin, List<Said>> chains, VersionVector bound) {
        Map<Origin, List<Said>> within = new TreeMap<>();
        chains.forEach((origin, chain) -> within.put(origin, chain.subList(0, (int) bound.get(origin))));
        return within;
    }

    private static RelayWords words(Relay relay) {
        STORE.replace(STORE.record(), relay.record);
        return words(STORE, relay.self);
    }

    private static RelayWords words(SpaceStore store, Origin relay) {
        return new RelayWords(relay, store);
    }

    private static SpaceKeeper keeper(Relay relay) {
        STORE.replace(STORE.record(), relay.record);
        return new SpaceKeeper(relay.self, STORE, AT_ONCE);
    }

    // ---- Exchange of a replica with a relay

    boolean meet(int i, int r) {
        return meet(i, r, true);
    }

    /** As {@link #meet}, of which the answer is lost. */
    boolean give(int i, int r) {
        return meet(i, r, false);
    }

    private boolean meet(int i, int r, boolean isAnswered) {
        Replica self = replicas.get(i);
        Relay relay = relays.get(r);
        if (self.epochs.get(r) != relay.epoch) {
            remember(self, r, VersionVector.EMPTY, relay.epoch);
        }
        if (scope.rule != Rule.FORKS_UNNOTICED && self.isForked(relay, self.self) && !begin(self, relay, r)) {
            return false;
        }
        if (isRefused(self, relay)) {
            return false;
        }
        hold(self, relay);
        // What it holds in no log only a snapshot brings, which it can make once it has taken everything.
        if (!relay.vector.dominates(self.floor)) {
            takeAll(self, relay);
            relay.before = self.row;
            relay.jump(self);
            relay.log = List.of();
        } else {
            self.log.stream()
                    .filter(entry -> !relay.vector.contains(entry.dot))
                    .toList()
                    .forEach(relay::apply);
        }
        note(self);
        VersionVector goesBy = self.fence.union(self.purged);
        if (!relay.record.fence().dominates(goesBy)) {
            keeper(relay).fenceBy(goesBy, relay.vector);
            relay.record = STORE.record();
        }
        if (!isAnswered) {
            return true;
        }
        takeAll(self, relay);
        remember(self, r, relay.vector, relay.epoch);
        if (passes(self, relay)) {
            rise(self, relay);
        }
        if (self.vector.dominates(relay.vector)) {
            self.purged = self.purged.union(relay.record.purged().intersection(self.fence));
        }
        return true;
    }

    private boolean isRefused(Node self, Node other) {
        return scope.rule != Rule.FORKS_UNNOTICED
                && self.chains.keySet().stream().anyMatch(origin -> self.isForked(other, origin));
    }

    private static void note(Replica self) {
        Map<Origin, Long> sent = new HashMap<>(self.sent);
        sent.merge(self.self, self.vector.get(self.self), Math::max);
        self.sent = new TreeMap<>(sent);
    }

    private static void remember(Replica self, int relay, VersionVector held, int epoch) {
        List<VersionVector> known = new ArrayList<>(self.held);
        known.set(relay, held);
        self.held = known;
        List<Integer> epochs = new ArrayList<>(self.epochs);
        epochs.set(relay, epoch);
        self.epochs = epochs;
    }

    private static void takeAll(Replica self, Relay relay) {
        if (!self.vector.dominates(relay.floor)) {
            self.row = self.row.join(relay.before, self.vector, relay.floor);
            Relay snapshot = relay.copy();
            snapshot.vector = relay.floor;
            snapshot.chains = upTo(relay.chains, relay.floor);
            self.jump(snapshot);
            self.touched = self.vector;
        }
        relay.log.stream()
                .filter(entry -> !self.vector.contains(entry.dot))
                .toList()
                .forEach(self::apply);
    }

    // ---- The fence

    private void hold(Replica self, Relay relay) {
        if (scope.rule == Rule.NO_FENCE || self.fence.dominates(relay.record.fence())) {
            return;
        }
        if (!passes(self, relay)) {
            VersionVector fence = relay.record.fence();
            RowLives<String, String> there = relay.row(fence);
            takeAll(self, relay);
            LateEdits<String, String> late = new LateEdits<>(self.row, there, relay.vector);
            if (late.isAny() && scope.rule != Rule.NO_NEW_LIFE) {
                RowOp<String, String> begins = late.begin(self.next());
                if (begins != null) {
                    self.write(numbers++, begins);
                }
                self.write(numbers++, late.end(self.next()));
            }
            self.fence = self.fence.union(fence.intersection(self.vector));
            self.purged = self.purged.union(relay.record.purged().intersection(self.fence));
        }
        rise(self, relay);
    }

    private static void rise(Replica self, Relay relay) {
        if (self.vector.dominates(relay.record.fence())) {
            self.fence = self.fence.union(relay.record.fence());
        }
    }

    private static boolean passes(Replica self, Relay relay) {
        VersionVector shared = self.heldByRelays().union(relay.vector);
        if (shared.dominates(self.vector)) {
            return true;
        }
        if (!shared.with(self.self, self.vector.get(self.self)).dominates(self.vector)) {
            return false;
        }
        Dot first = new Dot(self.self, shared.get(self.self) + 1);
        return self.log.stream()
                .anyMatch(entry -> entry.dot.equals(first) && entry.context.dominates(relay.record.fence()));
    }

    // ---- Beginning anew

    private boolean begin(Replica self, Relay relay, int r) {
        if (self.fence.dominates(relay.record.fence())) {
            for (Entry entry : self.log) {
                boolean isGiven = !entry.dot.origin().equals(self.self)
                        && !relay.vector.contains(entry.dot)
                        && !relay.says(entry.said.number);
                if (isGiven && !relay.follows(entry)) {
                    return false; // It follows from what the relay holds otherwise.
                }
                if (isGiven) {
                    relay.apply(entry);
                }
            }
        }
        Origin old = self.self;
        List<Said> mine = self.chain(old);
        List<Said> known = relay.chain(old);
        int common = 0;
        while (common < mine.size() && common < known.size() && mine.get(common).equals(known.get(common))) {
            common++;
        }
        List<Entry> suffix = new ArrayList<>();
        for (Entry entry : self.log) {
            if (entry.dot.origin().equals(old) && entry.dot.seq() > common) {
                suffix.add(entry);
            }
        }
        if (suffix.size() != mine.size() - common) {
            return false; // They are in no log any more.
        }
        RowLives<String, String> before = self.row;
        self.take(relay);
        self.row = relay.row(relay.vector);
        self.touched = self.vector;
        self.fence = relay.record.fence();
        self.purged = relay.record.purged().intersection(self.fence);
        remember(self, r, relay.vector, relay.epoch);
        self.self = Origin.of(2, names++);
        if (!suffix.isEmpty()) {
            sayAnew(self, old, common, suffix, before);
        }
        return true;
    }

    /** Under the name of the branch; what another has said under that name already only if it is something else, and under the next name. */
    private void sayAnew(Replica self, Origin old, long common, List<Entry> suffix, RowLives<String, String> before) {
        Origin name = scope.rule == Rule.UNDER_ANY_NAME ? self.self : name(old, suffix.get(0));
        long after = common;
        Reissue<String, String> reissue = new Reissue<>(old, after, name, before);
        for (Entry entry : suffix) {
            List<Said> said = self.chain(name);
            long seq = entry.dot.seq() - after;
            if (seq <= said.size()) {
                if (said.get((int) seq - 1).number == entry.said.number || scope.rule == Rule.BY_THE_FIRST_ALONE) {
                    continue;
                }
                name = name(name, entry);
                after = entry.dot.seq() - 1;
                Reissue<String, String> first = reissue;
                reissue = new Reissue<>(old, after, name, before, first::rename);
            }
            RowOp<String, String> again = reissue.reissue(entry.op, self.row);
            if (again == null) {
                throw new AssertionError("lost where edits win");
            }
            self.write(entry.said.number, again);
        }
    }

    private static Origin name(Origin old, Entry first) {
        return Origin.of(3, Objects.hash(old.toString(), first.said.toString()));
    }

    // ---- What must hold

    /** Returns what is wrong at this moment; null if nothing is. */
    @Nullable
    String faultNow() {
        for (Replica replica : replicas) {
            for (Life<String, String> life : replica.row.shown()) {
                BigInteger counted = RowLives.of(List.of(life)).counter("n");
                if (!counted.toString().matches("[01]+")) {
                    return "counts " + counted;
                }
            }
        }
        return null;
    }

    /** Lets all meet until nothing moves any more. Returns what is wrong then; null if nothing is. */
    @Nullable
    String faultOnceHealed() {
        Set<Integer> all = said();
        String before = "";
        for (int round = 0; round < ROUNDS && !before.equals(moving()); round++) {
            before = moving();
            for (int r = 0; r < 2; r++) {
                if (scope.linked) {
                    ask(r);
                }
                meet(0, r);
                meet(1, r);
            }
        }
        all.removeAll(said());
        if (!all.isEmpty()) {
            return "lost " + all;
        }
        String fault = faultNow();
        if (fault != null) {
            return fault;
        }
        List<Node> nodes = new ArrayList<>(relays);
        nodes.addAll(replicas);
        for (Node node : nodes) {
            if (scope.clones && nodes.stream().anyMatch(other -> isRefused(node, other))) {
                return null; // Relays move over to nobody's history, and nobody to a branch that was said anew in two
                // ways.
            }
        }
        for (Node node : nodes) {
            if (!node.vector.equals(relays.get(0).vector)) {
                return "vectors differ";
            }
        }
        String one = shown(replicas.get(0).row);
        String other = shown(replicas.get(1).row);
        return one.equals(other) ? null : one + " at one, " + other + " at the other";
    }

    /** Returns what an exchange that moves anything changes. */
    private String moving() {
        StringBuilder text = new StringBuilder();
        relays.forEach(relay -> text.append(relay.vector).append(relay.record.fence()));
        replicas.forEach(replica -> text.append(replica.vector).append(replica.fence));
        return text.toString();
    }

    private Set<Integer> said() {
        Set<Integer> said = new TreeSet<>();
        List<Node> nodes = new ArrayList<>(relays);
        nodes.addAll(replicas);
        nodes.forEach(node -> node.chains.values().forEach(chain -> chain.forEach(each -> said.add(each.number))));
        return new HashSet<>(said);
    }

    private static String shown(RowLives<String, String> row) {
        StringBuilder text = new StringBuilder();
        row.shown()
                .forEach(life -> text.append(life.id())
                        .append('=')
                        .append(RowLives.of(List.of(life)).counter("n"))
                        .append(' '));
        return text.toString();
    }
}
