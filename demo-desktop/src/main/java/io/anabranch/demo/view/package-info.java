// SPDX-License-Identifier: Apache-2.0
/** The lab's window. What it shows is worked out in {@code io.anabranch.demo.lab}. Confined to JavaFX's thread. */
@org.jspecify.annotations.NullMarked
package io.anabranch.demo.view;
