// SPDX-License-Identifier: Apache-2.0
/**
 * The tables of the space: who declared them, and which tables of this file they are. Internal: not for applications.
 */
@NullMarked
package io.anabranch.sync.store.catalog;

import org.jspecify.annotations.NullMarked;
