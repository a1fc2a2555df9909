// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.sync.change.Heads;
import io.anabranch.sync.sql.SqlDriver;
import io.anabranch.sync.transport.Transport;
import java.nio.file.Path;
import java.util.Random;

/**
 * How a world opens the file of a relay. The relay is not of this module; {@code io.anabranch.server.ShippedRelays} opens
 * those that ship.
 */
public interface RelayFiles {
    /** Opens a relay's file, making it if it is missing. */
    RelayFile open(SqlDriver driver, Path file, Random random);

    /** A relay over one file, without its HTTP. Confined to one thread. */
    interface RelayFile extends AutoCloseable {
        /** Answers a request for a space. */
        Transport.Result answer(String space, byte[] request, long nowMillis);

        Heads heads(String space);

        /** Does what time brings, in all spaces: cuts logs, and lets replicas forget. */
        void tend(long nowMillis);

        @Override
        void close();
    }
}
