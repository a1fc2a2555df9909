// SPDX-License-Identifier: Apache-2.0
/** The public face of the library: replicas, table rules, peers, what arrived. */
@NullMarked
package io.anabranch.sync;

import org.jspecify.annotations.NullMarked;
