// SPDX-License-Identifier: Apache-2.0
/** Pure data types: state, merge, bytes. */
module io.anabranch.crdt {
    requires static org.jspecify;

    exports io.anabranch.crdt;
    exports io.anabranch.crdt.causality;
    exports io.anabranch.crdt.codec;
}
