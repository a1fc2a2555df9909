// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.RowCells.Write;
import java.util.List;

/** What only rises or falls in a row. */
class RowExtremesLaws extends RowLivesLaws {
    RowExtremesLaws() {
        super(
                DeletePolicy.EDIT_WINS,
                List.of(Write.INSERT, Write.GROW, Write.RAISE, Write.LOWER, Write.DELETE),
                List.of(Write.INSERT, Write.GROW, Write.RAISE));
    }

    @Override
    protected int depth() {
        return Boolean.getBoolean("anabranch.long") ? super.depth() : Math.min(3, super.depth());
    }
}
