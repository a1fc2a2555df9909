// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.transport;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.session.MessageCodec;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.ProtocolException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import javax.net.ssl.SSLException;
import okhttp3.Call;
import okhttp3.HttpUrl;
import okhttp3.MediaType;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.BufferedSource;
import okio.ByteString;
import okio.Timeout;
import org.jspecify.annotations.Nullable;

/** Reaches a relay over HTTP; {@code docs/protocol.md} has the exchange. Thread-safe. */
public final class HttpTransport implements Transport {
    /** A reply and its frame: what is longer cannot be one. */
    private static final long MAX_REPLY_BYTES = MessageCodec.MAX_INFLATED_BYTES + 1024L;

    private static final String EVENTS = "text/event-stream";

    /** The client's clock, in milliseconds since 1970. */
    private static final String TIME = "Anabranch-Time";

    private static final String SOFTWARE = software();

    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
    /** How long one side may be silent, not how long an exchange may take: a slow line is still a line. */
    private static final Duration SILENCE_TIMEOUT = Duration.ofSeconds(60);

    /** A peer that tells says at once what it holds. */
    private static final Duration FIRST_WORD = Duration.ofSeconds(10);

    private static final int POLL_SECONDS = 25;

    private final HttpUrl base;
    private final OkHttpClient client;
    /** Sent with every request; null for a peer that asks for none. */
    private final @Nullable String token;

    private final LongSupplier clock;
    /** The client forgets a call once its answer begins; this one's goes on for hours. */
    private volatile @Nullable Call listening;

    /** Reaches the relay whose base address is {@code base}, such as {@code http://localhost:7878}. */
    public HttpTransport(URI base) {
        this(base, client(null));
    }

    /** Likewise, over the caller's client; {@link #close} cancels its calls and empties its pool. */
    public HttpTransport(URI base, OkHttpClient client) {
        this(base, client, null);
    }

    /** Likewise, with a token for a relay that asks for one. */
    public HttpTransport(URI base, OkHttpClient client, @Nullable String token) {
        this(base, client, token, System::currentTimeMillis);
    }

    /** Likewise, with the clock that is told to the relay, in milliseconds since 1970. */
    public HttpTransport(URI base, OkHttpClient client, @Nullable String token, LongSupplier clock) {
        HttpUrl url = HttpUrl.parse(base.toString());
        if (url == null) {
            throw new IllegalArgumentException(
                    "not the address of a relay: '" + base + "'; it looks like http://localhost:7878");
        }
        this.base = url.newBuilder().query(null).fragment(null).build();
        this.client = client;
        this.token = token;
        this.clock = clock;
    }

    /** Returns a client that trusts {@code trusted} alone; null trusts what this machine does. */
    public static OkHttpClient client(@Nullable CaCertificates trusted) {
        OkHttpClient.Builder builder = new OkHttpClient.Builder();
        if (trusted != null) {
            builder.sslSocketFactory(trusted.sockets(), trusted.trust());
        }
        return builder.connectTimeout(CONNECT_TIMEOUT)
                .readTimeout(SILENCE_TIMEOUT)
                .writeTimeout(SILENCE_TIMEOUT)
                // A redirected POST may arrive as a GET: better to say where the relay moved.
                .followRedirects(false)
                .build();
    }

    /** Returns this library's name, and its version where it comes from a jar that says so. */
    private static String software() {
        String version = HttpTransport.class.getPackage().getImplementationVersion();
        return version == null ? "anabranch" : "anabranch/" + version;
    }

    @Override
    public Result exchange(String space, byte[] request) {
        Request.Builder call = new Request.Builder()
                .url(url(space, "sync").build())
                .header("Accept", MessageCodec.MEDIA_TYPE)
                .post(RequestBody.create(request, MediaType.get(MessageCodec.MEDIA_TYPE)));
        Response answer;
        try {
            answer = call(call).execute();
        } catch (IOException e) {
            return noAnswer(e);
        }
        try (Response response = answer) {
            return result(response);
        } catch (IOException e) {
            return brokenLine(e);
        }
    }

    /** Says what asks and when it thinks it is, for those who look after the relay: nothing depends on it. */
    private Call call(Request.Builder request) {
        request.header("User-Agent", SOFTWARE).header(TIME, Long.toString(clock.getAsLong()));
        if (token != null) {
            request.header("Authorization", "Bearer " + token);
        }
        return client.newCall(request.build());
    }

    private HttpUrl.Builder url(String space, String what) {
        // Adding to a path that ends in a slash fills the empty segment behind it.
        return base.newBuilder()
                .addPathSegments("v1/spaces")
                .addPathSegment(space)
                .addPathSegment(what);
    }

    // ---- Events

    @Override
    public Result listen(String space, Origin self, Ear ear) {
        HttpUrl url =
                url(space, "events").addQueryParameter("self", self.toString()).build();
        Call call = call(new Request.Builder().url(url).header("Accept", EVENTS));
        listening = call;
        Response answer;
        try {
            answer = call.execute();
        } catch (IOException e) {
            return noAnswer(e);
        }
        try (Response response = answer) {
            if (response.code() != 200 || !isA(EVENTS, response) || response.body() == null) {
                return result(response);
            }
            return hear(response.body().source(), ear);
        } catch (IOException e) {
            return brokenLine(e);
        }
    }

