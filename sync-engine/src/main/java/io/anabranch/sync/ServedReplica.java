// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import java.net.URI;

/** A replica that answers peers as a relay does, until this is closed. Thread-safe. */
public interface ServedReplica extends AutoCloseable {
    /** Returns the base address that peers are given, as for {@link Replica#sync(URI)} and {@link Replica#connect(URI)}. */
    URI url();

    /** Lets requests under way end, and takes no more. The replica stays open. Closing again does nothing. */
    @Override
    void close();
}
