// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.crdt.CellOp;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.TableDefinition;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.session.PeerStore;
import io.anabranch.sync.session.SpaceName;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.store.ReplicaFile;
import io.anabranch.sync.store.Reports;
import io.anabranch.sync.transport.Transport;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An SQLite file that is one of many leaders: every program writes plain SQL to it, online or not, and what was written at
 * several replicas at once merges by the rule of each column.
 *
 * <pre>{@code
 * try (Replica replica = Replica.create(Path.of("notes.db"), "notes")) {
 *     replica.execute("CREATE TABLE IF NOT EXISTS note(id TEXT PRIMARY KEY, title TEXT, likes INTEGER)");
 *     replica.enrol("note", TableRules.defaults().counter("likes"));
 *     replica.onChange(change -> System.out.println(change.kind() + " " + change.key()));
 *     replica.connect(URI.create("http://localhost:7878"));
 *     replica.execute("INSERT INTO note VALUES ('n1', 'Buy milk', 0)");
 * }
 * }</pre>
 *
 * <p>Other connections and programs may write to the file at any time; the triggers capture that too. Thread-safe. Two
 * replicas in two processes may have one file open.
 */
public final class Replica implements AutoCloseable {
    private final ReplicaFile engine;
    private final ReplicaFile application;
    private final Positions positions;
    private final List<PeerLink> links = new CopyOnWriteArrayList<>();
    private final ChangeFeed feed;
    private final CommitWatch commits;
    private final Waiters waiters;
    private final List<ServedReplica> served = new CopyOnWriteArrayList<>();
    private final LongSupplier clock;

    private Replica(ReplicaFile engine, Surroundings around) {
        this(engine, around, () -> ReplicaFile.openForApplication(engine, around.driver()));
    }

    /** @param connections opens further connections to the file */
    private Replica(ReplicaFile engine, Surroundings around, Supplier<ReplicaFile> connections) {
        this.engine = engine;
        this.clock = around.clock();
        try {
            this.positions = new Positions(engine.self(), around.random());
            this.application = connections.get();
            engine.use(around.merges());
            application.use(around.merges());
        } catch (RuntimeException e) {
            engine.close();
            throw e;
        }
        feed = new ChangeFeed(engine, connections);
        commits = new CommitWatch(engine);
        waiters = new Waiters(commits);
    }

    /**
     * Opens a file that is a replica.
     *
     * @throws SyncException.NotAReplica if it is an SQLite file that is none
     * @throws SyncException.BadFile if there is no such file, or it is not SQLite, damaged, or of another version
     */
    public static Replica open(Path file) {
        return open(file, Surroundings.ofThisMachine());
    }

    /** As {@link #open(Path)}, with merge functions for columns of rule {@code custom}. */
    public static Replica open(Path file, MergeRules merges) {
        return open(file, Surroundings.ofThisMachine().with(merges));
    }

    /** As {@link #open(Path)}, with another driver, state folder, clock or source of randomness. */
    public static Replica open(Path file, Surroundings around) {
        return new Replica(
                ReplicaFile.open(file, null, around.driver(), around.place(), around.clock(), around.random()), around);
    }

    /**
     * Opens a replica to read it where it cannot be written: a read-only medium, a file of somebody else's. Whatever would
     * write throws {@link SyncException.CannotWrite}. Nothing is mended, and what other programs wrote stays unsealed.
     *
     * @throws SyncException.BadFile as {@link #open(Path)} does, and if it could only be read once it was mended
     */
    public static Replica openToRead(Path file) {
        return openToRead(file, Surroundings.ofThisMachine());
    }

    /** As {@link #openToRead(Path)}, with another driver, state folder, clock or source of randomness. */
    public static Replica openToRead(Path file, Surroundings around) {
        Supplier<ReplicaFile> connections =
                () -> ReplicaFile.openToRead(file, around.driver(), around.place(), around.clock(), around.random());
        return new Replica(connections.get(), around, connections);
    }

