// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

class RowLivesDeleteWinsLaws extends RowLivesLaws {
    RowLivesDeleteWinsLaws() {
        super(DeletePolicy.DELETE_WINS);
    }
}
