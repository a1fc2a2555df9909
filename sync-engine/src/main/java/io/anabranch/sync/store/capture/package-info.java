// SPDX-License-Identifier: Apache-2.0
/**
 * Notes what is written: our triggers and the accounts that they keep, and how those of the application are put aside.
 * Internal: not for applications.
 */
@NullMarked
package io.anabranch.sync.store.capture;

import org.jspecify.annotations.NullMarked;
