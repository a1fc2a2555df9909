// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.sync.Digests;
import io.anabranch.sync.Setup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Replicas and relays in one thread: the shipped code on SQLite, in memory or in files, with a clock that a test moves and a
 * network that it cuts. For tests of what an application makes of the engine: its rules, its schema, its screens.
 *
 * <pre>{@code
 * try (SyncWorld world = SyncWorld.seeded(1).replicas(2).setUp(NoteTest::tables).start()) {
 *     world.cut(world.replica(0), world.replica(1));
 *     world.replica(0).sql("UPDATE note SET likes = likes + 1");
 *     world.replica(1).sql("UPDATE note SET likes = likes + 1");
 *     world.heal();
 *     world.settle();
 *     assertEquals(List.of("2"), world.replica(0).rows("SELECT likes FROM note"));
 * }
 * }</pre>
 *
 * <p>Equal seeds and equal calls give equal worlds, on every JDK. Time begins in September 2001 and moves only by
 * {@link #pass}. Confined to one thread.
 */
public final class SyncWorld implements AutoCloseable {
    /** Before any clock that SQLite may read, so that stamps come from here. */
    private static final long START_MILLIS = 1_000_000_000_000L;

    /** Where Linux has a file system in memory. */
    private static final Path MEMORY = Path.of("/dev/shm");

    private static final String PREFIX = "anabranch-world-";

    private final Random random;
    private final Path folder;
    private final Disk disk;
    private final List<SimulatedReplica> replicas = new ArrayList<>();
    private final List<SimulatedRelay> relays = new ArrayList<>();
    private final List<Topology.Link> links = new ArrayList<>();
    private final Network network = new Network(this);
    private final Checks checks = new Checks();
    private final Function<SimulatedReplica, Consumer<Setup>> opening;
    private long nowMillis = START_MILLIS;

    private SyncWorld(Builder builder) {
        random = new Random(builder.seed);
        opening = builder.opening;
        disk = builder.onFiles ? new FileDisk() : new MemoryDisk();
        folder = temporaryFolder();
        for (int i = 0; i < builder.replicas; i++) {
            SimulatedReplica replica = addReplica(builder.beginning);
            builder.setUp.accept(replica);
        }
        RelayFiles files = builder.relayFiles;
        if (files != null) {
            for (int i = 0; i < builder.relays; i++) {
                relays.add(new SimulatedRelay(this, "relay" + i, files));
            }
        }
        links.addAll(builder.topology.links(replicas.size(), nodes().size(), random));
    }

    /** Begins to describe a world. Without more it has three replicas in memory that all ask all, and no relay. */
    public static Builder seeded(long seed) {
        return new Builder(seed);
    }

    /** In memory if it can be: syncing to a real disk takes most of the time of a run, and what is lost is decided here. */
    private static Path temporaryFolder() {
        try {
            return Files.isWritable(MEMORY)
                    ? Files.createTempDirectory(MEMORY, PREFIX)
                    : Files.createTempDirectory(PREFIX);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make a folder for a simulated world", e);
        }
    }

    private SimulatedReplica addReplica(Function<String, Disk.@Nullable Image> beginning) {
        String name = "r" + replicas.size();
        SimulatedReplica replica = new SimulatedReplica(this, name, folder.resolve("state-" + name));
        Disk.Image image = beginning.apply(name);
        if (image == null) {
            replica.restart();
        } else {
            replica.restore(image);
        }
        replicas.add(replica);
        return replica;
    }

    // ---- Who is there

    /** Returns a replica by number, from 0. */
    public SimulatedReplica replica(int number) {
        return replicas.get(number);
    }

    /** Returns a relay by number, from 0. */
    public SimulatedRelay relay(int number) {
        return relays.get(number);
    }

    public List<SimulatedReplica> replicas() {
        return List.copyOf(replicas);
    }

    public List<SimulatedRelay> relays() {
        return List.copyOf(relays);
    }

    /** Returns replicas, then relays. */
    public List<Node> nodes() {
        List<Node> nodes = new ArrayList<>(replicas);
        nodes.addAll(relays);
        return nodes;
    }

    /**
     * Adds a device with a raw copy of a replica's file, and lets it ask all that the original asks. What the original had
     * captured is sealed first: a raw copy with unsealed writes in it may count them twice.
     *
     * @param withState whether what the device remembers outside the file is copied too, as with a virtual machine
     */
    public SimulatedReplica copy(SimulatedReplica original, boolean withState) {
        original.heads();
        String name = "r" + replicas.size();
        SimulatedReplica copy = new SimulatedReplica(this, name, folder.resolve("state-" + name));
        if (withState) {
            copyFolder(original.state(), copy.state());
        }
        copy.restore(original.save());
        replicas.add(copy);
        // Relays are numbered after replicas: one more replica moves them.
        links.replaceAll(link -> new Topology.Link(link.from(), moved(link.to())));
        int from = replicas.indexOf(original);
        for (Topology.Link link : List.copyOf(links)) {
            if (link.from() == from) {
                links.add(new Topology.Link(replicas.size() - 1, link.to()));
            }
        }
        link(copy, original);
        return copy;
    }

    private int moved(int node) {
        return node >= replicas.size() - 1 ? node + 1 : node;
    }

    private static void copyFolder(Path from, Path to) {
        try (Stream<Path> files = Files.list(from)) {
            Files.createDirectories(to);
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot copy " + from, e);
        }
    }

    // ---- Time and network

    /** Lets time pass for all. */
    public void pass(Duration duration) {
        pass(duration.toMillis());
    }

    void pass(long millis) {
        nowMillis += millis;
    }

    /** Lets one ask the other from now on. */
    public void link(SimulatedReplica from, Node to) {
        Topology.Link link = new Topology.Link(nodes().indexOf(from), nodes().indexOf(to));
        if (from != to && !links.contains(link)) {
            links.add(link);
        }
    }

    /** Lets one no longer ask the other. */
    public void unlink(SimulatedReplica from, Node to) {
        links.remove(new Topology.Link(nodes().indexOf(from), nodes().indexOf(to)));
    }

    /** Lets nothing pass between two nodes until {@link #heal}. */
    public void cut(Node one, Node other) {
        network.cut(one, other);
    }

    /** Cuts a node off from all others until {@link #heal}. */
    public void isolate(Node node) {
        for (Node other : nodes()) {
            if (other != node) {
                network.cut(node, other);
            }
        }
    }

    /** Lets everything pass again. */
    public void heal() {
        network.heal();
    }

    /** Lets each replica that is up exchange once along each of its links that leads to a node that is up. */
    public void round() {
        for (Topology.Link link : List.copyOf(links)) {
            SimulatedReplica from = replicas.get(link.from());
            Node to = nodes().get(link.to());
            if (from.isUp() && to.isUp()) {
                from.sync(to);
            }
        }
    }

    /** Returns what has crossed the network so far. */
    public Traffic traffic() {
        return network.traffic();
    }

    /**
     * Exchanges in rounds until all hold the same, and checks that their tables are then equal.
     *
     * @return how many rounds it took
     * @throws Violation if it takes more rounds than the longest way through the network, or an exchange does not settle
     */
    public int settle() {
        return new Settling(this).run();
    }

    /** Checks that replicas that hold the same show the same. */
    public void assertConverged() {
        SimulatedReplica first = replicas.get(0);
        Digests digests = first.replica().digest();
        for (SimulatedReplica replica : replicas) {
            checks.that(
                    Oracle.CONVERGENCE,
                    replica.heads().equals(first.heads()),
                    () -> replica + " does not hold what " + first + " holds");
            checks.that(
                    Oracle.CONVERGENCE,
                    replica.replica().digest().equals(digests),
                    () -> replica + " holds what " + first + " holds and shows something else");
        }
    }

    List<Topology.Link> links() {
        return List.copyOf(links);
    }

    Network network() {
        return network;
    }

    Checks checks() {
        return checks;
    }

    Disk disk() {
        return disk;
    }

    /** Returns what the application on a device does whenever it opens the replica. */
    Consumer<Setup> opening(SimulatedReplica replica) {
        return opening.apply(replica);
    }

    Path folder() {
        return folder;
    }

    Random random() {
        return random;
    }

    String space() {
        return "simulated";
    }

    long nowMillis() {
        return nowMillis;
    }

    @Override
    public void close() {
        replicas.forEach(SimulatedReplica::close);
        relays.forEach(SimulatedRelay::close);
        disk.close();
        deleteFolder();
    }

    void deleteFolder() {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + folder, e);
        }
    }

    /** Describes a world. */
    public static final class Builder {
        private final long seed;
        private int replicas = 3;
        private int relays;
        private @Nullable RelayFiles relayFiles;
        private Topology topology = Topology.MESH;
        private boolean onFiles;
        private Consumer<SimulatedReplica> setUp = replica -> {};
        private Function<String, Disk.@Nullable Image> beginning = name -> null;
        private Function<SimulatedReplica, Consumer<Setup>> opening = replica -> setup -> {};

        private Builder(long seed) {
            this.seed = seed;
        }

        /** Sets how many replicas there are at the start; three unless set. */
        public Builder replicas(int count) {
            if (count < 1) {
                throw new IllegalArgumentException("replicas < 1: " + count);
            }
            replicas = count;
            return this;
        }

        /** Sets how many relays there are, and which; none unless set. */
        public Builder relays(int count, RelayFiles files) {
            if (count < 0) {
                throw new IllegalArgumentException("relays < 0: " + count);
            }
            relays = count;
            relayFiles = files;
            return this;
        }

        /** Sets who asks whom; all ask all unless set. */
        public Builder topology(Topology topology) {
            this.topology = topology;
            return this;
        }

        /** Uses real files instead of memory. */
        public Builder onFiles() {
            onFiles = true;
            return this;
        }

        /** Sets what is done on each replica first: making tables, filling and enrolling them. */
        public Builder setUp(Consumer<SimulatedReplica> setUp) {
            this.setUp = setUp;
            return this;
        }

        /** Sets with which file a replica of that name begins; null for none, as with all unless set. */
        Builder beginning(Function<String, Disk.@Nullable Image> beginning) {
            this.beginning = beginning;
            return this;
        }

        /**
         * Sets what the application does whenever it opens a replica, which it may have found to be of an old or a new version:
         * nothing unless set.
         */
        Builder opening(Function<SimulatedReplica, Consumer<Setup>> opening) {
            this.opening = opening;
            return this;
        }

        public SyncWorld start() {
            return new SyncWorld(this);
        }
    }
}
