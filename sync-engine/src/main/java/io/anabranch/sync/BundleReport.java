// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

/**
 * What went into a bundle, or came out of one.
 *
 * @param changeSets how many were written, or were taken that were not here
 * @param withSnapshot whether a snapshot is in it, because change sets it needs are in no log any more
 * @param sizeBytes of the file
 */
public record BundleReport(long changeSets, boolean withSnapshot, long sizeBytes) {}
