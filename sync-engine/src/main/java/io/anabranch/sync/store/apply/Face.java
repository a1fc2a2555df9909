// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.apply;

import io.anabranch.sync.store.schema.RowId;
import io.anabranch.sync.store.schema.Token;

/**
 * What a row may show: what was written or, while an older row holds a unique key of that, what its column's renamer says
 * instead. Of the two faces of a row at most one shows, and the first goes before the second: they are rivals for a key of
 * their own. Immutable.
 */
record Face(RowId row, boolean isRenamed) implements Comparable<Face> {
    @Override
    public int compareTo(Face other) {
        int order = row.compareTo(other.row);
        return order != 0 ? order : Boolean.compare(isRenamed, other.isRenamed);
    }

    /** Returns what both faces of the row claim and nobody else. */
    Token ownKey() {
        return new Token(row.table(), "", row.key());
    }
}
