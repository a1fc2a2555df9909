// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import java.nio.file.Path;

/**
 * Where a relay listens and what it keeps.
 *
 * @param host the address to listen at; a loopback address keeps others out
 * @param port 0 for any free one
 * @param data the relay's file, made if it is missing
 */
public record ServerOptions(String host, int port, Path data) {
    public static final String DEFAULT_HOST = "127.0.0.1";
    public static final int DEFAULT_PORT = 7878;

    public ServerOptions {
        if (port < 0 || port > 65_535) {
            throw new IllegalArgumentException("port outside 0..65535: " + port);
        }
    }
}
