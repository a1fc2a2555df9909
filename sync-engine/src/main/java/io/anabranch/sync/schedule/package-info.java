// SPDX-License-Identifier: Apache-2.0
/** When to try again, and the one thread that obeys. */
@NullMarked
package io.anabranch.sync.schedule;

import org.jspecify.annotations.NullMarked;
