// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** What the dashboard shows of all spaces together, which is for those who run the relay. Thread-safe. */
final class DashboardTotals {
    private final Metrics metrics;
    private final Listeners listeners;
    private final Limits limits;
    private final LongSupplier freeDiskBytes;

    DashboardTotals(Metrics metrics, Listeners listeners, Limits limits, LongSupplier freeDiskBytes) {
        this.metrics = metrics;
        this.listeners = listeners;
        this.limits = limits;
        this.freeDiskBytes = freeDiskBytes;
    }

    void addTo(Map<String, @Nullable Object> document) {
        Metrics.Totals totals = metrics.totals();
        document.put("requests", totals.requests());
        document.put("changeSetsIn", totals.changeSetsIn());
        document.put("changeSetsOut", totals.changeSetsOut());
        document.put("rejected", metrics.rejectedByCode());
        document.put("listeners", listeners.count());
        document.put("mostListeners", limits.listeners());
        document.put("applyMeanMillis", metrics.applyMeanMillis());
        document.put("storeBytes", metrics.gaugeValue("anabranch.store.bytes"));
        document.put("diskFreeBytes", freeDiskBytes.getAsLong());
        document.put("leastDiskFreeBytes", limits.freeDiskBytes());
    }
}
