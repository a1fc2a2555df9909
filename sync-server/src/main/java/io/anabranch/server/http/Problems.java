// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.anabranch.sync.change.Admission;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.OtherProtocolException;
import io.javalin.http.Context;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The problems behind refusals, and how they are answered. */
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
}
