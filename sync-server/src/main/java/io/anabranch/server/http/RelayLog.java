// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.anabranch.server.access.AccessToken;
import io.anabranch.server.access.Right;
import io.anabranch.server.space.LogText;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The story of a relay's day, in few lines of {@code event key=value …}: it started, who was given a token, what there was
 * to do, what was refused, it stopped. Never a token, never a value.
 */
public final class RelayLog {
    private static final Logger LOG = LoggerFactory.getLogger(LogText.LOGGER);

    private RelayLog() {}

    public static void started(String url, String data, String access, int spaces) {
        LOG.info("started url={} data={} access={} spaces={}", url, data, access, spaces);
    }

    /** Tokens in clear can be read by whoever is on the way. */
    public static void unprotected(String url) {
        LOG.warn("unprotected url={} tokens travel in plain HTTP: use --tls-cert, or a proxy that speaks TLS", url);
    }

    /** What is written to the old one is in nobody's hands when the relay ends. */
    public static void fileReplaced(String data) {
        LOG.error(
                "file-replaced data={} it was moved, deleted or replaced while it is in use, and nothing is taken any more: put it back"
                        + " or start the relay again; clients bring what the file there lacks",
                data);
    }

    static void tokenMade(AccessToken token, Caller by) {
        LOG.info(
                "token-made id={} space={} rights={} by={}",
                token.id(),
                LogText.quoted(token.space()),
                Right.words(token.rights()),
                by);
    }

    static void tokenRevoked(String id, Caller by) {
        LOG.info("token-revoked id={} by={}", LogText.quoted(id), by);
    }

    static void peerForgotten(String origin, String space, Caller by) {
        LOG.info("peer-forgotten origin={} space={} by={}", origin, LogText.quoted(space), by);
    }

    public static void summary(Metrics.Totals totals, int spaces, long storeBytes) {
        LOG.info(
                "summary requests={} rejected={} in={} out={} spaces={} bytes={}",
                totals.requests(),
                totals.rejected(),
                totals.changeSetsIn(),
                totals.changeSetsOut(),
                spaces,
                storeBytes);
    }

    public static void stopping() {
        LOG.info("stopping");
    }

    public static void stopped(Metrics.Totals totals) {
        LOG.info(
                "stopped requests={} rejected={} in={} out={}",
                totals.requests(),
                totals.rejected(),
                totals.changeSetsIn(),
                totals.changeSetsOut());
    }
}
