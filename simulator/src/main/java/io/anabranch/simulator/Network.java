// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.sync.transport.Transport;
import io.anabranch.sync.transport.Transport.Result;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Carries requests from node to node, and does to them what {@link Weather} says. A request that is lost may still arrive
 * later, when nobody waits for its answer. Confined to the world's thread.
 */
final class Network {
    private final SyncWorld world;
    private final Set<Set<Node>> cuts = new HashSet<>();
    private final List<Late> late = new ArrayList<>();
    private final List<Observer> observers = new ArrayList<>();
    private Weather weather = Weather.FAIR;
    private long exchanges;
    private long bytes;
    private long disturbances;
    private byte[] lastRequest = {};

    Network(SyncWorld world) {
        this.world = world;
    }

    void weather(Weather now) {
        weather = now;
    }

    void observe(Observer observer) {
        observers.add(observer);
    }

    /** Lets nothing pass between two nodes until they are joined again. */
    void cut(Node one, Node other) {
        cuts.add(Set.of(one, other));
    }

    void join(Node one, Node other) {
        cuts.remove(Set.of(one, other));
    }

    /** Ends every cut and all bad weather. What is under way late stays so. */
    void heal() {
        cuts.clear();
        weather = Weather.FAIR;
    }

    Transport transport(Node from, Node to) {
        return new Transport() {
            @Override
            public Result exchange(String space, byte[] request) {
                return carry(from, to, request);
            }

            @Override
            public void close() {}
        };
    }

    private Result carry(Node from, Node to, byte[] sent) {
        world.pass(weather.delayMillis());
        meanwhile(from, to);
        if (cuts.contains(Set.of(from, to))) {
            return unreachable("no way from " + from.name() + " to " + to.name());
        }
        byte[] request = damage(sent);
        if (weather.losesRequest(from, to)) {
            if (weather.comesLate()) {
                late.add(new Late(from, to, sent, request));
            }
            return unreachable("the request was lost");
        }
        if (weather.duplicates()) {
            late.add(new Late(from, to, sent, request));
        }
        Result result = deliver(from, to, sent, request);
        world.pass(weather.delayMillis());
        meanwhile(from, to);
        if (result == null || weather.losesReply(from, to) || cuts.contains(Set.of(from, to))) {
            return unreachable("no answer came");
        }
        if (result instanceof Result.Answered answered) {
            return new Result.Answered(damage(answered.reply()));
        }
        return result;
    }

    /** Returns what the receiver answers; null if it is down, or ends meanwhile. */
    private @Nullable Result deliver(Node from, Node to, byte[] sent, byte[] request) {
        if (!to.isUp()) {
            return null;
        }
        lastRequest = sent;
        try {
            Result result = to.answer(request);
            exchanges++;
            bytes += request.length + (result instanceof Result.Answered answered ? answered.reply().length : 0);
            for (Observer observer : observers) {
                observer.answered(from, to, sent, result);
            }
            return result;
        } catch (Crash crash) {
            return null;
        }
    }

    Traffic traffic() {
        return new Traffic(exchanges, bytes);
    }

    int lateRequests() {
        return late.size();
    }

    /** Returns what was said last to anybody, as it was sent; empty if nothing yet. */
    byte[] lastRequest() {
        return lastRequest;
    }

    /** Lets one of the requests that are late arrive. */
    void deliverLate(int which) {
        Late request = late.remove(which % late.size());
        deliver(request.from, request.to, request.sent, request.arriving);
    }

    void forgetLate() {
        late.clear();
    }

    /** Returns how often something has come between a request and its answer. */
    long disturbances() {
        return disturbances;
    }

    private void meanwhile(Node from, Node to) {
        if (weather.meanwhile(from, to)) {
            disturbances++;
        }
    }

    private byte[] damage(byte[] message) {
        byte[] arriving = weather.damage(message);
        disturbances += arriving == message ? 0 : 1;
        return arriving;
    }

    private Result unreachable(String why) {
        disturbances++;
        return new Result.Unreachable(why);
    }

    /** Told of each answer that a node gave, also of one that was lost afterwards. */
    interface Observer {
        /** The request is the one that was sent, whatever happened to it on the way. */
        void answered(Node from, Node to, byte[] request, Result result);
    }

    /** A request that nobody waits for any more. */
    private record Late(Node from, Node to, byte[] sent, byte[] arriving) {}
}
