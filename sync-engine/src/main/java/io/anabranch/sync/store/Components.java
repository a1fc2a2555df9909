// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlDriver;
import io.anabranch.sync.store.apply.Applier;
import io.anabranch.sync.store.catalog.Catalog;
import io.anabranch.sync.store.enrol.Enroller;
import io.anabranch.sync.store.enrol.KeyRanges;
import io.anabranch.sync.store.enrol.SchemaFollower;
import io.anabranch.sync.store.history.ConflictResolver;
import io.anabranch.sync.store.history.Conflicts;
import io.anabranch.sync.store.log.ChangeLog;
import io.anabranch.sync.store.log.Compactor;
import io.anabranch.sync.store.log.Identity;
import io.anabranch.sync.store.log.Meta;
import io.anabranch.sync.store.log.Origins;
import io.anabranch.sync.store.log.PartStore;
import io.anabranch.sync.store.log.Place;
import io.anabranch.sync.store.log.Snapshots;
import io.anabranch.sync.store.row.Purger;
import io.anabranch.sync.store.row.RowStore;
import io.anabranch.sync.store.row.UnshownRows;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.TableInspector;
import io.anabranch.sync.store.seal.Rescan;
import io.anabranch.sync.store.seal.SealedTables;
import io.anabranch.sync.store.seal.Sealer;
import io.anabranch.sync.store.snapshot.SnapshotBuilder;
import io.anabranch.sync.store.snapshot.SnapshotJoin;
import java.nio.file.Path;
import java.util.Random;
import java.util.Set;
import java.util.function.LongSupplier;

/** All that works on one connection to a replica's file, made once and made known to each other. Confined to it. */
final class Components {
    final Path path;
    final SqlDatabase db;
    final SqlDriver driver;
    final Place place;
    final LongSupplier clock;
    final Random random;

    final Meta meta;
    final Origins origins;
    final ChangeLog log;
    final TableInspector inspector;
    final Catalog catalog;
    final RowStore rows;
    final Snapshots snapshots;
    final Compactor compactor;
    final Purger purger;
    final Peers peers;
    final Identity identity;
    final Sealer sealer;
    final Enroller enroller;
    final SchemaFollower schema;
    final SealedTables sealedTables;
    final KeyRanges keyRanges;

    Components(Path path, SqlDatabase db, SqlDriver driver, Place place, LongSupplier clock, Random random) {
        this.path = path;
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
        peers = new Peers(db);
        identity = new Identity(path, meta, origins, place, random);
        sealer = new Sealer(db, meta, origins, log, catalog, rows);
        enroller = new Enroller(db, origins, log, catalog, inspector, rows, () -> applier(Set.of()));
        schema = new SchemaFollower(db, catalog, inspector, rows, () -> applier(Set.of()));
        sealedTables = new SealedTables(db, catalog);
        keyRanges = new KeyRanges(db, catalog);
    }

    /** Returns what the wall clock says. */
    long nowMillis() {
        return clock.getAsLong();
    }

    /** Returns what to add to the wall clock, as relays' answers show. */
    long clockOffsetMillis() {
        return meta.getLong("clock_offset");
    }

    long correctedMillis() {
        return nowMillis() + clockOffsetMillis();
    }

    /** Returns whether the file was opened to read it alone. */
    boolean isReadOnly() {
        return db.queryLong("PRAGMA query_only") == 1;
    }

    Origin self() {
        return identity.self();
    }

    /** Seals what any program has written since the last time, in the caller's transaction. Returns whether there was anything. */
    boolean seal() {
        carryOutAsked();
        sealedTables.note();
        return sealer.seal(self(), nowMillis(), clockOffsetMillis(), false);
    }

    /** Returns whether rows are left that this connection cannot show while it checks foreign keys. */
    boolean isLate() {
        return catalog.checksForeignKeys() && new UnshownRows(db).any();
    }

    /** Decides the conflicts that plain SQL asked to have decided. */
    void carryOutAsked() {
        if (ConflictResolver.isAsked(db)) {
            conflictResolver().carryOutAsked();
        }
    }

    ConflictResolver conflictResolver() {
        return new ConflictResolver(db, catalog, rows, self(), new Conflicts(db, catalog, rows, log, self()));
    }

    /** Sees to it that the next row that is inserted without a key gets one that no other replica makes. */
    void moveKeyRangesOn() {
        for (EnrolledTable table : catalog.all()) {
            if (KeyRanges.isFor(table.definition())) {
                keyRanges.moveOn(self());
                return;
            }
        }
    }

    void followSchema() {
        schema.follow(this::seal, nowMillis());
    }

    /** @param unruly tables whose triggers do not fire meanwhile, since one of them ended the transaction */
    Applier applier(Set<String> unruly) {
        return new Applier(db, meta, log, catalog, rows, correctedMillis(), unruly);
    }

    /** As {@link #applier}, where tables still show what they did before, even of rows that have no state any more. */
    Applier adoptingApplier(Set<String> unruly) {
        Applier applier = applier(unruly);
        catalog.all().forEach(applier::adopting);
        return applier;
    }

    SnapshotJoin snapshotJoin(Set<String> unruly) {
        return new SnapshotJoin(meta, origins, log, catalog, rows, () -> adoptingApplier(unruly), correctedMillis());
    }

    SnapshotBuilder snapshotBuilder() {
        return new SnapshotBuilder(meta, origins, log, catalog, rows);
    }

    Rescan rescan() {
        return new Rescan(db, inspector, rows, nowMillis(), this::seal);
    }

    /** After a rollback: what was read meanwhile may never have been. */
    void forget() {
        log.forget();
        origins.forget();
        meta.forget();
        catalog.forget();
        rows.rollBack();
    }

    void close() {
        catalog.checks().close();
        rows.merges().close();
        db.close();
    }
}
