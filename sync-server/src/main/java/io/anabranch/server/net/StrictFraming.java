// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.net;

import java.util.List;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * Refuses what a proxy in front may take for another request than this server does: {@code Transfer-Encoding} that says more than
 * "chunked", or says it twice. Jetty refuses all else that is doubtful. The connection ends with the answer, so nothing that is
 * hidden behind such a request is read. Thread-safe.
 */
final class StrictFraming extends Handler.Wrapper {
    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        List<String> codings = request.getHeaders().getValuesList(HttpHeader.TRANSFER_ENCODING);
        if (codings.isEmpty() || codings.size() == 1 && codings.get(0).equalsIgnoreCase("chunked")) {
            return super.handle(request, response, callback);
        }
        Response.writeError(request, response, callback, HttpStatus.BAD_REQUEST_400);
        return true;
    }
}
