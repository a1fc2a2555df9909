// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.anabranch.server.space.ReplicaSpaces;
import io.anabranch.server.store.RelayStoreException;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.OtherProtocolException;
import io.anabranch.sync.sql.SqlException;
import io.javalin.http.Context;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The problems behind refusals and exceptions, and how they are answered. */
final class Problems {
    private static final Logger LOG = LoggerFactory.getLogger(Problems.class);

    private Problems() {}

    static void answer(Problem problem, Context context, Linger linger) {
        LOG.debug("{} {} -> {} {}", context.method(), context.path(), problem.status(), problem.getMessage());
        context.status(problem.status());
        problem.headers().forEach(context::header);
        if (problem.status() == 413 || problem.status() == 408) {
            context.header("Connection", "close"); // What is left of the body may be long, or never come.
        }
        context.contentType(Problem.MEDIA_TYPE);
        if (Linger.isNeeded(context)) {
            linger.answer(context, problem.json());
        } else {
            context.result(problem.json());
        }
    }

    static Problem of(Exception e) {
        if (e instanceof Problem problem) {
            return problem;
        }
        if (e instanceof SqlException sql) {
            return ofStore(sql);
        }
        if (e instanceof RelayStoreException damaged) {
            LOG.error("{}", damaged.getMessage());
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
        LOG.error("a request failed", e);
        return new Problem(
                500,
                "internal",
                "The relay failed",
                "the relay failed and took nothing of the request. Its log says why; try again later");
    }

    /** Says which of the two sides has to be updated, and, for a client that knows several, what is understood here. */
    static Problem of(OtherProtocolException e) {
        String update = e.isTooOld()
                ? "Update the client"
                : "Have the relay updated, or use a client of its version, until then";
        return new Problem(
                        426,
                        "protocol-version",
                        "Another version of the protocol",
                        "the request was not read and nothing of it was taken: it is written in protocol "
                                + e.protocol() + " and this relay understands " + MessageCodec.OLDEST_PROTOCOL + " to "
                                + MessageCodec.PROTOCOL + ". " + update + "; nothing is lost")
                .with("protocol", (long) e.protocol())
                .with("oldest", (long) MessageCodec.OLDEST_PROTOCOL)
                .with("newest", (long) MessageCodec.PROTOCOL)
                .header("Upgrade", "anabranch/" + MessageCodec.PROTOCOL)
                .header("Connection", "Upgrade");
    }

    static Problem of(Admission refusal) {
        if (refusal instanceof Admission.Gap gap) {
            return new Problem(
                            409,
                            "gap",
                            "Change sets are missing",
                            "nothing of the request was taken: change set " + gap.origin() + ":" + gap.foundSeq()
                                    + " came before " + gap.origin() + ":" + gap.expectedSeq()
                                    + ". Ask what the relay holds and send from there")
                    .with("origin", gap.origin().toString())
                    .with("expectedSeq", gap.expectedSeq())
                    .with("foundSeq", gap.foundSeq());
        }
        if (refusal instanceof Admission.MissingContext missing) {
            return new Problem(
                            409,
                            "missing-context",
                            "Change sets are missing",
                            "nothing of the request was taken: a change set's writer had seen " + missing.origin() + ":"
                                    + missing.neededSeq() + " and the relay holds " + missing.knownSeq()
                                    + " of them. Ask what the relay holds and send in causal order from there")
                    .with("origin", missing.origin().toString())
                    .with("neededSeq", missing.neededSeq())
                    .with("knownSeq", missing.knownSeq());
        }
        if (refusal instanceof Admission.Fork fork) {
            return new Problem(
                            409,
                            "fork",
                            "Two histories under one name",
                            "nothing of the request was taken: the relay holds another change set as " + fork.origin()
                                    + ":" + fork.seq() + ". A replica file was copied or restored and both copies"
                                    + " wrote; keep the one that synced and make the other anew")
                    .with("origin", fork.origin().toString())
                    .with("seq", fork.seq());
        }
        if (refusal instanceof Admission.BadPart bad) {
            return new Problem(
                            409,
                            "bad-part",
                            "A part is damaged",
                            "nothing of the request was taken: part " + bad.index() + " of change set " + bad.origin()
                                    + ":" + bad.seq() + " is not what the change set says it is. Send it again")
                    .with("origin", bad.origin().toString())
                    .with("seq", bad.seq())
                    .with("index", (long) bad.index());
        }
        throw new AssertionError("not a refusal: " + refusal);
    }

    static Problem ofStatus(int status) {
        switch (status) {
            case 404:
                return new Problem(
                        404,
                        "not-found",
                        "No such address",
                        "this is an Anabranch relay, and there is nothing at this address. Use its base address, such"
                                + " as http://host:7878, without a path");
            case 405:
                return new Problem(
                        405,
                        "method-not-allowed",
                        "Method not allowed",
                        "this address does not answer this method. Use POST to sync and GET for /health/live");
            default:
                return new Problem(status, "http-" + status, "Request refused", "the request was refused. Correct it");
        }
    }

    /** Where a replica is served, its file is the store. */
    private static Problem ofReplica(SyncException e) {
        LOG.error("the replica's file refused", e);
        if (e instanceof SyncException.Locked) {
            return busy();
        }
        if (e instanceof SyncException.CannotWrite) {
            return full();
        }
        return unusable("The replica's file failed", "the replica cannot use its file");
    }

    private static Problem unusable(String title, String why) {
        return new Problem(500, "storage", title, "the request was not answered: " + why + ". Its log says why");
    }

    private static Problem ofStore(SqlException e) {
        LOG.error("the relay's file refused", e);
        switch (e.kind()) {
            case FULL:
                return full();
            case BUSY:
                return busy();
            default:
                return unusable("The relay's file failed", "the relay cannot use its file (" + e.kind() + ")");
        }
    }

    private static Problem full() {
        return new Problem(
                507,
                "disk-full",
                "The relay's disk is full",
                "nothing of the request was taken: the relay's disk is full. Make room there and sync again; nothing is"
                        + " lost");
    }

    private static Problem busy() {
        return new Problem(
                503,
                "busy",
                "The relay's file is busy",
                "nothing of the request was taken: another program holds the relay's file. Try again later");
    }
}
