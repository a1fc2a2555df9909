// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.apply;

import io.anabranch.sync.change.Value;
import io.anabranch.sync.sql.SqlDatabase;
import io.anabranch.sync.sql.SqlStatement;
import io.anabranch.sync.store.capture.ApplicationTriggers;
import io.anabranch.sync.store.catalog.Catalog;
import io.anabranch.sync.store.log.SideTables;
import io.anabranch.sync.store.row.HiddenRows;
import io.anabranch.sync.store.row.RowStore;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What triggers of the application do to enrolled rows while the engine writes. It has happened at the origin already and
 * arrives from there; here it is undone, until nothing more happens. Triggers that go on for ever, such as one that stamps
 * every update, are silenced for the last round. Confined to one connection.
 */
final class TriggerEffects {
    private static final Logger LOG = LoggerFactory.getLogger(TriggerEffects.class);
    private static final int MAX_ROUNDS = 3;
    /** Tables whose triggers were reported in this process. */
    private static final Set<String> REPORTED = ConcurrentHashMap.newKeySet();

    private final SqlDatabase db;
    private final Catalog catalog;
    private final RowStore rows;
    private final HiddenRows hidden;
    private final ApplicationTriggers triggers;

    /** What was shown in this batch. */
    private final Map<Long, Map<Key, Value @Nullable []>> shown = new HashMap<>();

    TriggerEffects(SqlDatabase db, Catalog catalog, RowStore rows) {
        this.db = db;
        this.catalog = catalog;
        this.rows = rows;
        this.hidden = new HiddenRows(db);
        this.triggers = new ApplicationTriggers(db);
    }

    /** Says what the engine shows of a row in this batch, whatever a trigger makes of it. */
    void expect(EnrolledTable table, Key key, Value @Nullable [] image) {
        shown.computeIfAbsent(table.id(), id -> new HashMap<>()).put(key, image);
    }

    /** Undoes what triggers did since the mode is {@link SideTables#MODE_SCRATCH}. */
    void undo() {
        for (int round = 0; round < MAX_ROUNDS; round++) {
            boolean changed = false;
            for (Map.Entry<Long, Set<Key>> entry : takeScratch().entrySet()) {
                for (Key key : entry.getValue()) {
                    changed |= restore(catalog.get(entry.getKey()), key);
                }
            }
            if (!changed) {
                takeScratch();
                return;
            }
        }
        takeScratch().forEach((id, keys) -> {
            EnrolledTable table = catalog.get(id);
            reportFight(table);
            triggers.silenced(table, () -> keys.forEach(key -> restore(table, key)));
        });
        takeScratch();
    }

    /** Says so once: such a trigger does it with every exchange. */
    private static void reportFight(EnrolledTable table) {
        if (REPORTED.add(table.label())) {
            LOG.warn(
                    "triggers of the application keep changing rows of {} that arrive from other replicas. What they do is"
                            + " undone, since it comes from the replica where the row was written; have a trigger that stamps"
                            + " each update do so only WHEN NEW.stamp IS OLD.stamp, or set the value in the program instead",
                    table);
        }
    }

    private boolean restore(EnrolledTable table, Key key) {
        Value[] image = rows.image(table, key);
        Map<Key, Value @Nullable []> known = shown.getOrDefault(table.id(), Map.of());
        Value[] wanted = known.containsKey(key) ? known.get(key) : shownByState(table, key);
        if (Arrays.equals(image, wanted)) {
            return false;
        }
        rows.write(table, key, image, wanted);
        return true;
    }

    /** The columns may hold what a trigger wrote, so the values come from the log. */
    private Value @Nullable [] shownByState(EnrolledTable table, Key key) {
        return hidden.contains(table, key) ? null : rows.project(table, key, rows.load(table, key, null));
    }

    private Map<Long, Set<Key>> takeScratch() {
        Map<Long, Set<Key>> written = new LinkedHashMap<>();
        for (EnrolledTable table : catalog.all()) {
            if (table.isLocal()) {
                StringBuilder columns = new StringBuilder("k0");
                for (int i = 1; i < table.keyNames().size(); i++) {
                    columns.append(", k").append(i);
                }
                SqlStatement query = db.prepare(
                                "SELECT DISTINCT " + columns + " FROM _ab_pending WHERE scratch = 1 AND tbl = ?")
                        .bind(1, table.id());
                while (query.step()) {
                    written.computeIfAbsent(table.id(), id -> new TreeSet<>()).add(RowStore.readKey(table, query, 0));
                }
            }
        }
        db.execute("DELETE FROM _ab_pending WHERE scratch = 1");
        return written;
    }
}
