// SPDX-License-Identifier: Apache-2.0
package io.anabranch.e2e;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/** A port for a relay that comes and goes while its clients go on asking for it. */
public final class Ports {
    /** Below what systems give to the other end of a connection: nobody takes it while the relay is away. */
    private static final int FIRST = 20_000;

    private static final int COUNT = 10_000;

    private Ports() {}

    public static int free() {
        for (int attempt = 0; attempt < 100; attempt++) {
            int port = FIRST + ThreadLocalRandom.current().nextInt(COUNT);
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException e) {
                // Taken: another one.
            }
        }
        throw new AssertionError("no free port from " + FIRST + " on");
    }
}
