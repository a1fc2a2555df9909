// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

/** What a space's log takes up: how many change sets, and their bytes. */
public record Usage(long changeSets, long bytes) {}
