// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import io.anabranch.server.RelayServer;
import io.anabranch.server.ServerException;
import io.anabranch.server.ServerOptions;
import io.anabranch.server.store.RelayStoreException;
import java.net.URI;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** The relay of the lab: the shipped one, in this program, over a file of its own. It can die and be started again. Thread-safe. */
public final class LabRelay implements Party, AutoCloseable {
    public static final String NAME = "Relay";

    private final Path data;
    private final int port;
    private @Nullable RelayServer server;
    private @Nullable String problem;

    /** @param port 0 takes any free one */
    LabRelay(Path data, int port) {
        this.data = data;
        this.port = port;
    }

    @Override
    public String name() {
        return NAME;
    }

    /** Starts it, unless it runs. What is in the way becomes its {@link #problem}. */
    public synchronized void start() {
        if (server != null) {
            return;
        }
        try {
            server = RelayServer.start(ServerOptions.builder()
                    .port(port)
                    .data(data)
                    .clock(LabClock.right())
                    .build());
            problem = null;
        } catch (ServerException | RelayStoreException e) {
            problem = "The relay does not run: it " + e.getMessage() + ".";
        }
    }

    /** Lets it die. What it has acknowledged is in its file. */
    public synchronized void stop() {
        close();
        problem =
                "The relay is down. Every replica goes on by itself; start the relay again beside the drawing, or heal.";
    }

    /** Returns why it cannot run, in a sentence; null if nothing is wrong. */
    public synchronized @Nullable String problem() {
        return problem;
    }

    @Override
    public synchronized boolean isUp() {
        return server != null;
    }

    @Override
    public boolean isOnline() {
        return isUp();
    }

    @Override
    public synchronized @Nullable URI url() {
        return server == null ? null : server.url();
    }

    @Override
    public synchronized void close() {
        if (server != null) {
            server.close();
            server = null;
        }
    }
}
