// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.RowCells.Write;
import java.util.List;

class RowLivesDeleteWinsLaws extends RowLivesLaws {
    RowLivesDeleteWinsLaws() {
        super(
                DeletePolicy.DELETE_WINS,
                List.of(Write.INSERT, Write.PUT, Write.ADD, Write.DELETE),
                List.of(Write.INSERT, Write.ADD));
    }
}