    /**
     * Makes a file a replica of a space, creating it if it is missing; opens it if it is one already. Turns on SQLite's
     * write-ahead log.
     *
     * @param space the name of the group of replicas that share tables: 1 to 200 characters, no control characters
     * @throws SyncException.WrongSpace if the file is a replica of another space
     */
    public static Replica create(Path file, String space) {
        return create(file, space, setup -> {});
    }

    /** As {@link #create(Path, String)}, and enrols tables with it: all of that, or nothing if {@code setup} throws. */
    public static Replica create(Path file, String space, Consumer<Setup> setup) {
        return create(file, space, setup, Surroundings.ofThisMachine());
    }

    /** As {@link #create(Path, String, Consumer)}, with another driver, state folder, clock or source of randomness. */
    public static Replica create(Path file, String space, Consumer<Setup> setup, Surroundings around) {
        if (!SpaceName.isValid(space)) {
            throw new IllegalArgumentException("'" + space + "' cannot name a space: " + SpaceName.RULE);
        }
        return new Replica(
                ReplicaFile.create(
                        file,
                        space,
                        fresh -> setup.accept(new Setup(fresh)),
                        around.driver(),
                        around.place(),
                        around.clock(),
                        around.random()),
                around);
    }

    /** Returns the file. */
    public Path path() {
        return engine.path();
    }

    public String space() {
        return engine.space();
    }

    /** Returns the name under which this replica writes now. It changes if the file turns out to be a copy. */
    public Origin origin() {
        return engine.self();
    }

    /** Returns what makes positions for columns of rule {@code list}. */
    public Positions positions() {
        return positions;
    }

    /**
     * Returns the custom rules whose columns show the latest value instead of a merged one, {@code custom:cart@1}, each with
     * the reason. Resolvers that work mend it: here with {@link #use}, or when the replica is opened with them.
     */
    public Map<String, String> mergeProblems() {
        return engine.mergeProblems();
    }

    /**
     * Merges with these functions from now on, instead of those that the replica was opened with, and shows what they make of
     * values that were shown without one. One that took too long is called again, so using the same ones anew tries them again.
     * Costs O(rows of the tables whose columns {@link #mergeProblems} names).
     */
    public void use(MergeRules merges) {
        checkOutsideTransaction("use other merge functions");
        engine.use(merges);
        application.use(merges);
        nudge();
    }

    /** Returns whether making this file a replica turned on its write-ahead log, which its other users may want to know. */
    public boolean walTurnedOn() {
        return engine.walTurnedOn();
    }

    // ---- Tables

    /**
     * Makes a table one of the space, with the rows that it holds. Doing it again changes nothing.
     *
     * @throws SyncException.CannotEnrol if the table or a rule does not allow it; nothing was changed then
     */
    public EnrolReport enrol(String table, TableRules rules) {
        return enrol(table, rules, EnrolProgress.NONE);
    }

    /** As {@link #enrol(String, TableRules)}, and tells how far it has come: a million rows take a while. */
    public EnrolReport enrol(String table, TableRules rules, EnrolProgress progress) {
        checkOutsideTransaction("enrol");
        return engine.enrol(table, rules, progress);
    }

    /**
     * Ends the replication of a table in this file: it stays as a plain table with the rows it has. Other replicas are not
     * affected, and what they write to it is still kept and passed on here. Also of one that {@link #lostTables} names. To enrol it again is to join with existing rows:
     * what the space has wins, and rows that it lacks are added.
     *
     * @throws SyncException.NoSuchTable if no such table is enrolled
     */
    public void drop(String table) {
        engine.drop(table);
    }

    /** Returns the tables that have a primary key, in order of name. */
    public List<String> enrollableTables() {
        return engine.reports().tables(true);
    }

    public List<String> tablesWithoutPrimaryKey() {
        return engine.reports().tables(false);
    }

    /**
     * Returns the tables that are enrolled in this file and were dropped from it, or were given another primary key, in order of what
     * they were called. What others write to them is kept and not shown, until they are as they were, or for good after {@link #drop}.
     */
    public List<String> lostTables() {
        return engine.reports().lostTables();
    }

