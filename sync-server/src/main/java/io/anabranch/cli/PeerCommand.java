// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.server.space.OtherRelay;
import io.anabranch.server.space.RelaySpaces;
import io.anabranch.server.space.Retention;
import io.anabranch.server.space.Space;
import io.anabranch.server.store.SqliteRelayStore;
import io.anabranch.sync.Replica;
import io.anabranch.sync.store.FileLook;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "peer",
        description = "Lists those with whom a space is exchanged, and forgets those that are gone for good.",
        subcommands = {PeerCommand.ListAll.class, PeerCommand.Forget.class})
final class PeerCommand implements Runnable {
    @Spec
    @SuppressWarnings("NullAway.Init")
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "say what to do: list or forget");
    }

    /** What both share: whose peers they are. */
    abstract static class OnPeers extends BaseCommand {
        @Parameters(
                index = "0",
                paramLabel = "FILE|URL",
                description = "A relay's address, with an admin token of the space; a relay's file; or a replica.")
        @SuppressWarnings("NullAway.Init")
        private String target;

        @Option(names = "--space", paramLabel = "S", description = "The space, of a relay. It is needed.")
        private @Nullable String space;

        @Mixin
        @SuppressWarnings("NullAway.Init")
        private PeerFlags flags;

        final boolean isUrl() {
            return target.startsWith("http://") || target.startsWith("https://");
        }

        final Path file() {
            return Path.of(target);
        }

        final String space() {
            if (space == null) {
                throw wrongUsage("a relay has many spaces: say which with --space S");
            }
            return space;
        }

        /** Asks the relay and returns its answer, which has to be good. */
        final RelayHttp.Answer ask(Question question) {
            URI relay = peer(target);
            try (RelayHttp http = new RelayHttp(relay, flags.token(), flags.trusted())) {
                try {
                    RelayHttp.Answer answer = question.ask(http, RelayHttp.path(space()) + "/peers");
                    if (answer.status() >= 300) {
                        throw new Failure("the relay refused: " + answer.detail());
                    }
                    return answer;
                } catch (IOException e) {
                    throw new Failure(relay + " does not answer: " + http.why(e));
                }
            }
        }

        final <T> T inRelayFile(Function<Space, T> work) {
            try (SqliteRelayStore store = SqliteRelayStore.open(FileKinds.DRIVER, file())) {
                if (!store.spaceNames().contains(space())) {
                    throw new Failure(
                            "there is no space '" + space() + "' in " + file() + "; it has " + store.spaceNames());
                }
                return work.apply(new RelaySpaces(store, Retention.DEFAULT).space(space()));
            }
        }
    }

    private interface Question {
        RelayHttp.Answer ask(RelayHttp http, String path) throws IOException;
    }

    @Command(
            name = "list",
            description = {
                "Lists a relay's peers in a space: the replicas that it has met since it started, and other relays.",
                "In a relay's file there are the other relays alone. Of a replica 'anabranch status' tells."
            })
    static final class ListAll extends OnPeers {
        @Option(names = "--json", description = "Print one JSON document.")
        private boolean json;

        @Override
        public Integer call() {
            List<Map<String, @Nullable Object>> peers = isUrl() ? ofRelay() : ofFile();
            if (json) {
                Json.print(out(), Map.of("peers", peers));
            } else {
                peers.forEach(peer -> out().println(line(peer)));
            }
            return 0;
        }

        private List<Map<String, @Nullable Object>> ofRelay() {
            JsonNode answer;
            try {
                answer = ask(RelayHttp::get).json();
            } catch (IOException e) {
                throw new Failure("what answers there is no relay: its answer is no JSON");
            }
            List<Map<String, @Nullable Object>> peers = new ArrayList<>();
            for (JsonNode peer : answer.path("peers")) {
                long seen = peer.path("lastSeen").asLong();
                peers.add(document(
                        peer.path("origin").asText(),
                        peer.path("kind").asText(),
                        seen == 0 ? null : Instant.ofEpochMilli(seen),
                        peer.path("behind").asLong(),
                        peer.path("holdsUp").asBoolean()));
            }
            return peers;
        }

        private List<Map<String, @Nullable Object>> ofFile() {
            if (FileKinds.require("list the peers in", file()) == FileLook.Kind.REPLICA) {
                throw new Failure(file() + " is a replica: 'anabranch status " + file() + "' tells of its peers");
            }
            return inRelayFile(space -> {
                List<Map<String, @Nullable Object>> peers = new ArrayList<>();
                for (OtherRelay relay : space.relays()) {
                    long behind = space.heads().vector().countMinus(relay.held());
                    peers.add(document(relay.origin().toString(), "relay", null, behind, relay.holdsUp()));
                }
                return peers;
            });
        }

        private static Map<String, @Nullable Object> document(
                String origin, String kind, @Nullable Instant lastSeen, long behind, boolean holdsUp) {
            Map<String, @Nullable Object> document = new LinkedHashMap<>();
            document.put("origin", origin);
            document.put("kind", kind);
            document.put("lastSeen", lastSeen == null ? null : lastSeen.toString());
            document.put("behind", behind);
            document.put("holdsUp", holdsUp);
            return document;
        }

        private static String line(Map<String, @Nullable Object> peer) {
            Object seen = peer.get("lastSeen");
            return peer.get("origin") + "  " + peer.get("kind") + (seen == null ? "" : "  last seen " + seen) + "  "
                    + peer.get("behind") + " behind"
                    + (Boolean.TRUE.equals(peer.get("holdsUp")) ? "  deleted rows stay until it has spoken" : "");
        }
    }

    @Command(
            name = "forget",
            description = {
                "Forgets a replica or a relay that is gone for good: it lags no more, and nothing waits for it.",
                "A replica that comes back after all is met again. A relay must not: it starts with an empty file."
            })
    static final class Forget extends OnPeers {
        @Parameters(
                index = "1",
                paramLabel = "PEER",
                description = "Its origin, as 'anabranch peer list' says it; at a replica also its address.")
        @SuppressWarnings("NullAway.Init")
        private String name;

        @Override
        public Integer call() {
            if (isUrl()) {
                Origin origin = origin();
                ask((http, path) -> http.delete(path + "/" + origin));
            } else if (FileKinds.require("forget a peer of", file()) == FileLook.Kind.REPLICA) {
                forgetAtReplica();
            } else {
                forgetInRelayFile(origin());
            }
            out().println("forgot " + name);
            return 0;
        }

        private void forgetAtReplica() {
            try (Replica replica = Replica.open(file())) {
                if (!replica.forgetPeer(name)) {
                    throw new Failure("nothing is known of a peer '" + name + "' in " + file() + "; 'anabranch status "
                            + file() + "' tells of its peers");
                }
            }
        }

        private void forgetInRelayFile(Origin origin) {
            if (!inRelayFile(space -> space.forget(origin))) {
                throw new Failure("no other relay '" + name + "' is known of in this space; 'anabranch peer list "
                        + file() + "' lists them. Replicas are known to the running relay alone: give its URL");
            }
        }

        private Origin origin() {
            try {
                return Origin.parse(name);
            } catch (IllegalArgumentException e) {
                throw wrongUsage("'" + name + "' is no origin, which has 32 hexadecimal digits; 'anabranch peer list'"
                        + " says what they are");
            }
        }
    }
}
