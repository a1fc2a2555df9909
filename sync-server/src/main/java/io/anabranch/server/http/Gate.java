// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.anabranch.server.access.AccessToken;
import io.anabranch.server.access.Right;
import io.anabranch.server.access.Tokens;
import io.javalin.http.Context;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Lets callers in, or not, by the head of a request alone. A token of one space learns nothing of others: it is turned away
 * before anybody looks whether the space exists. Thread-safe.
 *
 * <p>A relay that was told to be open asks nobody. One that nobody made a token for yet, on a loopback address, is open to
 * the programs of its own machine; a proxy in front, or a web page whose host name was bent to this address, is not one of
 * them. In all other cases a token decides.
 */
final class Gate {
    private static final String SCHEME = "bearer ";
    private static final List<String> PROXY_HEADERS = List.of(
            "Forwarded",
            "X-Forwarded",
            "X-Forwarded-For",
            "X-Forwarded-Host",
            "X-Forwarded-Port",
            "X-Forwarded-Proto",
            "X-Forwarded-Server",
            "X-Original-Forwarded-For",
            "X-Real-IP",
            "X-Client-IP",
            "X-Cluster-Client-IP",
            "X-Envoy-External-Address",
            "CF-Connecting-IP",
            "Fastly-Client-IP",
            "True-Client-IP",
            "Via");

    private final Tokens tokens;
    private final Policy policy;
    private final WrongTokens wrongTokens;

    Gate(Tokens tokens, Policy policy, WrongTokens wrongTokens) {
        this.tokens = tokens;
        this.policy = policy;
        this.wrongTokens = wrongTokens;
    }

    /** Returns who calls: somebody whom the route does not ask for a token, or the holder of a good one, whatever that is for. */
    Caller recognise(Context context, Route route) {
        if (route.need() == Need.NOTHING) {
            return Caller.ANYBODY;
        }
        if (route.need() == Need.OPERATOR) {
            requireOperator(context);
            return Caller.ANYBODY;
        }
        if (route.need() == Need.DASHBOARD || route.need() == Need.DASHBOARD_PAGE) {
            return admitToDashboard(context, route);
        }
        boolean admin = route.need() == Need.ADMIN;
        if (!admin && (policy.open() || isOpenTo(context))) {
            return Caller.ANYBODY;
        }
        AccessToken token = token(context);
        if (token == null) {
            throw unauthorized();
        }
        return Caller.holding(token);
    }

    /** Refuses the holder of a token that has not the right, or not in the space that the route is asked for. */
    void requireRight(Context context, Route route, Caller caller) {
        String space = caller.space();
        if (space == null) {
            return;
        }
        boolean isInSpace = route.need() == Need.DASHBOARD || space.equals(context.pathParam("space"));
        if (!isInSpace || !isEnough(caller, route.need())) {
            throw forbidden();
        }
    }

    private static boolean isEnough(Caller caller, Need need) {
        switch (need) {
            case ADMIN:
            case DASHBOARD:
                return caller.may(Right.ADMIN);
            case READ:
                return caller.may(Right.READ);
            case ANY_RIGHT:
                return true;
            default:
                return caller.may(Right.READ) || caller.may(Right.WRITE);
        }
    }

    private boolean isOpenTo(Context context) {
        if (!policy.loopback() || tokens.hasAny()) {
            return false;
        }
        if (!isOfThisMachine(context)) {
            throw new Problem(
                    403,
                    "local-only",
                    "Only for this machine",
                    "the request was not read: this relay has no tokens and so answers only programs of its own"
                            + " machine, under a loopback name. Make a token with 'anabranch token create'");
        }
        return true;
    }

    private void requireOperator(Context context) {
        if (!policy.monitoredByAll() && !isOfThisMachine(context)) {
            throw new Problem(
                    403,
                    "local-only",
                    "Only for this machine",
                    "the request was not read: how the relay does is told to programs of its own machine. Start it with"
                            + " --monitor-from anywhere to tell all");
        }
    }

    /** Whoever came from elsewhere is shown the page, and then asked for a token. */
    private Caller admitToDashboard(Context context, Route route) {
        if (isOfThisMachine(context)) {
            return Caller.ANYBODY;
        }
        if (!policy.dashboardForAdmins()) {
            throw new Problem(
                    403,
                    "local-only",
                    "Only for this machine",
                    "the request was not read: the dashboard is for programs of the relay's own machine. Start it with"
                            + " --dashboard-from admins to show each admin its space");
        }
        if (route.need() == Need.DASHBOARD_PAGE) {
            return Caller.ANYBODY;
        }
        AccessToken token = token(context);
        if (token == null) {
            throw unauthorized();
        }
        return Caller.holding(token);
    }

    private static boolean isOfThisMachine(Context context) {
        IpAddress address = IpAddress.parse(context.req().getRemoteAddr());
        return address != null && address.isLoopback() && !cameThroughProxy(context) && isLocalName(context.host());
    }

    /** No client of today speaks HTTP/1.0; nginx does to what is behind it, as it is installed, and adds no header. */
    private static boolean cameThroughProxy(Context context) {
        return context.protocol().equals("HTTP/1.0")
                || PROXY_HEADERS.stream().anyMatch(name -> context.header(name) != null);
    }

    /** A page of another site can have its name lead here; it cannot change the name that its requests bear. */
    private static boolean isLocalName(@Nullable String host) {
        String name = host == null ? "" : host.toLowerCase(Locale.ROOT).replaceFirst(":[0-9]*$", "");
        return name.equals("localhost") || name.equals("[::1]") || name.matches("127\\.[0-9]+\\.[0-9]+\\.[0-9]+");
    }

    private @Nullable AccessToken token(Context context) {
        List<String> headers = Collections.list(context.req().getHeaders("Authorization"));
        // Of two a proxy may have looked at the other one.
        String header = headers.size() == 1 ? headers.get(0) : "";
        if (!header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return null;
        }
        AccessToken token =
                tokens.authenticate(header.substring(SCHEME.length()).trim());
        if (token == null) {
            wrongTokens.count(context);
        }
        return token;
    }

    private static Problem unauthorized() {
        return new Problem(
                        401,
                        "unauthorized",
                        "A token is needed",
                        "the request was not read: it brings no token, or one that is not good here. Send"
                                + " 'Authorization: Bearer …' (anabranch sync --token-file FILE, or ANABRANCH_TOKEN);"
                                + " whoever runs the relay makes tokens with 'anabranch token create'")
                .header("WWW-Authenticate", "Bearer realm=\"anabranch\"");
    }

    private static Problem forbidden() {
        return new Problem(
                403,
                "forbidden",
                "Not with this token",
                "the request was not read: its token does not allow this, or not in this space. Ask whoever runs the"
                        + " relay for a token that does");
    }
}
