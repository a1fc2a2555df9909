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
import org.jspecify.annotations.Nullable;

/**
 * What a relay counts. Names are stable and listed in {@code docs/relay.md}. Labels are few: routes, codes, and a bounded number of
 * peers; spaces and tokens are not among them. Thread-safe.
 */
public final class Metrics {
    /** The media type of {@link #text}. */
    static final String MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Counter changeSetsIn =
            counter("anabranch.change.sets.in", "Change sets that came with requests, and were not here before.");
    private final Counter changeSetsOut =
            counter("anabranch.change.sets.out", "Change sets that went with replies and events.");
    private final Counter bytesIn = counter(
            "anabranch.change.set.bytes.in",
            "Bytes of the change sets that came with requests, before they were deflated.");
    private final Counter bytesOut = counter(
            "anabranch.change.set.bytes.out",
            "Bytes of the change sets that went with replies, before they were deflated.");
    private final Counter digestsCompared =
            counter("anabranch.digests.compared", "Digests that replicas said of their rows.");
    private final Counter digestsDiffering = counter(
            "anabranch.digests.differing",
            "Digests that were not what another replica said at the same version vector.");
    private final Timer applyTime = Timer.builder("anabranch.apply")
            .description("Seconds that it took to take what a request brought, until it was on disk.")
            .register(registry);
    private final MultiGauge lagChangeSets = perPeer(
            "anabranch.peer.lag.change.sets", null, "Change sets that are here and that the peer has not been given.");
    private final MultiGauge lagMillis = perPeer(
            "anabranch.peer.lag.milliseconds",
            "milliseconds",
            "Milliseconds since the first change set was written that the peer has not been given; 0 if there is none,"
                    + " NaN if it cannot be told.");
    private final MultiGauge relaysUp = perPeer(
            "anabranch.peer.up", null, "1 if the last exchange with this relay went well in every space, else 0.");

    private Counter counter(String name, String description) {
        return Counter.builder(name).description(description).register(registry);
    }

    private MultiGauge perPeer(String name, @Nullable String unit, String description) {
        return MultiGauge.builder(name).baseUnit(unit).description(description).register(registry);
    }

    /**
     * Shows a number that is asked for whenever somebody looks.
     *
     * @param unit that the name ends with; null of what has none
     */
    public void gauge(String name, @Nullable String unit, String description, Supplier<Number> value) {
        Gauge.builder(name, value)
                .baseUnit(unit)
                .description(description)
                .strongReference(true)
                .register(registry);
    }

    void answered(Route route, int status, Duration time) {
        Timer.builder("anabranch.requests")
                .description("Seconds that requests took to be answered, by route and status.")
                .tags("route", route.method() + " " + route.path(), "status", Integer.toString(status))
                .register(registry)
                .record(time);
    }

    void rejected(String code) {
        Counter.builder("anabranch.rejected")
                .description("Requests that were answered with an error, by its code.")
                .tag("reason", code)
                .register(registry)
                .increment();
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
