// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.anabranch.server.Certificates;
import io.anabranch.server.RelayServer;
import io.anabranch.server.ServerOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** sync: what it carries, and what it says of addresses that are no relay's. */
class SyncCommandTest extends WithRelay {
    @Test
    void syncCarriesTablesRulesAndRows() {
        Cli.execute(ann, PRODUCTS, "INSERT INTO products VALUES ('lamp', 'Lamp', 100)");
        Cli.good("init", ann, "--space", space, "--table", "products", "--rule", "products.stock=counter");
        Cli.good("init", bob, "--space", space);

        assertThat(Cli.good("sync", ann, relay.url()).out()).contains("settled with " + relay.url());
        Cli.good("sync", bob, relay.url());
        Cli.execute(ann, "UPDATE products SET stock = stock - 3 WHERE id = 'lamp'");
        Cli.execute(bob, "UPDATE products SET stock = stock - 4, title = 'Brass lamp' WHERE id = 'lamp'");
        Cli.good("sync", ann, relay.url());
        Cli.good("sync", bob, relay.url());
        assertThat(Cli.good("sync", ann, relay.url()).out()).contains("sent 0 change sets, received 1 change set\n");

        assertThat(Cli.query(ann, "SELECT * FROM products")).containsExactly("lamp|Brass lamp|93");
        assertThat(Cli.query(bob, "SELECT * FROM products")).containsExactly("lamp|Brass lamp|93");
        assertThat(Cli.good("digest", ann).out())
                .isEqualTo(Cli.good("digest", bob).out());
    }

    @Test
    void aWebPageIsNotARelay() throws IOException {
        Cli.good("init", ann, "--space", space);
        HttpServer page = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        page.createContext("/", exchange -> {
            exchange.getResponseHeaders().set("Content-Type", "text/html");
            exchange.sendResponseHeaders(200, -1);
            exchange.close();
        });
        page.start();
        try {
            Cli.run("sync", ann, "http://127.0.0.1:" + page.getAddress().getPort())
                    .assertFailed(
                            1, "cannot sync", "not as an Anabranch relay (HTTP 200 text/html)", "check the address");
        } finally {
            page.stop(0);
        }
        Cli.good("sync", ann, relay.url());
    }

    @Test
    void aClosedPortIsNamed() throws IOException {
        Cli.good("init", ann, "--space", space);
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }

        Cli.run("sync", ann, "http://127.0.0.1:" + port)
                .assertFailed(1, "nobody listens at http://127.0.0.1:" + port, "try again");
    }

    @Test
    void watchExchangesWhatOthersWriteMeanwhileAndEndsWhenTold() throws Exception {
        Cli.execute(ann, PRODUCTS);
        Cli.good("init", ann, "--space", space, "--table", "products");
        Cli.good("init", bob, "--space", space);
        Thread watching = new Thread(() -> Cli.good("sync", ann, relay.url(), "--watch"));
        watching.start();
        Cli.execute(ann, "INSERT INTO products VALUES ('lamp', 'Lamp', 1)");

        Instant deadline = Instant.now().plusSeconds(30);
        List<String> rows = List.of();
        while (rows.isEmpty() && Instant.now().isBefore(deadline)) {
            Cli.good("sync", bob, relay.url());
            rows = Cli.query(bob, "SELECT name FROM sqlite_master WHERE name = 'products'")
                            .isEmpty()
                    ? List.of()
                    : Cli.query(bob, "SELECT * FROM products");
        }
        watching.interrupt();
        watching.join(30_000);

        assertThat(rows).containsExactly("lamp|Lamp|1");
        assertThat(watching.isAlive()).isFalse();
    }

    @Test
    void aCertificateThatNobodyVouchesForIsTakenOnlyByName() throws Exception {
        Certificates.make(folder, "own", "EC");
        Cli.good("init", ann, "--space", space);
        try (RelayServer secure = RelayServer.start(ServerOptions.builder()
                .port(0)
                .data(folder.resolve("secure.db"))
                .tls(Certificates.certificate(folder, "own"), Certificates.key(folder, "own"))
                .build())) {
            Cli.run("sync", ann, secure.url())
                    .assertFailed(1, "cannot be talked to safely", "name that with --ca-cert");
            Cli.good("sync", ann, secure.url(), "--ca-cert", Certificates.certificate(folder, "own"));
        }
    }

    @Test
    void anAddressWithAPortThatCannotBeOrAPasswordIsWrongUsage() {
        Cli.good("init", ann, "--space", space);

        Cli.run("sync", ann, "http://localhost:99999").assertFailed(2, "is not the address of a peer");
        Cli.run("sync", ann, "http://me:secret@localhost:7878").assertFailed(2, "is not the address of a peer");
    }
}