    /** Returns the tables of the space that this replica knows of, in order of name. */
    public List<String> tables() {
        return engine.reports().enrolledTables();
    }

    /**
     * Returns a table of the space, for writing and reading without SQL.
     *
     * @throws SyncException.NoSuchTable if the space has no such table
     */
    public ReplicaTable table(String name) {
        return new ReplicaTable(this, application.rows().localTable(name));
    }

    List<String> keyColumns(String table, int count) {
        List<String> columns = application.rows().keyColumns(table);
        if (columns.size() != count) {
            throw new IllegalArgumentException(
                    "the key of " + table + " is (" + String.join(", ", columns) + "), not " + count + " values");
        }
        return columns;
    }

    /** Reads the state of a row, with what was written in a transaction that the calling thread is in. */
    <T> T engineState(String table, List<Value> key, Function<RowLives<String, Value>, T> reader) {
        return reader.apply(application.rows().state(table, key));
    }

    /** Returns the name by which the space knows a column. */
    String columnOnTheWire(String table, String column) {
        return application.rows().columnOnTheWire(table, column);
    }

    void touch(String table, List<Value> key, String column) {
        application.transaction(db -> application.rows().touch(table, key, column));
    }

    void giveRights(String table, List<Value> key, String column, Origin to, long amount) {
        application.transaction(db -> application.rows().giveRights(table, key, column, to, amount));
        nudge();
    }

    // ---- Writing and reading

    /** Runs one statement in a transaction of its own. Arguments as in {@link SqlSession#execute}. */
    public void execute(String sql, @Nullable Object... arguments) {
        transaction(session -> session.execute(sql, arguments));
    }

    /**
     * Runs {@code work} in one transaction that becomes one change set: everywhere visible whole or not at all. It has the
     * write lock from the start; what other programs left unsealed becomes an earlier change set. Inside another transaction
     * of the same thread it is a savepoint of that one: if it throws, only what it wrote is taken back. For JDBC see {@code
     * io.anabranch.sync.jdbc.JdbcTransactions}.
     *
     * @throws SyncException.Locked if another program has held the file's lock for ten seconds
     * @throws SyncException.BadSql if a statement fails; everything is rolled back then
     * @throws SyncException.TransactionTooLarge if it writes more than 1 GiB; everything is rolled back then
     */
    public void transaction(SqlWork work) {
        application.transaction(db -> SqlSession.run(db, work));
        nudge();
    }

    /** Lets those look who wait for something to be committed. */
    private void nudge() {
        feed.nudge();
        commits.nudge();
        links.forEach(PeerLink::written);
    }

    /** Returns the rows of a query, as {@link SqlSession#query} does. */
    public List<Map<String, @Nullable Object>> query(String sql, @Nullable Object... arguments) {
        List<Map<String, @Nullable Object>> rows = new ArrayList<>();
        application.reading(db -> SqlSession.run(db, session -> rows.addAll(session.query(sql, arguments))));
        return rows;
    }

    /**
     * Says who is told of rows that changed, whoever wrote them: this program, another one, or another replica. After the
     * commit, in order, one call per row, on a thread of the replica's own.
     *
     * @return ends it when closed
     */
    public Subscription onChange(Consumer<RowChange> listener) {
        return feed.listen(null, Runnable::run, listener);
    }

    /** As {@link #onChange(Consumer)}, for one table. */
    public Subscription onChange(String table, Consumer<RowChange> listener) {
        return feed.listen(table, Runnable::run, listener);
    }

    /** As {@link #onChange(Consumer)}, for one table, called by {@code executor}. */
    public Subscription onChange(String table, Executor executor, Consumer<RowChange> listener) {
        return feed.listen(table, executor, listener);
    }

    /**
     * Runs a query now and whenever a table that it reads has changed, and tells how its rows differ: first all of them, as
     * added. Changes that come while the listener is at work are told together afterwards. A query of tables that are not
     * enrolled runs again at every commit to the file.
     *
     * @return ends it when closed
     * @throws SyncException.BadSql if SQLite refuses the query, or it would write
     */
    public Subscription watch(LiveQuery query, Consumer<QueryDiff> listener) {
        return feed.watch(query, listener);
    }

