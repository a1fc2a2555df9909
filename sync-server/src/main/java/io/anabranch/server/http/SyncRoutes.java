// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.server.store.RelayStore;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.session.BaseVectors;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.Responder;
import io.anabranch.sync.session.SpaceName;
import io.anabranch.sync.session.SyncRequest;
import io.anabranch.sync.sql.SqlException;
import io.javalin.config.RoutesConfig;
import io.javalin.http.Context;
import io.javalin.http.HttpResponseException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.util.Locale;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The relay's routes: bytes in, session, bytes out. Whatever a client sends, it gets an answer that it can act on. */
public final class SyncRoutes {
    /** The largest body taken; {@link MessageCodec} bounds what it may inflate to. */
    public static final int MAX_BODY_BYTES = MessageCodec.MAX_INFLATED_BYTES;

    private static final Logger LOG = LoggerFactory.getLogger(SyncRoutes.class);

    /** Most spaces whose lately told heads are remembered. */
    private static final int MOST_BASES = 1_000;

    private final RelayStore store;
    private final Clock clock;
    private final ConcurrentMap<String, BaseVectors> bases = new ConcurrentHashMap<>();

    public SyncRoutes(RelayStore store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    public void addTo(RoutesConfig routes) {
        routes.get("/health/live", context -> context.result("live\n"));
        routes.post("/v1/spaces/{space}/sync", this::sync);
        routes.exception(Exception.class, (e, context) -> fail(problem(e), context));
        // Javalin has an answer of its own to these, unless they are named.
        routes.exception(HttpResponseException.class, (e, context) -> fail(ofStatus(e.getStatus()), context));
    }

    private void sync(Context context) throws IOException {
        String name = spaceName(context.pathParam("space"));
        requireMediaType(context.contentType());
        SyncRequest request = decode(body(context));
        RelayStore.Space space = store.space(name);
        Responder responder = new Responder(store.relay(), space.epoch());
        Responder.Answer answer = responder.answer(request, space, basesOf(name), clock.millis());
        if (answer instanceof Responder.Answer.Refused refused) {
            throw refusal(refused.why());
        }
        context.contentType(MessageCodec.MEDIA_TYPE);
        context.result(MessageCodec.encode(((Responder.Answer.Replied) answer).reply()));
    }

    private static String spaceName(String name) {
        if (!SpaceName.isValid(name)) {
            throw new Problem(
                    400,
                    "bad-space",
                    "Not the name of a space",
                    "the request names a space that cannot be: " + SpaceName.RULE + ". Choose another name");
        }
        return name;
    }

    private static void requireMediaType(@Nullable String contentType) {
        String type = contentType == null ? "" : contentType;
        int parameters = type.indexOf(';');
        String bare = parameters < 0 ? type : type.substring(0, parameters);
        if (!bare.strip().toLowerCase(Locale.ROOT).equals(MessageCodec.MEDIA_TYPE)) {
            throw new Problem(
                    415,
                    "unsupported-media-type",
                    "Not a sync message",
                    "the request was not read: its Content-Type is '" + type + "'. Send a sync message as "
                            + MessageCodec.MEDIA_TYPE);
        }
    }

    private static byte[] body(Context context) throws IOException {
        long announced = context.req().getContentLengthLong();
        if (announced > MAX_BODY_BYTES) {
            throw tooLarge();
        }
        InputStream in = context.bodyInputStream();
        byte[] body = in.readNBytes(MAX_BODY_BYTES + 1);
        if (body.length > MAX_BODY_BYTES) {
            throw tooLarge();
        }
        return body;
    }

    private static Problem tooLarge() {
        return new Problem(
                413,
                "too-large",
                "Request too large",
                "the request was not read: its body is larger than " + MAX_BODY_BYTES
                        + " bytes. Send fewer change sets at once");
    }

    private static SyncRequest decode(byte[] body) {
        try {
            return MessageCodec.decodeRequest(body);
        } catch (DecodeException e) {
            throw new Problem(
                            400,
                            "malformed",
                            "Not a sync message",
                            "the request was not understood and nothing of it was taken: " + e.getMessage()
                                    + ". Send it again whole; if that does not help, update the older of the two sides")
                    .with("offset", e.offset());
        }
    }

    private BaseVectors basesOf(String space) {
        if (bases.size() >= MOST_BASES) {
            bases.clear(); // Costs each client one round trip with all its heads.
        }
        return bases.computeIfAbsent(space, name -> new BaseVectors());
    }

    // ---- Errors

    private static Problem refusal(Admission why) {
        if (why instanceof Admission.Gap gap) {
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
        if (why instanceof Admission.MissingContext missing) {
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
        if (why instanceof Admission.Fork fork) {
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
        throw new AssertionError("not a refusal: " + why);
    }

    private static Problem problem(Exception e) {
        if (e instanceof Problem problem) {
            return problem;
        }
        if (e instanceof SqlException sql) {
            return ofStore(sql);
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

    private static Problem ofStatus(int status) {
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

    private static Problem ofStore(SqlException e) {
        LOG.error("the relay's file refused", e);
        switch (e.kind()) {
            case FULL:
                return new Problem(
                        507,
                        "disk-full",
                        "The relay's disk is full",
                        "nothing of the request was taken: the relay's disk is full. Make room there and sync again;"
                                + " nothing is lost");
            case BUSY:
                return new Problem(
                        503,
                        "busy",
                        "The relay's file is busy",
                        "nothing of the request was taken: another program holds the relay's file. Try again later");
            default:
                return new Problem(
                        500,
                        "storage",
                        "The relay's file failed",
                        "nothing of the request was taken: the relay cannot use its file (" + e.kind()
                                + "). Its log says why");
        }
    }

    private static void fail(Problem problem, Context context) {
        LOG.debug("{} {} -> {} {}", context.method(), context.path(), problem.status(), problem.getMessage());
        context.status(problem.status());
        if (problem.status() == 413) {
            context.header("Connection", "close"); // What is left of the body is not read.
        }
        context.contentType(Problem.MEDIA_TYPE);
        context.result(problem.json());
    }
}
