// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.peers;

import io.anabranch.sync.transport.CaCertificates;
import io.anabranch.sync.transport.HttpTransport;
import io.anabranch.sync.transport.Transport;
import java.net.URI;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Another relay, and how to get in there. Immutable.
 *
 * @param tokens the token for each space; under {@link #ANY} the one for all others; empty for a relay that asks for none
 * @param trusted who vouches for it; null for whom this machine trusts
 */
public record PeerAddress(
        URI url, Map<String, String> tokens, @Nullable CaCertificates trusted) {
    /** Stands for every space that is not named; no space has this name. */
    public static final String ANY = "";

    public PeerAddress {
        tokens = Map.copyOf(tokens);
    }

    /**
     * Reads tokens: one on a line, alone for all spaces or behind the name of its space and a blank. Empty lines, and those
     * that begin with #, are passed over.
     *
     * @throws IllegalArgumentException if a space is named twice; the message shows no token
     */
    public static Map<String, String> tokens(String text) {
        Map<String, String> tokens = new TreeMap<>();
        text.lines().map(String::strip).forEach(line -> {
            int blank = line.lastIndexOf(' ');
            String space = blank < 0 ? ANY : line.substring(0, blank).strip();
            if (!line.isEmpty() && !line.startsWith("#") && tokens.put(space, line.substring(blank + 1)) != null) {
                throw new IllegalArgumentException(
                        space.isEmpty() ? "two tokens are for all spaces" : "two tokens are for space '" + space + "'");
            }
        });
        return tokens;
    }

    Transport transport(String space) {
        String token = tokens.getOrDefault(space, tokens.get(ANY));
        return new HttpTransport(url, HttpTransport.client(trusted), token);
    }

    @Override
    public String toString() {
        return url.toString(); // Never a token.
    }
}
