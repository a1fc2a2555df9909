// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.server.ServerException;
import io.anabranch.simulator.Crash;
import io.anabranch.simulator.CrashDriver;
import io.anabranch.sync.Replica;
import io.anabranch.sync.RowChange;
import io.anabranch.sync.ServedReplica;
import io.anabranch.sync.Surroundings;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.store.log.Place;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One replica of the lab: a process with the shipped library in it, over a file of its own, that can be switched off the
 * network, given a wrong clock, killed and started again. Thread-safe.
 */
public final class LabReplica implements Party, AutoCloseable {
    private final String name;
    private final int number;
    private final Path file;
    private final Place place;
    private final LabClock clock = new LabClock();
    /** Held to use the process; held alone, and with this object's own, to start or end it: none is killed while it starts. */
    private final ReadWriteLock lock = new ReentrantReadWriteLock();

    private volatile Consumer<RowChange> changes = change -> {};
    private volatile CrashDriver driver = new CrashDriver();
    private volatile @Nullable Replica process;
    private volatile @Nullable ServedReplica server;
    private volatile @Nullable String problem;
    private volatile boolean online = true;
    private volatile boolean dying;

    /**
     * @param number counts from 0 and picks the colour
     * @param place where it is kept which file is which: a device of its own
     */
    LabReplica(String name, int number, Path file, Place place) {
        this.name = name;
        this.number = number;
        this.file = file;
        this.place = place;
    }

    @Override
    public String name() {
        return name;
    }

    public int number() {
        return number;
    }

    public Path file() {
        return file;
    }

    public LabClock clock() {
        return clock;
    }

    /** Says who hears of every row that changes here, from the next start on. */
    void onChange(Consumer<RowChange> listener) {
        changes = listener;
    }

    // ---- The process

    /** Starts the process over the file, unless it runs. What is wrong with the file becomes its {@link #problem}. */
    public synchronized void start() {
        lock.writeLock().lock();
        try {
            if (process != null) {
                return;
            }
            dying = false;
            problem = null;
            driver = new CrashDriver();
            Surroundings around = new Surroundings(driver, place, clock, new SecureRandom(), Shop.merges());
            Replica started = Replica.create(file, Shop.SPACE, setup -> {}, around);
            try {
                Shop.setUp(started);
                started.onChange(changes);
                server = started.serve(0);
            } catch (RuntimeException e) {
                started.close();
                throw e;
            }
            process = started;
        } catch (SyncException e) {
            problem = name + " does not run: " + e.getMessage() + ".";
        } catch (ServerException e) {
            problem = name + " does not run: it " + e.getMessage() + ".";
        } finally {
            lock.writeLock().unlock();
        }
    }

    /**
     * Lets the process end this instant, in the middle of whatever it does, as {@code kill -9} would: nothing is flushed,
     * nothing told to anybody.
     */
    public synchronized void crash() {
        dying = true;
        driver.kill();
        lock.writeLock().lock();
        try {
            ServedReplica listening = server;
            Replica running = process;
            server = null;
            process = null;
            if (listening != null) {
                listening.close();
            }
            if (running != null) {
                driver.abandon(file, running::close);
            }
        } finally {
            lock.writeLock().unlock();
        }
    }

    /**
     * Does something with the replica, while it cannot be started or ended.
     *
     * @throws ReplicaDown if it is down, or goes down meanwhile
     */
    public <T extends @Nullable Object> T use(Function<Replica, T> work) {
        lock.readLock().lock();
        try {
            Replica running = process;
            if (running == null || dying) {
                throw down();
            }
            return work.apply(running);
        } catch (Crash crash) {
            throw down();
        } finally {
            lock.readLock().unlock();
        }
    }

    private ReplicaDown down() {
        String why = problem;
        return new ReplicaDown(why != null ? why : name + " is down. Start it again first.");
    }

    /** Returns whether its process runs. */
    @Override
    public boolean isUp() {
        return process != null && !dying;
    }

    /** Returns why it cannot run, in a sentence; null if nothing is wrong. */
    public @Nullable String problem() {
        return problem;
    }

    /** Returns the name under which it writes. */
    public Origin origin() {
        return use(Replica::origin);
    }

    /** Writes a copy of its file: what somebody gets who copies the device. */
    public void copyTo(Path copy) {
        use(replica -> {
            replica.backup(copy);
            return true;
        });
    }

    // ---- The network

    @Override
    public boolean isOnline() {
        return online && isUp();
    }

    /** Switches its network on or off; its application goes on either way. */
    void online(boolean on) {
        online = on;
    }

    /** Returns whether its network is switched on, be it up or not. */
    public boolean isSwitchedOn() {
        return online;
    }

    @Override
    public @Nullable URI url() {
        ServedReplica listening = server;
        return listening == null ? null : listening.url();
    }

    @Override
    public synchronized void close() {
        lock.writeLock().lock();
        try {
            if (server != null) {
                server.close();
            }
            if (process != null) {
                process.close();
            }
            server = null;
            process = null;
        } finally {
            lock.writeLock().unlock();
        }
    }

    @Override
    public String toString() {
        return name;
    }
}
