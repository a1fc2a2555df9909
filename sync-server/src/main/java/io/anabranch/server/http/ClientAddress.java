// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.javalin.http.Context;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a request comes from. A proxy adds the address that it saw at the end of X-Forwarded-For; what stands before that is
 * whatever the client wrote. So the list is read from its end, for as long as the ones who wrote it are trusted. Immutable.
 */
final class ClientAddress {
    private final List<String> trustedProxies;

    ClientAddress(List<String> trustedProxies) {
        this.trustedProxies = trustedProxies;
    }

    String of(Context context) {
        // A proxy may add a header of its own below the one that the client wrote, instead of going on in it.
        List<String> lists = Collections.list(context.req().getHeaders("X-Forwarded-For"));
        return of(context.req().getRemoteAddr(), lists.isEmpty() ? null : String.join(",", lists));
    }

    String of(String peer, @Nullable String forwardedFor) {
        String[] hops = forwardedFor == null ? new String[0] : forwardedFor.split(",", -1);
        String address = peer;
        for (int i = hops.length - 1; i >= 0 && trustedProxies.contains(address); i--) {
            address = hops[i].strip();
        }
        return address;
    }
}
