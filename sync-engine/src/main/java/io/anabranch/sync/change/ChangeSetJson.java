// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import io.anabranch.crdt.CellOp;
import io.anabranch.crdt.RightsChange;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.HybridTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Change sets as people read them: maps, lists, texts, numbers and nulls, for a JSON writer. Says what operations do, not every
 * byte of how they are written; {@code docs/protocol.md} lists the members. Nothing reads it back.
 */
public final class ChangeSetJson {
    private ChangeSetJson() {}

    /** Returns a change set with its operations; without them if its body is in parts, which may be large. Costs O(bytes). */
    public static Map<String, @Nullable Object> of(EncodedChangeSet changeSet) {
        ChangeSetHeader header = changeSet.header();
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("origin", header.origin().toString());
        document.put("seq", header.seq());
        document.put("hash", changeSet.hash().toString());
        document.put("previousHash", header.previousHash().toString());
        document.put("time", time(header));
        document.put("stamp", header.stamp());
        Map<String, Object> seen = new LinkedHashMap<>();
        header.context().forEach(entry -> seen.put(entry.origin().toString(), entry.seq()));
        document.put("seen", seen);
        document.put("bytes", changeSet.bytes().length);
        if (changeSet.isInParts()) {
            document.put("bodyBytes", changeSet.parts().totalBytes());
            document.put("parts", changeSet.parts().count());
            return document;
        }
        List<Object> operations = new ArrayList<>();
        ChangeSetReader reader = new ChangeSetReader(changeSet, PartSource.NONE);
        for (List<TableOp> ops = reader.next(); ops != null; ops = reader.next()) {
            ops.forEach(op -> operations.add(operation(op)));
        }
        document.put("operations", operations);
        return document;
    }

    /** Returns null for rows that were there when their table was enrolled, and for absurd stamps. */
    private static @Nullable String time(ChangeSetHeader header) {
        return header.stamp() == 0 || header.isVoid()
                ? null
                : Instant.ofEpochMilli(new HybridTime(header.stamp()).millis()).toString();
    }

    private static Map<String, @Nullable Object> operation(TableOp op) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        if (op instanceof TableOp.Declare declare) {
            document.put("kind", "declare");
            document.put("table", declare.definition().name());
            List<Object> columns = new ArrayList<>();
            declare.definition().columns().forEach(column -> columns.add(column(column)));
            document.put("columns", columns);
        } else if (op instanceof TableOp.Change change) {
            document.put("kind", kind(change.op()));
            document.put("table", change.table());
            List<@Nullable Object> key = new ArrayList<>();
            change.key().forEach(value -> key.add(value(value)));
            document.put("key", key);
            describe(change.op(), document);
        } else {
            document.put("kind", "unknown");
        }
        return document;
    }

    private static Map<String, Object> column(TableDefinition.Column column) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("name", column.name());
        document.put("type", column.type());
        document.put("rule", column.rule().toString());
        if (column.keyPosition() > 0) {
            document.put("keyPosition", column.keyPosition());
        }
        return document;
    }

    private static String kind(RowOp<String, Value> op) {
        return op instanceof RowOp.Insert ? "insert" : op instanceof RowOp.Edit ? "edit" : "delete";
    }

    private static void describe(RowOp<String, Value> op, Map<String, @Nullable Object> document) {
        if (op instanceof RowOp.Insert<String, Value> insert) {
            document.put("supersedes", dots(insert.supersedes()));
            document.put("cells", cells(insert.cells()));
        } else if (op instanceof RowOp.Edit<String, Value> edit) {
            Map<String, Object> lives = new LinkedHashMap<>();
            edit.touches().forEach(touch -> lives.put(text(touch.life()), dots(touch.replaces())));
            document.put("lives", lives);
            document.put("cells", cells(edit.cells()));
        } else if (op instanceof RowOp.Delete<String, Value> delete) {
            document.put("removes", dots(delete.removes()));
        }
    }

    private static Map<String, Object> cells(SortedMap<String, CellOp<Value>> cells) {
        Map<String, Object> document = new LinkedHashMap<>();
        cells.forEach((column, op) -> document.put(column, cell(op)));
        return document;
    }

    private static Map<String, @Nullable Object> cell(CellOp<Value> op) {
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        if (op instanceof CellOp.Put<Value> put) {
            document.put("put", value(put.value()));
            Dot replaced = put.replaces();
            if (replaced != null) {
                document.put("replaces", text(replaced));
            }
        } else if (op instanceof CellOp.Add<Value> add) {
            document.put("add", add.amount());
        } else if (op instanceof CellOp.Grow<Value> grow) {
            document.put("grow", grow.amount());
        } else if (op instanceof CellOp.Raise<Value> raise) {
            document.put("raise", value(raise.value()));
        } else if (op instanceof CellOp.Lower<Value> lower) {
            document.put("lower", value(lower.value()));
        } else if (op instanceof CellOp.Replace<Value> replace) {
            document.put("put", value(replace.value()));
            document.put("replaces", dots(replace.replaces()));
        } else if (op instanceof CellOp.Change<Value> change) {
            document.put("add", values(change.adds()));
            document.put("remove", values(change.removes().keySet()));
        } else if (op instanceof CellOp.Trade<Value> trade) {
            Map<String, Object> lives = new LinkedHashMap<>();
            trade.byLife().forEach((life, rights) -> lives.put(text(life), rights(rights)));
            document.put("trade", lives);
        }
        return document;
    }

    private static Map<String, Object> rights(RightsChange rights) {
        Map<String, Object> given = new LinkedHashMap<>();
        rights.given().forEach((origin, amount) -> given.put(origin.toString(), amount));
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("made", rights.made());
        document.put("spent", rights.spent());
        document.put("given", given);
        return document;
    }

    private static List<@Nullable Object> values(Collection<Value> values) {
        List<@Nullable Object> list = new ArrayList<>();
        values.forEach(value -> list.add(value(value)));
        return list;
    }

    /** Numbers and texts as such; what JSON has no form for as the text of an SQL literal in a map. */
    private static @Nullable Object value(Value value) {
        if (value instanceof Value.Int integer) {
            return integer.value();
        }
        if (value instanceof Value.Real real && !Double.isInfinite(real.value())) {
            return real.value();
        }
        if (value instanceof Value.Null) {
            return null;
        }
        return value instanceof Value.Text ? value.toString() : Map.of("sql", value.toString());
    }

    private static List<String> dots(Collection<Dot> dots) {
        List<String> list = new ArrayList<>();
        dots.forEach(dot -> list.add(text(dot)));
        return list;
    }

    private static String text(Dot dot) {
        return dot.origin() + ":" + dot.seq();
    }
}
