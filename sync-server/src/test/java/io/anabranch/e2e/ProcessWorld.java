// SPDX-License-Identifier: Apache-2.0
package io.anabranch.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlException;
import io.anabranch.sync.sql.SqlStatement;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Replicas and relays, each in processes of its own on loopback, run by the shipped command line; the links between them; and
 * another program's SQL, which is this one's. A link goes through a {@link LinkProxy}, which counts. Confined to one thread.
 */
final class ProcessWorld implements AutoCloseable {
    private static final long DEADLINE_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long LOOK_EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final String SPACE = "notes";
    /** The key of the row that all of them like. */
    static final String SHARED = "all";

    private final Path folder;
    /** By name: the connections of a program that knows nothing of Anabranch. */
    private final Map<String, SqlDatabase> files = new TreeMap<>();

    private final Map<String, Integer> ports = new TreeMap<>();
    /** By node: the commands that make it up, as they were first given; and those of them that run. */
    private final Map<String, List<Object[]>> commands = new TreeMap<>();

    private final Map<String, List<CommandProcess>> running = new TreeMap<>();
    private final List<LinkProxy> links = new ArrayList<>();

    /** The keys of what every replica has to show in the end. */
    private final Set<String> rows = new TreeSet<>(Set.of(SHARED));

    private int likes;

    /** Makes a replica of each name: the first brings the table, the others get it from the space. */
    ProcessWorld(Path folder, String... replicas) {
        this.folder = folder;
        for (String name : replicas) {
            if (files.isEmpty()) {
                files.put(name, Ledger.open(file(name)));
                execute(name, "CREATE TABLE note(id TEXT PRIMARY KEY, title TEXT, likes INTEGER)");
                execute(name, "INSERT INTO note VALUES ('" + SHARED + "', 'Liked by all', 0)");
                Command.good("init", file(name), "--space", SPACE, "--table", "note", "--rule", "note.likes=counter");
            } else {
                Command.good("init", file(name), "--space", SPACE);
                files.put(name, Ledger.open(file(name)));
            }
        }
    }

    Path file(String name) {
        return folder.resolve(name + ".db");
    }

    // ---- Nodes and links

    /** Starts a relay that has others as peers. */
    void relay(String name, String... peers) {
        List<Object> command = new ArrayList<>(List.of("serve", "--port", port(name), "--data", file(name)));
        for (String peer : peers) {
            command.add("--peer");
            command.add(linkTo(peer));
        }
        start(name, command.toArray());
    }

    /** Has replicas answer peers. */
    void serve(String... names) {
        for (String name : names) {
            start(name, "serve", "--replica", file(name), "--port", port(name));
        }
    }

    /** Has a replica exchange with a node as long as it lives. */
    void link(String from, String to, String... flags) {
        linkBy(linkTo(to), from, flags);
    }

    /** Likewise, with whatever answers at an address. */
    void linkBy(String url, String from, String... flags) {
        List<Object> command = new ArrayList<>(List.of("sync", file(from), url, "--watch"));
        command.addAll(List.of(flags));
        start(from, command.toArray());
    }

    int port(String name) {
        return ports.computeIfAbsent(name, each -> Ports.free());
    }

    String url(String name) {
        return "http://127.0.0.1:" + port(name);
    }

    private String linkTo(String name) {
        LinkProxy link = new LinkProxy(port(name));
        links.add(link);
        return link.url();
    }

    private void start(String node, Object... command) {
        commands.computeIfAbsent(node, each -> new ArrayList<>()).add(command);
        run(node, command);
    }

    private void run(String node, Object... command) {
        CommandProcess process = CommandProcess.start(folder.resolve(node + ".err"), command);
        running.computeIfAbsent(node, each -> new ArrayList<>()).add(process);
    }

    /** {@code kill -9} of all that makes up a node. */
    void kill(String node) {
        running.remove(node).forEach(CommandProcess::kill);
    }

    /** Starts what was killed again. */
    void revive(String node) {
        commands.get(node).forEach(command -> run(node, command));
    }

    /** Returns what passed over all links until now. */
    Passed passed() {
        return new Passed(
                links.stream().mapToLong(LinkProxy::requests).sum(),
                links.stream().mapToLong(LinkProxy::bytes).sum());
    }

    record Passed(long requests, long bytes) {
        Passed since(Passed before) {
            return new Passed(requests - before.requests, bytes - before.bytes);
        }
    }

    // ---- What is written, and where it shows

    private void execute(String name, String sql) {
        files.get(name).execute(sql);
    }

    /** One transaction: a row of its own, and an increment of a counter that all share. Returns the row's key. */
    String write(String name) {
        String id = name + "-" + rows.size();
        execute(name, "BEGIN IMMEDIATE");
        execute(name, "INSERT INTO note VALUES ('" + id + "', 'by " + name + "', 0)");
        execute(name, "UPDATE note SET likes = likes + 1 WHERE id = '" + SHARED + "'");
        execute(name, "COMMIT");
        rows.add(id);
        likes++;
        return id;
    }

    boolean shows(String name, String id) {
        try {
            return files.get(name).queryLong("SELECT count(*) FROM note WHERE id = '" + id + "'") == 1;
        } catch (SqlException e) {
            return false; // The table itself is still on its way.
        }
    }

    /** Waits until replicas show a row. Returns how long that took, in milliseconds. */
    long awaitShown(String id, Collection<String> names) {
        long begin = System.nanoTime();
        await(() -> names.stream().allMatch(name -> shows(name, id)), () -> id + " at all of " + names);
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - begin);
    }

    /** Waits until all replicas show what was ever written, no more and no less, and then have equal digests. */
    void awaitConverged() {
        List<String> expected = new ArrayList<>();
        rows.forEach(id -> expected.add(id + "|" + (id.equals(SHARED) ? likes : 0)));
        for (String name : files.keySet()) {
            await(() -> table(name).equals(expected), () -> name + " shows " + table(name) + ", not " + expected);
        }
        String digests =
                Command.good("digest", file(files.keySet().iterator().next())).out();
        for (String name : files.keySet()) {
            assertThat(Command.good("digest", file(name)).out()).as(name).isEqualTo(digests);
            Ledger.assertSound(file(name), name);
        }
        running.forEach((name, processes) -> processes.forEach(process -> {
            assertThat(process.isAlive()).as(name + " lives").isTrue();
            assertThat(process.errors()).as(name).doesNotContain("\tat ");
        }));
    }

    private List<String> table(String name) {
        List<String> table = new ArrayList<>();
        try {
            SqlStatement query = files.get(name).prepare("SELECT id, likes FROM note ORDER BY id");
            while (query.step()) {
                table.add(query.getText(0) + "|" + query.getLong(1));
            }
        } catch (SqlException e) {
            table.add(String.valueOf(e.getMessage()));
        }
        return table;
    }

    static void await(BooleanSupplier condition, Supplier<String> what) {
        long deadline = System.nanoTime() + DEADLINE_NANOS;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not within a minute: " + what.get());
            }
            LockSupport.parkNanos(LOOK_EVERY_NANOS);
        }
    }

    @Override
    public void close() {
        running.values().forEach(processes -> processes.forEach(CommandProcess::close));
        links.forEach(LinkProxy::close);
        files.values().forEach(SqlDatabase::close);
    }
}
