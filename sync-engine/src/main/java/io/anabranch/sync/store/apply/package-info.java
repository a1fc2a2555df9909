// SPDX-License-Identifier: Apache-2.0
/**
 * Takes change sets into state, decides which rows show, and makes the application's tables show them. Internal: not for
 * applications.
 */
@NullMarked
package io.anabranch.sync.store.apply;

import org.jspecify.annotations.NullMarked;
