// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.apply;

import io.anabranch.sync.change.EncodedChangeSet;
import java.util.ArrayList;
import java.util.List;

/** Cuts what came at once into what is applied at once, so that whoever wants to write in between can. */
public final class Slices {
    /** About a thousand rows: some 20 ms. A change set is never cut, so one of more rows than that takes its time. */
    static final int MAX_BYTES = 64 << 10;

    private Slices() {}

    /** Returns the change sets in order, at least one in each slice; one empty slice if there are none. */
    public static List<List<EncodedChangeSet>> of(List<EncodedChangeSet> changeSets) {
        List<List<EncodedChangeSet>> slices = new ArrayList<>();
        List<EncodedChangeSet> slice = new ArrayList<>();
        int size = 0;
        for (EncodedChangeSet changeSet : changeSets) {
            if (!slice.isEmpty() && size + changeSet.bytes().length > MAX_BYTES) {
                slices.add(slice);
                slice = new ArrayList<>();
                size = 0;
            }
            slice.add(changeSet);
            size += changeSet.bytes().length;
        }
        slices.add(slice);
        return slices;
    }
}
