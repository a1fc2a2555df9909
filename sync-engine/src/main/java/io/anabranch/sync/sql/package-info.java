// SPDX-License-Identifier: Apache-2.0
/** The seam to SQLite: what the engine asks of a driver, and nothing more. */
@NullMarked
package io.anabranch.sync.sql;

import org.jspecify.annotations.NullMarked;
