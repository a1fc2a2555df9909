// SPDX-License-Identifier: Apache-2.0
/** How fast and how large the data types are, beside Pekko's. */
@NullMarked
package io.anabranch.bench.crdt;

import org.jspecify.annotations.NullMarked;
