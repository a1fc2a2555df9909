// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli.bench;

/**
 * What clients saw under one guarantee. Rates are shares of reads, from 0 to 1.
 *
 * @param writes how many writes there were, and how long they took until they were done
 * @param reads how many reads there were, and how long they took, with what they waited for
 * @param conflicts writes that did not know of the one before them; of each such two one loses
 */
public record ConsistencyResult(
        Guarantee guarantee,
        Latencies.Summary writes,
        Latencies.Summary reads,
        double staleReadRate,
        double readYourWritesViolationRate,
        double monotonicViolationRate,
        long conflicts) {}
