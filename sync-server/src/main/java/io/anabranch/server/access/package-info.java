// SPDX-License-Identifier: Apache-2.0
/** Who may do what: tokens, each for one space. No HTTP, no SQL. */
@NullMarked
package io.anabranch.server.access;

import org.jspecify.annotations.NullMarked;
