// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import io.anabranch.sync.store.log.Place;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Up to six replicas of one shop, a relay, and the links between them. Everything in it is what an application would have:
 * files, the public API, HTTP. Thread-safe.
 */
public final class Lab implements AutoCloseable {
    public static final int MOST_REPLICAS = 6;

    private static final List<String> NAMES = List.of("Ann", "Bob", "Cyn", "Dan", "Eve", "Fay");

    private final Path folder;
    private final Names names = new Names();
    private final Timeline timeline = new Timeline(names);
    private final Observer observer = new Observer(names, timeline);
    private final Network network;
    private final List<Member> members = new CopyOnWriteArrayList<>();
    private volatile Consumer<Message> messages = message -> {};
    private volatile Runnable news = () -> {};
    /** Set if the folder goes with the lab, also when the program is interrupted. */
    private @Nullable Thread atExit;

    private volatile boolean closed;

    private Lab(Path folder, int relayPort) {
        this.folder = folder;
        LabRelay relay = new LabRelay(folder.resolve("relay.db"), relayPort);
        network = new Network(relay, message -> messages.accept(message), () -> news.run());
    }

    /** A replica with the app that is on it. */
    private record Member(LabReplica replica, Board board, BoardFeed feed) {}

    /**
     * Opens a lab over a folder, with the replicas whose files are in it.
     *
     * @param relayPort 0 takes any free one
     * @throws Folders.FolderException if the folder cannot be written
     */
    public static Lab open(Path folder, int relayPort) {
        Folders.prepare(folder, "The lab's files", "Choose another folder with --data.");
        Lab lab = new Lab(folder, relayPort);
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
        Lab lab = new Lab(Folders.temporary("anabranch-lab"), relayPort);
        Thread hook = new Thread(lab::close, "lab-at-exit");
        lab.atExit = hook;
        Runtime.getRuntime().addShutdownHook(hook);
        return lab;
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
        return network.relay();
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
        board.add("tea", "Green tea", 40, 4.25, "[\"organic\"]");
        board.add("pen", "Fountain pen", 7, 18, "[\"office\"]");
    }

    /** Adds a replica with an empty file, linked as the topology has it. Does nothing if there are six, or the lab is closed. */
    public synchronized @Nullable LabReplica add() {
        return add(file -> {});
    }

    /** Adds a replica whose file is a copy of another's. It takes a name of its own before it writes. */
    public synchronized @Nullable LabReplica clone(LabReplica original) {
        return add(original::copyTo);
    }

    private @Nullable LabReplica add(Consumer<Path> prepare) {
        for (String name : closed ? List.<String>of() : NAMES) {
            if (find(name) == null) {
                prepare.accept(file(name));
                LabReplica added = add(name);
                network.relink(replicas());
                return added;
            }
        }
        return null;
    }

    private LabReplica add(String name) {
        LabReplica replica =
                new LabReplica(name, NAMES.indexOf(name), file(name), new Place(folder.resolve("state-" + name)));
        BoardFeed feed = new BoardFeed(replica);
        replica.onChange(change -> {
            feed.changed(change);
            network.changed(replica);
        });
        replica.start();
        members.add(new Member(replica, new Board(replica), feed));
        members.sort(Comparator.comparing(member -> member.replica().number()));
        return replica;
    }

    /** Takes a replica out of the lab, and deletes its file. */
    public synchronized void remove(LabReplica replica) {
        network.forget(replica);
        members.removeIf(member -> member.replica() == replica);
        replica.close();
        observer.forget(replica);
        Folders.deleteDatabase(replica.file());
        network.relink(replicas());
    }

    /** Switches a replica's network on or off; its application goes on either way. */
    public void online(LabReplica replica, boolean on) {
        replica.online(on);
        network.switched(replica);
    }

    /** Lets a replica's process die, in the middle of what it does. */
    public void crash(LabReplica replica) {
        replica.crash();
        news.run();
    }

    /** Starts a replica's process again over the file that it left; not one that was removed. */
    public synchronized void restart(LabReplica replica) {
        if (closed || member(replica).isEmpty()) {
            return;
        }
        replica.start();
        lookAgain(replica);
        network.switched(replica);
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

    /**
     * Returns a replica's board.
     *
     * @throws ReplicaDown if it was removed
     */
    public Board board(LabReplica replica) {
        return member(replica)
                .orElseThrow(() -> new ReplicaDown(replica + " is not in the lab any more."))
                .board();
    }

    // ---- Links

    public Topology topology() {
        return network.topology();
    }

    /** Replaces all links. */
    public synchronized void shape(Topology next) {
        if (closed) {
            return;
        }
        network.shape(next, replicas());
    }

    /**
     * Links two parties by hand, unless they are linked; the topology is one's own from then on.
     *
     * @throws Board.BadInput if one of them is not there
     */
    public synchronized void link(String one, String other) {
        if (closed) {
            return;
        }
        network.link(one, other, replicas());
    }

    public List<Link> links() {
        return network.links();
    }

    /** Returns the link between two parties, whoever asks; null if there is none. */
    public @Nullable Link link(Topology.Pair pair) {
        return network.link(pair);
    }

    /** Starts the relay, unless it runs. */
    public synchronized void startRelay() {
        if (closed) {
            return;
        }
        network.startRelay();
        news.run();
    }

    /** Lets the relay die. */
    public void stopRelay() {
        relay().stop();
        news.run();
    }

    /** Switches every link and network on, starts what is down, and sets every dial to nothing. */
    public synchronized void heal() {
        if (closed) {
            return;
        }
        for (LabReplica replica : replicas()) {
            online(replica, true);
            replica.clock().dial(Duration.ZERO);
            if (!replica.isUp()) {
                restart(replica);
            }
        }
        network.heal();
        news.run();
    }

    // ---- Looking

    /** Lets the next look at a board read all of it. */
    public void lookAgain(LabReplica replica) {
        member(replica).ifPresent(member -> member.feed().forget());
        news.run();
    }

    /** Reads what a board shows that changed since the last call; null if nothing did, or it is down. */
    public BoardFeed.@Nullable Update look(LabReplica replica) {
        try {
            Optional<Member> member = member(replica);
            return member.isEmpty() ? null : member.get().feed().look();
        } catch (ReplicaDown e) {
            return null;
        }
    }

    /** Reads where everything stands. Costs O(replicas), and a few queries for each. */
    public LabView look() {
        return observer.look(
                replicas(),
                links(),
                relay(),
                (replica, id) ->
                        member(replica).ifPresent(member -> member.feed().touch(id)));
    }

    private Optional<Member> member(LabReplica replica) {
        return members.stream().filter(member -> member.replica() == replica).findFirst();
    }

    // ---- The end

    /** Ends all that runs; what is asked of the lab from then on does nothing. */
    @Override
    public synchronized void close() {
        closed = true;
        messages = message -> {};
        news = () -> {};
        network.close();
        members.forEach(member -> member.replica().close());
        Thread hook = atExit;
        if (hook != null && (Thread.currentThread() == hook || isDropped(hook))) {
            Folders.delete(folder);
        }
    }

    /** Returns false if the program is ending: then the hook is at work. */
    private static boolean isDropped(Thread hook) {
        try {
            return Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            return false;
        }
    }
}
