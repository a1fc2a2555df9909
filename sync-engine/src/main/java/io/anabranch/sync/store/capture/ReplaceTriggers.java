// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.capture;

import io.anabranch.sync.sql.Sql;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.UniqueKey;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The triggers of a table with unique keys that note rows which {@code OR REPLACE} may delete: SQLite fires no delete trigger
 * for them. They are noted before the write, with no column changed; the seal looks at what became of them.
 */
final class ReplaceTriggers {
    private final EnrolledTable table;
    private final List<UniqueKey> uniques;

    ReplaceTriggers(EnrolledTable table, List<UniqueKey> uniques) {
        this.table = table;
        this.uniques = uniques;
    }

    /** Returns for each kind of trigger its event and its body; none for a table whose only unique key is the primary one. */
    Map<String, Trigger> triggers(String mode, String now) {
        Map<String, Trigger> triggers = new TreeMap<>();
        if (uniques.isEmpty()) {
            return triggers;
        }
        List<String> onInsert = new ArrayList<>();
        List<String> onUpdate = new ArrayList<>();
        Set<String> columns = new LinkedHashSet<>();
        boolean dependOnAny = false;
        for (UniqueKey unique : uniques) {
            onInsert.add(note(unique, "NEW", mode, now));
            onUpdate.add(note(unique, "OLD", mode, now));
            unique.localColumns().forEach(column -> columns.add(Sql.name(column)));
            dependOnAny |= unique.localColumns().isEmpty();
        }
        String of = dependOnAny ? "" : " OF " + String.join(", ", columns);
        triggers.put("rin", new Trigger("BEFORE INSERT", String.join("; ", onInsert)));
        triggers.put("rup", new Trigger("BEFORE UPDATE" + of, String.join("; ", onUpdate)));
        return triggers;
    }

    record Trigger(String event, String body) {}

    /** @param self the row that is written, which is dirty anyway */
    private String note(UniqueKey unique, String self, String mode, String now) {
        StringBuilder columns = new StringBuilder("tbl, scratch, at");
        StringBuilder values = new StringBuilder(table.id() + ", " + mode + ", " + now);
        List<String> others = new ArrayList<>();
        for (int i = 0; i < table.localKeyNames().size(); i++) {
            String key = Sql.name(table.localKeyNames().get(i));
            columns.append(", k").append(i);
            values.append(", t.").append(key);
            others.add("t." + key + " COLLATE BINARY IS NOT " + self + "." + key);
        }
        String local = Sql.name(table.localName() == null ? table.name() : table.localName());
        return "INSERT INTO _ab_pending(" + columns + ") SELECT " + values + " FROM " + local + " AS t WHERE "
                + unique.collision("t", "NEW") + " AND (" + String.join(" OR ", others) + ")";
    }
}
