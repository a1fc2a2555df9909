// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A relay (node 0) that lets others forget, and replicas of one row that exchange with it and with each other: the shipped merge
 * code, and rules of who may give what to whom, of which not all are built (decision 0024). All begin with the row. Mutable: a history is played from the start.
 */
final class FenceWorld {
    static final int NODES = 4;

    /**
     * The rules under test, each of which can be broken.
     *
     * @param answersForOthers who passes on what no relay is known to hold, holds it against the fence
     * @param namesFollow what is said anew gets a name that follows from the old one, so that those find it who hold the old
     * @param waitsForAll a purge vector is taken over only once all is here that the peer held
     * @param saysForOthers who begins anew says also anew what others wrote that he holds and the peer cannot be given
     * @param onlyAtRelays what others may say too is said anew only where all of them come
     */
    record Rules(
            boolean answersForOthers,
            boolean namesFollow,
            boolean waitsForAll,
            boolean saysForOthers,
            boolean onlyAtRelays) {
        /** Those that hold, and are not built. */
        static final Rules WANTED = new Rules(true, true, true, true, true);
        /** Those that replicas go by. */
        static final Rules SHIPPED = new Rules(false, false, true, false, false);
    }

    private record Entry(int number, RowOp<String, String> op, VersionVector context) {
        Origin origin() {
            return op.dot().origin();
        }

        long seq() {
            return op.dot().seq();
        }
    }

    private record Renamed(long from, Origin name) {}

    private record Branch(Origin old, int first) {}

    private static final class Node {
        private Origin self = RowHistory.origin(0);
        private RowLives<String, String> row = RowLives.none();
        private VersionVector vector = VersionVector.EMPTY;
        private VersionVector purged = VersionVector.EMPTY;
        /** What this node held when anything last touched the row. */
        private VersionVector touched = VersionVector.EMPTY;

        private List<Entry> log = new ArrayList<>();
        /** By origin: the first change set that came from a replica and that no relay is known to hold. */
        private Map<Origin, Long> hearsay = new TreeMap<>();
        /** Up to where a relay is known to hold what this node wrote under its present name. */
        private long relayed;

        boolean fits(Entry entry) {
            return vector.dominates(entry.context.without(entry.origin()))
                    && vector.get(entry.origin()) + 1 == entry.seq();
        }

        void apply(Entry entry) {
            row = row.apply(entry.op);
            skip(entry);
        }

        /** Takes a change set without anything in it. */
        void skip(Entry entry) {
            if (!fits(entry)) {
                throw new AssertionError("an effect before its cause: " + entry);
            }
            vector = vector.with(entry.origin(), entry.seq());
            log.add(entry);
            touched = vector;
        }

        @Nullable
        Entry find(Origin origin, long seq) {
            return log.stream()
                    .filter(entry -> entry.origin().equals(origin) && entry.seq() == seq)
                    .findFirst()
                    .orElse(null);
        }
    }

    private final Rules rules;
    private final List<Node> nodes = new ArrayList<>();
    private final Map<Branch, Origin> names = new HashMap<>();
    private int written;
    private int origins;

    FenceWorld(Rules rules) {
        this.rules = rules;
        for (int i = 0; i < NODES; i++) {
            Node node = new Node();
            node.self = RowHistory.origin(origins++);
            nodes.add(node);
        }
        write(0, RowCells.Write.INSERT);
        for (int i = 1; i < NODES; i++) {
            meet(i, 0);
        }
    }

    private boolean isRelay(Node node) {
        return node == nodes.get(0);
    }

    // ---- Steps: each returns false if there is nothing to do

    boolean write(int i, RowCells.Write write) {
        Node self = nodes.get(i);
        if (self.row.isShown() == (write == RowCells.Write.INSERT)) {
            return false;
        }
        Dot dot = new Dot(self.self, self.vector.get(self.self) + 1);
        long stamp = ++written;
        String value = "v" + written;
        RowOp<String, String> op = switch (write) {
            case INSERT -> self.row.insert(dot, stamp, DeletePolicy.EDIT_WINS, RowCells.first(value));
            case DELETE -> self.row.delete(dot);
            default -> self.row.edit(dot, stamp, RowCells.of(write, self.self, value));
        };
        self.apply(new Entry(written, op, self.vector));
        return true;
    }

    /** The relay lets others forget all that it holds. */
    boolean announce() {
        Node relay = nodes.get(0);
        boolean any = !relay.purged.equals(relay.vector);
        relay.purged = relay.vector;
        return any;
    }

    boolean purge(int i) {
        Node self = nodes.get(i);
        List<Life<String, String>> alive = new ArrayList<>(self.row.lives());
        boolean any = alive.removeIf(life -> !life.isAlive());
        if (!any || !self.purged.dominates(self.touched)) {
            return false;
        }
        self.row = RowLives.of(alive);
        return true;
    }

