// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import io.anabranch.server.RelayServer;
import io.anabranch.server.ServerOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** init, sync, status, log and digest, as a script would call them: good input and bad. */
class ReplicaCommandsTest {
    private static final String PRODUCTS =
            "CREATE TABLE products (id TEXT NOT NULL PRIMARY KEY, title TEXT, stock INTEGER)";

    @TempDir
    static Path relayFolder;

    private static RelayServer relay;
    private static int spaces;

    @TempDir
    Path folder;

    private final String space = "shop " + ++spaces;
    private Path ann;
    private Path bob;

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

    // ---- verify and drop

    @Test
    void verifySaysSoundOrNamesWhatIsNot() {
        Cli.execute(ann, PRODUCTS, "INSERT INTO products VALUES ('lamp', 'Lamp', 5)");
        Cli.good("init", ann, "--space", space, "--table", "products");
        assertThat(Cli.good("verify", ann).out()).contains("sound: 1 change sets and 1 rows agree");

        Cli.execute(
                ann,
                "UPDATE _ab_mode SET mode = 2",
                "UPDATE products SET title = 'forged'",
                "UPDATE _ab_mode SET mode = 0");

        Cli.Result found = Cli.run("verify", ann);
        assertThat(found.exitCode()).isEqualTo(1);
        assertThat(found.out())
                .contains("projection: products.title, row lamp: the table shows forged, and the log says Lamp");
        Cli.Result json = Cli.run("verify", ann, "--json");
        assertThat(json.exitCode()).isEqualTo(1);
        assertThat(json.out()).contains("\"sound\" : false", "\"column\" : \"title\"");
        assertThat(Cli.good("verify", ann, "--repair").out()).contains("sound");
        assertThat(Cli.query(ann, "SELECT title FROM products")).containsExactly("Lamp");
    }

    @Test
    void dropLeavesThePlainTable() {
        Cli.execute(ann, PRODUCTS, "INSERT INTO products VALUES ('lamp', 'Lamp', 5)");
        Cli.good("init", ann, "--space", space, "--table", "products");

        assertThat(Cli.good("drop", ann, "products").out()).contains("is a plain table of this file now");
        assertThat(Cli.query(ann, "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'"))
                .containsExactly("0");
        assertThat(Cli.query(ann, "SELECT title FROM products")).containsExactly("Lamp");
        Cli.run("drop", ann, "products").assertFailed(1, "cannot drop products: it is not enrolled");
    }

    // ---- init

    @Test
    void initEnrolsTheRowsThatAreThere() {
        Cli.execute(ann, PRODUCTS, "INSERT INTO products VALUES ('lamp', 'Lamp', 5), ('mug', 'Mug', 7)");

        Cli.Result init =
                Cli.good("init", ann, "--space", space, "--table", "products", "--rule", "products.stock=counter");

        assertThat(init.out())
                .contains("a replica of space " + space, "turned WAL on", "enrolled products with 2 rows");
        assertThat(Cli.query(ann, "PRAGMA journal_mode")).containsExactly("wal");
    }

    @Test
    void initTakesEveryRuleAndGroups() throws IOException {
        Cli.execute(
                ann,
                "CREATE TABLE t (id TEXT PRIMARY KEY, g INTEGER, b INTEGER, hi, lo, s TEXT, m, c, l TEXT, amount, currency)",
                "INSERT INTO t VALUES ('x', 1, 2, 3, 4, '[2,1]', 'm', 'c', 'l', 5, 'EUR')");

        Cli.good(
                "init",
                ann,
                "--space",
                space,
                "--table",
                "t",
                "--rule",
                "t.g=gcounter",
                "--rule",
                "t.b=bounded:-5",
                "--rule",
                "t.hi=max",
                "--rule",
                "t.lo=min",
                "--rule",
                "t.s=set",
                "--rule",
                "t.m=mv",
                "--rule",
                "t.c=custom:cart@2",
                "--rule",
                "t.l=list",
                "--group",
                "t:amount,currency");

        assertThat(Cli.query(ann, "SELECT group_concat(rule, ', ') FROM (SELECT rule FROM _ab_column ORDER BY id)"))
                .containsExactly(
                        "gcounter, bounded:-5, max, min, set, mv, custom:cart@2, list, lww amount, lww amount");
        assertThat(Cli.query(ann, "SELECT s FROM t")).containsExactly("[1,2]");
        assertThat(Cli.good("status", ann, "--json")
                        .json()
                        .get("mergeProblems")
                        .get("custom:cart@2")
                        .asText())
                .isEqualTo("it is not registered here");
        Cli.run("init", ann, "--space", space, "--table", "t", "--rule", "t.g=counter")
                .assertFailed(1, "the space has declared it as gcounter, and the first declaration holds");
    }

