// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

import io.anabranch.sync.change.ChangeSets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** What every store of a relay owes its users. A subclass says how to open one, again and again over the same data. */
abstract class RelayStoreTest implements GivingContract, TakingContract, PartsContract, KeepingContract {
    private final ChangeSets ann = ChangeSets.of(1);
    private final ChangeSets bob = ChangeSets.of(2);

    private RelayStore store;

    @BeforeEach
    void openStore() {
        store = open();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    @Override
    public RelayStore store() {
        return store;
    }

    @Override
    public void reopen() {
        store.close();
        store = open();
    }

    @Override
    public ChangeSets ann() {
        return ann;
    }

    @Override
    public ChangeSets bob() {
        return bob;
    }
}
