// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import java.util.List;

/**
 * Whom a relay serves, and what it believes of where they are.
 *
 * @param open whether no tokens are asked for
 * @param loopback whether only this machine reaches the relay
 * @param monitoredByAll whether metrics are for everybody, not only for this machine
 * @param dashboardForAdmins whether the dashboard is also for admins of a space, from anywhere, not only for this machine
 * @param trustedProxies addresses whose X-Forwarded-For is believed
 * @param corsOrigins web origins whose pages may call the relay; none unless set
 */
public record Policy(
        boolean open,
        boolean loopback,
        boolean monitoredByAll,
        boolean dashboardForAdmins,
        List<IpAddress> trustedProxies,
        List<String> corsOrigins) {
    public Policy {
        trustedProxies = List.copyOf(trustedProxies);
        corsOrigins = List.copyOf(corsOrigins);
    }
}
