// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.javalin.http.Context;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a request comes from, for limits that go by that. A proxy adds the address that it saw at the end of X-Forwarded-For; what
 * stands before that is whatever the client wrote. So the list is read from its end, for as long as the ones who wrote it are
 * trusted. What is no address counts as the proxy that wrote it. Immutable.
 */
final class ClientAddress {
    private final List<IpAddress> trustedProxies;

    ClientAddress(List<IpAddress> trustedProxies) {
        this.trustedProxies = trustedProxies;
    }

    /** Returns the name under which limits count a caller: that of its token, or where it has none that of its address. */
    String counted(Context context, Caller caller) {
        return caller.family() == null ? "@" + of(context) : caller.toString();
    }

    /** Returns a name for the machine that asks; all of an IPv6 /64, which any one machine may have, share one. */
    String of(Context context) {
        // A proxy may add a header of its own below the one that the client wrote, instead of going on in it.
        List<String> lists = Collections.list(context.req().getHeaders("X-Forwarded-For"));
        return of(context.req().getRemoteAddr(), lists.isEmpty() ? null : String.join(",", lists));
    }

    String of(String peer, @Nullable String forwardedFor) {
        IpAddress address = IpAddress.parse(peer);
        if (address == null) {
            return peer; // What no socket of today says.
        }
        String[] hops = forwardedFor == null ? new String[0] : forwardedFor.split(",", -1);
        for (int i = hops.length - 1; i >= 0 && trustedProxies.contains(address); i--) {
            IpAddress hop = IpAddress.parse(hops[i]);
            if (hop == null) {
                break;
            }
            address = hop;
        }
        return address.network();
    }
}
