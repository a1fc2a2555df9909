// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.sync.change.Heads;
import io.anabranch.sync.transport.Transport;

/** What has a place in a simulated network: a replica or a relay. */
public interface Node {
    String name();

    /** Returns whether its process runs. */
    boolean isUp();

    SimulatedClock clock();

    /** Answers a request's bytes as the shipped code does. Throws {@link Crash} if the process ends meanwhile. */
    Transport.Result answer(byte[] request);

    /** Returns what it holds durably. A replica seals first. */
    Heads heads();

    /** Ends the process as {@code kill -9} does. */
    void crash();

    /** Starts the process again over what its file holds. */
    void restart();
}
