// SPDX-License-Identifier: Apache-2.0
/**
 * Who wrote what: the change log with its parts and snapshots, the origins in it, and the name under which this file writes.
 * Internal: not for applications.
 */
@NullMarked
package io.anabranch.sync.store.log;

import org.jspecify.annotations.NullMarked;
