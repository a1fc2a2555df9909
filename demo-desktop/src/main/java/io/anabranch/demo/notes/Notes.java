// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.notes;

import io.anabranch.sync.Conflict;
import io.anabranch.sync.LiveQuery;
import io.anabranch.sync.PeerLink;
import io.anabranch.sync.Replica;
import io.anabranch.sync.Resolution;
import io.anabranch.sync.TableRules;
import io.anabranch.sync.session.SyncOutcome;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Notes in an SQLite file that replicates. All that the app has to do with Anabranch is in this class: copy it. Thread-safe.
 */
final class Notes implements AutoCloseable {
    private static final String ALL = "SELECT id, title, body, likes FROM note ORDER BY pos, id";

    private final Replica replica;
    private final URI relay;
    private @Nullable PeerLink link;

    /** One note, as it shows. */
    record Note(String id, String title, String body, long likes) {}

    /** @param file made if it is missing */
    Notes(Path file, URI relay) {
        this.replica = Replica.create(file, "notes");
        this.relay = relay;
        replica.execute("CREATE TABLE IF NOT EXISTS note("
                + "id TEXT NOT NULL PRIMARY KEY, title TEXT, body TEXT, likes INTEGER, pos TEXT)");
        replica.enrol("note", TableRules.defaults().counter("likes").list("pos"));
    }

    // ---- Reading

    /** Tells of all notes now, and again whenever one has changed, whoever changed it. */
    void watch(Executor ui, Consumer<List<Note>> listener) {
        replica.watch(LiveQuery.of(ALL).keyedBy("id").on(ui), diff -> {
            List<Note> notes = new ArrayList<>();
            diff.rows().forEach(row -> notes.add(note(row)));
            listener.accept(notes);
        });
    }

    private static Note note(Map<String, @Nullable Object> row) {
        long likes = row.get("likes") instanceof Long number ? number : 0;
        return new Note(text(row.get("id")), text(row.get("title")), text(row.get("body")), likes);
    }

    private static String text(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }

    // ---- Writing: plain SQL

    /** Adds an empty note at the end, and returns its id. */
    String add() {
        String id = UUID.randomUUID().toString();
        replica.transaction(sql -> {
            Object last = sql.query("SELECT max(pos) AS pos FROM note").get(0).get("pos");
            String pos = replica.positions().between((String) last, null);
            sql.execute("INSERT INTO note VALUES (?, 'New note', '', 0, ?)", id, pos);
        });
        return id;
    }

    void rename(String id, String title) {
        replica.execute("UPDATE note SET title = ? WHERE id = ? AND title <> ?", title, id, title);
    }

    void rewrite(String id, String body) {
        replica.execute("UPDATE note SET body = ? WHERE id = ? AND body <> ?", body, id, body);
    }

    void like(String id) {
        replica.execute("UPDATE note SET likes = likes + 1 WHERE id = ?", id);
    }

    void delete(String id) {
        replica.execute("DELETE FROM note WHERE id = ?", id);
    }

    // ---- Others

    /** Goes online, and tells how each exchange ended, on the link's thread. Writing needs no network, ever. */
    synchronized void online(Consumer<SyncOutcome> outcomes) {
        if (link == null) {
            link = replica.connect(relay, outcomes);
        }
    }

    synchronized void offline() {
        if (link != null) {
            link.close();
            link = null;
        }
    }

    /** Returns what somebody else wrote into a note at the same time, and lost. */
    List<Conflict> conflicts(String id) {
        List<Conflict> conflicts = new ArrayList<>(replica.conflicts("note"));
        conflicts.removeIf(conflict -> conflict.kind() != Conflict.Kind.VALUE
                || !conflict.key().get(0).toString().equals(id));
        return conflicts;
    }

    /** Writes the value that lost in place of the one that shows; for everybody. */
    void takeOther(Conflict conflict) {
        replica.resolve(conflict.id(), Resolution.keepOther());
    }

    @Override
    public void close() {
        replica.close();
    }
}
