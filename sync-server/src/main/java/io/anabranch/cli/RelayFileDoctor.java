// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.server.space.OtherRelay;
import io.anabranch.server.space.RelaySpaces;
import io.anabranch.server.space.Retention;
import io.anabranch.server.store.RelayStoreException;
import io.anabranch.server.store.SpaceStore;
import io.anabranch.server.store.SqliteRelayStore;
import io.anabranch.server.store.Usage;
import io.anabranch.sync.change.Hash128;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Looks at a relay's file: whether its spaces can be read, and who may. */
final class RelayFileDoctor {
    private RelayFileDoctor() {}

    static void look(Path file, Checkup checkup) {
        try (SqliteRelayStore store = SqliteRelayStore.open(FileKinds.DRIVER, file)) {
            RelaySpaces spaces = new RelaySpaces(store, Retention.DEFAULT);
            List<String> damaged = new ArrayList<>();
            long changeSets = 0;
            long bytes = 0;
            for (String name : store.spaceNames()) {
                SpaceStore space = store.space(name);
                digests(name, space, checkup);
                relays(name, spaces.space(name).relays(), checkup);
                Usage usage = space.usage();
                changeSets += usage.changeSets();
                bytes += usage.bytes();
                store.damagedLog(name).damaged().forEach(one -> damaged.add(one.dot() + " of space " + name));
            }
            log(file, damaged, checkup);
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

    private static void digests(String name, SpaceStore space, Checkup checkup) {
        Map<Hash128, List<String>> said = new LinkedHashMap<>();
        space.posts(space.heads().sum())
                .forEach(other -> said.computeIfAbsent(other.post().digest(), each -> new ArrayList<>())
                        .add(other.origin().toString()));
        if (said.size() > 1) {
            checkup.error(
                    "digests",
                    "replicas of space '" + name + "' hold the same change sets, and their rows are not the same: "
                            + said.values().stream()
                                    .map(origins -> String.join(", ", origins))
                                    .collect(Collectors.joining(" against ")),
                    "let them sync once more, for the one that is wrong mends itself; if that does not help, run"
                            + " 'anabranch doctor' on their files");
        }
    }

    private static void relays(String name, List<OtherRelay> relays, Checkup checkup) {
        long followed = relays.stream().filter(OtherRelay::followed).count();
        if (followed < relays.size()) {
            checkup.warning(
                    "relays",
                    "space '" + name + "' has heard of " + relays.size() + " other relays and follows " + followed
                            + ": nothing more of what was deleted is forgotten until it follows all",
                    "'anabranch peer list' tells their origins; let 'anabranch peer forget' forget those that are gone");
        } else if (followed > 0) {
            checkup.ok("relays", "space '" + name + "' follows the " + followed + " other relays that it has heard of");
        }
    }

    private static void log(Path file, List<String> damaged, Checkup checkup) {
        if (damaged.isEmpty()) {
            checkup.ok("log", "each change set is what its writer wrote");
        } else {
            checkup.error(
                    "log",
                    damaged.size() + " change sets are damaged; the first, " + damaged.get(0) + ", is not what arrived",
                    "'anabranch verify " + file
                            + " --repair --from URL' fetches them from a replica or relay that has them");
        }
    }
}