    @Test
    void initMakesAFileThatIsMissing() {
        assertThat(Cli.good("init", ann, "--space", space).out()).contains("made " + ann);
        assertThat(ann).exists();
    }

    @Test
    void initAgainAddsTables() {
        Cli.execute(ann, PRODUCTS, "CREATE TABLE notes (id TEXT NOT NULL PRIMARY KEY, body TEXT)");
        Cli.good("init", ann, "--space", space, "--table", "products");

        Cli.Result again = Cli.good("init", ann, "--space", space, "--table", "products", "--table", "notes");

        assertThat(again.out()).contains("table products was enrolled already", "enrolled notes with 0 rows");
        assertThat(again.out()).doesNotContain("turned WAL on");
    }

    @Test
    void initOfAnotherSpaceFails() {
        Cli.good("init", ann, "--space", space);

        Cli.run("init", ann, "--space", "another").assertFailed(1, space);
    }

    @Test
    void initNamesWhatAllTablesLeavesOut() {
        Cli.execute(ann, PRODUCTS, "CREATE TABLE visits (page TEXT)");

        Cli.Result init = Cli.run("init", ann, "--space", space, "--all-tables");

        assertThat(init.exitCode()).isZero();
        assertThat(init.out()).contains("enrolled products");
        assertThat(init.err()).contains("left out visits: it has no primary key");
    }

    @Test
    void initWarnsOfIntegerKeysAndGoesOn() {
        Cli.execute(ann, "CREATE TABLE artist (id INTEGER PRIMARY KEY, name TEXT)");

        Cli.Result init = Cli.run("init", ann, "--space", space, "--all-tables");

        assertThat(init.exitCode()).isZero();
        assertThat(init.err()).startsWith("warning: ").contains("artist");
        assertThat(init.out()).contains("enrolled artist");
    }

    @Test
    void aTableWithoutAPrimaryKeyFailsAndChangesNothing() throws IOException {
        Cli.execute(ann, PRODUCTS, "CREATE TABLE visits (page TEXT)");
        byte[] before = Files.readAllBytes(ann);

        Cli.run("init", ann, "--space", space, "--table", "products", "--table", "visits")
                .assertFailed(1, "visits", "primary key");
        assertThat(ann).hasBinaryContent(before);
    }

    @Test
    void aTableThatIsMissingFailsAndChangesNothing() {
        Cli.run("init", ann, "--space", space, "--table", "ghosts").assertFailed(1, "ghosts");
        assertThat(ann).doesNotExist();
    }

    @Test
    void aRuleThatContradictsItsColumnFailsAndChangesNothing() throws IOException {
        Cli.execute(ann, PRODUCTS);
        byte[] before = Files.readAllBytes(ann);

        Cli.run("init", ann, "--space", space, "--table", "products", "--rule", "products.title=counter")
                .assertFailed(1, "title", "counter");
        Cli.run("init", ann, "--space", space, "--table", "products", "--rule", "products.price=lww")
                .assertFailed(1, "price");
        assertThat(ann).hasBinaryContent(before);
    }

    @Test
    void aRuleForATableThatIsNotEnrolledIsWrongUsage() {
        Cli.execute(ann, PRODUCTS);

        Cli.run("init", ann, "--space", space, "--rule", "products.stock=counter")
                .assertFailed(2, "add --table products");
        Cli.run("init", ann, "--space", space, "--on-delete", "products=edit-wins")
                .assertFailed(2, "add --table products");
    }

    @Test
    void aFileThatIsNotSqliteIsLeftAsItIs() throws IOException {
        Files.writeString(ann, "Dear diary, ".repeat(100));

        for (Object[] command : commands(ann)) {
            Cli.run(command).assertFailed(1, "ann.db");
        }
        assertThat(ann).hasContent("Dear diary, ".repeat(100));
    }

