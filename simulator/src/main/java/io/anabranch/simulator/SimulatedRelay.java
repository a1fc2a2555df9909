// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.sync.change.Heads;
import io.anabranch.sync.sql.SqlException;
import io.anabranch.sync.transport.Transport;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A relay in a simulated world: it answers, and never asks. Confined to the world's thread. */
public final class SimulatedRelay implements Node {
    private final SyncWorld world;
    private final String name;
    private final Path file;
    private final RelayFiles files;
    private final SimulatedClock clock;
    private FaultyDriver driver;
    private RelayFiles.@Nullable RelayFile process;
    private Disk.@Nullable Image backup;

    SimulatedRelay(SyncWorld world, String name, RelayFiles files) {
        this.world = world;
        this.name = name;
        this.files = files;
        this.file = world.folder().resolve(name + ".relay");
        this.clock = new SimulatedClock(world::nowMillis);
        this.driver = new FaultyDriver(world.disk());
        restart();
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

    @Override
    public Transport.Result answer(byte[] request) {
        try {
            return running(() -> process().answer(world.space(), request, clock.getAsLong()));
        } catch (SqlException e) {
            if (!driver.takeHappened()) {
                throw e; // The relay's own fault.
            }
            return new Transport.Result.Failed("the relay's file failed: " + e.kind());
        }
    }

    @Override
    public Heads heads() {
        return process().heads(world.space());
    }

    /** Lets the relay do what time brings: cut its log, and let replicas forget. */
    public void tend() {
        running(() -> {
            process().tend(clock.getAsLong());
            return null;
        });
    }

    /** Notes what the relay's file holds now, for {@link #restore}. */
    public void backUp() {
        backup = world.disk().save(file);
    }

    /** Puts back what {@link #backUp} noted last, or an empty file, and starts the relay over it. */
    public void restore() {
        crash();
        Disk.Image image = backup;
        if (image != null) {
            world.disk().put(file, image);
        }
        restart();
    }

    FaultyDriver driver() {
        return driver;
    }

    private RelayFiles.RelayFile process() {
        RelayFiles.RelayFile running = process;
        if (running == null) {
            throw new IllegalStateException(name + " is down: restart it first");
        }
        return running;
    }

    @Override
    public void crash() {
        if (isUp()) {
            driver.kill();
            die();
        }
    }

    private <T extends @Nullable Object> T running(Supplier<T> work) {
        try {
            return work.get();
        } catch (Crash crash) {
            die();
            throw crash;
        }
    }

    private void die() {
        world.disk().abandon(file, driver, world.random(), () -> {
            close();
            driver.closeAll();
        });
    }

    @Override
    public void restart() {
        if (!isUp()) {
            driver = new FaultyDriver(world.disk());
            process = files.open(driver, file, world.random());
        }
    }

    void close() {
        RelayFiles.RelayFile running = process;
        process = null;
        if (running != null) {
            running.close();
        }
    }
}
