// SPDX-License-Identifier: Apache-2.0
/**
 * Worlds of replicas and relays in one thread: the shipped engine, session and codec on real SQLite, with a network, clocks
 * and disks that do what a seed says.
 */
@NullMarked
package io.anabranch.simulator;

import org.jspecify.annotations.NullMarked;
