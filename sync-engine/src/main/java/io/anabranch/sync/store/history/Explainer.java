// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.history;

import io.anabranch.crdt.Cell;
import io.anabranch.crdt.CellKind;
import io.anabranch.crdt.Life;
import io.anabranch.crdt.LwwRegister;
import io.anabranch.crdt.RowLives;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.Conflict;
import io.anabranch.sync.Explanation;
import io.anabranch.sync.Explanation.Presence;
import io.anabranch.sync.Explanation.Source;
import io.anabranch.sync.RowHistory;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Rule;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.store.log.ChangeLog;
import io.anabranch.sync.store.row.HiddenRows;
import io.anabranch.sync.store.row.RowStore;
import io.anabranch.sync.store.rule.CounterRule;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import java.math.BigInteger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Says why one row is as it is, from its state and, for times, from the log. Confined to one connection. */
public final class Explainer {
    private final RowStore rows;
    private final ChangeLog log;
    private final HiddenRows hidden;
    private final Historian historian;
    private final List<Conflict> conflicts;
    /** What the log says of the row, once something has to be looked up in it. */
    private @Nullable RowHistory history;

    /** @param conflicts those about the row */
    public Explainer(RowStore rows, ChangeLog log, HiddenRows hidden, Historian historian, List<Conflict> conflicts) {
        this.rows = rows;
        this.log = log;
        this.hidden = hidden;
        this.historian = historian;
        this.conflicts = conflicts;
    }

    /**
     * Says why a row is as it is.
     *
     * @param only the only column to explain; null for all
     */
    public Explanation explain(EnrolledTable table, Key key, @Nullable String only) {
        List<EnrolledTable.Column> columns = columns(table, only);
        Value[] image = rows.image(table, key);
        RowLives<String, Value> row = rows.load(table, key, image);
        List<Explanation.Column> explained = new ArrayList<>();
        Presence presence = presence(table, key, row);
        if (presence == Presence.SHOWN || presence == Presence.HIDDEN) {
            columns.forEach(column -> explained.add(explain(table, key, row, column)));
        }
        return new Explanation(table.label(), key.values(), presence, why(table, key, row, presence), explained);
    }

    private static List<EnrolledTable.Column> columns(EnrolledTable table, @Nullable String only) {
        if (only == null) {
            return table.columns();
        }
        EnrolledTable.Column column = table.labelled(only);
        if (column != null) {
            return List.of(column);
        }
        List<String> names = new ArrayList<>();
        table.columns().forEach(each -> names.add(each.label()));
        String outside = names.isEmpty() ? "none" : String.join(", ", names);
        throw new SyncException.NoSuchColumn(
                "table " + table.label() + " has no column '" + only + "' outside its key; the columns are " + outside);
    }

    // ---- The row

    private Presence presence(EnrolledTable table, Key key, RowLives<String, Value> row) {
        if (row.isShown()) {
            return hidden.contains(table, key) ? Presence.HIDDEN : Presence.SHOWN;
        }
        boolean everWas = !row.lives().isEmpty()
                || !historian.history(table, key).entries().isEmpty();
        return everWas ? Presence.DELETED : Presence.UNKNOWN;
    }

    private String why(EnrolledTable table, Key key, RowLives<String, Value> row, Presence presence) {
        switch (presence) {
            case SHOWN -> {
                return inserted(row);
            }
            case HIDDEN -> {
                HiddenRows.Reason reason = hidden.find(table, key);
                return inserted(row) + ", and its table will not have it: " + (reason == null ? "" : reason.reason());
            }
            case DELETED -> {
                return deleted(historian.history(table, key));
            }
            default -> {
                return "this replica has never heard of it";
            }
        }
    }

    private String inserted(RowLives<String, Value> row) {
        List<String> inserts = new ArrayList<>();
        for (Life<String, Value> life : row.shown()) {
            Instant time = time(life.id(), life.rank());
            inserts.add("by " + life.id().origin() + (time == null ? " before it was enrolled" : " at " + time));
        }
        return inserts.size() == 1
                ? "it was inserted " + inserts.get(0)
                : "it was inserted apart, and is one row now: " + String.join(", and ", inserts);
    }

    private static String deleted(RowHistory history) {
        RowHistory.Entry last = null;
        for (RowHistory.Entry entry : history.entries()) {
            last = entry.kind().equals("delete") ? entry : last;
        }
        return last == null
                ? "it was deleted, before the log begins"
                : "it was deleted by " + last.origin() + " at " + last.time();
    }

    // ---- A column

    private Explanation.Column explain(
            EnrolledTable table, Key key, RowLives<String, Value> row, EnrolledTable.Column column) {
        List<Conflict> lost = new ArrayList<>();
        for (Conflict conflict : conflicts) {
            if (column.label().equals(conflict.column())) {
                lost.add(conflict);
            }
        }
        Value[] shown = rows.project(table, key, row);
        int at = table.shown().indexOf(column);
        Value value = shown == null || at < 0 ? column.defaultValue() : shown[at];
        Found found = find(table, key, row, column);
        String because = found.because(lost);
        HiddenRows.Reason older = column.rule().kind() == Rule.Kind.RENAME ? hidden.findRenamed(table, key) : null;
        Value[] image = older == null ? null : rows.image(table, key);
        if (older != null && image != null && at >= 0) {
            value = image[at];
            because += "; it shows under another name while it may not show its own: " + older.reason();
        }
        return new Explanation.Column(column.label(), column.rule().label(), value, found.sources, because, lost);
    }

