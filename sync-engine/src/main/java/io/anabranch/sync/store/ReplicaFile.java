// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.CompactReport;
import io.anabranch.sync.Conflict;
import io.anabranch.sync.EnrolProgress;
import io.anabranch.sync.EnrolReport;
import io.anabranch.sync.MergeRules;
import io.anabranch.sync.Resolution;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.TableRules;
import io.anabranch.sync.Verification;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.BodyLimits;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.PartsHeld;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.session.Aside;
import io.anabranch.sync.session.Batch;
import io.anabranch.sync.session.Comparison;
import io.anabranch.sync.session.DamagedLog;
import io.anabranch.sync.session.DigestPost;
import io.anabranch.sync.session.PeerStore;
import io.anabranch.sync.session.SyncReply;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlDriver;
import io.anabranch.sync.sql.SqlException;
import io.anabranch.sync.store.apply.Taken;
import io.anabranch.sync.store.history.ConflictLog;
import io.anabranch.sync.store.log.PartStore;
import io.anabranch.sync.store.log.Place;
import io.anabranch.sync.store.schema.EnrolledTable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One connection to a replica's file, and the way to all that the engine does with it. Every operation is one transaction, or
 * several of which each leaves the file whole. Several of these may be open on one file, in one process or many; SQLite's lock
 * orders them. Thread-safe: operations exclude each other.
 *
 * <pre>
 *   ReplicaFile ──► Transactions ──► Components: catalog, sealer, log, row store …
 *     ├ writing, enrolling, backing up         (here)
 *     ├ PeerSide ──► Arrivals, SnapshotTransfer, Fence, Compaction
 *     ├ FreshBeginning   when a peer will not take this file's change sets
 *     ├ Agreement ──► Scrub, Mending    whether rows are what others' are
 *     ├ RowAccess        single rows, by name
 *     ├ LogFeed          for those who follow
 *     └ Reports          for people
 * </pre>
 */
public final class ReplicaFile implements PeerStore, AutoCloseable {
    /** What SQLite's {@code application_id} says in the file of a relay, which is no replica. */
    public static final long RELAY_APPLICATION_ID = 0x41625265L;

    private final Components parts;
    private final Transactions transactions;
    private final Opening opening;
    private final MergeRulesInUse mergeRules;
    private final Mending mending;
    private final Backup backup;
    private final Compaction compaction;
    private final Fence fence;
    private final PeerSide peerSide;
    private final FreshBeginning freshBeginning;
    private final RowAccess rowAccess;
    private final LogFeed feed;
    private final Reports reports;
    private final Agreement agreement;

    private ReplicaFile(Components parts) {
        this.parts = parts;
        transactions = new Transactions(parts);
        opening = new Opening(parts, transactions);
        mending = new Mending(parts, transactions);
        backup = new Backup(this);
        compaction = new Compaction(parts, transactions, () -> openForApplication(this, parts.driver));
        fence = new Fence(parts, transactions);
        feed = new LogFeed(parts, transactions);
        Arrivals arrivals = new Arrivals(parts, transactions, feed);
        mergeRules = new MergeRulesInUse(parts, transactions, arrivals);
        SnapshotTransfer snapshots = new SnapshotTransfer(parts, transactions, arrivals);
        reports = new Reports(parts, transactions);
        agreement = new Agreement(parts, transactions, mending, reports);
        PartStore fetched = new PartStore(parts.db, "_ab_", 1);
        LateRows lateRows = new LateRows(parts, transactions, arrivals, snapshots, fetched);
        peerSide = new PeerSide(parts, transactions, arrivals, snapshots, fence, lateRows, compaction, agreement);
        freshBeginning = new FreshBeginning(parts, transactions, arrivals, snapshots, lateRows, fetched);
        rowAccess = new RowAccess(parts, transactions);
    }

    // ---- Opening

    /** Opens a second connection to the replica that {@code other} has open, for the application's own statements. */
    public static ReplicaFile openForApplication(ReplicaFile other, SqlDriver driver) {
        Components parts = other.parts;
        return open(parts.path, null, file -> {}, driver, parts.place, parts.clock, parts.random, true);
    }

