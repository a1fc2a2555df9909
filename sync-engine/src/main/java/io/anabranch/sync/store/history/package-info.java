// SPDX-License-Identifier: Apache-2.0
/**
 * What was done to rows and what lost, read from log and state for people and followers. No merge reads it. Internal: not
 * for applications.
 */
@NullMarked
package io.anabranch.sync.store.history;

import org.jspecify.annotations.NullMarked;
