// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.CompactReport;
import io.anabranch.sync.EnrolReport;
import io.anabranch.sync.Replica;
import io.anabranch.sync.SqlWork;
import io.anabranch.sync.Surroundings;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.SyncStatus;
import io.anabranch.sync.TableRules;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.session.BaseVectors;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.log.Place;
import io.anabranch.sync.transport.Transport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A replica in a simulated world: a process with the shipped library in it, on a device of its own, and another program on
 * that device that writes to the same file and knows nothing of Anabranch. Confined to the world's thread.
 */
public final class SimulatedReplica implements Node {
    private final SyncWorld world;
    private final String name;
    private final Path file;
    private final Path state;
    private final SimulatedClock clock;
    private FaultyDriver driver;
    private @Nullable Replica process;
    private @Nullable SqlDatabase foreign;
    /** What was there when the file's schema had the version {@link #lookedAtSchema}. */
    private LocalSchema schema = LocalSchema.NONE;

    private long lookedAtSchema = -1;
    private BaseVectors bases = new BaseVectors();

    SimulatedReplica(SyncWorld world, String name, Path state) {
        this.world = world;
        this.name = name;
        this.file = world.folder().resolve(name + ".db");
        this.state = state;
        this.clock = new SimulatedClock(world::nowMillis);
        this.driver = new FaultyDriver(world.disk());
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public boolean isUp() {
        return process != null;
    }

    @Override
    public SimulatedClock clock() {
        return clock;
    }

    Path state() {
        return state;
    }

    FaultyDriver driver() {
        return driver;
    }

    // ---- What programs do

    /** Runs one statement as any other program on the device would: over a connection that knows nothing of Anabranch. */
    public void sql(String sql) {
        foreign().execute(sql);
    }

    /** Returns the rows of a query, columns joined by bars, as another program sees them. */
    public List<String> rows(String query) {
        List<String> rows = new ArrayList<>();
        SqlStatement statement = foreign().prepare(query);
        while (statement.step()) {
            StringBuilder row = new StringBuilder();
            for (int i = 0; i < statement.columnCount(); i++) {
                row.append(i == 0 ? "" : "|").append(statement.isNull(i) ? "null" : statement.getText(i));
            }
            rows.add(row.toString());
        }
        return rows;
    }

    /** Returns the schema of the file, as another program sees it. */
    LocalSchema schema() {
        long version = foreign().queryLong("PRAGMA schema_version");
        if (version != lookedAtSchema) {
            schema = LocalSchema.of(this);
            lookedAtSchema = version;
        }
        return schema;
    }

    /** Makes a table one of the space; see {@link Replica#enrol}. */
    public EnrolReport enrol(String table, TableRules rules) {
        return running(() -> replica().enrol(table, rules));
    }

    /** Runs {@code work} in one transaction of the library's; see {@link Replica#transaction}. */
    public void transaction(SqlWork work) {
        running(() -> {
            replica().transaction(work);
            return null;
        });
    }

    /** Exchanges with another node over the simulated network until both hold the same, or something is in the way. */
    public SyncOutcome sync(Node peer) {
        return running(() -> {
            try {
                return replica().sync("sim:" + peer.name(), world.network().transport(this, peer));
            } catch (SyncException e) {
                return new SyncOutcome.Failed(String.valueOf(e.getMessage())); // As a link takes it.
            }
        });
    }

    /** Makes the file small again; see {@link Replica#compact}. */
    public CompactReport compact() {
        return running(() -> replica().compact());
    }

    public SyncStatus status() {
        return running(() -> replica().status());
    }

    /** Returns the name under which the replica writes now. */
    public Origin origin() {
        return running(() -> replica().origin());
    }

    /** Returns the library's replica, which is another after each restart. */
    public Replica replica() {
        Replica running = process;
        if (running == null) {
            throw new IllegalStateException(name + " is down: restart it first");
        }
        return running;
    }

    private SqlDatabase foreign() {
        SqlDatabase open = foreign;
        if (open == null) {
            throw new IllegalStateException(name + " is down: restart it first");
        }
        return open;
    }

    /** Returns the change sets of its log that {@code known} does not include. */
    List<EncodedChangeSet> logBeyond(VersionVector known) {
        return running(
                () -> replica().asPeer().missing(known, null, Long.MAX_VALUE).changeSets());
    }

    // ---- As a peer

    @Override
    public Heads heads() {
        return running(() -> replica().asPeer().heads());
    }

    @Override
    public Transport.Result answer(byte[] request) {
        return running(() -> {
            try {
                return Answering.answer(
                        replica().asPeer(), replica().origin(), Hash128.ZERO, bases, request, clock.getAsLong());
            } catch (SyncException e) {
                return new Transport.Result.Failed(String.valueOf(e.getMessage()));
            }
        });
    }

    // ---- What happens to it

    /** Lets the process end before the statement after {@code statements} more, wherever that is; see {@link Crash}. */
    public void crashAfter(int statements) {
        driver.arm(FaultyDriver.Kind.CRASH, statements);
    }

    /** Lets nothing more happen that was to happen at a statement. */
    void disarm() {
        driver.disarm();
    }

    @Override
    public void crash() {
        if (isUp()) {
            driver.kill();
            die();
        }
    }

    @Override
    public void restart() {
        if (isUp()) {
            return;
        }
        driver = new FaultyDriver(world.disk());
        Surroundings around = new Surroundings(driver, new Place(state), clock, world.random());
        foreign = world.disk().driver().open(file, 0);
        lookedAtSchema = -1; // The file may be another.
        process = Replica.create(file, world.space(), world.opening(this), around);
        bases = new BaseVectors();
    }

    /** Returns what the file holds at this moment. */
    Disk.Image save() {
        return world.disk().save(file);
    }

    /** Puts the file back to what it was, as from a backup, and starts the process over it. */
    void restore(Disk.Image image) {
        crash();
        world.disk().put(file, image);
        restart();
    }

    /** A crash that the driver brings about ends the process that ran into it, and no later one. */
    private <T extends @Nullable Object> T running(Supplier<T> work) {
        FaultyDriver process = driver;
        try {
            return work.get();
        } catch (Crash crash) {
            if (process == driver && isUp()) {
                die();
            }
            throw crash;
        }
    }

    private void die() {
        world.disk().abandon(file, driver, world.random(), () -> {
            close();
            driver.closeAll();
        });
    }

    void close() {
        Replica running = process;
        SqlDatabase other = foreign;
        process = null;
        foreign = null;
        if (other != null) {
            other.close();
        }
        if (running != null) {
            running.close();
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