    @Test
    void aFileThatIsNoReplicaYetIsLeftAsItIs() throws IOException {
        Cli.execute(ann, PRODUCTS);
        byte[] before = Files.readAllBytes(ann);

        for (Object[] command : commands(ann).subList(1, 5)) {
            Cli.run(command).assertFailed(1, "ann.db", "anabranch init");
        }
        assertThat(ann).hasBinaryContent(before);
    }

    @Test
    void aFileThatIsMissingIsNotMade() {
        for (Object[] command : commands(ann).subList(1, 5)) {
            Cli.run(command).assertFailed(1, "ann.db");
        }
        assertThat(ann).doesNotExist();
    }

    private List<Object[]> commands(Path file) {
        List<Object[]> commands = new ArrayList<>();
        commands.add(new Object[] {"init", file, "--space", space});
        commands.add(new Object[] {"sync", file, relay.url()});
        commands.add(new Object[] {"status", file});
        commands.add(new Object[] {"log", file});
        commands.add(new Object[] {"digest", file});
        return commands;
    }

    // ---- sync

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

    // ---- status, log, digest

    @Test
    void statusCountsWhatOthersLack() throws Exception {
        Cli.execute(ann, PRODUCTS);
        Cli.good("init", ann, "--space", space, "--table", "products");
        Cli.good("sync", ann, relay.url());
        Cli.execute(ann, "INSERT INTO products VALUES ('lamp', 'Lamp', 1), ('mug', 'Mug', 2)");

        JsonNode status = Cli.good("status", ann, "--json").json();
        assertThat(status.get("space").asText()).isEqualTo(space);
        assertThat(status.get("origin").asText()).matches("[0-9a-f]{32}");
        assertThat(status.get("pending").asLong()).isEqualTo(2);
        assertThat(status.get("peers")).hasSize(1);
        assertThat(status.get("peers").get(0).get("url").asText())
                .startsWith(relay.url().toString());
        assertThat(Instant.parse(status.get("peers").get(0).get("lastExchange").asText()))
                .isAfter(Instant.EPOCH);

        Cli.good("sync", ann, relay.url());
        status = Cli.good("status", ann, "--json").json();
        assertThat(status.get("pending").asLong()).isZero();
        assertThat(status.get("vv").get(status.get("origin").asText()).asLong()).isEqualTo(1);
        assertThat(status.get("peers").get(0).get("upToDate").asBoolean()).isTrue();
        assertThat(Cli.good("status", ann).out()).contains("space    " + space, "pending  0");
    }

    @Test
    void logListsWhatWasWritten() throws Exception {
        Cli.execute(
                ann,
                PRODUCTS,
                "CREATE TABLE notes (id INTEGER NOT NULL, part TEXT NOT NULL, body BLOB," + " PRIMARY KEY (id, part))");
        Cli.good("init", ann, "--space", space, "--table", "products", "--table", "notes");
        Cli.execute(
                ann,
                "BEGIN",
                "INSERT INTO products VALUES ('lamp', 'Lamp', 1)",
                "INSERT INTO notes VALUES (7, 'a', x'00ff')",
                "COMMIT");
        Cli.good("sync", ann, relay.url());
        Cli.execute(ann, "UPDATE products SET title = 'Brass lamp'");
        Cli.good("sync", ann, relay.url());
        Cli.execute(ann, "DELETE FROM notes");
        Cli.good("sync", ann, relay.url());

        String own = Cli.good("status", ann, "--json").json().get("origin").asText();
        List<String> changes = new ArrayList<>();
        for (JsonNode entry : Cli.good("log", ann, "--json").json()) {
            if (entry.get("origin").asText().equals(own)) {
                assertThat(Instant.parse(entry.get("time").asText())).isAfter(Instant.EPOCH);
                entry.get("changes")
                        .forEach(change -> changes.add(change.get("kind").asText() + " "
                                + change.get("table").asText() + change.get("key")));
            }
        }
        assertThat(changes)
                .containsExactlyInAnyOrder(
                        "insert products[\"lamp\"]",
                        "insert notes[7,\"a\"]",
                        "edit products[\"lamp\"]",
                        "delete notes[7,\"a\"]");
        assertThat(Cli.good("log", ann, "--json", "--table", "notes").out()).doesNotContain("products");
        assertThat(Cli.good("log", ann).out()).contains("edit products (lamp)  title");
    }

