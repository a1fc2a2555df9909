// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.anabranch.server.space.LogText;
import io.anabranch.server.space.RareLines;
import io.anabranch.server.space.ReplicaSpaces;
import io.anabranch.server.store.RelayStoreException;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.sql.SqlException;
import java.io.IOException;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What went wrong in the middle of a request, as it is answered, and as the log tells it if it is the relay's fault: each kind at most
 * once a minute. Thread-safe.
 */
final class Failures {
    private static final Logger LOG = LoggerFactory.getLogger(LogText.LOGGER);
    private final RareLines lines;

    Failures(LongSupplier nanoTime) {
        this.lines = new RareLines(nanoTime);
    }

    /** Returns what the client is told. */
    Problem problem(Exception e) {
        if (e instanceof Problem problem) {
            return problem;
        }
        if (e instanceof SqlException sql) {
            return ofStore(sql);
        }
        if (e instanceof RelayStoreException damaged) {
            lines.tell("damaged", requests -> LOG.error("damaged requests={} {}", requests, damaged.getMessage()));
            return unusable("The relay's file failed", "the relay cannot use its file");
        }
        if (e instanceof SyncException replica) {
            return ofReplica(replica);
        }
        if (e instanceof ReplicaSpaces.UnknownSpace) {
            return new Problem(
                    404,
                    "no-such-space",
                    "No such space here",
                    "the request was not answered: a replica of another space is served at this address. Use the"
                            + " address of a peer of this space");
        }
        if (e instanceof IOException) {
            return new Problem(
                    400,
                    "incomplete",
                    "Request cut short",
                    "the request ended before its end and nothing of it was taken. Send it again");
        }
        unexpected("request " + e.getClass().getName(), e);
        return new Problem(
                500,
                "internal",
                "The relay failed",
                "the relay failed and took nothing of the request. Its log says why; try again later");
    }

    private Problem ofStore(SqlException e) {
        switch (e.kind()) {
            case FULL:
                return full();
            case BUSY:
                return busy();
            default:
                unexpected("file " + e.kind(), e);
                return unusable("The relay's file failed", "the relay cannot use its file (" + e.kind() + ")");
        }
    }

    /** Where a replica is served, its file is the store. */
    private Problem ofReplica(SyncException e) {
        if (e instanceof SyncException.Locked) {
            return busy();
        }
        if (e instanceof SyncException.CannotWrite) {
            return full();
        }
        unexpected("replica " + e.getClass().getName(), e);
        return unusable("The replica's file failed", "the replica cannot use its file");
    }

    private Problem full() {
        lines.tell(
                "disk-full",
                requests -> LOG.error(
                        "disk-full requests={} change sets are refused: make room on the disk of the file that is"
                                + " served; clients keep what they wrote and bring it then",
                        requests));
        return new Problem(
                        507,
                        "disk-full",
                        "The relay's disk is full",
                        "nothing of the request was taken: the relay's disk is full. Make room there and sync again; nothing"
                                + " is lost")
                .header("Retry-After", "300");
    }

    private Problem busy() {
        lines.tell(
                "file-busy",
                requests -> LOG.error(
                        "file-busy requests={} another program holds the file that is served for too long: end it, or"
                                + " wait; clients try again",
                        requests));
        return new Problem(
                        503,
                        "busy",
                        "The relay's file is busy",
                        "nothing of the request was taken: another program holds the relay's file. Try again later")
                .header("Retry-After", "5");
    }

    private static Problem unusable(String title, String why) {
        return new Problem(500, "storage", title, "the request was not answered: " + why + ". Its log says why");
    }

    private void unexpected(String kind, Exception e) {
        lines.tell(kind, requests -> LOG.error("failed requests={}", requests, e));
    }
}