    /** As {@link #watch(LiveQuery, Consumer)}, with whole rows compared, on a thread of the replica's own. */
    public Subscription watch(String sql, List<?> arguments, Consumer<QueryDiff> listener) {
        return watch(LiveQuery.of(sql, arguments.toArray()), listener);
    }

    // ---- Peers

    /** Exchanges with a peer until both hold the same, and says how that ended. Blocks. */
    public SyncOutcome sync(URI peer) {
        return sync(peer, PeerOptions.defaults());
    }

    /** As {@link #sync(URI)}, with a token or certificates of its own. */
    public SyncOutcome sync(URI peer, PeerOptions options) {
        checkOutsideTransaction("sync");
        try (Transport transport = options.transport(peer, clock)) {
            return exchange(peer.toString(), transport, options);
        }
    }

    /**
     * As {@link #sync(URI)}, over another way than HTTP.
     *
     * @param peer the name under which what the peer holds is remembered; one peer, one name
     */
    public SyncOutcome sync(String peer, Transport transport) {
        return exchange(peer, transport, PeerOptions.defaults());
    }

    private SyncOutcome exchange(String peer, Transport transport, PeerOptions options) {
        SyncOutcome outcome = new Exchange(engine, transport, peer, options.direction(), new Untold()).run();
        commits.nudge();
        return outcome;
    }

    /** Returns the time by this replica's clock, in milliseconds since 1970. */
    public long nowMillis() {
        return clock.getAsLong();
    }

    /** Returns this replica as one that others exchange with, for a {@link io.anabranch.sync.session.Responder}. */
    public PeerStore asPeer() {
        return new AnsweringPeer(engine, this::nudge, commits::nudge);
    }

    /**
     * Answers peers over HTTP, as a relay does, until what this returns, or the replica, is closed: others give its address to {@link
     * #sync(URI)} and {@link #connect(URI)} and hear at once of what is written here. Listens at a loopback address, which only programs
     * of this machine reach, and asks for no token. {@code io.anabranch.server.ReplicaServer} of anabranch-sync-server, which this takes
     * too, listens anywhere, with tokens and TLS.
     *
     * @param port 0 takes any free one
     * @throws IllegalStateException if anabranch-sync-server is not there
     */
    public ServedReplica serve(int port) {
        Iterator<PeerServer> servers = ServiceLoader.load(PeerServer.class).iterator();
        if (!servers.hasNext()) {
            throw new IllegalStateException(
                    "cannot serve " + engine.path() + ": this library has no HTTP server of its own; add"
                            + " io.anabranch:anabranch-sync-server to what the program is built of");
        }
        ServedReplica server = servers.next().serve(this, port);
        served.add(server);
        return server;
    }

    /**
     * Calls {@code listener} soon after anything was committed to the file: by this program or from a peer at once, by another program
     * within a tenth of a second. Several commits may be told as one. On a thread of the replica's own, which must not be kept.
     *
     * @return ends it when closed
     */
    public Subscription onCommit(Runnable listener) {
        return commits.add(listener);
    }

    /** Keeps exchanging with a peer in the background until the link, or the replica, is closed. */
    public PeerLink connect(URI peer) {
        return connect(peer, outcome -> {});
    }

    /** As {@link #connect(URI)}; tells how each exchange ended, on the link's thread. */
    public PeerLink connect(URI peer, Consumer<SyncOutcome> outcomes) {
        return connect(peer, PeerOptions.defaults(), outcomes);
    }

    /** As {@link #connect(URI, Consumer)}, with a token or certificates of its own, or one way only. */
    public PeerLink connect(URI peer, PeerOptions options, Consumer<SyncOutcome> outcomes) {
        return connect(List.of(peer), options, outcomes);
    }

    /** As {@link #connect(List, PeerOptions, Consumer)}, with the defaults. */
    public PeerLink connect(List<URI> peers) {
        return connect(peers, PeerOptions.defaults(), outcome -> {});
    }

