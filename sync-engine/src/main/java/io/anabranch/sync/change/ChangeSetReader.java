// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import io.anabranch.crdt.codec.DecodeException;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads the operations of a change set: all at once if it carries its body itself, else section by section, with one of
 * them in memory. What does not decode is {@link TableOp.Unknown}, a section as a whole if need be: others may understand it,
 * and accepting a change set must not depend on that. Confined to one thread.
 */
public final class ChangeSetReader {
    private final EncodedChangeSet changeSet;
    private final SectionReader sections;
    private boolean atEnd;

    /** @param source where its parts are */
    public ChangeSetReader(EncodedChangeSet changeSet, PartSource source) {
        this.changeSet = changeSet;
        this.sections = new SectionReader(changeSet.parts(), source);
    }

    /** Returns the next operations, null at the end. */
    public @Nullable List<TableOp> next() {
        if (atEnd) {
            return null;
        }
        if (!changeSet.isInParts()) {
            atEnd = true;
            return orUnknown(() -> ChangeSetCodec.ops(changeSet));
        }
        byte[] section;
        try {
            section = sections.next();
        } catch (DecodeException e) {
            atEnd = true; // Nobody can say where the next one begins.
            return List.of(new TableOp.Unknown(TableOp.Unknown.UNREADABLE));
        }
        atEnd = section == null;
        return section == null ? null : orUnknown(() -> ChangeSetCodec.ops(changeSet.header(), section));
    }

    private static List<TableOp> orUnknown(Supplier<List<TableOp>> decoded) {
        try {
            return decoded.get();
        } catch (DecodeException e) {
            return List.of(new TableOp.Unknown(TableOp.Unknown.UNREADABLE));
        }
    }
}
