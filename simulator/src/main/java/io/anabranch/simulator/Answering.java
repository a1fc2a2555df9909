// SPDX-License-Identifier: Apache-2.0
package io.anabranch.simulator;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.session.BaseVectors;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.PeerStore;
import io.anabranch.sync.session.Responder;
import io.anabranch.sync.session.SyncRequest;
import io.anabranch.sync.transport.Transport;

/** The answering side of an exchange, from bytes to bytes. */
public final class Answering {
    private Answering() {}

    /** Lets the shipped {@link Responder} answer for {@code store}. */
    public static Transport.Result answer(
            PeerStore store, Origin peer, Hash128 epoch, BaseVectors bases, byte[] bytes, long nowMillis) {
        SyncRequest request;
        try {
            request = MessageCodec.decodeRequest(bytes);
        } catch (DecodeException e) {
            return new Transport.Result.Failed("malformed: " + e.getMessage());
        }
        Responder.Answer answer = new Responder(peer, epoch).answer(request, store, bases, nowMillis);
        if (answer instanceof Responder.Answer.Refused refused) {
            return new Transport.Result.Refused(refused.why());
        }
        return new Transport.Result.Answered(MessageCodec.encode(((Responder.Answer.Replied) answer).reply()));
    }
}