    /**
     * Keeps exchanging with the first of several peers that can be reached, which stand in for each other: relays of one space, or
     * addresses of one relay. While it fails the link goes over the next, and it comes back once a trial finds the better one working.
     *
     * @param peers the one liked best first
     */
    public PeerLink connect(List<URI> peers, PeerOptions options, Consumer<SyncOutcome> outcomes) {
        if (peers.isEmpty()) {
            throw new IllegalArgumentException("no peers to connect to");
        }
        Function<URI, Transport> transports = peer -> options.transport(peer, clock);
        PeerLink link = new PeerLink(peers, engine, transports, options.direction(), outcome -> {
            forward(outcome);
            outcomes.accept(outcome);
        });
        links.add(link);
        link.start();
        return link;
    }

    /** What came from one peer goes on to the others. */
    private void forward(SyncOutcome outcome) {
        if (outcome instanceof SyncOutcome.Settled settled && settled.received() > 0 && links.size() > 1) {
            links.forEach(PeerLink::written);
        }
        commits.nudge();
    }

    // ---- Bundles

    /**
     * Writes what another replica lacks into a file, to be carried to it on a stick or in a letter; {@link #importBundle} takes it. Below
     * where the log was cut the bundle holds a snapshot. Costs O(what it writes).
     *
     * @param to where nothing may be yet
     * @param since what the other holds, by its own {@link #version}; {@link Version#NOTHING} for a replica that is empty
     * @throws SyncException.CannotWrite if there is something at {@code to}, or it cannot be written; nothing is left there then
     */
    public BundleReport exportBundle(Path to, Version since) {
        checkOutsideTransaction("export");
        return new BundleExport(engine, to).write(since.vector());
    }

    /**
     * Takes what {@link #exportBundle} of another replica wrote, and counts as having heard from it. What is here already changes
     * nothing.
     *
     * @throws SyncException.CannotImport if change sets are missing between what is here and where it begins, which the message names,
     *     or it holds another history; nothing was taken
     * @throws SyncException.WrongSpace if it is of another space
     * @throws SyncException.BadFile if it is no bundle, or damaged; nothing was taken
     */
    public BundleReport importBundle(Path from) {
        checkOutsideTransaction("import");
        BundleReport report = new BundleImport(engine, from).take();
        nudge();
        return report;
    }

    // ---- Who holds what

    /**
     * Returns what this replica holds now, with everything that is captured: a token by which another replica of the same user waits
     * until it shows all of that, with {@link #awaitVersion}.
     */
    public Version version() {
        checkOutsideTransaction("say the version");
        return Version.of(engine.heads().vector());
    }

