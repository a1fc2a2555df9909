// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import io.anabranch.server.access.TokenStore;
import io.anabranch.server.net.PemFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What has to be right before anybody is served. */
final class Preflight {
    private Preflight() {}

    /**
     * Refuses what cannot be served, as far as that can be told before any file is opened or made.
     *
     * @throws ServerException if there is no such host, the certificates are none, or others could reach it and it has no tokens
     */
    static void check(ServerOptions options) {
        boolean loopback = isLoopback(options.host());
        if (!loopback && !options.open() && isMissingOrEmpty(options.data())) {
            throw withoutTokens(options);
        }
        PemFiles tls = options.tls();
        if (tls != null) {
            tls.keyStore();
        }
    }

    private static boolean isMissingOrEmpty(Path file) {
        try {
            return !Files.exists(file) || Files.size(file) == 0;
        } catch (IOException e) {
            return false; // Whoever opens it says why not.
        }
    }

    static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException e) {
            throw new ServerException(
                    "cannot listen on " + host + ": no host has that name here. Choose another --host", e);
        }
    }

    /** Whoever puts a relay on a network says who may use it, even if that is everybody. */
    static void requireTokens(ServerOptions options, TokenStore tokens, boolean loopback) {
        if (!loopback && !options.open() && !tokens.hasAny()) {
            throw withoutTokens(options);
        }
    }

    private static ServerException withoutTokens(ServerOptions options) {
        return new ServerException(
                "will not listen on " + options.host() + ": others reach that address and " + options.data()
                        + " has no tokens. Make one with 'anabranch token create --space S --rights read,write"
                        + " --data "
                        + options.data() + "', or let everybody in with --open",
                null);
    }
}
