// SPDX-License-Identifier: Apache-2.0
/** The lab without its window: replicas, the links between them, and what goes wrong. Nothing here knows JavaFX. */
@org.jspecify.annotations.NullMarked
package io.anabranch.demo.lab;
