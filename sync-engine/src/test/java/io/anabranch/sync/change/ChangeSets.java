// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import io.anabranch.crdt.CellOp;
import io.anabranch.crdt.DeletePolicy;
import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.causality.Origin;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Writes the history of one origin, change set by change set, each chained to the one before. For tests that need valid
 * change sets and do not care what is in them. Confined to one thread.
 */
public final class ChangeSets {
    private final Origin origin;
    private final List<EncodedChangeSet> written = new ArrayList<>();

    private ChangeSets(Origin origin) {
        this.origin = origin;
    }

    /** Returns the history of an origin that has written nothing. Its name is made from the number. */
    public static ChangeSets of(int number) {
        return new ChangeSets(Origin.of(0, number));
    }

    /** Returns a history with the same beginning, which then goes its own way under the same name. */
    public ChangeSets fork() {
        ChangeSets copy = new ChangeSets(origin);
        copy.written.addAll(written);
        return copy;
    }

    public Origin origin() {
        return origin;
    }

    /** Returns the head after what was written so far. */
    public Head head() {
        return written.isEmpty() ? Head.NONE : written.get(written.size() - 1).head();
    }

    /** Returns all that was written so far, in order. */
    public List<EncodedChangeSet> all() {
        return Collections.unmodifiableList(new ArrayList<>(written));
    }

    /** Writes one that inserts a note, having seen these change sets of other origins. */
    public EncodedChangeSet write(String note, EncodedChangeSet... seen) {
        long seq = written.size() + 1L;
        RowOp.Insert<String, Value> insert = new RowOp.Insert<String, Value>(
                new Dot(origin, seq),
                stamp(seq),
                DeletePolicy.EDIT_WINS,
                new TreeSet<Dot>(),
                new TreeMap<String, CellOp<Value>>());
        return write(List.of(new TableOp.Change("notes", List.of(Value.of(note)), insert, true)), seen);
    }

    /** Writes one with these operations, having seen these change sets of other origins. */
    public EncodedChangeSet write(List<TableOp> ops, EncodedChangeSet... seen) {
        List<ContextEntry> context = new ArrayList<>();
        for (EncodedChangeSet other : seen) {
            context.add(new ContextEntry(
                    other.header().origin(), other.header().seq(), other.hash().prefix()));
        }
        context.sort((a, b) -> a.origin().compareTo(b.origin()));
        long seq = written.size() + 1L;
        ChangeSetHeader header = new ChangeSetHeader(origin, seq, head().hash(), stamp(seq), context);
        EncodedChangeSet changeSet = ChangeSetCodec.encode(header, ops);
        written.add(changeSet);
        return changeSet;
    }

    /** A change set and the parts of its body. */
    public record InParts(EncodedChangeSet changeSet, List<Part> parts) {}

    /** Writes one whose body comes in so many parts of 200 bytes, but for the last. */
    public InParts writeInParts(String note, int count) {
        long seq = written.size() + 1L;
        ChangeSetHeader header = new ChangeSetHeader(origin, seq, head().hash(), stamp(seq), List.of());
        List<Part> parts = new ArrayList<>();
        ChangeSetWriter writer = new ChangeSetWriter(
                header,
                new BodyLimits(1, 200, 1 << 20),
                (index, bytes) -> parts.add(new Part(origin, seq, index, bytes)));
        StringBuilder text = new StringBuilder(note);
        while (text.length() < 200 * count - 150) {
            text.append((char) ('a' + text.length() % 26));
        }
        RowOp.Delete<String, Value> delete = new RowOp.Delete<>(header.dot(), new TreeSet<Dot>());
        writer.add(new TableOp.Change("notes", List.of(Value.of(text.toString())), delete, true));
        EncodedChangeSet changeSet = writer.finish();
        written.add(changeSet);
        return new InParts(changeSet, parts);
    }

    private static long stamp(long seq) {
        return HybridTime.of(1_700_000_000_000L + seq, 0).bits();
    }
}