    @Test
    void digestWritesNothingAndNamesWhatIsNotSealed() throws Exception {
        Cli.execute(ann, PRODUCTS, "INSERT INTO products VALUES ('lamp', 'Lamp', 1)");
        Cli.good("init", ann, "--space", space, "--table", "products");
        String before = Cli.good("digest", ann).out();
        assertThat(before).matches("products [0-9a-f]+\ntotal [0-9a-f]+\n");
        JsonNode json = Cli.good("digest", ann, "--json").json();
        assertThat(before)
                .isEqualTo("products " + json.get("tables").get("products").asText() + "\ntotal "
                        + json.get("total").asText() + "\n");

        Cli.execute(ann, "UPDATE products SET title = 'Brass lamp'");
        byte[] file = Files.readAllBytes(ann);
        Cli.Result unsealed = Cli.run("digest", ann);

        assertThat(unsealed.exitCode()).isZero();
        assertThat(unsealed.out()).matches("products [0-9a-f]+\ntotal [0-9a-f]+\n");
        assertThat(unsealed.err()).contains("1 captured rows are not sealed");
        assertThat(ann).hasBinaryContent(file);
        Cli.good("sync", ann, URI.create(relay.url() + "/"));
        assertThat(Cli.good("digest", ann).out()).isNotEqualTo(before);
    }
    // ---- what a newcomer met

    @Test
    void initOfAllTablesLeavesOutWhatCannotBeEnrolledAndSaysWhy() {
        Cli.execute(
                ann,
                PRODUCTS,
                "CREATE TABLE users (id TEXT PRIMARY KEY, mail TEXT)",
                "INSERT INTO users VALUES (NULL, 'ann@example.org')");

        Cli.Result init = Cli.run("init", ann, "--space", space, "--all-tables");

        assertThat(init.exitCode()).isZero();
        assertThat(init.out()).contains("enrolled products").doesNotContain("enrolled users");
        assertThat(init.err()).contains("left out: cannot enrol users: some rows have NULL in the key column id");
        Cli.run("init", ann, "--space", space, "--table", "users").assertFailed(1, "NULL in the key column id");
    }

    @Test
    void initSaysWhenThereIsNoTableToEnrol() {
        assertThat(Cli.run("init", ann, "--space", space, "--all-tables").err()).contains("has no table to enrol");
    }

    @Test
    void statusSaysWhichRowsAreHiddenWhyAndWhatWouldShowThem() throws Exception {
        Cli.execute(
                ann,
                PRODUCTS,
                "CREATE TABLE part (id TEXT PRIMARY KEY, product TEXT REFERENCES products(id))",
                "INSERT INTO part VALUES ('p', 'nothing')");
        Cli.good("init", ann, "--space", space, "--all-tables", "--fk", "part.product=hide");

        assertThat(Cli.good("status", ann).out())
                .contains("hidden   1 rows")
                .contains("part (p)  foreign key: table products shows no row with id = [nothing]")
                .contains("to show it, insert a row into products with id = nothing");
        assertThat(Cli.good("status", ann, "--json").out())
                .contains("\"hidden\" : 1")
                .contains("\"remedy\" : \"insert a row into products with id = nothing");
    }

    @Test
    void hiddenListsRowsThatShowUnderAnotherName() throws Exception {
        Cli.execute(ann, "CREATE TABLE users (id TEXT PRIMARY KEY, name TEXT UNIQUE)");
        Cli.good("init", ann, "--space", space, "--all-tables", "--rule", "users.name=rename");
        Cli.good("sync", ann, relay.url().toString());
        Cli.good("init", bob, "--space", space);
        Cli.good("sync", bob, relay.url().toString());
        Cli.execute(ann, "INSERT INTO users VALUES ('u1', 'sam')");
        Cli.good("sync", ann, relay.url().toString());
        Cli.execute(bob, "INSERT INTO users VALUES ('u2', 'sam')");
        Cli.good("sync", bob, relay.url().toString());

        assertThat(Cli.good("hidden", bob).out())
                .contains("renamed: an older row, ")
                .contains("instead of sam");
        assertThat(Cli.good("hidden", bob, "--json").out())
                .contains("\"kind\" : \"renamed\"")
                .contains("\"written\" : \"sam\"");
    }

