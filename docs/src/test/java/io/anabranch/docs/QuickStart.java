// SPDX-License-Identifier: Apache-2.0
package io.anabranch.docs;

import io.anabranch.sync.Replica;
import io.anabranch.sync.TableRules;
import java.net.URI;
import java.nio.file.Path;

/** The example of the README, as it is compiled and run. */
final class QuickStart {
    private QuickStart() {}

    static void run(Path file, URI relay, Runnable meanwhile) {
        try (Replica notes = Replica.create(file, "notes")) {
            notes.execute("CREATE TABLE IF NOT EXISTS note(id TEXT PRIMARY KEY, title TEXT, likes INTEGER)");
            notes.enrol("note", TableRules.defaults().counter("likes"));
            notes.onChange(change -> System.out.println(change.kind() + " " + change.key())); // Whoever changed it.
            notes.connect(relay);
            notes.execute("INSERT OR IGNORE INTO note VALUES (?, ?, ?)", "n1", "Buy milk", 0);
            notes.execute("UPDATE note SET likes = likes + 1 WHERE id = ?", "n1");
            meanwhile.run();
        }
    }
}
