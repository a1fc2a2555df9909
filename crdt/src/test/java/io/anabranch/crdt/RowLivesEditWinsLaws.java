// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

class RowLivesEditWinsLaws extends RowLivesLaws {
    RowLivesEditWinsLaws() {
        super(DeletePolicy.EDIT_WINS);
    }
}