    @Test
    void hiddenListsRowsWithWhatWouldShowThem() throws Exception {
        Cli.execute(ann, PRODUCTS, "CREATE TABLE part (id TEXT PRIMARY KEY, product TEXT REFERENCES products(id))");
        Cli.good("init", ann, "--space", space, "--all-tables", "--fk", "part.product=hide");
        Cli.execute(ann, "INSERT INTO part VALUES ('p', 'nothing')");
        Cli.good("sync", ann, relay.url());

        assertThat(Cli.good("hidden", ann).out()).isEqualTo("""
                        part (p)  foreign key: table products shows no row with id = [nothing]
                          holds  product = nothing
                          to show it, insert a row into products with id = nothing, or insert this row's key again with\
                         another parent
                        """);
        JsonNode row = Cli.good("hidden", ann, "--json").json().get(0);
        assertThat(row.path("kind").asText()).isEqualTo("foreign key");
        assertThat(row.path("key").get(0).asText()).isEqualTo("p");
        assertThat(row.path("values").path("product").asText()).isEqualTo("nothing");
        assertThat(row.path("waitsFor").path("table").asText()).isEqualTo("products");
        assertThat(row.path("waitsFor").path("columns").path("id").asText()).isEqualTo("nothing");
    }

    @Test
    void statusNamesRowsThatFailACheck() throws Exception {
        Cli.execute(ann, "CREATE TABLE span (id TEXT PRIMARY KEY, a INTEGER, b INTEGER CHECK (a <= b))");
        Cli.execute(bob, "CREATE TABLE span (id TEXT PRIMARY KEY, a INTEGER, b INTEGER CHECK (a <= b))");
        Cli.execute(ann, "INSERT INTO span VALUES ('s', 3, 6)");
        Cli.run("init", ann, "--space", space, "--all-tables");
        Cli.run("init", bob, "--space", space, "--all-tables");
        Cli.good("sync", ann, relay.url());
        Cli.good("sync", bob, relay.url());
        Cli.execute(ann, "UPDATE span SET a = 5");
        Cli.execute(bob, "UPDATE span SET b = 4");
        Cli.good("sync", ann, relay.url());
        Cli.good("sync", bob, relay.url());

        assertThat(Cli.good("status", bob, "--json").json().path("violations").asInt())
                .isEqualTo(1);
        assertThat(Cli.good("status", bob).out())
                .contains("warning  span (s) merged from legal writes into one that is not: CHECK constraint failed");
    }

    @Test
    void initTakesARuleForAForeignKey() throws Exception {
        Cli.execute(ann, PRODUCTS, "CREATE TABLE part (id TEXT PRIMARY KEY, product TEXT REFERENCES products(id))");
        Cli.good("init", ann, "--space", space, "--all-tables", "--fk", "part.product=hide");
        Cli.good("sync", ann, relay.url());
        Cli.execute(ann, "INSERT INTO part VALUES ('p', 'nothing')");
        Cli.good("sync", ann, relay.url());

        assertThat(Cli.good("status", ann, "--json").json().path("hidden").asInt())
                .isEqualTo(1);
        Cli.run("init", ann, "--space", space, "--table", "part", "--fk", "part.product=show")
                .assertFailed(2, "unknown foreign key rule 'show'; the rules are revive and hide");
    }

    @Test
    void theFileOfARelayIsNoReplica() {
        Cli.run("init", relayFolder.resolve("relay.db"), "--space", space).assertFailed(1, "it is a relay's file");
    }

    @Test
    void anAddressWithAPortThatCannotBeOrAPasswordIsWrongUsage() {
        Cli.good("init", ann, "--space", space);

        Cli.run("sync", ann, "http://localhost:99999").assertFailed(2, "is not the address of a peer");
        Cli.run("sync", ann, "http://me:secret@localhost:7878").assertFailed(2, "is not the address of a peer");
    }

    @Test
    void statusCountsWhatIsRejected() throws IOException {
        Cli.execute(ann, PRODUCTS, "INSERT INTO products VALUES ('lamp', 'Lamp', 5)");
        Cli.good("init", ann, "--space", space, "--table", "products", "--rule", "products.stock=counter");
        Cli.execute(ann, "UPDATE products SET stock = 'many'");
        Cli.good("sync", ann, relay.url());

        JsonNode status = Cli.good("status", ann, "--json").json();

        assertThat(status.get("rejected").asLong()).isEqualTo(1);
        assertThat(status.get("hidden").asLong()).isZero();
        assertThat(Cli.good("status", ann).out()).contains("rejected 1 values");
    }

