// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import java.io.PrintWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What commands share: where they write, and how they say that they were called wrongly. */
abstract class BaseCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    final PrintWriter out() {
        return spec.commandLine().getOut();
    }

    final PrintWriter err() {
        return spec.commandLine().getErr();
    }

    final ParameterException wrongUsage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }

    /** Returns the base address of a peer, or complains. */
    final URI peer(String address) {
        try {
            URI uri = new URI(address);
            boolean http = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            boolean plain = uri.getUserInfo() == null && uri.getQuery() == null && uri.getFragment() == null;
            if (http && uri.getHost() != null && uri.getPort() <= 65_535 && plain) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // Said below.
        }
        throw wrongUsage("'" + address + "' is not the address of a peer: it looks like http://localhost:7878");
    }
}
