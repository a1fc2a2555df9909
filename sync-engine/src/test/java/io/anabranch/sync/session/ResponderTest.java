// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.PartsHeld;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ResponderTest {
    private static final Origin ASKER = Origin.of(9, 9);

    /** It was asked first whether the asker may be given what is here, and looked for it afterwards. */
    @Test
    void whatComesInWhileAnAnswerIsMadeIsHeldAgainstTheAskersFenceToo() {
        LateArrival store = new LateArrival(new ModelPeer(0, 1, ModelPeer.Wrong.NOTHING));
        SyncRequest request =
                new SyncRequest(ASKER, Head.NONE, Heads.NONE.sum(), null, new TreeMap<>(), 1_000, List.of());

        var answer = new Responder(ModelPeer.originOf(0), Hash128.ZERO).answer(request, store, new BaseVectors(), 0);

        assertThat(((Responder.Answer.Replied) answer).reply().changeSets()).isEmpty();
    }

    /** Something that no fence may let pass comes in just as it is looked for what the asker lacks. */
    private static final class LateArrival extends ForwardingPeerStore {
        private final ModelPeer peer;

        LateArrival(ModelPeer peer) {
            super(peer);
            this.peer = peer;
        }

        @Override
        public Batch missing(VersionVector theirs, @Nullable List<PartsHeld> peerHolds, long maxBytes) {
            peer.write();
            return super.missing(theirs, peerHolds, maxBytes);
        }

        @Override
        public boolean mayGive(Aside said, VersionVector theirs) {
            return peer.log().isEmpty();
        }
    }
}