    // ---- conflicts

    @Test
    void conflictsNameWhatLostAndWhatIsKept() throws IOException {
        Cli.execute(ann, PRODUCTS, "INSERT INTO products VALUES ('lamp', 'Lamp', 5)");
        Cli.good("init", ann, "--space", space, "--table", "products");
        Cli.good("sync", ann, relay.url());
        Cli.good("init", bob, "--space", space);
        Cli.good("sync", bob, relay.url());
        Cli.execute(ann, "UPDATE products SET title = 'Brass lamp'");
        Cli.execute(bob, "UPDATE products SET title = 'Desk lamp'");
        Cli.good("sync", ann, relay.url());
        Cli.good("sync", bob, relay.url());

        JsonNode conflicts = Cli.good("conflicts", bob, "--json").json();

        assertThat(conflicts).hasSize(1);
        JsonNode conflict = conflicts.get(0);
        assertThat(conflict.get("table").asText()).isEqualTo("products");
        assertThat(conflict.get("key").get(0).asText()).isEqualTo("lamp");
        assertThat(conflict.get("column").asText()).isEqualTo("title");
        assertThat(List.of(
                        conflict.get("kept").get("value").asText(),
                        conflict.get("lost").get("value").asText()))
                .containsExactlyInAnyOrder("Brass lamp", "Desk lamp");
        assertThat(conflict.get("lost").get("origin").asText()).hasSize(32);
        assertThat(Instant.parse(conflict.get("lost").get("time").asText())).isAfter(Instant.EPOCH);
        assertThat(conflict.get("kind").asText()).isEqualTo("value");
        assertThat(conflict.get("rule").asText()).isEqualTo("lww");
        assertThat(Cli.good("conflicts", bob).out()).contains("products (lamp) title  lww", "kept  ", "lost  ");
    }

