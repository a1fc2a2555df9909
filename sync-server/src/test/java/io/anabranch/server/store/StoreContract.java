// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

import io.anabranch.server.space.RelaySpace;
import io.anabranch.server.space.RelaySpaces;
import io.anabranch.server.space.Retention;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.ChangeSets;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.session.Batch;
import java.util.List;

/** What the parts of the contract of a relay's store share: a store that can be opened again, and two who write. */
interface StoreContract {
    Admission TAKEN = new Admission.Next();

    /** Returns the store as it is open now. */
    RelayStore store();

    /** Opens the store; the second time, with what the first one kept. */
    RelayStore open();

    /** Closes the store and opens it again, as another process would. */
    void reopen();

    ChangeSets ann();

    ChangeSets bob();

    default RelaySpace space() {
        return space("shop");
    }

    default RelaySpace space(String name) {
        return new RelaySpaces(store(), Retention.DEFAULT).space(name);
    }

    static List<Hash128> hashes(Batch batch) {
        return hashes(batch.changeSets());
    }

    static List<Hash128> hashes(List<EncodedChangeSet> changeSets) {
        return changeSets.stream().map(EncodedChangeSet::hash).toList();
    }
}