    /**
     * Opens a replica.
     *
     * @param space the space to make the file a replica of, creating it if it is missing; null opens one that is a replica
     * @param clock the wall clock in milliseconds since 1970
     */
    public static ReplicaFile open(
            Path path, @Nullable String space, SqlDriver driver, Place place, LongSupplier clock, Random random) {
        return open(path, space, file -> {}, driver, place, clock, random, false);
    }

    /**
     * Opens a replica to read it as it is, where it cannot be written: what would write throws {@link
     * SyncException.CannotWrite}.
     */
    public static ReplicaFile openToRead(Path path, SqlDriver driver, Place place, LongSupplier clock, Random random) {
        checkExists(path);
        SqlDatabase db = Opening.connectToRead(path, driver);
        try {
            ReplicaFile file = new ReplicaFile(new Components(path, db, driver, place, clock, random));
            file.opening.prepareToRead();
            return file;
        } catch (RuntimeException e) {
            db.close();
            throw e instanceof SqlException sql ? Failures.of("open", path, sql) : e;
        }
    }

    private static void checkExists(Path path) {
        if (!Files.exists(path)) {
            throw new SyncException.BadFile(
                    "cannot open " + path + ": there is no such file; make a replica with 'anabranch init'", null);
        }
    }

    /** Makes a replica or opens one, and sets it up, in one transaction: if {@code setup} throws, nothing has changed. */
    public static ReplicaFile create(
            Path path,
            String space,
            Consumer<ReplicaFile> setup,
            SqlDriver driver,
            Place place,
            LongSupplier clock,
            Random random) {
        return open(path, space, setup, driver, place, clock, random, false);
    }

    private static ReplicaFile open(
            Path path,
            @Nullable String space,
            Consumer<ReplicaFile> setup,
            SqlDriver driver,
            Place place,
            LongSupplier clock,
            Random random,
            boolean enforceForeignKeys) {
        boolean existed = Files.exists(path);
        if (space == null) {
            checkExists(path);
        }
        SqlDatabase db = Opening.connect(path, driver);
        try {
            ReplicaFile file = new ReplicaFile(new Components(path, db, driver, place, clock, random));
            file.opening.prepare(space, () -> setup.accept(file), enforceForeignKeys);
            return file;
        } catch (RuntimeException e) {
            db.close();
            if (!existed) {
                Opening.deleteEmpty(path);
            }
            throw e instanceof SqlException sql ? Failures.of("open", path, sql) : e;
        }
    }

    @Override
    public void close() {
        synchronized (transactions) {
            parts.close();
        }
    }

    // ---- What it is

    public Path path() {
        return parts.path;
    }

    public String space() {
        return transactions.look(() -> parts.meta.getText("space"));
    }

    /** Returns the origin under which this replica writes now. */
    public Origin self() {
        return transactions.look(parts::self);
    }

    /** Returns whether opening made the file use a write-ahead log, which it had not done before. */
    public boolean walTurnedOn() {
        return opening.walTurnedOn();
    }

    /** Returns a number that changes whenever another connection has committed. */
    public long dataVersion() {
        return transactions.look(() -> parts.db.queryLong("PRAGMA data_version"));
    }

    /** Returns whether the schema is of this version. */
    boolean hasSchema(long version) {
        return transactions.look(() -> parts.db.queryLong("PRAGMA schema_version") == version);
    }

    /** Returns how many row changes wait to be sealed. */
    public long unsealed() {
        return transactions.read(parts.sealer::pending);
    }

    // ---- The ways to the rest

    /** Returns what the file can tell of itself. */
    public Reports reports() {
        return reports;
    }

    /** Returns what sees to it that rows are the same as others'. */
    public Agreement agreement() {
        return agreement;
    }

    /** Returns the way to single rows. */
    public RowAccess rows() {
        return rowAccess;
    }

