// SPDX-License-Identifier: Apache-2.0
/** Who wrote what, and what they had seen: origins, dots, version vectors and hybrid time. */
@NullMarked
package io.anabranch.crdt.causality;

import org.jspecify.annotations.NullMarked;
