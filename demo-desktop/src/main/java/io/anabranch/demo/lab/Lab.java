// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import io.anabranch.sync.store.log.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Up to six replicas of one shop, a relay, and the links between them. Everything in it is what an application would have:
 * files, the public API, HTTP. Thread-safe.
 */
public final class Lab implements AutoCloseable {
    public static final int MOST_REPLICAS = 6;

    private static final List<String> NAMES = List.of("Ann", "Bob", "Cyn", "Dan", "Eve", "Fay");

    private final Path folder;
    private final boolean isTemporary;
    private final LabRelay relay;
    private final Names names = new Names();
    private final Timeline timeline = new Timeline(names);
    private final List<Member> members = new CopyOnWriteArrayList<>();
    private final List<Link> links = new CopyOnWriteArrayList<>();
    private final Observer observer = new Observer(names, timeline);
    private volatile Topology topology = Topology.STAR;
    private volatile Consumer<Message> messages = message -> {};
    private volatile Runnable news = () -> {};

    private Lab(Path folder, boolean isTemporary, int relayPort) {
        this.folder = folder;
        this.isTemporary = isTemporary;
        this.relay = new LabRelay(folder.resolve("relay.db"), relayPort);
    }

    /** A replica with the app that is on it. */
    private record Member(LabReplica replica, Board board, BoardFeed feed) {}

    /**
     * Opens a lab over a folder, with the replicas whose files are in it.
     *
     * @param relayPort 0 takes any free one
     * @throws FolderException if the folder cannot be written
     */
    public static Lab open(Path folder, int relayPort) {
        try {
            Files.createDirectories(folder);
            Files.delete(Files.createTempFile(folder, "try", ".tmp"));
        } catch (IOException e) {
            throw new FolderException(
                    "The lab cannot keep its files in " + folder + ": it cannot be written (" + e.getMessage()
                            + "). Choose another folder with --data.",
                    e);
        }
        Lab lab = new Lab(folder, false, relayPort);
        for (String name : NAMES) {
            if (Files.exists(lab.file(name))) {
                lab.add(name);
            }
        }
        return lab;
    }

    /** Opens an empty lab in a folder that goes with it. */
    public static Lab temporary() {
        return temporary(0);
    }

    /** As {@link #temporary()}, with a port for the relay. */
    public static Lab temporary(int relayPort) {
        try {
            return new Lab(Files.createTempDirectory("anabranch-lab"), true, relayPort);
        } catch (IOException e) {
            throw new FolderException("There is no room for temporary files (" + e.getMessage() + ").", e);
        }
    }

    /** The folder for the lab's files cannot be written. The message is a sentence for people. */
    public static final class FolderException extends RuntimeException {
        private static final long serialVersionUID = 1;

        FolderException(String message, Throwable cause) {
            super(message, cause);
        }
    }

    private Path file(String name) {
        return folder.resolve(name.toLowerCase(Locale.ROOT) + ".db");
    }

    /** Says who hears of messages as they are sent, on any thread. */
    public void onMessage(Consumer<Message> listener) {
        messages = listener;
    }

    /** Says what to run when there may be something new to look at, on any thread. */
    public void onNews(Runnable listener) {
        news = listener;
    }

    public Names names() {
        return names;
    }

    /** Returns the change sets that the lab has seen. */
    public Timeline timeline() {
        return timeline;
    }

    public LabRelay relay() {
        return relay;
    }

    // ---- Replicas

    /** Fills the first of {@code count} replicas with a few items, and links them all; what a new lab begins with. */
    public void begin(int count, Topology first) {
        begin(count, first, new Progress());
    }

    /**
     * As {@link #begin(int, Topology)}, telling how far it has come.
     *
     * @throws java.util.concurrent.CancellationException if it was cancelled; the lab may be closed then
     */
    public void begin(int count, Topology first, Progress progress) {
        while (members.size() < count) {
            progress.reached((double) members.size() / (count + 1));
            add();
        }
        progress.reached((double) count / (count + 1));
        shape(first);
        if (replica(0).isUp() && board(0).items().isEmpty()) {
            stock(board(0));
        }
    }

