// SPDX-License-Identifier: Apache-2.0
/** Persistent maps: an edit shares all but a path of nodes with the map it began from. Not exported. */
@NullMarked
package io.anabranch.crdt.trie;

import org.jspecify.annotations.NullMarked;
