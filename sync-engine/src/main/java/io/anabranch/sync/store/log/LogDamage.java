// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.log;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.session.DamagedLog.Damaged;
import io.anabranch.sync.sql.SqlStatement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds what a disk has altered in the log of one origin, in a replica's file or a relay's. From the end on, since each change set
 * that is whole vouches for the one before it, and the head for the last; where none vouches, what was noted at the arrival does.
 */
public final class LogDamage {
    private final Origin origin;
    private final Head floor;
    private final List<Damaged> found = new ArrayList<>();
    /** What the change set after it, or the head, says of the next one that is read. */
    private @Nullable Hash128 vouched;
    /** A damaged one of which the one before has not been read yet. */
    private @Nullable Damaged open;

    private LogDamage(Origin origin, Head head, Head floor) {
        this.origin = origin;
        this.floor = floor;
        this.vouched = head.hash();
    }

    /**
     * Returns the damaged ones, the last first.
     *
     * @param head of the origin
     * @param floor the last that was cut
     * @param rows of the log, with seq, hash and bytes: those above the floor, from the head down
     */
    public static List<Damaged> find(Origin origin, Head head, Head floor, SqlStatement rows) {
        LogDamage damage = new LogDamage(origin, head, floor);
        while (rows.step()) {
            damage.look(rows.getLong(0), hash(rows.getBlob(1)), rows.getBlob(2));
        }
        damage.close(0, null);
        return damage.found;
    }

    private void look(long seq, @Nullable Hash128 noted, byte @Nullable [] bytes) {
        close(seq, noted);
        Hash128 right = vouched == null ? noted : vouched;
        EncodedChangeSet changeSet = decode(bytes);
        boolean isWhole = changeSet != null
                && changeSet.hash().equals(right)
                && changeSet.header().dot().equals(new Dot(origin, seq));
        vouched = changeSet != null && isWhole ? changeSet.header().previousHash() : null;
        if (right != null && !(isWhole && right.equals(noted))) {
            open = new Damaged(new Dot(origin, seq), right, Head.NONE);
        }
    }

    /** Says what was before the one that was found last. */
    private void close(long seq, @Nullable Hash128 noted) {
        if (open == null) {
            return;
        }
        long before = open.dot().seq() - 1;
        Head head = seq == before && noted != null && seq > 0
                ? new Head(seq, noted)
                : floor.seq() == before ? floor : Head.NONE;
        found.add(new Damaged(open.dot(), open.hash(), head));
        open = null;
    }

    private static @Nullable EncodedChangeSet decode(byte @Nullable [] bytes) {
        try {
            return bytes == null ? null : EncodedChangeSet.of(bytes);
        } catch (DecodeException e) {
            return null;
        }
    }

    private static @Nullable Hash128 hash(byte @Nullable [] bytes) {
        return bytes == null || bytes.length != Hash128.SIZE_BYTES ? null : Hash128.of(bytes);
    }
}
