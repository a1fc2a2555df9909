// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.RowCells.Write;
import java.util.List;

/** Values side by side in a row. */
class RowValuesLaws extends RowLivesLaws {
    RowValuesLaws() {
        super(
                DeletePolicy.EDIT_WINS,
                List.of(Write.INSERT, Write.REPLACE, Write.DELETE),
                List.of(Write.INSERT, Write.REPLACE));
    }
}
