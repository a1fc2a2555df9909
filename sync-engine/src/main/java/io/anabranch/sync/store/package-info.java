// SPDX-License-Identifier: Apache-2.0
/** The side tables in the application's file: capture, seal, apply, log, digest. */
@NullMarked
package io.anabranch.sync.store;

import org.jspecify.annotations.NullMarked;