    /**
     * Waits until this replica holds all that another held, wherever it comes from; has the links ask at once. Blocks.
     *
     * @return whether it does now; false once {@code timeout} is over
     */
    public boolean awaitVersion(Version version, Duration timeout) throws InterruptedException {
        checkOutsideTransaction("wait for a version");
        CompletableFuture<Void> reached = waiters.when(() -> engine.vector().dominates(version.vector()));
        links.forEach(PeerLink::nudge);
        try {
            reached.get(timeout.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause
                    ? cause
                    : new SyncException("cannot wait", e.getCause());
        } finally {
            reached.cancel(false);
        }
    }

    /**
     * Returns a future that completes once {@code peers} peers have said that they hold, durably, all that this replica holds now. A
     * peer counts once, however many addresses it has; a relay that was restored or wiped counts again once it holds it again. Completes
     * on a thread that tells of commits, so what follows on it should not keep that; with {@link
     * java.util.concurrent.CancellationException} if the replica is closed before.
     *
     * @throws IllegalArgumentException unless {@code peers} is positive
     */
    public CompletableFuture<Void> whenReached(int peers) {
        if (peers < 1) {
            throw new IllegalArgumentException("peers < 1: " + peers);
        }
        return waiters.when(new Reach(version().vector(), peers));
    }

    /** Whether enough peers hold something. */
    private final class Reach implements BooleanSupplier {
        private final int peers;
        private volatile VersionVector wanted;

        Reach(VersionVector wanted, int peers) {
            this.wanted = wanted;
            this.peers = peers;
        }

        @Override
        public boolean getAsBoolean() {
            VersionVector held = engine.vector();
            if (!held.dominates(wanted)) {
                wanted = held; // It began anew, and said its own writes again under another name.
            }
            return engine.countHolders(wanted) >= peers;
        }
    }

    /** What takes the file's write lock on the engine's connection would wait for the transaction, and that for it. */
    private void checkOutsideTransaction(String doing) {
        if (application.isInsideTransaction()) {
            throw new IllegalStateException(
                    "cannot " + doing + " inside a transaction of this replica: do it before or after");
        }
    }

    // ---- Looking

    public SyncStatus status() {
        Reports.Moment now = engine.reports().moment();
        VersionVector acknowledged = VersionVector.EMPTY;
        List<PeerStatus> peers = new ArrayList<>();
        Hash128 sum = now.heads().sum();
        for (ReplicaFile.Peer peer : now.peers()) {
            acknowledged = acknowledged.union(peer.heads().vector());
            boolean isAllKnown = now.unsealed() == 0 && now.schemaChanged().isEmpty();
            boolean upToDate = isAllKnown && peer.sum().equals(sum);
            peers.add(status(peer, now, upToDate));
        }
        VersionVector vector = now.heads().vector();
        return new SyncStatus(
                Instant.ofEpochMilli(now.atMillis()),
                engine.space(),
                now.self(),
                vector,
                now.unsealed(),
                vector.countMinus(acknowledged),
                now.hidden(),
                now.violations(),
                now.rejected(),
                now.clocksAhead(),
                now.schemaChanged(),
                now.ruleConflicts(),
                engine.agreement().last(),
                peers);
    }

    private PeerStatus status(ReplicaFile.Peer peer, Reports.Moment now, boolean upToDate) {
        VersionVector mine = now.heads().vector();
        VersionVector theirs = peer.heads().vector();
        long oldest = peer.oldestLackingMillis();
        return new PeerStatus(
                peer.url(),
                Instant.ofEpochMilli(peer.lastExchangeMillis()),
                upToDate,
                mine.countMinus(theirs),
                theirs.countMinus(mine),
                oldest == 0 ? 0 : Math.max(0, now.atMillis() - oldest),
                peer.clockOffsetMillis(),
                links.stream().anyMatch(link -> link.isOver(peer.url())));
    }

    /**
     * Returns the change sets held, in order of arrival; with a table, only what concerns it.
     *
     * @throws SyncException.NoSuchTable if the space has no such table
     */
    public List<LogEntry> log(@Nullable String table) {
        String only = table == null ? null : engine.reports().enrolledTable(table);
        List<LogEntry> entries = new ArrayList<>();
        engine.reports().forEachChangeSet(changeSet -> {
            List<LogChange> changes = new ArrayList<>();
            engine.reports().forEachOp(changeSet, op -> {
                LogChange change = describe(op);
                if (only == null || only.equals(change.table())) {
                    changes.add(change);
                }
            });
            if (only == null || !changes.isEmpty()) {
                entries.add(new LogEntry(
                        changeSet.header().origin(),
                        changeSet.header().seq(),
                        time(changeSet.header().stamp()),
                        changes));
            }
        });
        return entries;
    }

    /** Returns the time of a stamp; null for rows that were there when their table was enrolled, which have none. */
    private static @Nullable Instant time(long stamp) {
        return stamp == 0 ? null : Instant.ofEpochMilli(new HybridTime(stamp).millis());
    }

    /**
     * Returns the values that lost to concurrent ones, rows inserted apart under one key, and values that their rule could
     * not take, as this replica came to see them, oldest first; with a table, only its own. An entry goes when somebody
     * writes its cell who had seen what lost. Bounded by {@link #keepConflicts}.
     *
     * @throws SyncException.NoSuchTable if the space has no such table
     */
    public List<Conflict> conflicts(@Nullable String table) {
        String only = table == null ? null : engine.reports().enrolledTable(table);
        List<Conflict> conflicts = new ArrayList<>(engine.reports().conflicts());
        conflicts.removeIf(conflict -> only != null && !only.equals(conflict.table()));
        return conflicts;
    }

    /**
     * Returns the rows that state shows and the application's tables do not, since their constraints would not have them: with
     * their values, the reason, and what would show them. They come back on their own when the reason goes.
     */
    public List<HiddenRow> hidden() {
        return engine.reports().hidden();
    }

    /**
     * Returns the rows that show another value of a unique key than was written, since an older row holds that
     * ({@link TableRules#rename}). Writing the column makes a value their own.
     */
    public List<RenamedRow> renamed() {
        return engine.reports().renamed();
    }

    /** Returns the rows that show and fail a CHECK of their table, because two writes that were each legal merged. */
    public List<Violation> violations() {
        return engine.reports().violations();
    }

    /**
     * Returns what was done to a row, by whom and when, as far as the log reaches back. Costs O(log).
     *
     * @param key the values of the primary key, in its order: as for {@link SqlSession#execute}. Text is taken for a number
     *     where the column's type would make it one
     * @throws SyncException.NoSuchTable if the space has no such table
     */
    public RowHistory history(String table, List<?> key) {
        return engine.reports().history(table, SqlSession.toValues(key));
    }

    /**
     * Returns why a row is as it is: where its values come from, and what lost.
     *
     * @param key as for {@link #history}
     * @param column the only column to explain; null for all
     * @throws SyncException.NoSuchTable if the space has no such table
     * @throws SyncException.NoSuchColumn if the table has no such column outside its key
     */
    public Explanation explain(String table, List<?> key, @Nullable String column) {
        return engine.reports().explain(table, SqlSession.toValues(key), column);
    }

    /**
     * Decides a conflict. That is an ordinary write, of the other value, of a new one, or of the one that shows once more, so
     * the conflict goes wherever it is heard of. A row that is gone is not brought back by accepting that, and two rows under
     * one key can only be accepted: both are noted in this file alone. Plain SQL does the same with {@code INSERT INTO
     * _ab_resolve(conflict, choice, value)}.
     *
     * @return the conflict as it was
     * @throws SyncException.NoSuchConflict if there is none of that number (any more)
     * @throws SyncException.CannotResolve if it cannot be resolved that way; nothing was changed then
     */
    public Conflict resolve(long conflict, Resolution resolution) {
        Conflict resolved = application.resolve(conflict, resolution);
        nudge();
        return resolved;
    }

    /**
     * Sets how many conflicts are remembered, and for how long: 10,000 and 90 days unless set. Kept in the file.
     *
     * @param most at least 0
     */
    public void keepConflicts(int most, Duration age) {
        if (most < 0 || age.isNegative()) {
            throw new IllegalArgumentException("cannot keep " + most + " conflicts for " + age);
        }
        checkOutsideTransaction("change how long conflicts are kept");
        engine.keepConflicts(most, age.toMillis());
    }

    private static LogChange describe(TableOp op) {
        if (op instanceof TableOp.Declare declare) {
            List<String> columns = new ArrayList<>();
            for (TableDefinition.Column column : declare.definition().columns()) {
                columns.add(column.name());
            }
            return new LogChange(declare.definition().name(), List.of(), "declare", columns);
        }
        if (!(op instanceof TableOp.Change change)) {
            return new LogChange("", List.of(), "unknown", List.of());
        }
        if (change.op() instanceof RowOp.Insert<String, Value> insert) {
            return describe(change, "insert", insert.cells());
        }
        if (change.op() instanceof RowOp.Edit<String, Value> edit) {
            return describe(change, "edit", edit.cells());
        }
        return describe(change, "delete", new TreeMap<>());
    }

    private static LogChange describe(TableOp.Change change, String kind, SortedMap<String, CellOp<Value>> cells) {
        return new LogChange(change.table(), change.key(), kind, new ArrayList<>(cells.keySet()));
    }

    /**
     * Checks the whole replica against itself: works state, heads and digests out from its snapshot and log alone, and compares
     * these with what it keeps and with what the tables show. Costs O(log + rows) time and temporary disk space; writes nothing
     * to the file.
     */
    public Verification verify() {
        return engine.verify();
    }

    /**
     * Makes state, digests and tables again what snapshot and log say. What is in a table and in no change set counts as
     * written here. Costs O(log + rows).
     *
     * @throws SyncException.BadFile if snapshot or log are damaged themselves; nothing was changed then
     */
    public void repair() {
        engine.repair();
    }

    /**
     * Fetches change sets that a disk has damaged in the log from a peer that has them, and puts them in their place: each is
     * taken only if it hashes to what the change sets around it say of it. Costs O(log), and a request for each. {@link #repair}
     * afterwards works the rest out from them.
     *
     * @throws SyncException if the peer cannot be asked; what was healed before that stays healed
     */
    public HealReport heal(URI peer, PeerOptions options) {
        checkOutsideTransaction("heal");
        return new Healer(engine.damagedLog(), engine.self(), engine.space()).from(peer, options);
    }

    /** Returns digests over the state of live rows. Writes nothing. Costs O(tables). */
    public Digests digest() {
        long unsealed = engine.unsealed();
        TreeMap<String, String> tables = new TreeMap<>();
        ByteWriter all = new ByteWriter(256);
        engine.reports().digests().forEach((table, digest) -> {
            tables.put(table, digest.toString());
            all.text(table);
            digest.write(all);
        });
        return new Digests(tables, Hash128.of(all.toByteArray(), new byte[0]).toString(), unsealed);
    }

    // ---- Backing up, and keeping the file small

    /**
     * Writes a copy of the file to {@code to}, where nothing may be yet. Everything captured is sealed first, and the identity
     * is left out: a backup that is opened writes under a name of its own, so it may be opened beside the original, or put back
     * in its place. Other programs' writes wait meanwhile. Costs O(file).
     */
    public void backup(Path to) {
        engine.backUp(to);
    }

    /**
     * Makes the file small again: cuts the log where a snapshot covers it, drops what was remembered of deleted rows that nobody
     * can bring back any more, and gives the space back to the disk. What this replica wrote and no peer holds yet stays. Costs
     * O(file); other programs may write meanwhile, and wait only while SQLite rebuilds the file.
     */
    public CompactReport compact() {
        return engine.compact();
    }

    /**
     * Says which replicas the space has: all of them, by their {@link #origin()}. From then on {@link #compact()} also forgets
     * deleted rows without a relay's word, as soon as every member is known to have seen the delete and all that it wrote
     * before is here. Nothing is concluded from silence: a member that stays away holds it up, until it is named no more.
     * Remembered in this file; say it at each replica. An empty set takes it back.
     *
     * <p>A replica that is not named must not write before it has received everything from a member: what it edits may be
     * forgotten already. That goes for a file that was put back from a backup too, which has a new origin.
     */
    public void setMembers(Set<Origin> members) {
        checkOutsideTransaction("name the members");
        engine.setMembers(members);
    }

    /**
     * Forgets a peer that is gone for good: {@link #status()} tells of it no more, no log is kept for it, {@link #compact()} does not wait for
     * it if it was one of the {@linkplain #setMembers members}, and {@link #whenReached} does not count it. What it brought stays. One that is
     * there after all is met again with the next exchange.
     *
     * @param peer its address, as {@link PeerStatus#url()} says it, or its {@link #origin()}
     * @return false if nothing was known of it
     */
    public boolean forgetPeer(String peer) {
        checkOutsideTransaction("forget a peer");
        return engine.forgetPeer(peer, originOrNull(peer));
    }

    private static @Nullable Origin originOrNull(String text) {
        try {
            return Origin.parse(text);
        } catch (IllegalArgumentException e) {
            return null; // An address.
        }
    }

    /** Ends the links and closes the file. What was captured and not sealed stays captured. */
    @Override
    public void close() {
        served.forEach(ServedReplica::close);
        links.forEach(PeerLink::close);
        waiters.close();
        commits.close();
        feed.close();
        try {
            application.close();
        } finally {
            engine.close();
        }
    }
}