    /** Leaves bob with one conflict on the lamp's title, and returns its number. */
    private long conflict() throws IOException {
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

    @Test
    void resolveKeepsTheOtherValueEverywhere() throws IOException {
        long id = conflict();
        Cli.good("sync", ann, relay.url());
        assertThat(Cli.good("conflicts", ann, "--json").json()).hasSize(1);
        String lost = Cli.good("conflicts", bob, "--json")
                .json()
                .get(0)
                .get("lost")
                .get("value")
                .asText();

        JsonNode resolved = Cli.good("resolve", bob, id, "keep-other", "--json").json();
        Cli.good("sync", bob, relay.url());
        Cli.good("sync", ann, relay.url());

        assertThat(resolved.get("resolution").asText()).isEqualTo("keep-other");
        assertThat(resolved.get("id").asLong()).isEqualTo(id);
        assertThat(Cli.query(ann, "SELECT title FROM products")).containsExactly(lost);
        assertThat(Cli.good("conflicts", ann, "--json").json()).isEmpty();
        assertThat(Cli.good("conflicts", bob).out()).isEmpty();
    }

    @Test
    void resolveSetsAndAccepts() throws IOException {
        long id = conflict();
        assertThat(Cli.good("resolve", bob, id, "set=Reading lamp").out())
                .isEqualTo("resolved " + id + ": set=Reading lamp\n");
        assertThat(Cli.query(bob, "SELECT title FROM products")).containsExactly("Reading lamp");
        Cli.execute(bob, "UPDATE products SET stock = 'many'");
        Cli.good("sync", bob, relay.url());
        JsonNode rejected = Cli.good("conflicts", bob, "--json").json().get(0);
        assertThat(rejected.get("kind").asText()).isEqualTo("rejected");
        assertThat(rejected.get("reason").asText()).isEqualTo("a counter holds integers");
        assertThat(Cli.good("conflicts", bob).out()).contains("rejected  many");

        Cli.good("resolve", bob, rejected.get("id").asLong(), "accept");

        assertThat(Cli.good("conflicts", bob, "--json").json()).isEmpty();
    }

    @Test
    void resolveSaysWhatItCannotDo() throws IOException {
        long id = conflict();

        Cli.run("resolve", bob, id, "perhaps").assertFailed(2, "it is keep-other, accept or set=VALUE");
        Cli.run("resolve", bob, "x", "accept").assertFailed(2, "ID");
        Cli.run("resolve", bob, 999, "accept").assertFailed(1, "there is no conflict 999", "anabranch conflicts");
        assertThat(Cli.good("conflicts", bob, "--json").json()).hasSize(1);
    }

    // ---- history, explain

    @Test
    void historyAndExplainSayWhereARowComesFrom() throws IOException {
        long id = conflict();

        JsonNode history =
                Cli.good("history", bob, "products", "lamp", "--json").json();
        assertThat(history.get("complete").asBoolean()).isTrue();
        assertThat(history.get("entries")).hasSize(3);
        JsonNode first = history.get("entries").get(0);
        assertThat(first.get("kind").asText()).isEqualTo("insert");
        assertThat(first.get("time").isNull()).isTrue();
        assertThat(first.get("cells").get(0).get("column").asText()).isEqualTo("stock");
        assertThat(Cli.good("history", bob, "products", "[\"lamp\"]").out())
                .contains("insert  by ", "before it was enrolled", "  set title  Brass lamp", "  set title  Desk lamp");

        JsonNode explanation =
                Cli.good("explain", bob, "products", "lamp", "title", "--json").json();
        assertThat(explanation.get("presence").asText()).isEqualTo("shown");
        JsonNode title = explanation.get("columns").get(0);
        assertThat(title.get("column").asText()).isEqualTo("title");
        assertThat(title.get("sources").get(0).get("value")).isEqualTo(title.get("value"));
        assertThat(title.get("lost").get(0).get("id").asLong()).isEqualTo(id);
        assertThat(Cli.good("explain", bob, "products", "lamp").out())
                .contains(
                        "products (lamp) is shown: it was inserted by",
                        "stock  counter  5",
                        "  because of writes that did not know of each other the later one stays",
                        "(conflict " + id + ")");
    }

    @Test
    void keysOfSeveralColumnsAreJsonArrays() throws IOException {
        Cli.execute(ann, "CREATE TABLE line (bill INTEGER, part TEXT, note TEXT, PRIMARY KEY (bill, part))");
        Cli.good("init", ann, "--space", space, "--all-tables");
        Cli.execute(ann, "INSERT INTO line VALUES (7, 'a', 'x')");
        Cli.run("sync", ann, relay.url());

        assertThat(Cli.good("history", ann, "line", "[7, \"a\"]", "--json")
                        .json()
                        .get("entries"))
                .hasSize(1);
        Cli.run("history", ann, "line", "7").assertFailed(1, "the key of line is (bill, part)", "JSON array");
        Cli.run("explain", ann, "line", "[7,\"a\"]", "price").assertFailed(1, "no column 'price'", "note");
        Cli.run("explain", ann, "ghosts", "7").assertFailed(1, "table 'ghosts' is not enrolled");
        Cli.run("history", ann, "line").assertFailed(2, "KEY");
        assertThat(Cli.run("history", ann, "line", "[8,\"a\"]").err()).contains("nothing is known of line (8, a)");
        assertThat(Cli.good("explain", ann, "line", "[8,\"a\"]").out()).contains("is unknown");
    }

    @Test
    void aTableThatIsNotEnrolledIsAnErrorThatNamesThoseThatAre() {
        Cli.execute(ann, PRODUCTS, "CREATE TABLE notes (id TEXT NOT NULL PRIMARY KEY, body TEXT)");
        Cli.good("init", ann, "--space", space);
        Cli.run("log", ann, "--table", "ghosts").assertFailed(1, "table 'ghosts' is not enrolled", "no table is yet");
        Cli.good("init", ann, "--space", space, "--all-tables");

        for (String command : List.of("log", "conflicts")) {
            Cli.run(command, ann, "--table", "ghosts")
                    .assertFailed(1, "table 'ghosts' is not enrolled in", "the tables are notes, products");
            Cli.good(command, ann, "--table", "Products");
        }
    }

    @Test
    void rowsThatWereThereWhenTheirTableWasEnrolledHaveNoTime() throws IOException {
        Cli.execute(ann, PRODUCTS, "INSERT INTO products VALUES ('lamp', 'Lamp', 1)");
        Cli.good("init", ann, "--space", space, "--all-tables");

        JsonNode log = Cli.good("log", ann, "--json").json();

        assertThat(log)
                .isNotEmpty()
                .allSatisfy(entry -> assertThat(entry.get("time").isNull()).isTrue());
        assertThat(Cli.good("log", ann).out())
                .contains("before it was enrolled")
                .doesNotContain("1970");
    }
}
