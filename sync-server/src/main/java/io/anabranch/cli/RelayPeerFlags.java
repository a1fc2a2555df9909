// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.server.peers.PeerAddress;
import io.anabranch.sync.transport.CaCertificates;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The relays that a relay exchanges with. */
final class RelayPeerFlags {
    @Option(
            names = "--peer",
            split = ",",
            paramLabel = "URL",
            description = "Exchange all spaces with the relay at this address too. May be given again.")
    private List<URI> peers = List.of();

    @Option(
            names = "--peer-token-file",
            split = ",",
            paramLabel = "F",
            description =
                    "Tokens for the --peer at the same place in the order: one on a line, alone for all spaces, or"
                            + " behind the name of its space and a blank.")
    private List<Path> tokenFiles = List.of();

    @Option(
            names = "--peer-ca-cert",
            paramLabel = "F",
            description = "Certificates (PEM) that vouch for the peers, instead of those that this machine trusts.")
    private @Nullable Path caCert;

    /** @throws IllegalArgumentException if they do not fit together */
    List<PeerAddress> peers() {
        if (!tokenFiles.isEmpty() && tokenFiles.size() != peers.size()) {
            throw new IllegalArgumentException("--peer-token-file is given " + tokenFiles.size() + " times and --peer "
                    + peers.size() + " times; give it once for each, in the same order, or not at all");
        }
        CaCertificates trusted = caCert == null ? null : CaCertificates.read(caCert);
        List<PeerAddress> addresses = new ArrayList<>();
        for (int i = 0; i < peers.size(); i++) {
            URI url = peers.get(i);
            if (!"http".equals(url.getScheme()) && !"https".equals(url.getScheme())
                    || url.getHost() == null
                    || url.getUserInfo() != null) {
                throw new IllegalArgumentException(
                        "--peer " + url + " is no address of a relay; it looks like http://localhost:7878");
            }
            addresses.add(new PeerAddress(url, tokenFiles.isEmpty() ? Map.of() : tokens(tokenFiles.get(i)), trusted));
        }
        return addresses;
    }

    private static Map<String, String> tokens(Path file) {
        try {
            return PeerAddress.tokens(Files.readString(file, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new Failure(
                    "cannot read the tokens in " + file + ": there is no such file, or it is no text that may be read");
        } catch (IllegalArgumentException e) {
            throw new Failure("cannot use the tokens in " + file + ": " + e.getMessage());
        }
    }
}
