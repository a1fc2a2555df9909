// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlDriver;
import io.anabranch.sync.sql.SqlException;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.catalog.CatalogDamage;
import io.anabranch.sync.store.log.SideTables;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What happens before a file is used: whether it is a replica, or is to become one, is whole, and is the only one that writes
 * as it does. Confined to the thread that opens.
 */
final class Opening {
    /** Keys are random where devices make them, so a transaction reaches all over a table and its state. */
    private static final int CACHE_KIB = 16 << 10;

    private static final Logger LOG = LoggerFactory.getLogger(Opening.class);

    private final Components parts;
    private final Transactions transactions;
    private final Path path;
    private final SqlDatabase db;
    private boolean walTurnedOn;

    Opening(Components parts, Transactions transactions) {
        this.parts = parts;
        this.transactions = transactions;
        this.path = parts.path;
        this.db = parts.db;
    }

    static SqlDatabase connect(Path path, SqlDriver driver) {
        SqlDatabase db = connect(path, () -> driver.open(path, Transactions.BUSY_TIMEOUT_MILLIS));
        try {
            db.execute("PRAGMA synchronous = FULL");
            db.execute("PRAGMA cache_size = -" + CACHE_KIB);
            db.execute("PRAGMA wal_autocheckpoint = " + Checkpoints.PAGES);
            return db;
        } catch (SqlException e) {
            db.close();
            throw Failures.of("open", path, e);
        }
    }

    static SqlDatabase connectToRead(Path path, SqlDriver driver) {
        SqlDatabase db = connect(path, () -> driver.openToRead(path, Transactions.BUSY_TIMEOUT_MILLIS));
        db.execute("PRAGMA query_only = ON");
        return db;
    }

    private static SqlDatabase connect(Path path, Supplier<SqlDatabase> open) {
        SqlDatabase db;
        try {
            db = open.get();
        } catch (SqlException e) {
            throw Failures.of("open", path, e);
        }
        try {
            db.queryLong("SELECT count(*) FROM sqlite_master"); // Reads the header: is it a database at all?
            return db;
        } catch (SqlException e) {
            db.close();
            throw Failures.of("open", path, e);
        }
    }

    /** Takes away what a failed attempt to open has left of a file that was not there before. */
    static void deleteEmpty(Path path) {
        try {
            if (Files.size(path) == 0) {
                Files.delete(path);
            }
        } catch (IOException e) {
            LOG.debug("{} stays: {}", path, e.getMessage());
        }
    }

    /** Returns whether the file uses a write-ahead log now and had not done so before. */
    boolean walTurnedOn() {
        return walTurnedOn;
    }

    /**
     * Prepares the connection and the file.
     *
     * @param space the space to make it a replica of, or whose replica it must be; null if any
     * @param setup what comes with that, in the same transaction
     */
    void prepare(@Nullable String space, Runnable setup, boolean enforceForeignKeys) {
        // For the engine's own writes. An application's connection keeps its own settings.
        db.execute("PRAGMA foreign_keys = " + (enforceForeignKeys ? "ON" : "OFF"));
        db.execute("PRAGMA recursive_triggers = OFF");
        checkNoRelay();
        if (SideTables.exist(db)) {
            prepareReplica(space);
        } else if (space == null) {
            throw noReplica();
        }
        if (space != null) {
            transactions.writeAsIs(() -> {
                create(space);
                parts.catalog.refresh();
                setup.run();
                parts.followSchema();
            });
            // Last, because no transaction could take it back.
            turnWalOn();
        }
    }

    /** Prepares to read the file as it is: nothing about it is mended, and nobody asks whether it may write as it would. */
    void prepareToRead() {
        checkNoRelay();
        if (!SideTables.exist(db)) {
            throw noReplica();
        }
        if (!SideTables.missing(db, path.toString()).isEmpty()) {
            throw new SyncException.BadFile(
                    "cannot read " + path
                            + ": tables of the replica are missing, which are made again when it is opened where"
                            + " it can be written; make the file and its folder writable",
                    null);
        }
        SideTables.check(db, parts.meta, path.toString());
        String damage = CatalogDamage.find(db);
        if (damage != null) {
            throw new SyncException.BadFile(
                    "cannot read " + path + ": " + damage
                            + ", which is mended when it is opened where it can be written; make the file and its folder"
                            + " writable",
                    null);
        }
    }

    private void checkNoRelay() {
        if (db.queryLong("PRAGMA application_id") == ReplicaFile.RELAY_APPLICATION_ID) {
            throw new SyncException.BadFile(
                    "cannot use " + path + ": it is a relay's file; name the file with your own tables", null);
        }
    }

    private SyncException.NotAReplica noReplica() {
        return new SyncException.NotAReplica("cannot open " + path
                + ": it is an SQLite file but not a replica yet; run 'anabranch init " + path
                + " --space NAME --all-tables' first");
    }

    private void prepareReplica(@Nullable String space) {
        List<String> missing = SideTables.missing(db, path.toString());
        SideTables.check(db, parts.meta, path.toString());
        if (space != null) {
            checkSpace(space);
        }
        SideTables.checkNotEmptied(db, path.toString());
        if (parts.identity.isLeftOut()) {
            transactions.writeAsIs(parts.identity::begin);
            turnWalOn();
        }
        checkPlace();
        String damage = missing.isEmpty() ? CatalogDamage.find(db) : null;
        if (!missing.isEmpty() || SideTables.isStateEmptied(db)) {
            new Mending(parts, transactions).remake(missing);
        } else if (SideTables.isOwnHeadAltered(db)) {
            new Mending(parts, transactions).mendOwnHead();
        } else if (damage != null) {
            new Mending(parts, transactions).mendCatalog(damage);
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
        parts.meta.put("format", SideTables.FORMAT);
        parts.meta.put("space", space);
        parts.identity.begin();
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
        if (!space.equals(parts.meta.getText("space"))) {
            throw new SyncException.WrongSpace("cannot make " + path + " a replica of space '" + space
                    + "': it is one of '" + parts.meta.getText("space") + "'; use another file for another space");
        }
    }

    /** Takes another origin if this may not be the only file that writes under the one it has. */
    private void checkPlace() {
        Origin self = transactions.look(parts::self);
        parts.identity.doubt().ifPresent(reason -> {
            // Not a word is sealed before this is settled.
            transactions.writeAsIs(parts.identity::change);
            LOG.warn("{} writes as origin {} instead of {}, because {}", path, parts.self(), self, reason);
        });
    }
}