    private static void stock(Board board) {
        board.add("lamp", "Desk lamp", 10, 29.5, "[\"light\",\"new\"]");
        board.add("mug", "Blue mug", 24, 6, "[\"kitchen\"]");
        board.add("tea", "Green tea", 40, 4.25, "[\"kitchen\",\"organic\"]");
        board.add("pen", "Fountain pen", 7, 18, "[\"office\"]");
    }

    /** Adds a replica with an empty file, linked as the topology has it. Does nothing if there are six. */
    public synchronized @Nullable LabReplica add() {
        for (String name : NAMES) {
            if (find(name) == null) {
                LabReplica added = add(name);
                relink();
                return added;
            }
        }
        return null;
    }

    private LabReplica add(String name) {
        int number = NAMES.indexOf(name);
        BoardFeed[] feed = new BoardFeed[1];
        LabReplica replica =
                new LabReplica(name, number, file(name), new Place(folder.resolve("state-" + name)), change -> {
                    feed[0].changed(change);
                    changed(name);
                });
        feed[0] = new BoardFeed(replica);
        replica.start();
        members.add(new Member(replica, new Board(replica), feed[0]));
        members.sort(Comparator.comparing(member -> member.replica().number()));
        return replica;
    }

    /** Adds a replica whose file is a copy of another's. It takes a name of its own before it writes. */
    public synchronized @Nullable LabReplica clone(LabReplica original) {
        for (String name : NAMES) {
            if (find(name) == null) {
                original.copyTo(file(name));
                LabReplica copy = add(name);
                relink();
                return copy;
            }
        }
        return null;
    }

    /** Takes a replica out of the lab, and deletes its file. */
    public synchronized void remove(LabReplica replica) {
        disconnect(link -> link.touches(replica));
        members.removeIf(member -> member.replica() == replica);
        replica.close();
        observer.forget(replica);
        delete(replica.file());
        relink();
    }

    private static void delete(Path file) {
        try {
            for (String suffix : List.of("", "-wal", "-shm")) {
                Files.deleteIfExists(file.resolveSibling(file.getFileName() + suffix));
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + file, e);
        }
    }

    /** Switches a replica's network on or off; its application goes on either way. */
    public void online(LabReplica replica, boolean on) {
        replica.online(on);
        changed(replica.name());
    }

    /** Lets a replica's process die, in the middle of what it does. */
    public void crash(LabReplica replica) {
        replica.crash();
        news.run();
    }

    /** Starts a replica's process again over the file that it left. */
    public void restart(LabReplica replica) {
        replica.start();
        lookAgain(replica);
        changed(replica.name());
    }

    public List<LabReplica> replicas() {
        List<LabReplica> replicas = new ArrayList<>();
        members.forEach(member -> replicas.add(member.replica()));
        return replicas;
    }

    public LabReplica replica(int index) {
        return members.get(index).replica();
    }

    /** Returns the replica of that name; null if there is none. */
    public @Nullable LabReplica find(String name) {
        for (Member member : members) {
            if (member.replica().name().equals(name)) {
                return member.replica();
            }
        }
        return null;
    }

    public Board board(int index) {
        return members.get(index).board();
    }

    public Board board(LabReplica replica) {
        for (Member member : members) {
            if (member.replica() == replica) {
                return member.board();
            }
        }
        throw new IllegalArgumentException(replica + " is not in this lab");
    }

    // ---- Links

    public Topology topology() {
        return topology;
    }

    /** Replaces all links. */
    public synchronized void shape(Topology next) {
        topology = next;
        links.forEach(Link::close);
        links.clear();
        relink();
    }

    /** Makes the links that the topology asks for and are not there; ends those that it does not. */
    private void relink() {
        if (topology != Topology.OWN) {
            List<String> all = new ArrayList<>();
            members.forEach(member -> all.add(member.replica().name()));
            List<Topology.Pair> wanted = topology.links(all);
            disconnect(link -> !wanted.contains(link.pair()));
            wanted.forEach(this::connect);
        }
        if (topology == Topology.STAR) {
            relay.start();
        }
        news.run();
    }

