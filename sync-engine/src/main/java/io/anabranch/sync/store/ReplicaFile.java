// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.CompactReport;
import io.anabranch.sync.Conflict;
import io.anabranch.sync.EnrolReport;
import io.anabranch.sync.Explanation;
import io.anabranch.sync.HiddenRow;
import io.anabranch.sync.MergeRules;
import io.anabranch.sync.Resolution;
import io.anabranch.sync.RowChange;
import io.anabranch.sync.RowHistory;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.TableRules;
import io.anabranch.sync.Verification;
import io.anabranch.sync.Violation;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.BodyLimits;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.PartsHeld;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.change.SnapshotReader;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.session.Aside;
import io.anabranch.sync.session.Batch;
import io.anabranch.sync.session.PeerStore;
import io.anabranch.sync.session.SyncReply;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlDriver;
import io.anabranch.sync.sql.SqlException;
import io.anabranch.sync.sql.SqlStatement;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to a replica's file, and all that the engine does with it: enrol, capture, seal, apply, answer peers.
 * Every operation is one transaction. Several of these may be open on one file, in one process or many; SQLite's lock
 * orders them. Thread-safe: operations exclude each other.
 */
public final class ReplicaFile implements PeerStore, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaFile.class);
    /** What SQLite's {@code application_id} says in the file of a relay, which is no replica. */
    public static final long RELAY_APPLICATION_ID = 0x41625265L;

    static final int BUSY_TIMEOUT_MILLIS = 10_000;

    private static final int MAX_QUIET_ATTEMPTS = 3;

    /** A log smaller than this is never cut unasked. */
    private static final long MIN_LOG_BYTES = 64 << 10;
    /** How much of a file the log may be, next to all else, before it is cut unasked. */
    private static final double MAX_LOG_RATIO = 0.1;

    private static final double MAX_LOG_RATIO_UNDER_WAY = 1.0;

    /** How long nobody holds the write lock between two slices. */
    private static final long GAP_NANOS = 1_000_000;
    /** A peer heard of within 30 days gets what it lacks from the log, if there is room for that. */
    private static final long LATELY_MILLIS = 30L * 24 * 3600 * 1000;

    private final Path path;
    private final WriteTurns turns;
    private final SqlDatabase db;
    private final SqlDriver driver;
    private final LongSupplier clock;
    private final Place place;
    private final Random random;

    private final Meta meta;
    private final Origins origins;
    private final ChangeLog log;
    private final TableInspector inspector;
    private final Catalog catalog;
    private final RowStore rows;
    private final Snapshots snapshots;
    private final Compactor compactor;
    private final Purger purger;
    private final KeyFinder keys;
    private final Peers peers;
    private final Identity identity;
    private final Gifts gifts;
    private final Sealer sealer;
    private final Enroller enroller;
    private final SchemaFollower schema;

    private @Nullable Consumer<Applied> follower;
    /** Tables that were sealed since somebody asked, where somebody does. */
    private final Set<String> sealed = new HashSet<>();

    private boolean inTransaction;
    private boolean walTurnedOn;
    /** Whether the side tables were there when a transaction began; spares looking each time. */
    private boolean isReplica;

    private ReplicaFile(Path path, SqlDatabase db, SqlDriver driver, Place place, LongSupplier clock, Random random) {
        this.path = path;
        this.turns = WriteTurns.of(path);
        this.db = db;
        this.driver = driver;
        this.place = place;
        this.clock = clock;
        this.random = random;
        meta = new Meta(db);
        origins = new Origins(db, meta);
        log = new ChangeLog(db, origins, new PartStore(db, "_ab_", 0));
        inspector = new TableInspector(db, driver);
        catalog = new Catalog(db, meta, inspector);
        snapshots = new Snapshots(db);
        rows = new RowStore(db, origins, log, snapshots);
        compactor = new Compactor(db, origins, log, snapshots);
        purger = new Purger(db, catalog, rows);
        keys = new KeyFinder(rows);
        peers = new Peers(db);
        identity = new Identity(path, meta, origins, place, random);
        gifts = new Gifts(db);
        sealer = new Sealer(db, meta, origins, log, catalog, rows);
        enroller = new Enroller(db, origins, log, catalog, inspector, rows, () -> applier(Set.of()));
        schema = new SchemaFollower(db, catalog, inspector, rows, () -> applier(Set.of()));
    }

    // ---- Opening

    /** Opens a second connection to the replica that {@code other} has open, for the application's own statements. */
    public static ReplicaFile openForApplication(ReplicaFile other, SqlDriver driver) {
        return open(other.path, null, file -> {}, driver, other.place, other.clock, other.random, true);
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
        if (space == null && !existed) {
            throw new SyncException.BadFile(
                    "cannot open " + path + ": there is no such file; make a replica with 'anabranch init'", null);
        }
        SqlDatabase db = connect(path, driver);
        try {
            ReplicaFile file = new ReplicaFile(path, db, driver, place, clock, random);
            file.prepare(space, setup, enforceForeignKeys);
            return file;
        } catch (RuntimeException e) {
            db.close();
            if (!existed) {
                deleteEmpty(path);
            }
            throw e instanceof SqlException sql ? Failures.of("open", path, sql) : e;
        }
    }

    private static SqlDatabase connect(Path path, SqlDriver driver) {
        SqlDatabase db;
        try {
            db = driver.open(path, BUSY_TIMEOUT_MILLIS);
        } catch (SqlException e) {
            throw Failures.of("open", path, e);
        }
        try {
            db.queryLong("SELECT count(*) FROM sqlite_master"); // Reads the header: is it a database at all?
            db.execute("PRAGMA synchronous = FULL");
            return db;
        } catch (SqlException e) {
            db.close();
            throw Failures.of("open", path, e);
        }
    }

    private void prepare(@Nullable String space, Consumer<ReplicaFile> setup, boolean enforceForeignKeys) {
        // For the engine's own writes. An application's connection keeps its own settings.
        db.execute("PRAGMA foreign_keys = " + (enforceForeignKeys ? "ON" : "OFF"));
        db.execute("PRAGMA recursive_triggers = OFF");
        if (db.queryLong("PRAGMA application_id") == RELAY_APPLICATION_ID) {
            throw new SyncException.BadFile(
                    "cannot use " + path + ": it is a relay's file; name the file with your own tables", null);
        }
        if (SideTables.exist(db)) {
            List<String> missing = SideTables.missing(db, path.toString());
            if (space != null) {
                checkSpace(space);
            }
            SideTables.check(db, meta, path.toString());
            SideTables.checkNotEmptied(db, path.toString());
            if (identity.isLeftOut()) {
                writeAsIs(() -> {
                    identity.begin();
                    return null;
                });
                turnWalOn();
            }
            checkPlace();
            if (!missing.isEmpty() || SideTables.isStateEmptied(db)) {
                mend(missing);
            }
        } else if (space == null) {
            throw new SyncException.NotAReplica("cannot open " + path
                    + ": it is an SQLite file but not a replica yet; run 'anabranch init " + path
                    + " --space NAME --all-tables' first");
        }
        if (space != null) {
            writeAsIs(() -> {
                create(space);
                catalog.refresh();
                setup.accept(this);
                followSchema();
                return null;
            });
            // Last, because no transaction could take it back.
            turnWalOn();
        }
    }

    /** Makes again what somebody dropped or emptied, from what is left. */
    private void mend(List<String> missing) {
        boolean isPendingLost = false;
        for (String statement : missing) {
            isPendingLost |= statement.startsWith("CREATE TABLE _ab_pending");
        }
        boolean lostWrites = isPendingLost;
        LOG.warn("somebody dropped or emptied tables of the replica {}: its state is worked out anew", path);
        writeAsIs(() -> {
            missing.forEach(db::execute);
            repairNow(lostWrites);
            return null;
        });
    }

    /**
     * Makes state, digests and tables what snapshot and log say. What is in a table and in no change set is sealed as written
     * here. Costs O(log + rows).
     *
     * @throws SyncException.BadFile if snapshot or log are damaged themselves; nothing was changed then
     */
    public void repair() {
        writeAsIs(() -> {
            repairNow(false);
            return null;
        });
    }

    /** @param lostWrites whether what was captured is lost, so that tables must be looked through for it */
    private void repairNow(boolean lostWrites) {
        SideTables.setMode(db, SideTables.MODE_CAPTURE);
        catalog.forget();
        catalog.refresh();
        rows.forget();
        Verifier verifier = new Verifier(db, log, origins, snapshots, catalog, rows);
        try (Replay replay = new Replay(db, log.parts())) {
            Heads heads = verifier.replay(replay).heads();
            verifier.requireSound(path);
            meta.put("sum", heads.sum().bytes());
            db.execute("DELETE FROM _ab_row");
            db.execute("DELETE FROM _ab_digest");
            db.execute("DELETE FROM _ab_hidden");
            for (EnrolledTable table : catalog.all()) {
                SideTables.widenPending(db, table.keyNames().size(), table.maskColumns());
                replay.forEach(table.name(), (key, row) -> {
                    if (table.onDelete() == DeletePolicy.EDIT_WINS || row.isShown()) {
                        rows.save(table, key, row, null);
                    }
                });
            }
        }
        rows.flush();
        seal();
        Rescan rescan = new Rescan(db, inspector, rows, clock.getAsLong(), this::seal);
        for (EnrolledTable table : new ArrayList<>(catalog.all())) {
            if (table.isLocal()) {
                if (lostWrites) {
                    rescan.sealChanged(table, Set.of(), keys -> {});
                } else {
                    rescan.sealUnknown(table);
                }
            }
            applier(Set.of()).show(table, rows.keys(table));
        }
        followSchema();
    }

    private static void deleteEmpty(Path path) {
        try {
            if (Files.size(path) == 0) {
                Files.delete(path);
            }
        } catch (IOException e) {
            LOG.debug("{} stays: {}", path, e.getMessage());
        }
    }

    private void turnWalOn() {
        SqlStatement query = db.prepare("PRAGMA journal_mode");
        boolean isOn = query.step() && "wal".equals(query.getText(0));
        query.reset();
        if (!isOn) {
            db.execute("PRAGMA journal_mode = WAL");
            walTurnedOn = true;
        }
    }

    private void create(String space) {
        if (SideTables.exist(db)) { // It is a replica already, or another process was quicker.
            checkSpace(space);
            return;
        }
        checkEncoding();
        SideTables.create(db);
        meta.put("format", SideTables.FORMAT);
        meta.put("space", space);
        identity.begin();
    }

    /** UTF-16 sorts keys otherwise, cannot hold every text that UTF-8 does, and gives other bytes for the same text. */
    private void checkEncoding() {
        SqlStatement query = db.prepare("PRAGMA encoding");
        String encoding = query.step() ? String.valueOf(query.getText(0)) : "";
        query.reset();
        if (!encoding.equals("UTF-8")) {
            throw new SyncException.BadFile(
                    "cannot make " + path + " a replica: its text is " + encoding
                            + " and replicas hold UTF-8; copy it with"
                            + " \"sqlite3 old.db .dump | sqlite3 new.db\" and use the copy",
                    null);
        }
    }

    private void checkSpace(String space) {
        if (!space.equals(meta.getText("space"))) {
            throw new SyncException.WrongSpace("cannot make " + path + " a replica of space '" + space
                    + "': it is one of '" + meta.getText("space") + "'; use another file for another space");
        }
    }

    /** Takes another origin if this may not be the only file that writes under the one it has. */
    private void checkPlace() {
        Origin self = self();
        identity.doubt().ifPresent(reason -> {
            // Not a word is sealed before this is settled.
            writeAsIs(() -> {
                identity.change();
                return null;
            });
            LOG.warn("{} writes as origin {} instead of {}, because {}", path, self(), self, reason);
        });
    }

    // ---- Transactions

    /** As {@link #writeAsIs}, once the tables of the space are what the application made of its own. */
    private <T> T write(Supplier<T> work) {
        return writeAsIs(() -> {
            if (isReplica) {
                followSchema();
            }
            return work.get();
        });
    }

    private void followSchema() {
        schema.follow(this::seal, clock.getAsLong());
    }

    /** Runs {@code work} in one transaction that holds the write lock from the start; commits unless it throws. */
    private synchronized <T> T writeAsIs(Supplier<T> work) {
        if (inTransaction) {
            throw new IllegalStateException("already in a transaction of " + path);
        }
        beginWriting();
        inTransaction = true;
        boolean committed = false;
        try {
            isReplica = isReplica || SideTables.exist(db); // Once it is one it stays one.
            if (isReplica) {
                catalog.refresh();
            }
            T result = work.get();
            noteMergeProblems();
            rows.flush();
            db.execute("COMMIT");
            committed = true;
            return result;
        } catch (SqlException e) {
            throw Failures.of("write", path, e);
        } finally {
            inTransaction = false;
            if (!committed) {
                rollBack();
            }
            turns.end();
        }
    }

    private void beginWriting() {
        if (!turns.begin(BUSY_TIMEOUT_MILLIS)) {
            throw Failures.locked("write", path, null);
        }
        try {
            db.execute("BEGIN IMMEDIATE");
        } catch (SqlException e) {
            turns.end();
            throw Failures.of("write", path, e);
        }
    }

    private void rollBack() {
        log.forget();
        origins.forget();
        catalog.forget();
        rows.rollBack();
        try {
            db.execute("ROLLBACK");
        } catch (SqlException e) {
            // SQLite has ended the transaction itself, as it does for a full disk; then there is none to roll back.
            LOG.debug("nothing to roll back in {}: {}", path, e.getMessage());
        }
    }

    /** Runs {@code work} on one unchanging view of the file. */
    private synchronized <T> T read(Supplier<T> work) {
        if (inTransaction) {
            return work.get();
        }
        try {
            db.execute("BEGIN");
        } catch (SqlException e) {
            throw Failures.of("read", path, e);
        }
        inTransaction = true;
        try {
            catalog.refresh();
            return work.get();
        } catch (SqlException e) {
            throw Failures.of("read", path, e);
        } finally {
            inTransaction = false;
            rows.release();
            db.execute("COMMIT");
        }
    }

    // ---- Writing

    /** Enrols a table, with the rows it holds. */
    public EnrolReport enrol(String table, TableRules rules) {
        return inTransaction ? enrolNow(table, rules) : writeAsIs(() -> enrolNow(table, rules));
    }

    private EnrolReport enrolNow(String table, TableRules rules) {
        schema.follow(table, known -> enroller.choose(known, rules), this::seal, clock.getAsLong());
        seal();
        return enroller.enrol(meta.getText("space"), table, rules, known -> {
            Set<String> columns = new HashSet<>();
            known.shown().forEach(column -> columns.add(column.name()));
            new Rescan(db, inspector, rows, clock.getAsLong(), this::seal).sealFound(known, columns);
        });
    }

    /**
     * Ends the replication of a table here. It stays as a plain table; what others write to it is still kept and passed on.
     *
     * @throws SyncException.NoSuchTable if no such table is enrolled
     */
    public void drop(String table) {
        write(() -> {
            seal();
            EnrolledTable known = catalog.findLocal(table);
            if (known == null) {
                throw new SyncException.NoSuchTable("cannot drop " + table + ": it is not enrolled in " + path);
            }
            catalog.detach(known);
            return null;
        });
    }

    /** Seals what any program has written since the last time. Returns whether there was anything. */
    public boolean sealPending() {
        return write(this::seal);
    }

    /**
     * Runs the application's work as one change set: what others left unsealed goes into an earlier one, and exactly what
     * {@code work} wrote into its own, all in one transaction. Inside another one of the same thread it is a savepoint of
     * that one.
     *
     * @throws SyncException.TransactionTooLarge if it writes more than 1 GiB; nothing of it is kept
     */
    public synchronized void transaction(Consumer<SqlDatabase> work) {
        if (inTransaction) {
            nested(work);
            return;
        }
        write(() -> {
            seal();
            run(work);
            catalog.refresh();
            carryOutAsked();
            sealer.seal(self(), clock.getAsLong(), true);
            followSchema();
            return null;
        });
    }

    private void run(Consumer<SqlDatabase> work) {
        DroppedColumns connection = new DroppedColumns(db, catalog);
        work.accept(connection);
        connection.restore();
    }

    private void nested(Consumer<SqlDatabase> work) {
        db.execute("SAVEPOINT _ab_nested");
        boolean isGood = false;
        try {
            run(work);
            isGood = true;
        } finally {
            try {
                if (!isGood) {
                    db.execute("ROLLBACK TO _ab_nested");
                }
                db.execute("RELEASE _ab_nested");
            } catch (SqlException e) {
                // The whole transaction is gone, and whoever began it is told so.
                LOG.debug("no savepoint is left in {}: {}", path, e.getMessage());
            }
        }
    }

    /** Returns whether the calling thread is inside a transaction of this connection. */
    public boolean isInsideTransaction() {
        return Thread.holdsLock(this) && inTransaction;
    }

    /** Runs the application's queries on one unchanging view of the file. */
    public void reading(Consumer<SqlDatabase> work) {
        read(() -> {
            work.accept(db);
            return null;
        });
    }

    private void carryOutAsked() {
        if (ConflictResolver.isAsked(db)) {
            resolver().carryOutAsked();
        }
    }

    private boolean seal() {
        carryOutAsked();
        noteSealed();
        return sealer.seal(self(), clock.getAsLong(), false);
    }

    private Applier applier(Set<String> unruly) {
        return new Applier(db, meta, log, catalog, rows, clock.getAsLong(), unruly);
    }

    /** Says how bodies of change sets are cut that are written from now on; {@link BodyLimits#DEFAULT} unless said. */
    public void limits(BodyLimits limits) {
        sealer.limits(limits);
    }

    // ---- Being followed

    /** Says who is told, after each commit and before anybody can read it from the log here, of rows that peers changed. */
    public synchronized void follow(Consumer<Applied> follower) {
        this.follower = follower;
    }

    /** Returns where the log ends. */
    public long lastLogged() {
        return read(() -> LogFollower.last(db));
    }

    /** Returns what the log says after {@code lsn}, in order, or the first few MiB of that. */
    public List<LoggedChanges> changesSince(long lsn) {
        return read(() -> new LogFollower(db, log, catalog, self()).since(lsn));
    }

    /** Returns the tables that were sealed here since the last call, whether there was anything to say of them or not. */
    public synchronized Set<String> takeSealed() {
        Set<String> taken = new HashSet<>(sealed);
        sealed.clear();
        return taken;
    }

    /** Returns whether the schema is of this version. */
    public synchronized boolean hasSchema(long version) {
        return db.queryLong("PRAGMA schema_version") == version;
    }

    private void noteSealed() {
        if (follower != null) {
            SqlStatement query = db.prepare("SELECT DISTINCT tbl FROM _ab_pending WHERE scratch = 0");
            while (query.step()) {
                sealed.add(catalog.get(query.getLong(0)).label());
            }
        }
    }

    // ---- Rows, for the typed API

    /**
     * Returns what the application calls a table of the space, whatever the case of its letters.
     *
     * @throws SyncException.NoSuchTable if there is none
     */
    public String localTable(String named) {
        return read(() -> String.valueOf(here(named).localName()));
    }

    /** Returns what the application's table calls the columns of its key. */
    public List<String> keyColumns(String named) {
        return read(() -> here(named).localKeyNames());
    }

    private EnrolledTable here(String named) {
        EnrolledTable table = catalog.findLocal(named);
        if (table == null) {
            throw new SyncException.NoSuchTable("table '" + named + "' is not enrolled in " + path
                    + "; enrol it, or see which are with 'anabranch status'");
        }
        return table;
    }

    /** Returns the state of a row; inside a transaction with what was written in it so far. */
    public synchronized RowLives<String, Value> state(String named, List<Value> key) {
        if (isInsideTransaction()) {
            seal();
        }
        return read(() -> {
            EnrolledTable table = here(named);
            return rows.load(table, Key.of(key), rows.image(table, Key.of(key)));
        });
    }

    /** Notes that a column is written, though it may show what it showed. In a transaction. */
    public void touch(String named, List<Value> key, String column) {
        EnrolledTable table = here(named);
        for (EnrolledTable.Column each : table.shown()) {
            if (each.localName().equalsIgnoreCase(column)) {
                new Notes(db).note(table, key, each);
                return;
            }
        }
        throw new SyncException.BadSql("table " + named + " has no column " + column, null);
    }

    private static String nameOf(EnrolledTable table, String local) {
        for (EnrolledTable.Column column : table.shown()) {
            if (column.localName().equalsIgnoreCase(local)) {
                return column.name();
            }
        }
        return local;
    }

    /**
     * Gives rights to a bounded counter away. In a transaction.
     *
     * @param column which; to oneself with no column claims the rights of everybody
     */
    public void giveRights(String named, List<Value> key, String column, Origin to, long amount) {
        EnrolledTable table = here(named);
        Key row = Key.of(key);
        if (rows.image(table, row) == null) {
            throw new SyncException.NoSuchRow("table " + named + " has no row " + key + "; insert it first");
        }
        long held = rows.load(table, row, null).rights(nameOf(table, column)).getOrDefault(self(), 0L);
        if (amount < 0 || amount > held) {
            throw new IllegalArgumentException(
                    "cannot give rights to " + amount + " of " + named + "." + column + ": this replica holds " + held);
        }
        new Notes(db).note(table, key, null);
        gifts.add(table, row, column, to, amount);
    }

    // ---- Merge rules of the application

    /**
     * Uses resolvers of the application from now on, and shows what they make of columns that were shown without them.
     */
    public synchronized void use(MergeRules rules) {
        rows.use(new Merges(rules));
        if (!rederivable().isEmpty()) {
            write(() -> {
                rederivable().forEach(rule -> {
                    db.prepare("DELETE FROM _ab_unmerged WHERE rule = ?")
                            .bind(1, rule)
                            .run();
                    showAll(rule);
                });
                return null;
            });
        }
    }

    private List<String> rederivable() {
        List<String> rules = new ArrayList<>(mergeProblems().keySet());
        rules.removeIf(rule -> !rows.merges().isRegistered(rule));
        return rules;
    }

    private void showAll(String rule) {
        for (EnrolledTable table : catalog.all()) {
            if (table.shown().stream().anyMatch(column -> column.rule().label().equals(rule))) {
                applier(Set.of()).show(table, rows.keys(table));
            }
        }
    }

    /** Returns the rules whose columns show the latest value instead of a merged one, with the reason. */
    public SortedMap<String, String> mergeProblems() {
        return read(() -> {
            TreeMap<String, String> problems = new TreeMap<>();
            SqlStatement query = db.prepare("SELECT rule, reason FROM _ab_unmerged");
            while (query.step()) {
                problems.put(String.valueOf(query.getText(0)), String.valueOf(query.getText(1)));
            }
            return problems;
        });
    }

    private void noteMergeProblems() {
        rows.merges()
                .takeProblems()
                .forEach((rule, reason) -> db.prepare("INSERT OR REPLACE INTO _ab_unmerged(rule, reason) VALUES (?, ?)")
                        .bind(1, rule)
                        .bind(2, reason)
                        .run());
    }

    // ---- As a peer

    /** Seals, so that what is captured is held too; durable, since every commit here is synchronous. */
    @Override
    public Heads heads() {
        return write(() -> {
            seal();
            return origins.heads();
        });
    }

    @Override
    public List<PartsHeld> waiting() {
        return read(() -> log.parts().waiting(log));
    }

    /** Returns what a peer lacks, after noting outside the file how far this replica's own change sets may have gone. */
    @Override
    public synchronized Batch missing(VersionVector peer, @Nullable List<PartsHeld> peerHolds, long maxBytes) {
        Batch batch = read(() -> log.missing(peer, peerHolds, maxBytes));
        Origin self = self();
        long last = 0;
        for (EncodedChangeSet changeSet : batch.changeSets()) {
            if (changeSet.header().origin().equals(self)) {
                last = changeSet.header().seq();
            }
        }
        for (Part part : batch.parts()) {
            last = part.origin().equals(self) ? Math.max(last, part.seq()) : last;
        }
        long seq = last;
        if (look(() -> identity.isNews(seq))) {
            write(() -> {
                identity.expose(seq);
                return null;
            });
        }
        return batch;
    }

    /** Takes what came in slices, each of which holds the write lock for some 20 ms; a change set is never cut. */
    @Override
    public Admission accept(List<EncodedChangeSet> changeSets, List<Part> parts) {
        Admission admission = read(() -> log.admit(changeSets));
        List<List<EncodedChangeSet>> slices = Slices.of(changeSets);
        for (int i = 0; i < slices.size() && admission instanceof Admission.Next; i++) {
            if (i > 0) {
                letOthersWrite();
            }
            boolean isLast = i == slices.size() - 1;
            admission = take(slices.get(i), isLast ? parts : List.of());
        }
        if (admission instanceof Admission.Next) {
            boundLog(MAX_LOG_RATIO_UNDER_WAY);
        }
        return admission;
    }

    /** Those of this process take turns; other programs find a moment without a lock, if they look often enough. */
    private void letOthersWrite() {
        if (!turns.isAwaited()) {
            LockSupport.parkNanos(GAP_NANOS);
        }
    }

    private Admission take(List<EncodedChangeSet> changeSets, List<Part> parts) {
        return showing(unruly -> {
            Origin self = self();
            long ownSeq = origins.head(self).seq();
            Applier applier = applier(unruly);
            Admission admission = applier.apply(changeSets, parts);
            if (!(admission instanceof Admission.Next)) {
                throw new Refusal(admission);
            }
            renewIfOlder(self, ownSeq);
            return applier.changes();
        });
    }

    /** Somebody may know more of this origin than this file: then it was put back from a backup. */
    private void renewIfOlder(Origin self, long ownSeq) {
        if (origins.head(self).seq() > ownSeq) {
            LOG.warn("{} takes a new origin, because a peer knew more of {} than it did", path, self);
            identity.renew();
        }
    }

    /**
     * Seals, and takes something that changes what tables show, in one write transaction; again without the triggers of a
     * table that ended the transaction.
     */
    private synchronized Admission showing(Function<Set<String>, List<RowChange>> work) {
        Set<String> unruly = new HashSet<>();
        while (true) {
            try {
                Applied applied = write(() -> {
                    seal();
                    long before = LogFollower.last(db);
                    List<RowChange> changes = work.apply(unruly);
                    return new Applied(before + 1, LogFollower.last(db), changes);
                });
                // Still alone with this connection: nobody has read from the log what is in here.
                if (follower != null) {
                    follower.accept(applied);
                }
                return new Admission.Next();
            } catch (Refusal refusal) {
                return refusal.why;
            } catch (RowStore.TransactionEnded e) {
                if (!unruly.add(e.table())) {
                    throw e;
                }
                LOG.warn("again, without the triggers on {}: {}", e.table(), e.getMessage());
            }
        }
    }

    /** Rolls a transaction back; never leaves this class. */
    private static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1;

        private final transient Admission why;

        Refusal(Admission why) {
            super(why.toString(), null, false, false);
            this.why = why;
        }
    }

    // ---- Snapshots

    /** Returns the snapshot that a peer needs, because the log no longer reaches back to what it lacks; null if it does. */
    public Snapshot.@Nullable Id snapshotFor(VersionVector peer) {
        Aside.Offer offer = offer(peer);
        return offer == null ? null : offer.id();
    }

    @Override
    public Aside.@Nullable Offer offer(VersionVector peer) {
        return read(() -> {
            Snapshots.Kept kept = log.reaches(peer) ? null : snapshots.kept();
            return kept == null ? null : new Aside.Offer(kept.id(), kept.heads().vector());
        });
    }

    @Override
    public byte[] readSnapshot(Snapshot.Id id, long from, int maxBytes) {
        return read(() -> {
            Snapshots.Kept kept = snapshots.kept();
            return kept == null || !kept.id().equals(id) ? new byte[0] : snapshots.read(kept.number(), from, maxBytes);
        });
    }

    @Override
    public long receivedOf(Snapshot.Id id) {
        return read(() -> snapshots.length(snapshots.receiving(id)));
    }

    @Override
    public synchronized void receive(Snapshot.Id id, long from, byte[] bytes) {
        if (stage(id, from, bytes) == id.sizeBytes()) {
            join(id);
        }
    }

    /** Stages bytes of a peer's snapshot, if they follow those that are here. Returns how many are here now. */
    public synchronized long stage(Snapshot.Id id, long from, byte[] bytes) {
        return write(() -> {
            long number = snapshots.receive(id);
            long length = snapshots.length(number);
            if (from == length && length + bytes.length <= id.sizeBytes() && bytes.length > 0) {
                snapshots.append(number, from, bytes, "", null);
                return length + bytes.length;
            }
            return length;
        });
    }

    private void join(Snapshot.Id id) {
        long number = read(() -> snapshots.receiving(id));
        try {
            check(number, id);
            showing(unruly -> join(number, unruly));
        } finally {
            write(() -> {
                snapshots.drop(number);
                return null;
            });
        }
    }

    private void check(long number, Snapshot.Id id) {
        Hash128 hash = read(() -> SnapshotReader.hash(snapshots.parts(number), id.sizeBytes()));
        if (!hash.equals(id.hash())) {
            throw new DecodeException(0, "a snapshot with hash " + id.hash(), "one with " + hash);
        }
    }

    private List<RowChange> join(long number, Set<String> unruly) {
        Origin self = self();
        long ownSeq = origins.head(self).seq();
        SnapshotJoin join =
                new SnapshotJoin(meta, origins, log, catalog, rows, () -> adopting(applier(unruly)), clock.getAsLong());
        if (join.join(snapshots.parts(number))) {
            // What was jumped over is in no log: from now on a snapshot of the whole has to stand for it.
            Compactor.Draft draft = compactor.new Draft();
            Snapshot.Id kept = snapshotBuilder().write(draft::chunk);
            draft.keep(kept, origins.heads());
            join.jumped().forEach(log::cut);
            rows.forget();
            renewIfOlder(self, ownSeq);
        }
        return join.changes();
    }

    private SnapshotBuilder snapshotBuilder() {
        return new SnapshotBuilder(meta, origins, log, catalog, rows);
    }

    // ---- Recovery

    /** How beginning anew went. */
    public sealed interface Recovered {
        /** The file writes as {@code origin} from now on; so many of its own change sets were said again. */
        record Done(Origin origin, long reissued) implements Recovered {}

        /** It cannot: the peer lacks what this file holds of others, or own change sets are in no log any more. */
        record Impossible(String why) implements Recovered {}
    }

    /**
     * Begins anew from everything that a peer holds, and says again under another origin what this file wrote and the peer does
     * not hold. For when the peer holds another history of this origin, or will not take more of it. One transaction: a crash
     * leaves all as it was or all as it is to be.
     *
     * @param staged the peer's snapshot, received whole; null if its log reaches back to the beginning
     * @param tail everything that the peer holds beyond that, in causal order
     * @param purged the purge vector that the peer goes by
     */
    public synchronized Recovered recover(
            Snapshot.@Nullable Id staged, List<EncodedChangeSet> tail, VersionVector purged) {
        Recovered[] result = new Recovered[1];
        long number = staged == null ? 0 : read(() -> snapshots.receiving(staged));
        if (staged != null) {
            check(number, staged);
        }
        showing(unruly -> {
            RecoveredRows rowsShown = recover(number, tail, purged, unruly);
            result[0] = rowsShown.result;
            return rowsShown.changes;
        });
        return result[0];
    }

    /** Returns what others wrote, as far as it is here and {@code peer} lacks it, in causal order. */
    public List<EncodedChangeSet> othersBeyond(VersionVector peer, long maxBytes) {
        Origin self = self();
        // Own change sets are passed over by the peer's pretended knowledge of them.
        VersionVector asked = peer.with(self, Long.MAX_VALUE);
        return read(() -> log.reaches(asked)
                ? log.missing(asked, List.of(), maxBytes).changeSets()
                : List.<EncodedChangeSet>of());
    }

    /** Returns what a peer's snapshot stands for that was staged whole. */
    public Heads stagedHeads(Snapshot.Id id) {
        return read(() -> snapshots.readHeads(snapshots.receiving(id)));
    }

    private record RecoveredRows(Recovered result, List<RowChange> changes) {}

    private RecoveredRows recover(long staged, List<EncodedChangeSet> tail, VersionVector purged, Set<String> unruly) {
        Heads adopted = staged == 0 ? Heads.NONE : snapshots.readHeads(staged);
        Origin self = self();
        Recovery recovery = new Recovery(db, meta, origins, log, catalog, rows);
        long common = recovery.commonPrefix(self, tail, adopted.get(self), peers.known());
        VersionVector theirs = adopted.vector();
        for (EncodedChangeSet changeSet : tail) {
            theirs = theirs.with(changeSet.header().origin(), changeSet.header().seq());
        }
        boolean forked = theirs.get(self) > common;
        if (!forked && origins.head(self).seq() > common && passes(purged, common)) {
            return new RecoveredRows(
                    new Recovered.Impossible("what the peer delivered continues this file's own history"), List.of());
        }
        VersionVector others = origins.heads().vector().without(self);
        if (!theirs.dominates(others)) {
            return new RecoveredRows(
                    new Recovered.Impossible("the peer lacks change sets of others that this file holds"), List.of());
        }
        Recovery.Suffix suffix = recovery.takeAside(self, common);
        if (suffix == null) {
            return new RecoveredRows(
                    new Recovered.Impossible("own change sets that no peer holds are no longer in the log"), List.of());
        }
        return begin(recovery, suffix, staged, tail, purged, forked, unruly);
    }

    private RecoveredRows begin(
            Recovery recovery,
            Recovery.Suffix suffix,
            long staged,
            List<EncodedChangeSet> tail,
            VersionVector purged,
            boolean forked,
            Set<String> unruly) {
        List<RowChange> changes = new ArrayList<>();
        Map<Long, List<Key>> shown = recovery.clear();
        if (staged != 0) {
            SnapshotJoin join = new SnapshotJoin(
                    meta, origins, log, catalog, rows, () -> adopting(applier(unruly)), clock.getAsLong());
            join.join(snapshots.parts(staged));
            changes.addAll(join.changes());
            join.jumped().forEach(log::cut);
        }
        applyAll(tail, unruly, changes);
        meta.put("purged", meta.getVector("purged").union(purged));
        Origin old = self();
        identity.renew();
        long ownBefore = origins.head(old).seq();
        Origin fresh = suffix.isEmpty() || !forked ? self() : suffix.branchName();
        origins.markMine(fresh);
        long[] reissued = new long[1];
        recovery.reissue(suffix, fresh, changeSet -> {
            applyAll(List.of(changeSet), unruly, changes);
            reissued[0]++;
        });
        if (!fresh.equals(self())) {
            origins.forgetSeen(); // The contexts written so far are another origin's.
        }
        showAll(shown, unruly, changes);
        Compactor.Draft draft = compactor.new Draft();
        draft.keep(snapshotBuilder().write(draft::chunk), origins.heads());
        if (staged != 0) {
            snapshots.drop(staged);
        }
        LOG.warn(
                "{} began anew from a peer: it writes as {} instead of {}, whose change sets up to {} stay; {} were said again",
                path,
                self(),
                old,
                ownBefore,
                reissued[0]);
        return new RecoveredRows(new Recovered.Done(self(), reissued[0]), changes);
    }

    private void applyAll(List<EncodedChangeSet> changeSets, Set<String> unruly, List<RowChange> changes) {
        Applier applier = adopting(applier(unruly));
        Admission admission = applier.apply(changeSets, List.of());
        if (!(admission instanceof Admission.Next)) {
            throw new SyncException("cannot begin anew from the peer: it sent change sets that do not follow from each"
                    + " other (" + admission + "); nothing was changed");
        }
        changes.addAll(applier.changes());
    }

    /** Tables still show what they did before, even of rows that have no state any more. */
    private Applier adopting(Applier applier) {
        catalog.all().forEach(applier::adopting);
        return applier;
    }

    private void showAll(Map<Long, List<Key>> shown, Set<String> unruly, List<RowChange> changes) {
        Applier applier = adopting(applier(unruly));
        shown.forEach((table, keys) -> keys.forEach(key -> applier.touch(catalog.get(table), key)));
        applier.show();
        changes.addAll(applier.changes());
    }

    // ---- Backup

    /**
     * Writes a copy of the file, with everything sealed and without its identity: opened, it writes under an origin of its own.
     *
     * @throws SyncException.CannotWrite if there is something at {@code to} already, or it cannot be written
     */
    public void backUp(Path to) {
        if (Files.exists(to)) {
            throw new SyncException.CannotWrite(
                    "cannot back up " + path + " to " + to + ": there is a file already; name another", null);
        }
        try (ReplicaFile other = openForApplication(this, driver)) {
            // While the other connection holds the lock, nothing is written that would be copied and not sealed.
            do {
                sealPending();
            } while (!other.write(() -> other.sealer.pending() == 0 && copyTo(to)));
        }
        SqlDatabase copy = driver.open(to, BUSY_TIMEOUT_MILLIS);
        try {
            Identity.leaveOut(copy);
        } finally {
            copy.close();
        }
    }

    private synchronized boolean copyTo(Path to) {
        try {
            db.prepare("VACUUM INTO ?").bind(1, to.toString()).run();
            return true;
        } catch (SqlException e) {
            throw Failures.of("back up", path, e);
        }
    }

    // ---- Compaction

    /**
     * Makes the file small again: cuts the log where a snapshot covers it, drops what was remembered of deleted rows that nobody
     * can bring back, and gives the space back to the disk. Writers wait only while the last of these runs.
     */
    public CompactReport compact() {
        long before = sizeOnDisk();
        Compaction done = compactLog();
        synchronized (this) {
            try {
                db.execute("VACUUM");
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)");
            } catch (SqlException e) {
                throw Failures.of("compact", path, e);
            }
        }
        return new CompactReport(before, sizeOnDisk(), done.changeSetsCut, done.livesPurged);
    }

    /** What leaves the file. */
    private record Compaction(long changeSetsCut, long livesPurged) {}

    private synchronized Compaction compactLog() {
        long purged = write(() -> {
            seal();
            purger.mark(origins.heads().vector());
            return purger.purge(meta.getVector("purged"));
        });
        makeSnapshot();
        return new Compaction(write(() -> cut(null)), purged);
    }

    /**
     * Cuts the log if it has grown out of proportion to what the file holds: first what every peer has that was heard of
     * lately, and if that does not suffice, whatever a snapshot can stand for. Costs O(file) when it does something, and that
     * is once per so many bytes written. Does nothing where a relay is among the peers: it keeps no snapshot, so should it lose
     * its file only whole logs can fill it again.
     */
    public void boundLog() {
        boundLog(MAX_LOG_RATIO);
    }

    /** @param ratio while much is coming, a higher one: each snapshot costs O(file) */
    private synchronized void boundLog(double ratio) {
        long most = read(() -> {
            long pages = db.queryLong("PRAGMA page_count") - db.queryLong("PRAGMA freelist_count");
            long state = pages * db.queryLong("PRAGMA page_size") - log.sizeBytes();
            return peers.haveRelay() ? Long.MAX_VALUE : Math.max(MIN_LOG_BYTES, (long) (state * ratio));
        });
        if (log.sizeBytes() <= most) {
            return;
        }
        write(() -> {
            purger.mark(origins.heads().vector());
            return purger.purge(meta.getVector("purged"));
        });
        makeSnapshot();
        write(() -> {
            cut(heldByAll());
            return log.sizeBytes() > most ? cut(null) : 0;
        });
    }

    private long cut(@Nullable VersionVector upTo) {
        Origin self = self();
        VersionVector before = meta.getVector("context");
        long head = origins.head(self).seq();
        VersionVector acknowledged = acknowledged();
        long last = Math.min(head, acknowledged.get(self));
        if (last > origins.floor(self)) {
            // What the cut change sets' writer had seen: those that stay only say what was new to them.
            meta.put("context", log.context(self, last, before));
        }
        long cut = compactor.cut(acknowledged, upTo);
        rows.forget(); // It may have been reading what was cut.
        return cut;
    }

    /**
     * Takes over a purge vector that a peer announced: hidden lives that nothing beyond it touched may go, since nobody edits
     * them any more without beginning anew. It only rises, and never above what is held here.
     */
    public synchronized void announcePurged(VersionVector purged) {
        VersionVector known = read(() -> meta.getVector("purged"));
        VersionVector next =
                known.union(purged.intersection(read(origins::heads).vector()));
        if (!next.equals(known)) {
            write(() -> {
                meta.put("purged", next);
                return null;
            });
        }
    }

    @Override
    public VersionVector purged() {
        return read(() -> meta.getVector("purged"));
    }

    /**
     * Returns whether every own change set beyond {@code shared} was written by somebody who had seen all of {@code purged}.
     * Contexts only grow, so the first of them decides. Costs O(own change sets in the log) at most.
     */
    public boolean passes(VersionVector purged, long shared) {
        return read(() -> {
            Origin self = self();
            long first = Math.max(shared, origins.floor(self)) + 1;
            return purged.isEmpty()
                    || origins.head(self).seq() < first
                    || log.context(self, first, meta.getVector("context")).dominates(purged);
        });
    }

    /** Makes a snapshot of the file as it is and keeps it. */
    private void makeSnapshot() {
        try (ReplicaFile reader = openForApplication(this, driver)) {
            for (int attempt = 0; attempt < MAX_QUIET_ATTEMPTS; attempt++) {
                sealPending();
                if (makeSnapshotBeside(reader)) {
                    return;
                }
            }
        }
        write(() -> {
            seal();
            Compactor.Draft draft = compactor.new Draft();
            return draft.keep(snapshotBuilder().write(draft::chunk), origins.heads());
        });
    }

    /**
     * Writes a snapshot as another connection sees the file, so that writers need not wait.
     *
     * @return false if something was captured meanwhile, whose columns no longer show what was sealed
     */
    private boolean makeSnapshotBeside(ReplicaFile reader) {
        return reader.read(() -> {
            if (reader.sealer.pending() > 0) {
                return false;
            }
            Compactor.Draft draft = write(() -> compactor.new Draft());
            Snapshot.Id id = reader.snapshotBuilder()
                    .write((bytes, table, firstKey) -> write(() -> {
                        draft.chunk(bytes, table, firstKey);
                        return null;
                    }));
            return write(() -> draft.keep(id, reader.origins.heads()));
        });
    }

    /** Returns what all peers hold that were heard of lately. */
    private VersionVector heldByAll() {
        VersionVector least = origins.heads().vector();
        for (Heads known : peers.ofMembers().values()) {
            least = least.intersection(known.vector());
        }
        for (Peer peer : peers.all()) {
            if (clock.getAsLong() - peer.lastExchangeMillis() < LATELY_MILLIS) {
                least = least.intersection(peer.heads().vector());
            }
        }
        return least;
    }

    private VersionVector acknowledged() {
        VersionVector all = VersionVector.EMPTY;
        for (Heads known : peers.known()) {
            all = all.union(known.vector());
        }
        return all;
    }

    private long sizeOnDisk() {
        return size(path) + size(path.resolveSibling(path.getFileName() + "-wal"));
    }

    private static long size(Path file) {
        try {
            return Files.exists(file) ? Files.size(file) : 0;
        } catch (IOException e) {
            return 0;
        }
    }

    // ---- Peers remembered

    /** Returns what a peer held when it last answered; null if it never did. */
    public @Nullable Heads peerHeads(String url) {
        return read(() -> peers.heads(url));
    }

    @Override
    public synchronized void heard(Origin peer, Heads heads) {
        if (!look(() -> peers.isKnownOf(peer, heads))) {
            write(() -> {
                peers.rememberMember(peer, heads, clock.getAsLong());
                return null;
            });
        }
        if (heads.sum().equals(read(origins::sum))) {
            boundLog(); // Nothing more is coming just now.
        }
    }

    /** Remembers what a peer held when it answered just now. */
    public synchronized void rememberPeer(String url, Heads heads, SyncReply reply) {
        long nowMillis = clock.getAsLong();
        if (!look(() -> peers.isRemembered(url, reply.sum(), nowMillis))) {
            write(() -> {
                peers.remember(url, heads, reply, nowMillis);
                return null;
            });
        }
    }

    /** Says that an exchange has ended with nothing left to come: tables that came with it are the application's now. */
    public synchronized void settled() {
        if (!read(catalog::isHandedOver)) {
            write(() -> {
                catalog.handOver();
                return null;
            });
        }
    }

    // ---- Reading

    /** Returns whether opening made the file use a write-ahead log, which it had not done before. */
    public boolean walTurnedOn() {
        return walTurnedOn;
    }

    public synchronized String space() {
        return look(() -> meta.getText("space"));
    }

    /** Returns the origin under which this replica writes now. */
    public synchronized Origin self() {
        return look(identity::self);
    }

    /** Runs a look at the file that is one statement. */
    private <T> T look(Supplier<T> work) {
        try {
            return work.get();
        } catch (SqlException e) {
            throw Failures.of("read", path, e);
        }
    }

    public Path path() {
        return path;
    }

    /** Returns the application's tables, enrolled or not, that have a primary key, or that have none. */
    public List<String> tables(boolean withPrimaryKey) {
        return read(() -> {
            List<String> tables = new ArrayList<>();
            for (String table : inspector.tables()) {
                if (inspector.hasPrimaryKey(table) == withPrimaryKey) {
                    tables.add(table);
                }
            }
            return tables;
        });
    }

    /** Returns the tables of the space that this file knows of, as they are called here, in order of name. */
    public List<String> enrolledTables() {
        return read(() -> {
            TreeSet<String> names = new TreeSet<>();
            catalog.all().forEach(table -> names.add(table.label()));
            return new ArrayList<>(names);
        });
    }

    /**
     * Returns a table's name as it is called here, whatever the case of its letters.
     *
     * @throws SyncException.NoSuchTable if there is none
     */
    public String enrolledTable(String named) {
        List<String> tables = enrolledTables();
        for (String table : tables) {
            if (table.equalsIgnoreCase(named)) {
                return table;
            }
        }
        throw new SyncException.NoSuchTable("table '" + named + "' is not enrolled in " + path + "; "
                + (tables.isEmpty()
                        ? "no table is yet: 'anabranch init' enrols them"
                        : "the tables are " + String.join(", ", tables)));
    }

    /** Returns what is captured and not sealed, heads, and peers, at one moment. */
    public Moment snapshot() {
        return read(() -> {
            return new Moment(
                    self(),
                    sealer.pending(),
                    db.queryLong("SELECT count(*) FROM _ab_hidden"),
                    db.queryLong("SELECT count(*) FROM _ab_violation"),
                    db.queryLong("SELECT count(*) FROM _ab_rejected"),
                    origins.heads(),
                    peers.all());
        });
    }

    /** A replica at one moment. */
    public record Moment(
            Origin self, long unsealed, long hidden, long violations, long rejected, Heads heads, List<Peer> peers) {}

    /** Returns the rows that state shows and the application's tables do not. Costs O(those). */
    public List<HiddenRow> hidden() {
        return read(() -> new HiddenReport(catalog, rows, new HiddenRows(db)).all());
    }

    /** Returns the rows that show and fail a CHECK. */
    public List<Violation> violations() {
        return read(() -> Violations.all(db, catalog));
    }

    /** A peer as it last answered. */
    public record Peer(String url, Heads heads, Hash128 sum, long lastExchangeMillis) {}

    /** Calls {@code each} for every change set held, in order of arrival. */
    public void forEachChangeSet(Consumer<EncodedChangeSet> each) {
        read(() -> {
            log.forEach(each);
            return null;
        });
    }

    /** Calls {@code each} for every operation of a change set that is held. Needs memory for a part of a large one. */
    public void forEachOp(EncodedChangeSet changeSet, Consumer<TableOp> each) {
        read(() -> {
            log.forEachOp(changeSet, each);
            return null;
        });
    }

    /**
     * Checks the file against itself. Costs O(log + rows), and room for the rows in SQLite's temporary files; writes nothing
     * else.
     */
    public Verification verify() {
        return read(() -> {
            catalog.forget(); // Whoever changed a side table by hand has not said so.
            catalog.refresh();
            return new Verifier(db, log, origins, snapshots, catalog, rows).verify();
        });
    }

    /** Returns digests of a table per column and kind of operation, over values too. Costs O(rows). */
    public SortedMap<String, Hash128> columnDigests(String table) {
        return read(() -> {
            EnrolledTable known = catalog.find(table);
            return known == null ? new TreeMap<>() : new Digester(rows).columns(known);
        });
    }

    /** Returns what {@link #digests} must return, worked out anew. Costs O(rows). */
    public SortedMap<String, Hash128> recomputedDigests() {
        return read(() -> {
            TreeMap<String, Hash128> digests = new TreeMap<>();
            for (EnrolledTable table : catalog.all()) {
                digests.put(table.name(), new Digester(rows).digest(table));
            }
            return digests;
        });
    }

    /** Returns the digest of each table of the space. Costs O(tables). */
    public SortedMap<String, Hash128> digests() {
        return read(() -> {
            TreeMap<String, Hash128> digests = new TreeMap<>();
            for (EnrolledTable table : catalog.all()) {
                digests.put(table.name(), rows.digests().of(table.id()));
            }
            return digests;
        });
    }

    /** Returns the values that lost to concurrent ones, oldest first. */
    public List<Conflict> conflicts() {
        return read(() -> new Conflicts(db, catalog, self()).all());
    }

    // ---- One row

    /** Returns what was done to a row. Costs O(log). */
    public RowHistory history(String table, List<Value> key) {
        return read(() -> {
            EnrolledTable known = tableNamed(table);
            return new Historian(db, log).history(known, keys.find(known, key));
        });
    }

    /** Returns why a row is as it is: one column of it, or all. */
    public Explanation explain(String table, List<Value> key, @Nullable String column) {
        return read(() -> {
            EnrolledTable known = tableNamed(table);
            Key found = keys.find(known, key);
            return new Explainer(
                            rows,
                            log,
                            new HiddenRows(db),
                            new Historian(db, log),
                            new Conflicts(db, catalog, self()).of(known, found))
                    .explain(known, found, column);
        });
    }

    private EnrolledTable tableNamed(String named) {
        EnrolledTable table = catalog.named(enrolledTable(named));
        if (table == null) {
            throw new AssertionError("no table " + named);
        }
        return table;
    }

    /**
     * Carries out what a person decided about a conflict, as an ordinary write and so as a change set.
     *
     * @return the conflict
     */
    public Conflict resolve(long id, Resolution resolution) {
        List<Conflict> resolved = new ArrayList<>();
        transaction(same -> resolved.add(resolver().resolve(id, resolution)));
        return resolved.get(0);
    }

    private ConflictResolver resolver() {
        return new ConflictResolver(db, catalog, rows, new Conflicts(db, catalog, self()));
    }

    /** Sets how many conflicts are remembered, and for how long. */
    public void keepConflicts(int most, long ageMillis) {
        write(() -> {
            new ConflictLog(db, rows).keep(most, ageMillis);
            return null;
        });
    }

    /** Returns how many row changes wait to be sealed. */
    public long unsealed() {
        return read(sealer::pending);
    }

    /** Returns a number that changes whenever another connection has committed. */
    public synchronized long dataVersion() {
        return look(() -> db.queryLong("PRAGMA data_version"));
    }

    @Override
    public synchronized void close() {
        catalog.checks().close();
        rows.merges().close();
        db.close();
    }
}
