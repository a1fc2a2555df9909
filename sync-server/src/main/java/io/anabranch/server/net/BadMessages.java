// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.net;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Answers what is no HTTP request, and so never reaches a route: as all errors are answered, without a word of what came. The
 * connection ends, since nobody knows where the next request would begin. Thread-safe.
 */
public final class BadMessages implements Request.Handler {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        // Another version of HTTP is the client's choice, and no fault of the relay's.
        int status = response.getStatus() == 505 ? 400 : response.getStatus();
        response.setStatus(status);
        String code = status < 500 ? "bad-request" : "internal";
        String detail = status < 500
                ? "the request was not read: it is no HTTP request that this relay understands. Correct it"
                : "the relay failed and took nothing of the request. Its log says why; try again later";
        String json = "{\"type\":\"urn:anabranch:problem:" + code + "\",\"title\":\"Not understood\",\"status\":"
                + status + ",\"code\":\"" + code + "\",\"detail\":\"" + detail + "\"}";
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/problem+json");
        response.getHeaders().put(HttpHeader.CACHE_CONTROL, "no-store");
        response.getHeaders().put("X-Content-Type-Options", "nosniff");
        response.getHeaders().put(HttpHeader.CONNECTION, "close");
        response.write(true, ByteBuffer.wrap(json.getBytes(StandardCharsets.US_ASCII)), callback);
        return true;
    }
}
