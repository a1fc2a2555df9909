// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.RowCells.Write;
import java.util.List;

/** A bounded counter in a row. */
class RowRightsLaws extends RowLivesLaws {
    RowRightsLaws() {
        super(
                DeletePolicy.EDIT_WINS,
                List.of(Write.INSERT, Write.EARN, Write.SPEND, Write.GIVE, Write.DELETE),
                List.of(Write.INSERT, Write.EARN, Write.GIVE));
    }

    @Override
    protected int depth() {
        return Boolean.getBoolean("anabranch.long") ? super.depth() : Math.min(3, super.depth());
    }
}
