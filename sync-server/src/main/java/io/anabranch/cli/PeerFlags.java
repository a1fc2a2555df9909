// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.sync.PeerOptions;
import io.anabranch.sync.transport.CaCertificates;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What commands that reach a peer share. A token is never an argument: other users of a machine can read those. */
final class PeerFlags {
    private static final String VARIABLE = "ANABRANCH_TOKEN";

    @Option(
            names = "--token-file",
            paramLabel = "F",
            description = "The file that holds the token the peer asks for; else " + VARIABLE + " is looked at.")
    private @Nullable Path tokenFile;

    @Option(
            names = "--ca-cert",
            paramLabel = "F",
            description = "Certificates (PEM) that vouch for the peer, instead of those that this machine trusts.")
    private @Nullable Path caCert;

    /** Returns the token as it was given, null for none; {@link #options} says if it cannot be one. */
    @Nullable
    String token() {
        String token = tokenFile == null ? System.getenv(VARIABLE) : read(tokenFile);
        return token == null ? null : token.strip();
    }

    /** Returns the certificates that vouch for the peer; null for those that this machine trusts. */
    @Nullable
    CaCertificates trusted() {
        return caCert == null ? null : CaCertificates.read(caCert);
    }

    PeerOptions options() {
        return builder().build();
    }

    PeerOptions.Builder builder() {
        PeerOptions.Builder options = PeerOptions.builder();
        String token = token();
        if (token != null) {
            try {
                options.token(token);
            } catch (IllegalArgumentException e) {
                throw new Failure((tokenFile == null ? VARIABLE : tokenFile) + " is " + e.getMessage());
            }
        }
        if (caCert != null) {
            options.caCertificates(caCert);
        }
        return options;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw new Failure("cannot read the token in " + file
                    + ": there is no such file, or it is no text that may be" + " read");
        }
    }
}
