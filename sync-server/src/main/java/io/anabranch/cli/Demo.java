// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.server.RelayServer;
import io.anabranch.server.ServerOptions;
import io.anabranch.sync.Replica;
import io.anabranch.sync.TableRules;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.jdbc.JdbcDriver;
import io.anabranch.sync.session.SyncOutcome;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The main job, once through: a small shop, replicas that write the same rows while no Anabranch has their files open, a
 * relay through which they meet, and what each of them holds then.
 */
final class Demo {
    private static final String SPACE = "shop";
    private static final int BUSY_TIMEOUT_MILLIS = 5_000;
    private static final List<String> NAMES = List.of("ann", "bob", "cyn", "dan", "eve", "fay", "gus", "hal");

    private static final List<String> SHOP = List.of(
            "CREATE TABLE products (id TEXT NOT NULL PRIMARY KEY, title TEXT, shelf TEXT, stock INTEGER NOT NULL)",
            "CREATE TABLE orders (id TEXT NOT NULL PRIMARY KEY, product TEXT, quantity INTEGER, customer TEXT)",
            "CREATE TABLE notes (id TEXT NOT NULL PRIMARY KEY, body TEXT)",
            "INSERT INTO products VALUES ('lamp', 'Lamp', 'A1', 200), ('mug', 'Mug', 'A2', 500)",
            "INSERT INTO notes VALUES ('n1', 'Call the supplier')");

    /** What names a row, and then what it holds. */
    private static final List<String> READS = List.of(
            "SELECT 'product ' || id, title || ', shelf ' || shelf || ', stock ' || stock FROM products ORDER BY id",
            "SELECT 'order ' || id, quantity || ' x ' || product || ' for ' || customer FROM orders ORDER BY id",
            "SELECT 'note ' || id, body FROM notes ORDER BY id");

    private final Path folder;
    private final PrintWriter out;
    private final List<String> names = new ArrayList<>();

    Demo(Path folder, int replicas, PrintWriter out) {
        this.folder = folder;
        this.out = out;
        for (int i = 0; i < replicas; i++) {
            names.add(i < NAMES.size() ? NAMES.get(i) : "replica-" + (i + 1));
        }
    }

    void run() {
        ServerOptions options = new ServerOptions(ServerOptions.DEFAULT_HOST, 0, folder.resolve("relay.db"));
        try (RelayServer relay = RelayServer.start(options)) {
            open(relay.url());
            writeOffline();
            meet(relay.url());
        }
        showWhatEachHolds();
        showHowToGoOn();
        compareDigests();
    }

    // ---- Acts

    private void open(URI relay) {
        out.println("A shop with one relay and " + names.size() + " replicas, in " + folder);
        String first = names.get(0);
        execute(first, SHOP);
        try (Replica replica = Replica.create(file(first), SPACE)) {
            replica.enrol("products", TableRules.defaults().rule("stock", Rule.COUNTER));
            replica.enrol("orders", TableRules.defaults());
            replica.enrol("notes", TableRules.defaults());
            settle(replica, relay);
        }
        for (String name : names.subList(1, names.size())) {
            try (Replica replica = Replica.create(file(name), SPACE)) {
                settle(replica, relay);
            }
        }
    }

    private void writeOffline() {
        out.println();
        out.println("Who writes what, offline and with plain SQL:");
        for (int i = 0; i < names.size(); i++) {
            List<String> writes = writes(i);
            execute(names.get(i), writes);
            for (String sql : writes) {
                out.println("  " + pad(names.get(i)) + sql);
            }
        }
    }

    private List<String> writes(int i) {
        String name = names.get(i);
        List<String> writes = new ArrayList<>();
        writes.add("UPDATE products SET stock = stock - " + (i + 1) + " WHERE id = 'lamp'");
        writes.add("INSERT INTO orders VALUES ('" + name + "-1', 'lamp', " + (i + 1) + ", 'customer of " + name + "')");
        switch (i) {
            case 0:
                writes.add("UPDATE products SET title = 'Brass lamp' WHERE id = 'lamp'");
                writes.add("DELETE FROM notes WHERE id = 'n1'");
                break;
            case 1:
                writes.add("UPDATE products SET title = 'Reading lamp' WHERE id = 'lamp'");
                writes.add("UPDATE notes SET body = 'Call the supplier on Monday' WHERE id = 'n1'");
                break;
            default:
                writes.add("UPDATE products SET shelf = 'B" + i + "' WHERE id = 'lamp'");
                writes.add("UPDATE products SET stock = stock + 10 WHERE id = 'mug'");
                break;
        }
        return writes;
    }

