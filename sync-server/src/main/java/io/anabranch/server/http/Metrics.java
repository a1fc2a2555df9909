// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.session.Comparison;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/**
 * What a relay counts. Names are stable and listed in {@code docs/relay.md}. Labels are few: routes, codes, and a bounded number of
 * peers; spaces and tokens are not among them. Thread-safe.
 */
public final class Metrics {
    /** The media type of {@link #text}. */
    static final String MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Counter changeSetsIn = registry.counter("anabranch.change.sets.in");
    private final Counter changeSetsOut = registry.counter("anabranch.change.sets.out");
    private final Counter bytesIn = registry.counter("anabranch.change.set.bytes.in");
    private final Counter bytesOut = registry.counter("anabranch.change.set.bytes.out");
    private final Counter digestsCompared = registry.counter("anabranch.digests.compared");
    private final Counter digestsDiffering = registry.counter("anabranch.digests.differing");
    private final Timer applyTime = registry.timer("anabranch.apply");
    private final MultiGauge lagChangeSets = perPeer("anabranch.peer.lag.change.sets");
    private final MultiGauge lagMillis = perPeer("anabranch.peer.lag.milliseconds");
    private final MultiGauge relaysUp = perPeer("anabranch.peer.up");

    private MultiGauge perPeer(String name) {
        return MultiGauge.builder(name).register(registry);
    }

    /** Shows a number that is asked for whenever somebody looks. */
    public void gauge(String name, Supplier<Number> value) {
        Gauge.builder(name, value).strongReference(true).register(registry);
    }

    void answered(Route route, int status, Duration time) {
        registry.timer(
                        "anabranch.requests",
                        "route",
                        route.method() + " " + route.path(),
                        "status",
                        Integer.toString(status))
                .record(time);
    }

    void rejected(String code) {
        registry.counter("anabranch.rejected", "reason", code).increment();
    }

    void taken(List<EncodedChangeSet> changeSets, Duration time) {
        changeSetsIn.increment(changeSets.size());
        bytesIn.increment(size(changeSets));
        applyTime.record(time);
    }

    void compared(Comparison comparison) {
        digestsCompared.increment();
        digestsDiffering.increment(comparison.differing().isEmpty() ? 0 : 1);
    }

    void given(List<EncodedChangeSet> changeSets) {
        changeSetsOut.increment(changeSets.size());
        bytesOut.increment(size(changeSets));
    }

    private static double size(List<EncodedChangeSet> changeSets) {
        return changeSets.stream()
                .mapToLong(changeSet -> changeSet.bytes().length)
                .sum();
    }

    /** Returns all of it, in the form that Prometheus reads. */
    synchronized String text(List<PeerLags.Peer> peers) {
        show(lagChangeSets, peers, peer -> peer.lag().changeSets());
        show(
                lagMillis,
                peers,
                peer -> peer.lag().millis() == null ? Double.NaN : peer.lag().millis());
        List<PeerLags.Peer> relays = new ArrayList<>(peers);
        relays.removeIf(peer -> peer.up() == null);
        show(relaysUp, relays, peer -> Boolean.TRUE.equals(peer.up()) ? 1 : 0);
        return registry.scrape();
    }

    private static void show(MultiGauge gauge, List<PeerLags.Peer> peers, ToDoubleFunction<PeerLags.Peer> value) {
        List<MultiGauge.Row<?>> rows = new ArrayList<>();
        peers.forEach(peer -> rows.add(MultiGauge.Row.of(Tags.of("peer", peer.name()), value.applyAsDouble(peer))));
        gauge.register(rows, true);
    }

    /** Returns what there was since the start, for the log. */
    public Totals totals() {
        double requests = 0;
        double rejected = 0;
        for (Timer timer : registry.find("anabranch.requests").timers()) {
            requests += timer.count();
        }
        for (Counter counter : registry.find("anabranch.rejected").counters()) {
            rejected += counter.count();
        }
        return new Totals((long) requests, (long) rejected, (long) changeSetsIn.count(), (long) changeSetsOut.count());
    }

    /** Returns how many requests were answered with each code of an error. */
    SortedMap<String, Long> rejectedByCode() {
        SortedMap<String, Long> byCode = new TreeMap<>();
        for (Counter counter : registry.find("anabranch.rejected").counters()) {
            byCode.put(String.valueOf(counter.getId().getTag("reason")), (long) counter.count());
        }
        return byCode;
    }

    /** Returns how long taking what a request brought has taken on average, until it was on disk. */
    double applyMeanMillis() {
        return applyTime.mean(TimeUnit.MILLISECONDS);
    }

    /** Returns a number that was given to {@link #gauge}; 0 if none of that name was. */
    long gaugeValue(String name) {
        Gauge gauge = registry.find(name).gauge();
        return gauge == null ? 0 : (long) gauge.value();
    }

    /** Counts since the start. */
    public record Totals(long requests, long rejected, long changeSetsIn, long changeSetsOut) {
        public Totals minus(Totals earlier) {
            return new Totals(
                    requests - earlier.requests,
                    rejected - earlier.rejected,
                    changeSetsIn - earlier.changeSetsIn,
                    changeSetsOut - earlier.changeSetsOut);
        }
    }
}
