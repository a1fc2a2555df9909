// SPDX-License-Identifier: Apache-2.0
package io.anabranch.server;

import io.anabranch.server.space.RelaySpace;
import io.anabranch.server.space.RelaySpaces;
import io.anabranch.server.space.Retention;
import io.anabranch.server.store.RelayStore;
import io.anabranch.server.store.SqliteRelayStore;
import io.anabranch.simulator.Answering;
import io.anabranch.simulator.RelayFiles;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.session.BaseVectors;
import io.anabranch.sync.sql.SqlDriver;
import io.anabranch.sync.transport.Transport;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;

/** Opens the relays that ship, for simulated worlds: the store and the session, without HTTP and tokens. */
public final class ShippedRelays implements RelayFiles {
    private final Retention retention;

    /** Relays that keep things as long as they do by default: a month and more. */
    public ShippedRelays() {
        this(Retention.DEFAULT);
    }

    private ShippedRelays(Retention retention) {
        this.retention = retention;
    }

    /** Returns relays that ask for snapshots, cut their logs and let replicas forget within minutes. */
    public static ShippedRelays keepingLittle() {
        return new ShippedRelays(new Retention(2 << 10, 4 << 10, Duration.ofMinutes(10), Duration.ofMinutes(30)));
    }

    @Override
    public RelayFile open(SqlDriver driver, Path file, Random random) {
        return new Relay(SqliteRelayStore.open(driver, file, random), retention);
    }

    private static final class Relay implements RelayFile {
        private final RelayStore store;
        private final RelaySpaces spaces;
        private final BaseVectors bases = new BaseVectors();

        Relay(RelayStore store, Retention retention) {
            this.store = store;
            this.spaces = new RelaySpaces(store, retention);
        }

        @Override
        public Transport.Result answer(String name, byte[] request, long nowMillis) {
            RelaySpace space = spaces.space(name);
            return Answering.answer(space, store.relay(), space.epoch(), bases, request, nowMillis);
        }

        @Override
        public Heads heads(String name) {
            return spaces.space(name).heads();
        }

        @Override
        public void tend(long nowMillis) {
            spaces.tend(nowMillis);
        }

        @Override
        public void close() {
            store.close();
        }
    }
}
