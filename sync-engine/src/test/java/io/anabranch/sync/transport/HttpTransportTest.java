// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.transport;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.transport.Transport.Result;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What becomes of every kind of answer, and of none. */
class HttpTransportTest {
    private static final byte[] REQUEST = {1, 2, 3};
    private static final String PROBLEM = "application/problem+json";

    private HttpServer server;
    private String url;

    private int status = 200;
    private String contentType = MessageCodec.MEDIA_TYPE;
    private String body = "reply";
    private String location = "";
    private String askedPath = "";
    private byte[] asked = {};

    @BeforeEach
    void startServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        url = "http://127.0.0.1:" + server.getAddress().getPort();
        server.createContext("/", exchange -> {
            askedPath = exchange.getRequestURI().getRawPath();
            asked = exchange.getRequestBody().readAllBytes();
            if (!contentType.isEmpty()) {
                exchange.getResponseHeaders().set("Content-Type", contentType);
            }
            if (!location.isEmpty()) {
                exchange.getResponseHeaders().set("Location", location);
            }
            exchange.sendResponseHeaders(status, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body.getBytes(UTF_8));
            }
        });
        server.start();
    }

    @AfterEach
    void stopServer() {
        server.stop(0);
    }

    @Test
    void bringsTheRequestAndTheReply() {
        Result result = exchange(url, "shop");

        assertThat(((Result.Answered) result).reply()).isEqualTo("reply".getBytes(UTF_8));
        assertThat(askedPath).isEqualTo("/v1/spaces/shop/sync");
        assertThat(asked).isEqualTo(REQUEST);
    }

    @Test
    void theBaseMayHaveAPathWithOrWithoutASlash() {
        exchange(url + "/relay", "shop");
        assertThat(askedPath).isEqualTo("/relay/v1/spaces/shop/sync");
        exchange(url + "/relay/", "shop");
        assertThat(askedPath).isEqualTo("/relay/v1/spaces/shop/sync");
        exchange(url + "/", "shop");
        assertThat(askedPath).isEqualTo("/v1/spaces/shop/sync");
    }

    @Test
    void theNameOfASpaceTravelsEncoded() {
        exchange(url, "a/b c?ü");

        assertThat(askedPath).isEqualTo("/v1/spaces/a%2Fb%20c%3F%C3%BC/sync");
    }

    @Test
    void aWebPageIsNotARelay() {
        contentType = "text/html";
        body = "<html>Welcome</html>";

        assertThat(exchange(url, "shop"))
                .isEqualTo(new Result.Failed(
                        url + "/ answered, but not as an Anabranch relay (HTTP 200 text/html); check the address"));
    }

    @Test
    void aPageThatIsMissingIsNotARelay() {
        status = 404;
        contentType = "";

        assertThat(exchange(url, "shop"))
                .isEqualTo(new Result.Failed(url
                        + "/ answered, but not as an Anabranch relay (HTTP 404 without a content type);"
                        + " check the address"));
    }

    @Test
    void theProblemOfAnotherServiceIsNotARelays() {
        status = 404;
        contentType = PROBLEM;
        body = "{\"type\":\"about:blank\",\"code\":\"gap\"}";

        assertThat(exchange(url, "shop")).isInstanceOf(Result.Failed.class);
    }

    @Test
    void aRedirectIsNamedAndNotFollowed() {
        status = 302;
        location = "https://relay.example/";

        assertThat(exchange(url, "shop"))
                .isInstanceOfSatisfying(
                        Result.Failed.class,
                        failed -> assertThat(failed.reason()).contains("HTTP 302 to https://relay.example/"));
    }

    @Test
    void aRefusalIsUnderstood() {
        status = 409;
        contentType = PROBLEM;
        Origin origin = Origin.of(0, 7);

        body = problem("gap", "\"origin\":\"" + origin + "\",\"expectedSeq\":3,\"foundSeq\":5");
        assertThat(exchange(url, "shop")).isEqualTo(new Result.Refused(new Admission.Gap(origin, 3, 5)));
        body = problem("fork", "\"origin\":\"" + origin + "\",\"seq\":3");
        assertThat(exchange(url, "shop")).isEqualTo(new Result.Refused(new Admission.Fork(origin, 3)));
        body = problem("missing-context", "\"origin\":\"" + origin + "\",\"neededSeq\":9,\"knownSeq\":0");
        assertThat(exchange(url, "shop")).isEqualTo(new Result.Refused(new Admission.MissingContext(origin, 9, 0)));
    }

    @Test
    void aRefusalThatCannotBeReadIsShown() {
        status = 409;
        contentType = PROBLEM;
        body = problem("gap", "\"origin\":\"x\",\"more\":{\"a\":[1]}");

        assertThat(exchange(url, "shop")).isEqualTo(new Result.Failed(url + "/ answered: what and why"));
    }

    @Test
    void anErrorThatWillPassMeansUnreachable() {
        status = 503;
        contentType = PROBLEM;
        body = problem("busy", "\"x\":1");
        assertThat(exchange(url, "shop")).isEqualTo(new Result.Unreachable(url + "/ answered: what and why"));

        status = 502;
        contentType = "text/html";
        assertThat(exchange(url, "shop"))
                .isEqualTo(new Result.Unreachable(url + "/ cannot be reached at the moment (HTTP 502)"));
    }

    @Test
    void anErrorThatWillNotPassMeansFailed() {
        status = 507;
        contentType = PROBLEM;
        body = problem("disk-full", "\"x\":1");

        assertThat(exchange(url, "shop")).isEqualTo(new Result.Failed(url + "/ answered: what and why"));
    }

    @Test
    void aClosedPortIsUnreachable() throws IOException {
        int port;
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }

        assertThat(exchange("http://127.0.0.1:" + port, "shop"))
                .isEqualTo(new Result.Unreachable(
                        "nobody listens at http://127.0.0.1:" + port + "/ (connection refused)"));
    }

    @Test
    void aHostThatIsUnknownIsUnreachable() {
        assertThat(exchange("http://nowhere.invalid", "shop"))
                .isEqualTo(new Result.Unreachable("no host named nowhere.invalid is known here"));
    }

    @Test
    void somethingThatDoesNotSpeakHttpIsNotARelay() throws Exception {
        try (ServerSocket ssh = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread answering = new Thread(() -> answer(ssh, "SSH-2.0-OpenSSH_9.2\r\n\r\n"));
            answering.start();

            Result result = exchange("http://127.0.0.1:" + ssh.getLocalPort(), "shop");

            assertThat(result)
                    .isInstanceOfSatisfying(
                            Result.Failed.class,
                            failed -> assertThat(failed.reason()).contains("not as an Anabranch relay"));
            answering.join();
        }
    }

    @Test
    void aReplyThatBreaksOffIsUnreachable() throws Exception {
        try (ServerSocket broken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String head =
                    "HTTP/1.1 200 OK\r\nContent-Type: " + MessageCodec.MEDIA_TYPE + "\r\nContent-Length: 9\r\n\r\n";
            Thread answering = new Thread(() -> answer(broken, head + "abc"));
            answering.start();

            assertThat(exchange("http://127.0.0.1:" + broken.getLocalPort(), "shop"))
                    .isInstanceOf(Result.Unreachable.class);
            answering.join();
        }
    }

    @Test
    void aStreamOfWhichNothingComesThroughIsMute() {
        contentType = "text/event-stream";
        body = ":\n\n";
        Ears ears = new Ears();

        assertThat(listen(ears)).isInstanceOf(Result.Mute.class);
        assertThat(ears.heard).as("what was not heard was not open").isEmpty();
    }

    @Test
    void whatAStreamSaysIsHeard() {
        contentType = "text/event-stream";
        body = "event: heads\ndata: 00\n\n:\n\nevent: push\ndata: AQID\n\n";
        Ears ears = new Ears();

        assertThat(listen(ears)).isInstanceOf(Result.Unreachable.class);
        assertThat(ears.heard).containsExactly("opened", "moved", "pushed 3 bytes");
    }

    @Test
    void aPollHearsOneEventOrNone() {
        contentType = "text/event-stream";
        body = "event: heads\ndata: 00\n\n";
        Ears ears = new Ears();
        try (Transport transport = Transport.http(URI.create(url))) {
            assertThat(transport.poll("shop", Origin.of(1, 1), Hash128.ZERO, ears))
                    .isInstanceOf(Result.Answered.class);
            assertThat(ears.heard).containsExactly("opened", "moved");
            body = "";
            assertThat(transport.poll("shop", Origin.of(1, 1), Hash128.ZERO, ears))
                    .isInstanceOf(Result.Answered.class);
            assertThat(ears.heard).containsExactly("opened", "moved", "opened");
        }
    }

    private Result listen(Ears ears) {
        try (Transport transport = Transport.http(URI.create(url))) {
            return transport.listen("shop", Origin.of(1, 1), ears);
        }
    }

    /** Notes what is heard. */
    private static final class Ears implements Transport.Ear {
        private final List<String> heard = new ArrayList<>();

        @Override
        public void opened() {
            heard.add("opened");
        }

        @Override
        public void moved() {
            heard.add("moved");
        }

        @Override
        public void pushed(byte[] reply) {
            heard.add("pushed " + reply.length + " bytes");
        }
    }

    @Test
    void anAddressThatIsNoneIsTheCallersMistake() {
        assertThatThrownBy(() -> Transport.http(URI.create("ftp://host/")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("http://localhost:7878");
        assertThatThrownBy(() -> Transport.http(URI.create("localhost:7878")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private static Result exchange(String url, String space) {
        try (Transport transport = Transport.http(URI.create(url))) {
            return transport.exchange(space, REQUEST);
        }
    }

    private static String problem(String code, String members) {
        return "{\"type\":\"urn:anabranch:problem:" + code + "\",\"code\":\"" + code + "\",\"detail\":\"what and why\","
                + members + "}";
    }

    /** Reads a request to its last byte, says {@code answer} and hangs up. */
    private static void answer(ServerSocket server, String answer) {
        try (Socket socket = server.accept()) {
            byte[] request = new byte[8192];
            int length = 0;
            while (length < 3 || request[length - 1] != REQUEST[2]) {
                length += socket.getInputStream().read(request, length, request.length - length);
            }
            socket.getOutputStream().write(answer.getBytes(UTF_8));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
