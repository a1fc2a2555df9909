// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

/** What a route asks of its caller, before anything of the request is read. */
enum Need {
    /** Nothing. */
    NOTHING,
    /** A program of the relay's own machine, and nothing that came through a proxy; anybody where the relay was told so. */
    OPERATOR,
    /** As {@link #OPERATOR}; where the relay was told so also everybody, since the page itself says nothing of the relay. */
    DASHBOARD_PAGE,
    /** As {@link #OPERATOR}; where the relay was told so also a token with {@code admin}, for what concerns its own space. */
    DASHBOARD,
    /** A token for the space, whatever its rights; none where the relay is open. */
    ANY_RIGHT,
    /** A token for the space with {@code read} or {@code write}; none where the relay is open. */
    READ_OR_WRITE,
    /** A token for the space with {@code read}; none where the relay is open. */
    READ,
    /** A token for the space with {@code admin}, even where the relay is open. */
    ADMIN
}
