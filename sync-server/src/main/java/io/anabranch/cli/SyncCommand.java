// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.sync.PeerLink;
import io.anabranch.sync.PeerOptions;
import io.anabranch.sync.Replica;
import io.anabranch.sync.Version;
import io.anabranch.sync.session.SpaceName;
import io.anabranch.sync.session.SyncOutcome;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "sync",
        description = {
            "Exchanges changes with a peer until both hold the same.",
            "Of several addresses the first is used that answers, in the order given; with --watch, until a better one"
                    + " works again."
        })
final class SyncCommand extends BaseCommand {
    @Parameters(index = "0", paramLabel = "FILE", description = "A replica; see 'anabranch init' and --space.")
    @SuppressWarnings("NullAway.Init")
    private Path file;

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "URL",
            description = "The peer's base address, such as http://localhost:7878; the space comes from the file.")
    @SuppressWarnings("NullAway.Init")
    private List<String> urls;

    @Option(
            names = "--space",
            paramLabel = "S",
            description =
                    "If FILE is no replica yet, make it one of this space, with all its tables, as 'anabranch init"
                            + " FILE --space S --all-tables' does; an empty one if it is missing.")
    private @Nullable String space;

    @Option(
            names = "--watch",
            description = "Stay, exchange also what other programs write to the file meanwhile, and try for ever."
                    + " Ends on SIGTERM or Ctrl-C.")
    private boolean watch;

    @ArgGroup
    private @Nullable OneWay oneWay;

    @Option(
            names = "--await",
            paramLabel = "VERSION",
            description = "Stay until the file holds all that another replica held: the version that 'anabranch status"
                    + " --json' says of that one.")
    private @Nullable String awaited;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            description = "How long --await waits (${DEFAULT-VALUE}).",
            defaultValue = "60")
    private int timeoutSeconds;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private PeerFlags flags;

    /** At most one of them. */
    static final class OneWay {
        @Option(names = "--push-only", description = "Send changes, and take none.")
        private boolean push;

        @Option(names = "--pull-only", description = "Take changes, and send none.")
        private boolean pull;
    }

    @Override
    public Integer call() {
        List<URI> peers = new ArrayList<>();
        for (String url : urls) {
            peers.add(peer(url));
        }
        Version version = awaited == null ? null : version(awaited);
        if (space != null && !FileKinds.isReplica(file)) {
            init(space);
        }
        if (version != null) {
            return await(peers, version);
        }
        return watch ? watch(peers) : once(peers);
    }

    private void init(String space) {
        if (!SpaceName.isValid(space)) {
            throw wrongUsage("--space '" + space + "' cannot name a space: " + SpaceName.RULE);
        }
        List<String> args = new ArrayList<>(List.of(file.toString(), "--space", space));
        if (Files.exists(file)) {
            args.add("--all-tables");
        }
        InitCommand init = new InitCommand();
        new CommandLine(init).setOut(out()).setErr(err()).parseArgs(args.toArray(new String[0]));
        init.call();
    }

    private Replica open() {
        return space == null ? Replica.open(file) : Replica.create(file, space);
    }

    private PeerOptions options() {
        PeerOptions.Builder options = flags.builder();
        if (oneWay != null && oneWay.push) {
            options.pushOnly();
        }
        if (oneWay != null && oneWay.pull) {
            options.pullOnly();
        }
        return options.build();
    }

    private Version version(String text) {
        if (watch) {
            throw wrongUsage("--await ends and --watch stays: give one of them");
        }
        if (timeoutSeconds < 1) {
            throw wrongUsage("--timeout " + timeoutSeconds + " is not a positive number of seconds");
        }
        try {
            return Version.parse(text);
        } catch (IllegalArgumentException e) {
            throw wrongUsage("--await: " + e.getMessage());
        }
    }

    private int once(List<URI> peers) {
        PeerOptions options = options();
        try (Replica replica = open()) {
            List<String> reasons = new ArrayList<>();
            for (URI peer : peers) {
                SyncOutcome outcome = replica.sync(peer, options);
                if (outcome instanceof SyncOutcome.Settled settled) {
                    out().println(Outcomes.settled(settled, peer, options.direction()));
                    return 0;
                }
                reasons.add("cannot sync " + file + " with " + peer + ": " + Outcomes.why(outcome));
            }
            throw new Failure(String.join("; ", reasons));
        }
    }

    private int watch(List<URI> peers) {
        try (UntilStopped untilStopped = new UntilStopped();
                Replica replica = open()) {
            Watch told = new Watch(peers);
            PeerLink link = replica.connect(peers, options(), told::tell);
            told.link = link;
            untilStopped.await();
            link.close();
        }
        return 0;
    }

    private int await(List<URI> peers, Version version) {
        try (Replica replica = open()) {
            Watch told = new Watch(peers);
            try (PeerLink link = replica.connect(peers, options(), told::tell)) {
                told.link = link;
                if (replica.awaitVersion(version, Duration.ofSeconds(timeoutSeconds))) {
                    out().println("reached: " + file + " holds all of that version");
                    return 0;
                }
            }
            throw new Failure("after " + timeoutSeconds + " s " + file + " still lacks "
                    + version.vector().countMinus(replica.status().vector())
                    + " change sets of that version; the replica that wrote them has to sync with a peer of this one");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure("interrupted");
        }
    }

    /** Says what moves, and once when a peer is lost or found again. Confined to the link's thread. */
    private final class Watch {
        private final URI first;
        private volatile @Nullable PeerLink link;
        private String lastTrouble = "";
        private @Nullable URI settledWith;

        Watch(List<URI> peers) {
            this.first = peers.get(0);
        }

        void tell(SyncOutcome outcome) {
            PeerLink over = link;
            URI peer = over == null ? first : over.peer();
            if (outcome instanceof SyncOutcome.Settled settled) {
                boolean moved = settled.sent() + settled.received() > 0;
                if (moved || !peer.equals(settledWith) || !lastTrouble.isEmpty()) {
                    out().println(Outcomes.settled(settled, peer, options().direction()));
                    out().flush();
                }
                settledWith = peer;
                lastTrouble = "";
                return;
            }
            String why = Outcomes.why(outcome);
            // A relay that stops says so, then nobody listens, then perhaps nobody answers: it is lost once.
            String trouble = peer + " " + (outcome instanceof SyncOutcome.Unreachable ? "unreachable" : why);
            if (!trouble.equals(lastTrouble)) {
                err().println("anabranch: cannot sync " + file + " with " + peer + " now: " + why + "; still trying");
                err().flush();
            }
            lastTrouble = trouble;
        }
    }
}