    /** A node asks another: each gives the other what it may, at most so much of it. */
    boolean meet(int i, int j, int limit) {
        Node self = nodes.get(i);
        Node peer = nodes.get(j);
        Origin stopped = stoppedBy(self, peer.purged, peer.vector);
        boolean anew = stopped != null && beginAnew(self, peer, stopped);
        if (stopped != null && !anew) {
            return false;
        }
        boolean moved = give(self, peer, Integer.MAX_VALUE);
        if (stoppedBy(peer, peer.purged.union(self.purged), self.vector) == null) {
            moved |= give(peer, self, limit);
        }
        if (isRelay(peer)) {
            hearRelay(self, peer.vector);
        }
        if (!rules.waitsForAll || self.vector.dominates(peer.vector)) {
            self.purged = self.purged.union(peer.purged.intersection(self.vector));
        }
        return moved || anew;
    }

    boolean meet(int i, int j) {
        return meet(i, j, Integer.MAX_VALUE);
    }

    // ---- Who may give what

    private @Nullable Origin stoppedBy(Node node, VersionVector purged, VersionVector peer) {
        if (isRelay(node)) {
            return null;
        }
        VersionVector beyond = peer.union(purged);
        for (Map.Entry<Origin, Long> first : firsts(node, beyond).entrySet()) {
            Entry entry = node.find(first.getKey(), first.getValue());
            boolean counts = first.getKey().equals(node.self) || rules.answersForOthers;
            if (counts && entry != null && !entry.context.dominates(purged)) {
                return first.getKey();
            }
        }
        return null;
    }

    /** Returns, of each origin with change sets beyond a vector that no relay is known to hold, the first such. */
    private static Map<Origin, Long> firsts(Node node, VersionVector beyond) {
        Map<Origin, Long> firsts = new TreeMap<>();
        node.hearsay.forEach((origin, first) -> firsts.put(origin, Math.max(first, beyond.get(origin) + 1)));
        firsts.put(node.self, Math.max(node.relayed, beyond.get(node.self)) + 1);
        firsts.entrySet().removeIf(first -> first.getValue() > node.vector.get(first.getKey()));
        return firsts;
    }

    private boolean give(Node from, Node to, int limit) {
        if (!isRelay(from) && !isRelay(to)) {
            firsts(from, to.vector)
                    .forEach((origin, first) ->
                            to.hearsay.putIfAbsent(origin, Math.max(first, to.vector.get(origin) + 1)));
        }
        int given = 0;
        for (Entry entry : List.copyOf(from.log)) {
            if (given < limit && entry.seq() > to.vector.get(entry.origin())) {
                to.apply(entry);
                given++;
            }
        }
        return given > 0;
    }

    private static void hearRelay(Node self, VersionVector held) {
        self.relayed = Math.max(self.relayed, held.get(self.self));
        self.hearsay.replaceAll((origin, first) -> Math.max(first, held.get(origin) + 1));
        self.hearsay.entrySet().removeIf(first -> first.getValue() > self.vector.get(first.getKey()));
    }

    // ---- Beginning anew

    /** Takes all that the peer holds, and says anew what it cannot be given: of each origin all from the first such change set on. */
    private boolean beginAnew(Node self, Node peer, Origin stopped) {
        if (rules.onlyAtRelays ? !isRelay(peer) : stoppedBy(peer, peer.purged, VersionVector.EMPTY) != null) {
            return false;
        }
        Map<Origin, Renamed> renamed = renamed(self, peer);
        VersionVector known = peer.vector;
        for (Origin origin : renamed.keySet()) {
            known = known.with(origin, self.vector.get(origin));
        }
        Map<Origin, Long> anew = anew(self, peer, known);
        boolean isOthers = anew.keySet().stream().anyMatch(origin -> !origin.equals(self.self));
        if (isOthers && !rules.saysForOthers) {
            return false;
        }
        giveRest(self, peer, known, anew);
        List<Entry> suffix = self.log.stream()
                .filter(entry -> entry.seq() >= anew.getOrDefault(entry.origin(), Long.MAX_VALUE))
                .toList();
        boolean wroteMore = self.vector.get(self.self) > peer.vector.get(self.self);
        RowLives<String, String> before = self.row;
        self.row = peer.row;
        self.vector = peer.vector;
        self.purged = self.purged.union(peer.purged);
        self.touched = peer.vector;
        self.log = new ArrayList<>(peer.log);
        self.hearsay = isRelay(peer) ? new TreeMap<>() : firsts(peer, VersionVector.EMPTY);
        Map<Origin, Renamed> names = new TreeMap<>(renamed);
        for (Entry entry : suffix) {
            if (entry.seq() == anew.get(entry.origin())) {
                names.put(entry.origin(), new Renamed(entry.seq(), name(entry)));
            }
        }
        sayAnew(self, suffix, before, names);
        if (wroteMore) {
            self.self = RowHistory.origin(origins++);
            self.relayed = 0;
        }
        return true;
    }

