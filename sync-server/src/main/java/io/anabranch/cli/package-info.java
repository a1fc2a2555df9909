// SPDX-License-Identifier: Apache-2.0
/** The command line: one class per command; thin, everything it does the library can do. */
@NullMarked
package io.anabranch.cli;

import org.jspecify.annotations.NullMarked;
