// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli.bench;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.server.RelayServer;
import io.anabranch.server.ReplicaServer;
import io.anabranch.server.ServerOptions;
import io.anabranch.sync.Replica;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.TableRules;
import io.anabranch.sync.Version;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Two replicas and a relay, live links between them, and clients that take turns: each writes to a key or reads it, as a seed
 * says. One operation at a time, so that it is known what a read could have shown. Confined to one thread.
 *
 * <pre>
 *   writes ──► left ◄──► relay ◄──► right ──► reads
 * </pre>
 */
public final class ConsistencyBench implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final String LEFT = "left.db";
    private static final String RIGHT = "right.db";

    private final ConsistencyOptions options;
    private final Guarantee guarantee;
    private final Random random;

    private final RelayServer relay;
    private final Replica left;
    private final Replica right;
    private final List<ReplicaServer> servers = new ArrayList<>();

    private final ReadAudit audit = new ReadAudit();
    private final Latencies writes = new Latencies();
    private final Latencies reads = new Latencies();
    /** By client: what it wrote or read last. */
    private final Version[] tokens;

    private long number;

    private ConsistencyBench(ConsistencyOptions options, Guarantee guarantee, Path folder) {
        this.options = options;
        this.guarantee = guarantee;
        this.random = new Random(options.seed());
        this.tokens = new Version[options.clients()];
        Arrays.fill(tokens, Version.NOTHING);
        relay = RelayServer.start(new ServerOptions(ServerOptions.DEFAULT_HOST, 0, folder.resolve("relay.db")));
        left = Replica.create(folder.resolve(LEFT), "bench");
        right = Replica.create(folder.resolve(RIGHT), "bench");
    }

    /**
     * Runs all operations under one guarantee.
     *
     * @param folder an empty one, for the files
     * @throws SyncException if what the guarantee waits for has not come for half a minute
     */
    public static ConsistencyResult run(ConsistencyOptions options, Guarantee guarantee, Path folder)
            throws InterruptedException {
        try (ConsistencyBench bench = new ConsistencyBench(options, guarantee, folder)) {
            bench.prepare();
            for (int i = 0; i < options.operations(); i++) {
                bench.operation();
            }
            return bench.result();
        }
    }

    private void prepare() throws InterruptedException {
        left.execute("CREATE TABLE item(id TEXT PRIMARY KEY, number INTEGER NOT NULL)");
        left.enrol("item", TableRules.defaults());
        left.transaction(sql -> {
            for (int key = 0; key < options.keys(); key++) {
                sql.execute("INSERT INTO item VALUES (?, 0)", "k" + key);
            }
        });
        left.connect(relay.url());
        right.connect(relay.url());
        if (guarantee == Guarantee.REACHED_2) {
            left.connect(serve(right));
            right.connect(serve(left));
        }
        await(right, left.version());
    }

    private URI serve(Replica replica) {
        ReplicaServer server = ReplicaServer.start(
                replica,
                ServerOptions.builder()
                        .port(0)
                        .data(Path.of(replica.path() + ".tokens"))
                        .build());
        servers.add(server);
        return server.url();
    }

    // ---- Operations

    private void operation() throws InterruptedException {
        int client = random.nextInt(options.clients());
        String key = "k" + random.nextInt(options.keys());
        if (random.nextDouble() < options.writeRatio()) {
            write(client, key);
        } else {
            read(client, key);
        }
    }

    private Replica writesTo(int client) {
        return options.writeToBoth() && client % 2 == 1 ? right : left;
    }

    private void write(int client, String key) throws InterruptedException {
        Replica replica = writesTo(client);
        VersionVector before = replica.version().vector();
        number++;
        long begin = System.nanoTime();
        replica.execute("UPDATE item SET number = ? WHERE id = ?", number, key);
        switch (guarantee) {
            case REACHED_RELAY -> awaitReached(replica, 1);
            case REACHED_2 -> awaitReached(replica, 2);
            case NONE, READ_HERE, AWAIT_VERSION -> {}
        }
        writes.add(System.nanoTime() - begin);
        Version after = replica.version();
        Dot dot = new Dot(replica.origin(), after.vector().get(replica.origin()));
        audit.wrote(client, key, number, dot, before);
        tokens[client] = after;
    }

    private static void awaitReached(Replica replica, int peers) throws InterruptedException {
        try {
            replica.whenReached(peers).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw late("a write has not reached " + peers + " peers");
        } catch (ExecutionException e) {
            throw new SyncException("cannot wait for peers: " + e.getCause(), e.getCause());
        }
    }

    private Replica readsFrom(int client) {
        boolean either = options.readFromBoth() && random.nextBoolean();
        return guarantee == Guarantee.READ_HERE ? writesTo(client) : either ? left : right;
    }

    private void read(int client, String key) throws InterruptedException {
        Replica replica = readsFrom(client);
        long begin = System.nanoTime();
        if (guarantee == Guarantee.AWAIT_VERSION) {
            await(replica, tokens[client]);
        }
        long waited = System.nanoTime() - begin;
        Version held = replica.version();
        begin = System.nanoTime();
        Object shown = replica.query("SELECT number FROM item WHERE id = ?", key)
                .get(0)
                .get("number");
        reads.add(waited + System.nanoTime() - begin);
        audit.read(client, key, (Long) Objects.requireNonNull(shown, "number"), held.vector());
        tokens[client] = Version.of(tokens[client].vector().union(held.vector()));
    }

    private static void await(Replica replica, Version version) throws InterruptedException {
        if (!replica.awaitVersion(version, PATIENCE)) {
            throw late("a version has not arrived");
        }
    }

    private static SyncException late(String what) {
        return new SyncException(what + " within " + PATIENCE.toSeconds()
                + " seconds; this machine may be too busy: try again, with fewer --ops");
    }

    // ---- The end

    private ConsistencyResult result() {
        return new ConsistencyResult(
                guarantee,
                writes.summary(),
                reads.summary(),
                audit.staleReadRate(),
                audit.readYourWritesViolationRate(),
                audit.monotonicViolationRate(),
                audit.conflicts());
    }

    @Override
    public void close() {
        servers.forEach(ReplicaServer::close);
        left.close();
        right.close();
        relay.close();
    }
}
