// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import io.anabranch.crdt.RowCells.Write;
import java.util.List;

/** A set in a row. */
class RowSetLaws extends RowLivesLaws {
    RowSetLaws() {
        super(
                DeletePolicy.EDIT_WINS,
                List.of(Write.INSERT, Write.INCLUDE, Write.EXCLUDE, Write.DELETE),
                List.of(Write.INSERT, Write.INCLUDE));
    }
}