    /** Returns what those are told of who follow the file. */
    public LogFeed feed() {
        return feed;
    }

    /** Returns what begins the file anew. */
    public FreshBeginning freshBeginning() {
        return freshBeginning;
    }

    Components components() {
        return parts;
    }

    Transactions transactions() {
        return transactions;
    }

    // ---- Writing

    /** Enrols a table, with the rows it holds. */
    public EnrolReport enrol(String table, TableRules rules) {
        return enrol(table, rules, EnrolProgress.NONE);
    }

    /** As {@link #enrol(String, TableRules)}, and tells how far it has come. */
    public EnrolReport enrol(String table, TableRules rules, EnrolProgress progress) {
        return transactions.isInside()
                ? enrolNow(table, rules, progress)
                : transactions.writeAsIs(() -> enrolNow(table, rules, progress));
    }

    private EnrolReport enrolNow(String table, TableRules rules, EnrolProgress progress) {
        parts.schema.follow(table, known -> parts.enroller.choose(known, rules), parts::seal, parts.nowMillis());
        parts.seal();
        return parts.enroller.enrol(parts.meta.getText("space"), table, rules, progress, known -> {
            Set<String> columns = new HashSet<>();
            known.shown().forEach(column -> columns.add(column.name()));
            parts.rescan().sealFound(known, columns);
        });
    }

    /**
     * Ends the replication of a table here. It stays as a plain table, if it is there still; what others write to it is still kept
     * and passed on.
     *
     * @throws SyncException.NoSuchTable if no such table is enrolled
     */
    public void drop(String table) {
        transactions.write(() -> {
            parts.seal();
            EnrolledTable known = parts.catalog.findLocal(table);
            if (known == null) {
                known = parts.catalog.local().lost().get(table);
            }
            if (known == null) {
                throw new SyncException.NoSuchTable("cannot drop " + table + ": it is not enrolled in " + parts.path);
            }
            parts.catalog.local().detach(known);
        });
    }

    /** Seals what any program has written since the last time. Returns whether there was anything. */
    public boolean sealPending() {
        return transactions.write(parts::seal);
    }

    /**
     * Runs the application's work as one change set: what others left unsealed goes into an earlier one, and exactly what
     * {@code work} wrote into its own, all in one transaction. Inside another one of the same thread it is a savepoint of
     * that one.
     *
     * @throws SyncException.TransactionTooLarge if it writes more than 1 GiB; nothing of it is kept
     */
    public void transaction(Consumer<SqlDatabase> work) {
        transactions.ofApplication(work);
    }

    /** Returns whether the calling thread is inside a transaction of this connection. */
    public boolean isInsideTransaction() {
        return transactions.isInside();
    }

    /** Runs the application's queries on one unchanging view of the file. */
    public void reading(Consumer<SqlDatabase> work) {
        transactions.read(() -> work.accept(parts.db));
    }

    /** Says how bodies of change sets are cut that are written from now on; {@link BodyLimits#DEFAULT} unless said. */
    public void limits(BodyLimits limits) {
        parts.sealer.limits(limits);
    }

    /**
     * Carries out what a person decided about a conflict, as an ordinary write and so as a change set.
     *
     * @return the conflict
     */
    public Conflict resolve(long id, Resolution resolution) {
        List<Conflict> resolved = new ArrayList<>();
        transaction(same -> resolved.add(parts.conflictResolver().resolve(id, resolution)));
        return resolved.get(0);
    }

    /** Sets how many conflicts are remembered, and for how long. */
    public void keepConflicts(int most, long ageMillis) {
        transactions.write(() -> new ConflictLog(parts.db, parts.rows).keep(most, ageMillis));
    }

    /**
     * Uses resolvers of the application from now on, and shows what they make of columns that were shown without them.
     */
    public void use(MergeRules rules) {
        mergeRules.use(rules);
    }

    /** Returns the rules whose columns show the latest value instead of a merged one, with the reason. */
    public SortedMap<String, String> mergeProblems() {
        return mergeRules.problems();
    }

