// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server.store;

/** A store that knows no order of arrival is a relay's store too. */
class MemoryRelayStoreTest extends RelayStoreTest {
    private final MemoryRelayStore kept = new MemoryRelayStore();

    @Override
    public RelayStore open() {
        return kept.reopen();
    }
}