    private void meet(URI relay) {
        // Once up to the relay, once down from it; the last one up has everything already.
        for (int round = 0; round < 2; round++) {
            for (String name : names) {
                try (Replica replica = Replica.open(file(name))) {
                    settle(replica, relay);
                }
            }
        }
    }

    private void settle(Replica replica, URI relay) {
        SyncOutcome outcome = replica.sync(relay);
        if (!(outcome instanceof SyncOutcome.Settled)) {
            throw new Failure("the demo stopped in " + folder + ": " + Outcomes.why(outcome));
        }
    }

    // ---- What is shown

    private void showWhatEachHolds() {
        out.println();
        out.println("What each holds now:");
        Map<String, Map<String, String>> rows = new LinkedHashMap<>();
        for (String name : names) {
            read(name)
                    .forEach((row, holds) -> rows.computeIfAbsent(row, r -> new LinkedHashMap<>())
                            .put(name, holds));
        }
        rows.forEach((row, held) -> {
            out.println("  " + row);
            names.forEach(name -> out.println("    " + pad(name) + held.getOrDefault(name, "(no such row)")));
        });
        int sold = names.size() * (names.size() + 1) / 2;
        out.println("All " + sold + " lamps sold are off the stock of 200. Of two titles the later one stays.");
        out.println("A note that one deletes while another edits it stays, with the edit.");
    }

    private Map<String, String> read(String name) {
        Map<String, String> rows = new LinkedHashMap<>();
        try (SqlDatabase database = open(name)) {
            for (String sql : READS) {
                SqlStatement statement = database.prepare(sql);
                while (statement.step()) {
                    rows.put(String.valueOf(statement.getText(0)), String.valueOf(statement.getText(1)));
                }
            }
        }
        return rows;
    }

    private void showHowToGoOn() {
        String command = System.getProperty("anabranch.command", "./anabranch");
        String url = "http://" + ServerOptions.DEFAULT_HOST + ":" + ServerOptions.DEFAULT_PORT;
        String one = quote(file(names.get(0)));
        String two = quote(file(names.get(1)));
        out.println();
        out.println("The files stay in " + folder + ". To go on by hand, the first command in a terminal of its own:");
        out.println("  " + command + " serve --port " + ServerOptions.DEFAULT_PORT + " --data "
                + quote(folder.resolve("relay.db")));
        out.println("  sqlite3 " + one + " \"UPDATE products SET stock = stock - 1 WHERE id = 'lamp'\"");
        out.println("  " + command + " sync " + one + " " + url + " && " + command + " sync " + two + " " + url);
        out.println("  sqlite3 " + two + " \"SELECT * FROM products\"");
    }

    private void compareDigests() {
        out.println();
        out.println("Digests of what they hold:");
        Set<String> different = new HashSet<>();
        for (String name : names) {
            try (Replica replica = Replica.open(file(name))) {
                String total = replica.digest().total();
                different.add(total);
                out.println("  " + pad(name) + total);
            }
        }
        if (different.size() > 1) {
            throw new Failure("the replicas in " + folder + " hold different things, which must not be;"
                    + " keep the folder and report it");
        }
    }

    // ---- Files

    private Path file(String name) {
        return folder.resolve(name + ".db");
    }

    /** Opens a file as any program would, without Anabranch. */
    private SqlDatabase open(String name) {
        return new JdbcDriver().open(file(name), BUSY_TIMEOUT_MILLIS);
    }

    private void execute(String name, List<String> statements) {
        try (SqlDatabase database = open(name)) {
            statements.forEach(database::execute);
        }
    }

    private String pad(String name) {
        int width = names.stream().mapToInt(String::length).max().orElse(0) + 2;
        return name + " ".repeat(width - name.length());
    }

    private static String quote(Path file) {
        String text = file.toString();
        return text.matches("[A-Za-z0-9_./-]+") ? text : "'" + text.replace("'", "'\\''") + "'";
    }
}