    // ---- Keeping it whole and small

    /**
     * Checks the file against itself. Costs O(log + rows), and room for the rows in SQLite's temporary files; writes nothing
     * else.
     */
    public Verification verify() {
        return reports.verify();
    }

    /**
     * Makes state, digests and tables what snapshot and log say. What is in a table and in no change set is sealed as written
     * here. Costs O(log + rows).
     *
     * @throws SyncException.BadFile if snapshot or log are damaged themselves; nothing was changed then
     */
    public void repair() {
        mending.repair();
    }

    /** Returns the log, for healing what a disk has altered in it. */
    public DamagedLog damagedLog() {
        return new ReplicaLogHealing(parts, transactions);
    }

    /**
     * Writes a copy of the file, with everything sealed and without its identity: opened, it writes under an origin of its own.
     *
     * @throws SyncException.CannotWrite if there is something at {@code to} already, or it cannot be written
     */
    public void backUp(Path to) {
        backup.to(to);
    }

    /**
     * Makes the file small again: cuts the log where a snapshot covers it, drops what was remembered of deleted rows that nobody
     * can bring back, and gives the space back to the disk. Writers wait only while the last of these runs.
     */
    public CompactReport compact() {
        return compaction.compact();
    }

    /**
     * Says which origins all the replicas of the space write under, so that rows that were deleted may be forgotten without a
     * relay, once all of them have seen it. An empty set takes it back.
     */
    public void setMembers(Set<Origin> members) {
        compaction.setMembers(members);
    }

    /**
     * Forgets what was remembered of a peer, and takes it off the members.
     *
     * @param origin the name that the peer gives itself; null if it is only called by its address
     * @return false if nothing was known of it
     */
    public boolean forgetPeer(String url, @Nullable Origin origin) {
        return compaction.forgetPeer(url, origin);
    }

    /**
     * Cuts the log if it has grown out of proportion to what the file holds: first what every peer has that was heard of
     * lately, and if that does not suffice, whatever a snapshot can stand for. Costs O(file) when it does something, and that
     * is once per so many bytes written. A peer that loses its file is filled again by the snapshot and what comes after it.
     */
    public void boundLog() {
        compaction.boundLog(Compaction.MAX_LOG_RATIO);
    }

    /** Sees to it that the snapshot which is kept stands for all that is here. Costs O(file) if it does not yet. */
    public void publishSnapshot() {
        compaction.publishSnapshot();
    }

    // ---- As a peer

    @Override
    public Heads heads() {
        return peerSide.heads();
    }

    @Override
    public List<PartsHeld> waiting() {
        return peerSide.waiting();
    }

    @Override
    public Batch missing(VersionVector peer, @Nullable List<PartsHeld> peerHolds, long maxBytes) {
        return peerSide.missing(peer, peerHolds, maxBytes);
    }

    @Override
    public Admission accept(List<EncodedChangeSet> changeSets, List<Part> bodies) {
        return peerSide.accept(changeSets, bodies);
    }

    /** As {@link #accept}, and says how many of them were not here. */
    public Taken take(List<EncodedChangeSet> changeSets, List<Part> bodies) {
        return peerSide.take(changeSets, bodies);
    }

    /** Returns what is held; what is captured and not sealed yet is not in it. */
    public VersionVector vector() {
        return transactions.read(() -> parts.origins.heads().vector());
    }

    @Override
    public void heard(Origin peer, Heads heads) {
        peerSide.heard(peer, heads);
    }

    @Override
    public Aside.@Nullable Offer offer(VersionVector peer) {
        return peerSide.offer(peer);
    }

    @Override
    public Aside.@Nullable Offer newest() {
        return peerSide.newest();
    }

    @Override
    public byte[] readSnapshot(Snapshot.Id id, long from, int maxBytes) {
        return peerSide.readSnapshot(id, from, maxBytes);
    }

    @Override
    public long receivedOf(Snapshot.Id id) {
        return peerSide.receivedOf(id);
    }

