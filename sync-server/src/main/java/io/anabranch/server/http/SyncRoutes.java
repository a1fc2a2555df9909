// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.http;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.server.access.Right;
import io.anabranch.server.space.Space;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.session.BaseVectors;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.OtherProtocolException;
import io.anabranch.sync.session.Responder;
import io.anabranch.sync.session.SpaceName;
import io.anabranch.sync.session.SyncReply;
import io.anabranch.sync.session.SyncRequest;
import io.javalin.http.Context;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** The exchange: bytes in, session, bytes out. */
final class SyncRoutes {
    /** Most spaces whose lately told heads are remembered. */
    private static final int MOST_BASES = 1_000;

    private final SpaceDoor spaces;
    private final RequestBody body;
    private final Quota quota;
    private final Metrics metrics;
    private final Listeners listeners;
    private final Acquaintances acquaintances;
    private final Clock clock;
    private final boolean hasPeers;
    private final ConcurrentMap<String, BaseVectors> bases = new ConcurrentHashMap<>();

    /** @param hasPeers whether the relay exchanges with other relays */
    SyncRoutes(
            SpaceDoor spaces,
            RequestBody body,
            Quota quota,
            Metrics metrics,
            Listeners listeners,
            Acquaintances acquaintances,
            Clock clock,
            boolean hasPeers) {
        this.spaces = spaces;
        this.body = body;
        this.quota = quota;
        this.metrics = metrics;
        this.listeners = listeners;
        this.acquaintances = acquaintances;
        this.clock = clock;
        this.hasPeers = hasPeers;
    }

    List<Route> routes() {
        return List.of(Route.post("/v1/spaces/{space}/sync", Need.READ_OR_WRITE, this::sync));
    }

    private void sync(Context context, Caller caller) throws IOException {
        String name = spaceName(context.pathParam("space"));
        SyncRequest request = decode(body.read(context, MessageCodec.MEDIA_TYPE));
        Space space = spaces.enter(name, caller);
        requireOwn(request.origin(), caller, space);
        requireNotForgotten(request.origin(), space);
        Responder responder = new Responder(spaces.relay(), space.epoch());
        GuardedSpace guarded = new GuardedSpace(space, caller, quota, metrics, hasPeers && !isRelay(request));
        Responder.Answer answer = responder.answer(request, guarded, basesOf(name), clock.millis());
        if (answer instanceof Responder.Answer.Refused refused) {
            throw Problems.of(refused.why());
        }
        acquaintances.met(name, replica(context, caller, request, guarded), guarded.taken(), guarded.given());
        tellListeners(name, space, request.origin(), guarded.taken());
        context.contentType(MessageCodec.MEDIA_TYPE);
        context.result(MessageCodec.encode(((Responder.Answer.Replied) answer).reply()));
    }

    private static boolean isRelay(SyncRequest request) {
        return !request.aside().words().isEmpty();
    }

    private Acquaintances.Replica replica(Context context, Caller caller, SyncRequest request, GuardedSpace guarded) {
        VersionVector holds = guarded.peerHolds().union(vectorOf(guarded.taken()));
        return new Acquaintances.Replica(
                request.origin(),
                isRelay(request),
                caller.tokenId(),
                SelfDescription.software(context),
                clock.millis(),
                SelfDescription.clockOffsetMillis(context, clock.millis()),
                holds,
                0,
                0);
    }

    static VersionVector vectorOf(List<EncodedChangeSet> changeSets) {
        Map<Origin, Long> highest = new TreeMap<>();
        changeSets.forEach(
                set -> highest.merge(set.header().origin(), set.header().seq(), Math::max));
        return VersionVector.of(highest);
    }

    /**
     * Others hear of it as in a reply to somebody who held what was here before. Of what comes in parts they hear when it is
     * whole, and fetch it.
     */
    private void tellListeners(String name, Space space, Origin sender, List<EncodedChangeSet> taken) {
        boolean inParts = taken.stream().anyMatch(changeSet -> changeSet.parts().count() > 0);
        if (taken.isEmpty() || inParts || !listeners.hasAny(name)) {
            return;
        }
        Heads heads = space.heads();
        SortedMap<Origin, Head> moved = new TreeMap<>();
        taken.forEach(changeSet -> moved.put(changeSet.header().origin(), changeSet.head()));
        basesOf(name).remember(heads);
        List<Origin> told = listeners.publish(
                name,
                sender,
                heads,
                new SyncReply(
                        spaces.relay(),
                        space.epoch(),
                        clock.millis(),
                        false,
                        heads.sum(),
                        moved,
                        Head.NONE,
                        taken,
                        false));
        acquaintances.told(name, told, taken);
    }

    static String spaceName(String name) {
        if (!SpaceName.isValid(name)) {
            throw new Problem(
                    400,
                    "bad-space",
                    "Not the name of a space",
                    "the request names a space that cannot be: " + SpaceName.RULE + ". Choose another name");
        }
        return name;
    }

    /**
     * An origin belongs to the tokens that first claimed it. Whoever only reads is held to that and claims nothing, or it
     * could take the names of those whose change sets it is given. Forwarding claims nothing either.
     */
    private void requireOwn(Origin origin, Caller caller, Space space) {
        String family = caller.family();
        if (family == null) {
            return;
        }
        String owner = caller.may(Right.WRITE) ? quota.claim(space, origin, family) : space.claimant(origin);
        if (owner != null && !owner.equals(family)) {
            throw new Problem(
                            403,
                            "origin-claimed",
                            "Another token speaks for this replica",
                            "nothing of the request was taken: origin " + origin + " first synced with another token."
                                    + " Use that one, or have it renewed: 'anabranch token create --renew ID'")
                    .with("origin", origin.toString());
        }
    }

    /** What it took while nobody waited for it any more may belong behind the fence. */
    private static void requireNotForgotten(Origin origin, Space space) {
        if (space.isForgotten(origin)) {
            throw new Problem(
                            403,
                            "forgotten",
                            "This relay was forgotten",
                            "nothing of the request was taken: the relay that sends it was forgotten here as gone for good."
                                    + " Start it with an empty file: then it is another one, and is filled again")
                    .with("origin", origin.toString());
        }
    }

    private static SyncRequest decode(byte[] body) {
        try {
            return MessageCodec.decodeRequest(body);
        } catch (OtherProtocolException e) {
            throw Problems.of(e);
        } catch (DecodeException e) {
            throw new Problem(
                            400,
                            "malformed",
                            "Not a sync message",
                            "the request was not understood and nothing of it was taken: " + e.getMessage()
                                    + ". Send it again whole; if that does not help, update the older of the two sides")
                    .with("offset", e.offset());
        }
    }

    private BaseVectors basesOf(String space) {
        if (bases.size() >= MOST_BASES) {
            bases.clear(); // Costs each client one round trip with all its heads.
        }
        return bases.computeIfAbsent(space, name -> new BaseVectors());
    }
}
