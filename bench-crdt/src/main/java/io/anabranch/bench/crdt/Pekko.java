// SPDX-License-Identifier: Apache-2.0
package io.anabranch.bench.crdt;

import org.apache.pekko.actor.Address;
import org.apache.pekko.cluster.UniqueAddress;
import org.apache.pekko.cluster.ddata.SelfUniqueAddress;

/** Replicas by Pekko's names. */
final class Pekko {
    private Pekko() {}

    static SelfUniqueAddress node(int number) {
        return new SelfUniqueAddress(new UniqueAddress(new Address("pekko", "bench", "host" + number, 7355), number));
    }
}
