// SPDX-License-Identifier: Apache-2.0
/** Canonical, bounded reading and writing of bytes. Equal values give equal bytes; bytes from outside are hostile. */
@NullMarked
package io.anabranch.crdt.codec;

import org.jspecify.annotations.NullMarked;
