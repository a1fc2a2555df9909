// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.server.store.RelayStore;
import io.anabranch.server.store.RelayStoreException;
import io.anabranch.server.store.SpaceStore;
import io.anabranch.server.store.SqliteRelayStore;
import io.anabranch.server.store.Usage;
import java.nio.file.Path;

/** Looks at a relay's file: whether its spaces can be read, and who may. */
final class RelayFileDoctor {
    private RelayFileDoctor() {}

    static void look(Path file, Checkup checkup) {
        try (RelayStore store = SqliteRelayStore.open(FileKinds.DRIVER, file)) {
            long changeSets = 0;
            long bytes = 0;
            for (String name : store.spaceNames()) {
                SpaceStore space = store.space(name);
                space.heads();
                Usage usage = space.usage();
                changeSets += usage.changeSets();
                bytes += usage.bytes();
            }
            checkup.ok(
                    "spaces",
                    store.spaceNames().size() + " spaces hold " + changeSets + " change sets, " + bytes + " bytes");
            long good = store.tokens().list().stream()
                    .filter(token -> token.revoked() == null)
                    .count();
            if (good > 0) {
                checkup.ok("tokens", good + " tokens are good");
            } else {
                checkup.warning(
                        "tokens",
                        "there is no good token, so it is served to its own machine alone",
                        "'anabranch token create --space S --rights read,write --data " + file + "'");
            }
        } catch (RelayStoreException e) {
            checkup.error("spaces", String.valueOf(e.getMessage()), "do what that says, then look again");
        }
    }
}
