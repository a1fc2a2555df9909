// SPDX-License-Identifier: Apache-2.0
package io.anabranch.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Very many connections that listen for events, on one thread: each says what it wants and then only hears. */
final class IdleListeners implements AutoCloseable {
    private static final int EACH = 8;

    private final URI relay;
    private final String space;
    private final List<String> tokens;
    private final int count;
    private final List<SocketChannel> open = new ArrayList<>();

    IdleListeners(URI relay, String space, List<String> tokens, int count) {
        this.relay = relay;
        this.space = space;
        this.tokens = tokens;
        this.count = Math.min(count, EACH * tokens.size());
    }

    /** Opens all and returns how many were let in. */
    int open() throws IOException {
        int listening = 0;
        for (int i = 0; i < count; i++) {
            SocketChannel channel = SocketChannel.open(new InetSocketAddress(relay.getHost(), relay.getPort()));
            open.add(channel);
            String head = "GET /v1/spaces/" + space + "/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                    + tokens.get(i / EACH) + "\r\n\r\n";
            channel.write(ByteBuffer.wrap(head.getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer answer = ByteBuffer.allocate(12);
            while (answer.hasRemaining() && channel.read(answer) >= 0) {
                // The first line.
            }
            listening += new String(answer.array(), StandardCharsets.US_ASCII).endsWith(" 200") ? 1 : 0;
            channel.configureBlocking(false);
        }
        return listening;
    }

    /** Reads what came, and returns how many connections the relay has not ended. */
    int stillOpen() {
        int still = 0;
        ByteBuffer sink = ByteBuffer.allocate(4_096);
        for (SocketChannel channel : open) {
            try {
                int read = 1;
                while (read > 0) {
                    sink.clear();
                    read = channel.read(sink);
                }
                still += read < 0 ? 0 : 1;
            } catch (IOException e) {
                // Ended by the relay.
            }
        }
        return still;
    }

    @Override
    public void close() {
        for (SocketChannel channel : open) {
            try {
                channel.close();
            } catch (IOException e) {
                // It is gone either way.
            }
        }
    }
}
