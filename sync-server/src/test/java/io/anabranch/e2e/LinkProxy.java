// SPDX-License-Identifier: Apache-2.0
package io.anabranch.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One link of a network: what stands between who asks and who answers, and counts what passes. Thread-safe. */
final class LinkProxy implements AutoCloseable {
    private static final byte[] REQUEST = "POST ".getBytes(StandardCharsets.US_ASCII);

    private final ServerSocket listening;
    private final int target;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final AtomicLong requests = new AtomicLong();
    private final AtomicLong bytes = new AtomicLong();

    LinkProxy(int target) {
        this.target = target;
        try {
            listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        start(this::acceptOnAndOn);
    }

    String url() {
        return "http://127.0.0.1:" + listening.getLocalPort();
    }

    /** Returns how many exchanges were asked for. */
    long requests() {
        return requests.get();
    }

    /** Returns how many bytes passed, both ways, with all that HTTP adds. */
    long bytes() {
        return bytes.get();
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "link");
        thread.setDaemon(true);
        thread.start();
    }

    private void acceptOnAndOn() {
        while (true) {
            try {
                join(listening.accept());
            } catch (IOException e) {
                return; // Closed.
            }
        }
    }

    private void join(Socket client) {
        open.add(client);
        try {
            Socket server = new Socket(InetAddress.getLoopbackAddress(), target);
            open.add(server);
            start(() -> pass(client, server, requests));
            start(() -> pass(server, client, null));
        } catch (IOException e) {
            close(client); // Nobody answers there: to who asks it looks the same.
        }
    }

    private void pass(Socket from, Socket to, @Nullable AtomicLong counter) {
        byte[] chunk = new byte[8192];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            for (int length = in.read(chunk); length >= 0; length = in.read(chunk)) {
                bytes.addAndGet(length);
                if (counter != null && beginsRequest(chunk, length)) {
                    counter.incrementAndGet();
                }
                out.write(chunk, 0, length);
            }
        } catch (IOException e) {
            // One end is gone, and so the other.
        } finally {
            close(from);
            close(to);
        }
    }

    /** A client sends nothing more before it has its answer, so a request begins with what is read. */
    private static boolean beginsRequest(byte[] chunk, int length) {
        for (int i = 0; i < REQUEST.length; i++) {
            if (i >= length || chunk[i] != REQUEST[i]) {
                return false;
            }
        }
        return true;
    }

    private void close(Socket socket) {
        open.remove(socket);
        try {
            socket.close();
        } catch (IOException e) {
            // It is of no use any more, and that is all that is wanted.
        }
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        open.forEach(this::close);
    }
}
