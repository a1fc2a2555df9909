// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.RowLivesLaws.Seen;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.ByteReader;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.codec.Codecs;
import io.anabranch.crdt.laws.CrdtLaws;
import io.anabranch.crdt.laws.Event;
import io.anabranch.crdt.laws.Past;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A row and the vector that says what it holds: together they join in any direction. */
abstract class RowLivesLaws extends CrdtLaws<Seen, RowCells.Write> {
    private static final Codec<RowLives<String, String>> ROWS = RowLives.codec(Codecs.text(), Codecs.text());

    private final DeletePolicy policy;
    private final List<RowCells.Write> actions;
    private final List<RowCells.Write> before;

    /** @param before what A does, and B sees, before the table */
    RowLivesLaws(DeletePolicy policy, List<RowCells.Write> actions, List<RowCells.Write> before) {
        this.policy = policy;
        this.actions = actions;
        this.before = before;
    }

    record Seen(RowLives<String, String> row, VersionVector vector) {}

    @Override
    protected Seen empty() {
        return new Seen(RowLives.none(), VersionVector.EMPTY);
    }

    /** One more under {@code -Plong}: the rules of rows are what replicas run. */
    @Override
    protected int depth() {
        return Integer.getInteger("anabranch.depth", Boolean.getBoolean("anabranch.long") ? 5 : 4);
    }

    @Override
    protected List<RowCells.Write> actions() {
        return actions;
    }

    @Override
    protected @Nullable Seen edit(Seen state, Event<RowCells.Write> event) {
        RowOp<String, String> op = op(state, event);
        return op == null
                ? null
                : new Seen(
                        state.row.apply(op),
                        state.vector.with(op.dot().origin(), op.dot().seq()));
    }

    private @Nullable RowOp<String, String> op(Seen state, Event<RowCells.Write> event) {
        Origin origin = event.origin();
        Dot dot = new Dot(origin, state.vector.get(origin) + 1);
        if (state.row.isShown() == (event.action() == RowCells.Write.INSERT)) {
            return null;
        }
        String value = "v" + event.number();
        try {
            return switch (event.action()) {
                case INSERT -> state.row.insert(dot, event.stamp(), policy, Map.of("x", new CellWrite.Assign<>(value)));
                case DELETE -> state.row.delete(dot);
                default -> state.row.edit(dot, event.stamp(), RowCells.of(event.action(), origin, value));
            };
        } catch (InsufficientRightsException e) {
            return null;
        }
    }

    /** A state joins by what its vector says, so nothing smaller than the whole state can be sent. */
    @Override
    protected @Nullable Seen delta(Seen state, Event<RowCells.Write> event) {
        return edit(state, event);
    }

    @Override
    protected boolean deltaHoldsPast() {
        return true;
    }

    @Override
    protected Seen merge(Seen a, Seen b) {
        return new Seen(a.row.join(b.row, a.vector, b.vector), a.vector.union(b.vector));
    }

    @Override
    protected Object value(Seen state) {
        return RowCells.View.of(state.row);
    }

    /** Replays the history, writer by writer, to name its operations as {@link RowHistory} wants them. */
    @Override
    protected Object expected(Past<RowCells.Write> past) {
        Map<Integer, Seen> before = new HashMap<>();
        RowHistory history = RowHistory.EMPTY;
        for (Event<RowCells.Write> event : past.events()) {
            Seen seen = empty();
            for (Event<RowCells.Write> earlier : past.events()) {
                Seen state = before.get(earlier.number());
                if (event.saw(earlier) && state != null) {
                    seen = merge(seen, state);
                }
            }
            history = history.with(op(seen, event), seen.vector);
            before.put(event.number(), edit(seen, event));
        }
        return history.view();
    }

    @Override
    protected Codec<Seen> codec() {
        return new Codec<>() {
            @Override
            public void writeHeader(ByteWriter out) {
                ROWS.writeHeader(out);
            }

            @Override
            public void readHeader(ByteReader in) {
                ROWS.readHeader(in);
            }

            @Override
            public void write(Seen value, ByteWriter out) {
                Codecs.versionVector().write(value.vector, out);
                ROWS.write(value.row, out);
            }

            @Override
            public Seen read(ByteReader in) {
                VersionVector vector = Codecs.versionVector().read(in);
                return new Seen(ROWS.read(in), vector);
            }

            @Override
            public int minBytes() {
                return 2;
            }
        };
    }

    @Override
    protected List<RowCells.Write> beforeTheTable() {
        return before;
    }
}