    private Found find(EnrolledTable table, Key key, RowLives<String, Value> row, EnrolledTable.Column column) {
        Found found = new Found();
        CellKind kind = column.rule().kind().cells();
        LwwRegister<Value> register = kind == CellKind.REGISTER ? row.register(column.name()) : null;
        if (register != null) {
            found.kind = kind;
            found.add(source(table, key, column.name(), register));
        }
        for (Life<String, Value> life : row.shown()) {
            Cell<Value> cell = life.cell(column.name(), kind);
            if (cell != null) {
                found.kind = kind;
                collect(table, key, column.name(), cell, found);
            }
        }
        return found;
    }

    private void collect(EnrolledTable table, Key key, String column, Cell<Value> cell, Found found) {
        if (cell instanceof Cell.Count<Value> count) {
            count.counter()
                    .tallies()
                    .forEach((origin, tally) -> found.count(
                            origin, tally.added() - tally.removed(), lastWritten(table, key, column, origin)));
        } else if (cell instanceof Cell.Growth<Value> growth) {
            growth.counter()
                    .totals()
                    .forEach((origin, total) -> found.count(origin, total, lastWritten(table, key, column, origin)));
        } else if (cell instanceof Cell.Bounded<Value> bounded) {
            bounded.counter()
                    .holders()
                    .forEach((origin, rights) -> found.count(origin, rights, lastWritten(table, key, column, origin)));
        } else if (cell instanceof Cell.Max<Value> max) {
            found.add(source(max.register().dot(), max.register().value(), 0));
        } else if (cell instanceof Cell.Min<Value> min) {
            found.add(source(min.register().dot(), min.register().value(), 0));
        } else if (cell instanceof Cell.Siblings<Value> siblings) {
            siblings.writes().values().forEach(write -> found.add(source(table, key, column, write)));
        } else if (cell instanceof Cell.Elements<Value> elements) {
            elements.dots().forEach((element, dots) -> found.add(source(dots.first(), element, 0)));
        }
    }

    private Source source(EnrolledTable table, Key key, String column, LwwRegister<Value> write) {
        return source(write.dot(), rows.value(table, key, column, write), write.rank());
    }

    private Source source(Dot dot, Value value, long rank) {
        return new Source(value, dot.origin(), dot.seq(), time(dot, rank));
    }

    /** Returns when an origin last wrote a cell, as far as the log reaches back; null if that was earlier. Costs O(log) once. */
    private @Nullable Instant lastWritten(EnrolledTable table, Key key, String name, Origin origin) {
        RowHistory known = history;
        if (known == null) {
            known = historian.history(table, key);
            history = known;
        }
        EnrolledTable.Column column = table.column(name);
        String label = column == null ? name : column.label();
        Instant last = null;
        for (RowHistory.Entry entry : known.entries()) {
            boolean wroteIt = entry.origin().equals(origin)
                    && entry.cells().stream().anyMatch(cell -> cell.column().equals(label));
            last = wroteIt ? entry.time() : last;
        }
        return last;
    }

    /** Returns when a change set was written, by its stamp; where the log was cut, by the rank of what it wrote. */
    private @Nullable Instant time(Dot dot, long rank) {
        EncodedChangeSet changeSet = log.find(dot);
        return Historian.time(changeSet == null ? rank : changeSet.header().stamp());
    }

    /** What was found about a column, in the shown lives together. */
    private static final class Found {
        private final List<Source> sources = new ArrayList<>();
        private final TreeMap<Origin, BigInteger> counts = new TreeMap<>();
        private @Nullable CellKind kind;

        void add(Source source) {
            sources.add(source);
        }

        void count(Origin origin, long amount, @Nullable Instant last) {
            sources.removeIf(source -> source.origin().equals(origin));
            BigInteger sum = counts.merge(origin, BigInteger.valueOf(amount), BigInteger::add);
            sources.add(new Source(Value.of(CounterRule.clamp(sum)), origin, 0, last));
        }

        String because(List<Conflict> lost) {
            if (kind == null) {
                return "nobody wrote it: it shows its default";
            }
            switch (kind) {
                case REGISTER -> {
                    return lost.isEmpty()
                            ? "no write that did not know of it is remembered"
                            : "of writes that did not know of each other the later one stays";
                }
                case COUNTER, GROWTH -> {
                    return "all that was counted adds up";
                }
                case BOUNDED -> {
                    return "it stands above its bound by what its holders may still take";
                }
                case MAX -> {
                    return "it is the highest that was written";
                }
                case MIN -> {
                    return "it is the lowest that was written";
                }
                case SIBLINGS -> {
                    return sources.size() == 1
                            ? "no write that did not know of it is left"
                            : "these were written by writers who did not know of each other, and all are kept";
                }
                default -> {
                    return "these elements were added, and nobody who had seen that removed them";
                }
            }
        }
    }
}
