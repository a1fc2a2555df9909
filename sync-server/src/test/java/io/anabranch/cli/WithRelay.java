// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.server.RelayServer;
import io.anabranch.server.ServerOptions;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A relay for the tests of one class, and for each test a space and the names of two replicas. */
abstract class WithRelay {
    static final String PRODUCTS = "CREATE TABLE products (id TEXT NOT NULL PRIMARY KEY, title TEXT, stock INTEGER)";

    @TempDir
    static Path relayFolder;

    static RelayServer relay;
    private static int spaces;

    @TempDir
    Path folder;

    final String space = "shop " + ++spaces;
    Path ann;
    Path bob;

    @BeforeAll
    static void startRelay() {
        relay = RelayServer.start(new ServerOptions("127.0.0.1", 0, relayFolder.resolve("relay.db")));
    }

    @AfterAll
    static void stopRelay() {
        relay.close();
    }

    @BeforeEach
    void nameFiles() {
        ann = folder.resolve("ann.db");
        bob = folder.resolve("bob.db");
    }

    /** Leaves bob with one conflict on the lamp's title, and returns its number. */
    long conflict() throws IOException {
        Cli.execute(ann, PRODUCTS, "INSERT INTO products VALUES ('lamp', 'Lamp', 5)");
        Cli.good("init", ann, "--space", space, "--table", "products", "--rule", "products.stock=counter");
        Cli.good("sync", ann, relay.url());
        Cli.good("init", bob, "--space", space);
        Cli.good("sync", bob, relay.url());
        Cli.execute(ann, "UPDATE products SET title = 'Brass lamp'");
        Cli.execute(bob, "UPDATE products SET title = 'Desk lamp'");
        Cli.good("sync", ann, relay.url());
        Cli.good("sync", bob, relay.url());
        return Cli.good("conflicts", bob, "--json").json().get(0).get("id").asLong();
    }
}