    @Override
    public void receive(Snapshot.Id id, long from, byte[] bytes) {
        peerSide.receive(id, from, bytes);
    }

    @Override
    public VersionVector purged() {
        return peerSide.purged();
    }

    @Override
    public VersionVector forgotten() {
        return peerSide.forgotten();
    }

    @Override
    public boolean mayGive(Aside said, VersionVector theirs) {
        return peerSide.mayGive(said, theirs);
    }

    @Override
    public boolean asks(Origin peer, VersionVector theirs) {
        return peerSide.asks(peer, theirs);
    }

    @Override
    public boolean wants(Aside.Offer offer, VersionVector mine) {
        return peerSide.wants(offer, mine);
    }

    @Override
    public void heardDigest(Origin peer, Hash128 sum, DigestPost post) {
        peerSide.heardDigest(peer, sum, post);
    }

    @Override
    public @Nullable Comparison compare(Origin peer, Hash128 sum, DigestPost post) {
        return peerSide.compare(peer, sum, post);
    }

    // ---- As the side that asks

    /**
     * Takes over a purge vector that a peer announced: hidden lives that nothing beyond it touched may go, since nobody edits
     * them any more without beginning anew. It only rises, and never above what is held here.
     *
     * @param held what the peer held then: until all of that is here, nothing is taken over, since what is lacking may edit what would be
     *     forgotten
     */
    public void announcePurged(VersionVector purged, VersionVector held) {
        fence.announce(purged, held);
    }

    /**
     * Returns whether a peer that fences by {@code theirs} may be given what it lacks. If so, and all of that vector is here, this file
     * fences by it too from now on. Costs O(own change sets in the log) at most.
     *
     * @param peer what the peer holds
     */
    public boolean holdAgainst(VersionVector theirs, VersionVector peer) {
        return fence.holdAgainst(theirs, peer);
    }

    /** Notes that change sets are about to come from a replica, which may pass on what no relay has held against its fence. */
    public void noteHearsay() {
        fence.noteHearsay();
    }

    /**
     * A peer as it last answered.
     *
     * @param clockOffsetMillis what its clock said more than this machine's; null if that is not known
     * @param oldestLackingMillis when the first change set was written that is held here and that it lacks; 0 for none
     */
    public record Peer(
            String url,
            Heads heads,
            Hash128 sum,
            long lastExchangeMillis,
            @Nullable Long clockOffsetMillis,
            long oldestLackingMillis) {
        Peer withOldestLacking(long millis) {
            return new Peer(url, heads, sum, lastExchangeMillis, clockOffsetMillis, millis);
        }
    }

    /** Returns how many peers are known to hold all of {@code vector}; one with several addresses counts once. */
    public int countHolders(VersionVector vector) {
        return transactions.read(() -> parts.peers.countHolders(vector));
    }

    /** Returns what a peer held when it last answered; null if it never did. */
    public @Nullable Heads peerHeads(String url) {
        return peerSide.remembered(url);
    }

    /** Remembers what a peer held when it answered just now. */
    public void rememberPeer(String url, Heads heads, SyncReply reply) {
        peerSide.remember(url, heads, reply, null);
    }

    /** Likewise, and what the peer's clock says more than this one's, in milliseconds. */
    public void rememberPeer(String url, Heads heads, SyncReply reply, long clockOffset) {
        peerSide.remember(url, heads, reply, clockOffset);
    }

    /** Returns what the wall clock says, in milliseconds since 1970. */
    public long nowMillis() {
        return parts.nowMillis();
    }

    /**
     * Takes the time that a relay's answer bears into account: what is written from now on is stamped by the relays' clock, as
     * far as it differs from this one by half a second or more. Stamps never go back.
     *
     * @param sentMillis what the wall clock said when the question left
     */
    public void answered(long sentMillis, SyncReply reply) {
        peerSide.answered(sentMillis, reply);
    }

    /** Says that an exchange has ended with nothing left to come: tables that came with it are the application's now. */
    public void settled() {
        peerSide.settled();
    }
}
