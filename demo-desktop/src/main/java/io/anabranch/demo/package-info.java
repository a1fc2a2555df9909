// SPDX-License-Identifier: Apache-2.0
/** {@code anabranch desktop}: its command line, and whether there is a display to show it on. */
@org.jspecify.annotations.NullMarked
package io.anabranch.demo;