    /** Links two parties by hand, unless they are linked; the topology is one's own from then on. */
    public synchronized void link(String one, String other) {
        if (one.equals(other)) {
            return;
        }
        topology = Topology.OWN;
        boolean turned = one.equals(LabRelay.NAME);
        connect(turned ? new Topology.Pair(other, one) : new Topology.Pair(one, other));
        if (turned || other.equals(LabRelay.NAME)) {
            relay.start();
        }
        news.run();
    }

    private void disconnect(Predicate<Link> which) {
        List<Link> ended = links().stream().filter(which).toList();
        links.removeAll(ended);
        ended.forEach(Link::close);
    }

    private void connect(Topology.Pair pair) {
        for (Link link : links) {
            if (link.pair().joins(pair)) {
                return;
            }
        }
        LabReplica asker = Objects.requireNonNull(find(pair.asker()), pair::asker);
        Party answerer = pair.answerer().equals(LabRelay.NAME)
                ? relay
                : Objects.requireNonNull(find(pair.answerer()), pair::answerer);
        Link link = new Link(asker, answerer, message -> messages.accept(message), this::moved);
        links.add(link);
        link.start();
    }

    public List<Link> links() {
        return List.copyOf(links);
    }

    /** Returns the link between two parties, whoever asks; null if there is none. */
    public @Nullable Link link(Topology.Pair pair) {
        for (Link link : links) {
            if (link.pair().joins(pair)) {
                return link;
            }
        }
        return null;
    }

    /** Switches every link and network on, starts what is down, and sets every dial to nothing. */
    public void heal() {
        for (LabReplica replica : replicas()) {
            online(replica, true);
            replica.clock().dial(Duration.ZERO);
            if (!replica.isUp()) {
                restart(replica);
            }
        }
        if (topology == Topology.STAR || relay.problem() != null) {
            relay.start();
        }
        for (Link link : links) {
            link.latencyMillis(0);
            link.lossPercent(0);
            link.on(true);
        }
        news.run();
    }

    /** Rows changed at a replica: those who are linked with it may want to know, as a relay's listeners are told. */
    private void changed(String replica) {
        for (Link link : links) {
            if (link.asker().name().equals(replica) || link.answerer().name().equals(replica)) {
                link.nudge();
            }
        }
        news.run();
    }

    /** What came over one link may go on over others. */
    private void moved(Link over) {
        for (Link link : links) {
            if (link != over && (link.touches(over.asker()) || link.touches(over.answerer()))) {
                link.nudge();
            }
        }
        news.run();
    }

    // ---- Looking

    /** Lets the next look at a board read all of it. */
    public void lookAgain(LabReplica replica) {
        for (Member member : members) {
            if (member.replica() == replica) {
                member.feed().forget();
            }
        }
        news.run();
    }

    /** Reads what a board shows that changed since the last call; null if nothing did, or it is down. */
    public BoardFeed.@Nullable Update look(LabReplica replica) {
        for (Member member : members) {
            if (member.replica() == replica) {
                try {
                    return member.feed().look();
                } catch (ReplicaDown e) {
                    return null;
                }
            }
        }
        return null;
    }

    /** Reads where everything stands. Costs O(replicas), and a few queries for each. */
    public LabView look() {
        return observer.look(replicas(), links(), relay, (replica, id) -> {
            for (Member member : members) {
                if (member.replica() == replica) {
                    member.feed().touch(id);
                }
            }
        });
    }

    // ---- The end

    @Override
    public void close() {
        messages = message -> {};
        news = () -> {};
        links.forEach(Link::close);
        links.clear();
        members.forEach(member -> member.replica().close());
        relay.close();
        if (isTemporary) {
            deleteFolder();
        }
    }

    private void deleteFolder() {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete the lab's temporary files in " + folder, e);
        }
    }
}
