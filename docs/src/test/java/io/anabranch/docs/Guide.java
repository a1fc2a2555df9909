// SPDX-License-Identifier: Apache-2.0
package io.anabranch.docs;

import io.anabranch.sync.Conflict;
import io.anabranch.sync.LiveQuery;
import io.anabranch.sync.QueryDiff;
import io.anabranch.sync.Replica;
import io.anabranch.sync.Resolution;
import io.anabranch.sync.RowChange;
import io.anabranch.sync.TableRules;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.jdbc.JdbcTransactions;
import io.anabranch.sync.session.SyncOutcome;
import java.net.URI;
import java.nio.file.Path;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/** The examples of the guide, as they are compiled and run. */
final class Guide {
    private Guide() {}

    static Replica enrol(Path file) {
        Replica notes = Replica.create(file, "notes");
        notes.execute("CREATE TABLE IF NOT EXISTS note(id TEXT PRIMARY KEY, title TEXT, likes INTEGER)");
        notes.enrol("note", TableRules.defaults().counter("likes"));
        return notes;
    }

    static void write(Replica notes) throws SQLException {
        notes.execute("INSERT INTO note VALUES (?, ?, 0)", "n1", "Buy milk");
        notes.transaction(sql -> {
            sql.execute("INSERT INTO note VALUES ('n2', 'Call the dentist', 0)");
            sql.execute("UPDATE note SET likes = likes + 1 WHERE id = 'n1'");
        });
        JdbcTransactions.of(notes).run(connection -> {
            try (PreparedStatement update = connection.prepareStatement("UPDATE note SET likes = likes + ?")) {
                update.setInt(1, 1);
                update.executeUpdate();
            }
        });
    }

    static void sync(Replica notes, URI relay) {
        SyncOutcome outcome = notes.sync(relay);
        if (!(outcome instanceof SyncOutcome.Settled)) {
            System.err.println("not now: " + outcome);
        }
    }

    static void decide(Replica notes) {
        for (Conflict conflict : notes.conflicts("note")) {
            boolean lostIsLonger = conflict.kind() == Conflict.Kind.VALUE
                    && conflict.lost().value().toString().length() > 10;
            notes.resolve(conflict.id(), lostIsLonger ? Resolution.keepOther() : Resolution.accept());
        }
    }

    static void set(Replica notes, long conflict) {
        notes.resolve(conflict, Resolution.set(Value.of("Buy oat milk")));
    }

    static String explain(Replica notes) {
        return notes.explain("note", List.of("n1"), "title").columns().get(0).because();
    }

    static void follow(Replica notes, Executor ui, Consumer<RowChange> rows, Consumer<QueryDiff> list) {
        notes.onChange("note", ui, change -> rows.accept(change)); // INSERTED, UPDATED or DELETED; LOCAL or REMOTE.
        notes.watch(
                LiveQuery.of("SELECT id, title FROM note WHERE likes > ?", 0)
                        .keyedBy("id")
                        .on(ui),
                diff -> list.accept(diff)); // All rows first, then what was added, removed and changed.
    }
}
