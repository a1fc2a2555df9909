// SPDX-License-Identifier: Apache-2.0
/**
 * Tables come into the space, and change: checks before, the rows that are there, and what the application does to its
 * schema. Internal: not for applications.
 */
@NullMarked
package io.anabranch.sync.store.enrol;

import org.jspecify.annotations.NullMarked;
