// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.RowCells.Write;
import java.util.List;

class RowLivesEditWinsLaws extends RowLivesLaws {
    RowLivesEditWinsLaws() {
        super(
                DeletePolicy.EDIT_WINS,
                List.of(Write.INSERT, Write.PUT, Write.ADD, Write.DELETE),
                List.of(Write.INSERT, Write.ADD));
    }
}
