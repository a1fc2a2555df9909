// SPDX-License-Identifier: Apache-2.0
/** Benchmarks that anyone can run; {@code docs/benchmarks.md} says how and what they gave. */
@NullMarked
package io.anabranch.bench;

import org.jspecify.annotations.NullMarked;
