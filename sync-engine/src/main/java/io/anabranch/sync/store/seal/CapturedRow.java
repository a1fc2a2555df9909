// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.seal;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.store.capture.CaptureTriggers;
import io.anabranch.sync.store.capture.Gifts;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** One row that was written: what the triggers noted of it, and what its table shows of it now. Confined to one thread. */
final class CapturedRow {
    final Key key;
    /** What the application's table shows of it; null if it is not there. */
    final Value @Nullable [] image;

    private final long[] masks;
    /** As {@link #masks}, without those captures that were of a whole row. */
    private final long[] meant;
    /** By column: what is given of its rights to whom. */
    private final Map<String, SortedMap<Origin, Long>> gifts;

    private long atMillis;

    CapturedRow(Key key, int masks, Value @Nullable [] image, Map<String, SortedMap<Origin, Long>> gifts) {
        this.key = key;
        this.masks = new long[masks];
        this.meant = new long[masks];
        this.image = image;
        this.gifts = gifts;
    }

    /** Adds one of the masks of a capture. */
    void add(int index, long mask) {
        masks[index] |= mask;
        meant[index] |= mask == CaptureTriggers.ALL ? 0 : mask;
    }

    /** Adds the time of a capture. */
    void addTime(long millis) {
        atMillis = Math.max(atMillis, millis);
    }

    /** Returns when it was last written. */
    long atMillis() {
        return atMillis;
    }

    /** Returns about how many bytes the row's values take in a change set. */
    long sizeBytes() {
        long size = 32 + key.bytes().length;
        for (int i = 0; image != null && i < image.length; i++) {
            size += 8 + image[i].sizeBytes();
        }
        return size;
    }

    /** Returns whether this was found in a column that the space did not know, and not captured. */
    boolean isFound() {
        return atMillis == Rescan.FOUND;
    }

    boolean changed(EnrolledTable.Column column) {
        return (masks[column.maskIndex()] & column.maskBit()) != 0;
    }

    /** Returns the groups of columns of which one was written: all others are written with it. */
    Set<String> groups(EnrolledTable table) {
        if (table.grouped().isEmpty()) {
            return Set.of();
        }
        Set<String> groups = new HashSet<>();
        for (EnrolledTable.Column column : table.grouped()) {
            if (changed(column)) {
                groups.add(column.rule().group());
            }
        }
        return groups;
    }

    SortedMap<Origin, Long> gifts(EnrolledTable.Column column) {
        return gifts.getOrDefault(column.name(), Collections.emptySortedMap());
    }

    /** Returns whether the rights of everybody are claimed. */
    boolean claimsRights() {
        return gifts.containsKey(Gifts.CLAIM);
    }

    /** Returns whether the column was written by name, rather than with a whole row. */
    boolean isMeant(EnrolledTable.Column column) {
        return (meant[column.maskIndex()] & column.maskBit()) != 0;
    }

    /**
     * Returns what the table still shows of the row's state: not the columns that were written since. Their old values are in
     * the log alone, should a life that the write does not reach still name them.
     */
    @Nullable
    Value @Nullable [] unwritten(EnrolledTable table) {
        if (image == null) {
            return null;
        }
        @Nullable Value[] known = image.clone();
        for (int i = 0; i < known.length; i++) {
            if (changed(table.shown().get(i))) {
                known[i] = null;
            }
        }
        return known;
    }
}