    private Origin name(Entry first) {
        Branch branch = new Branch(first.origin(), first.number);
        return rules.namesFollow
                ? names.computeIfAbsent(branch, b -> RowHistory.origin(origins++))
                : RowHistory.origin(origins++);
    }

    private static Dot rename(Map<Origin, Renamed> renamed, Dot dot) {
        Renamed branch = renamed.get(dot.origin());
        return branch == null || dot.seq() < branch.from ? dot : new Dot(branch.name, dot.seq() - branch.from + 1);
    }

    /** Returns under which names the peer holds all that it lacks by the old ones. */
    private Map<Origin, Renamed> renamed(Node self, Node peer) {
        Map<Origin, Renamed> renamed = new TreeMap<>();
        self.vector.entries().forEach((origin, last) -> {
            long from = peer.vector.get(origin) + 1;
            Entry first = self.find(origin, from);
            Origin name = first == null ? null : names.get(new Branch(origin, first.number));
            if (name != null && peer.vector.get(name) >= last - from + 1) {
                renamed.put(origin, new Renamed(from, name));
            }
        });
        return renamed;
    }

    /** Returns the first change set of each origin that the peer cannot be given: by its context, or because it comes after such. */
    private Map<Origin, Long> anew(Node self, Node peer, VersionVector known) {
        Map<Origin, Long> anew = new TreeMap<>();
        firsts(self, known.union(peer.purged)).forEach((origin, first) -> {
            Entry entry = self.find(origin, first);
            if (entry != null && !entry.context.dominates(peer.purged)) {
                anew.put(origin, first);
            }
        });
        renamed(self, peer).forEach((origin, branch) -> anew.putIfAbsent(origin, branch.from));
        for (Entry entry : self.log) {
            boolean comesAfter =
                    anew.entrySet().stream().anyMatch(first -> entry.context.get(first.getKey()) >= first.getValue());
            if (comesAfter && entry.seq() > peer.vector.get(entry.origin())) {
                anew.putIfAbsent(entry.origin(), entry.seq());
            }
        }
        renamed(self, peer).keySet().forEach(anew::remove);
        return anew;
    }

    private static void giveRest(Node self, Node peer, VersionVector known, Map<Origin, Long> anew) {
        for (Entry entry : List.copyOf(self.log)) {
            if (entry.seq() > known.get(entry.origin())
                    && entry.seq() < anew.getOrDefault(entry.origin(), Long.MAX_VALUE)) {
                peer.apply(entry);
            }
        }
    }

    private static void sayAnew(
            Node self, List<Entry> suffix, RowLives<String, String> before, Map<Origin, Renamed> names) {
        if (suffix.isEmpty()) {
            return;
        }
        Origin old = suffix.get(0).origin();
        Renamed first = names.get(old);
        Reissue<String, String> reissue =
                new Reissue<>(old, first.from - 1, first.name, before, dot -> rename(names, dot));
        for (Entry entry : suffix) {
            Dot dot = rename(names, entry.op.dot());
            if (dot.seq() <= self.vector.get(dot.origin())) {
                continue; // Another has said it anew.
            }
            RowOp<String, String> again = reissue.reissue(entry.op, self.row);
            if (again == null) {
                self.skip(new Entry(entry.number, new RowOp.Delete<>(dot, new TreeSet<>()), self.vector));
            } else {
                self.apply(new Entry(entry.number, again, self.vector));
            }
        }
    }

    // ---- What must hold

    /** Lets all meet the relay until nothing moves any more. Returns what is wrong then, null if nothing is. */
    @Nullable
    String fault() {
        Set<Integer> lost = new HashSet<>();
        nodes.forEach(node -> node.log.forEach(entry -> lost.add(entry.number)));
        for (int round = 0; round < 2 * NODES; round++) {
            for (int i = 1; i < NODES; i++) {
                meet(i, 0);
            }
        }
        Node relay = nodes.get(0);
        Set<Integer> said = new HashSet<>();
        for (Entry entry : relay.log) {
            if (!said.add(entry.number)) {
                return entry.number + " is there under two names";
            }
        }
        lost.removeAll(said);
        if (!lost.isEmpty()) {
            return "lost " + lost;
        }
        RowCells.View shown = RowCells.View.of(relay.row);
        for (Node node : nodes) {
            if (!node.vector.equals(relay.vector)) {
                return "vectors differ";
            }
            if (!RowCells.View.of(node.row).equals(shown)) {
                return shown + " at the relay, " + RowCells.View.of(node.row) + " elsewhere";
            }
        }
        return null;
    }
}
