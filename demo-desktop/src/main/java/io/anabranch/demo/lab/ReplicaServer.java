// SPDX-License-Identifier: Apache-2.0
package io.anabranch.demo.lab;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.anabranch.simulator.Answering;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.session.BaseVectors;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.transport.Transport;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Lets other replicas ask this one, over HTTP on this machine: the shipped answering side behind the JDK's own server. */
final class ReplicaServer implements AutoCloseable {
    private final HttpServer http;
    private final ExecutorService threads;
    private final LabReplica replica;
    private final BaseVectors bases = new BaseVectors();

    private ReplicaServer(HttpServer http, ExecutorService threads, LabReplica replica) {
        this.http = http;
        this.threads = threads;
        this.replica = replica;
    }

    static ReplicaServer start(LabReplica replica) {
        HttpServer http;
        try {
            http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new PortException(
                    replica.name() + " cannot answer others: no port of this machine is free (" + e.getMessage() + ").",
                    e);
        }
        ExecutorService threads = Executors.newCachedThreadPool(work -> {
            Thread thread = new Thread(work, "lab-answers-" + replica.name());
            thread.setDaemon(true);
            return thread;
        });
        ReplicaServer server = new ReplicaServer(http, threads, replica);
        http.setExecutor(threads);
        http.createContext("/v1/spaces/" + Shop.SPACE + "/sync", server::answer);
        http.start();
        return server;
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + http.getAddress().getPort());
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] request;
            try (InputStream in = exchange.getRequestBody()) {
                request = in.readAllBytes();
            }
            Transport.Result result;
            try {
                result = replica.use(process -> Answering.answer(
                        process.asPeer(),
                        process.origin(),
                        Hash128.ZERO,
                        bases,
                        request,
                        replica.clock().getAsLong()));
            } catch (RuntimeException e) {
                send(exchange, 503, "text/plain", String.valueOf(e.getMessage()).getBytes(StandardCharsets.UTF_8));
                return;
            }
            if (result instanceof Transport.Result.Answered answered) {
                send(exchange, 200, MessageCodec.MEDIA_TYPE, answered.reply());
            } else {
                // Two exchanges met in one file, and what one brought the other had brought: the next round knows.
                send(exchange, 503, "text/plain", result.toString().getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    private static void send(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    @Override
    public void close() {
        http.stop(0);
        threads.shutdownNow();
    }
}