    private Result hear(BufferedSource source, Ear ear) throws IOException {
        EventReader events = new EventReader(source);
        EventReader.Event event = firstOf(events, source);
        if (event == null) {
            return new Result.Mute(base + " answered with a stream of events, and none of them comes through");
        }
        ear.opened();
        for (; event != null; event = events.next()) {
            tell(event, ear);
        }
        return new Result.Unreachable(base + " ended the events");
    }

    /** Returns null if none comes in time. */
    private static EventReader.@Nullable Event firstOf(EventReader events, BufferedSource source) throws IOException {
        Timeout silence = source.timeout();
        silence.timeout(FIRST_WORD.toMillis(), TimeUnit.MILLISECONDS);
        try {
            EventReader.Event first = events.next();
            silence.timeout(SILENCE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
            return first;
        } catch (SocketTimeoutException e) {
            return null;
        }
    }

    @Override
    public Result poll(String space, Origin self, Hash128 known, Ear ear) {
        HttpUrl url = url(space, "events")
                .addQueryParameter("self", self.toString())
                .addQueryParameter("wait", String.valueOf(POLL_SECONDS))
                .addQueryParameter("sum", known.toString())
                .build();
        Call call = call(new Request.Builder().url(url).header("Accept", EVENTS));
        listening = call;
        Response answer;
        try {
            answer = call.execute();
        } catch (IOException e) {
            return noAnswer(e);
        }
        try (Response response = answer) {
            if (response.code() != 200 || !isA(EVENTS, response) || response.body() == null) {
                return result(response);
            }
            ear.opened();
            EventReader events = new EventReader(response.body().source());
            if (events.next() != null) {
                ear.moved();
            }
            return new Result.Answered(new byte[0]);
        } catch (IOException e) {
            return brokenLine(e);
        }
    }

    private static void tell(EventReader.Event event, Ear ear) {
        ByteString reply = event.name().equals("push") ? ByteString.decodeBase64(event.data()) : null;
        if (reply != null) {
            ear.pushed(reply.toByteArray());
        } else {
            ear.moved();
        }
    }

    // ---- Answers

    private Result result(Response response) throws IOException {
        if (response.code() == 200 && isA(MessageCodec.MEDIA_TYPE, response)) {
            byte[] reply = read(response, MAX_REPLY_BYTES);
            return reply == null
                    ? new Result.Failed(base + " answered with more than " + MAX_REPLY_BYTES + " bytes")
                    : new Result.Answered(reply);
        }
        ProblemReader problem = isA(ProblemReader.MEDIA_TYPE, response) ? problem(response) : null;
        if (problem != null) {
            return problem.result(base.toString(), response.header("Retry-After"));
        }
        if (isGateway(response.code())) {
            return new Result.Unreachable(base + " cannot be reached at the moment (HTTP " + response.code() + ")");
        }
        if (response.isRedirect()) {
            return new Result.Failed(base + " answered that it is elsewhere (HTTP " + response.code() + " to "
                    + response.header("Location") + "); use that address if it is a relay's");
        }
        return notARelay("HTTP " + response.code() + " " + response.header("Content-Type", "without a content type"));
    }

    private static boolean isA(String mediaType, Response response) {
        MediaType type = response.body() == null ? null : response.body().contentType();
        return type != null && mediaType.equals(type.type() + "/" + type.subtype());
    }

    private static @Nullable ProblemReader problem(Response response) throws IOException {
        byte[] json = read(response, ProblemReader.MAX_BYTES);
        return json == null ? null : ProblemReader.read(response.code(), json);
    }

    /** Returns the body, or null if it is longer than {@code maxBytes}. */
    private static byte @Nullable [] read(Response response, long maxBytes) throws IOException {
        ResponseBody body = response.body();
        if (body == null) {
            return new byte[0];
        }
        BufferedSource source = body.source();
        return source.request(maxBytes + 1) ? null : source.readByteArray();
    }

    static boolean isGateway(int status) {
        return status == 502 || status == 503 || status == 504;
    }

    private Result notARelay(String answer) {
        return new Result.Failed(base + " answered, but not as an Anabranch relay (" + answer + "); check the address");
    }

    // ---- No answers

    private Result noAnswer(IOException e) {
        if (e instanceof UnknownHostException) {
            return new Result.Unreachable("no host named " + base.host() + " is known here");
        }
        if (e instanceof SocketTimeoutException) {
            return new Result.Unreachable(base + " did not answer in time (" + e.getMessage() + ")");
        }
        if (e instanceof ConnectException) {
            return new Result.Unreachable("nobody listens at " + base + " (connection refused)");
        }
        if (e instanceof NoRouteToHostException) {
            return new Result.Unreachable("there is no way to " + base.host() + " from here");
        }
        if (e instanceof ProtocolException) {
            return notARelay(String.valueOf(e.getMessage()));
        }
        if (e instanceof SSLException) {
            return new Result.Failed(base + " cannot be talked to safely (" + e.getMessage() + ")");
        }
        return brokenLine(e);
    }

    private Result brokenLine(IOException e) {
        return new Result.Unreachable("the line to " + base + " broke (" + e.getMessage() + ")");
    }

    @Override
    public void close() {
        Call call = listening;
        if (call != null) {
            call.cancel();
        }
        client.dispatcher().cancelAll();
        client.dispatcher().executorService().shutdown();
        client.connectionPool().evictAll();
    }

    @Override
    public String toString() {
        return base.toString();
    }
}
