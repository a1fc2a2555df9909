// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.sync.PeerLink;
import io.anabranch.sync.Replica;
import io.anabranch.sync.session.SyncOutcome;
import java.net.URI;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "sync", description = "Exchanges changes with a peer until both hold the same.")
final class SyncCommand extends BaseCommand {
    @Parameters(index = "0", paramLabel = "FILE", description = "A replica; see 'anabranch init'.")
    @SuppressWarnings("NullAway.Init")
    private Path file;

    @Parameters(
            index = "1",
            paramLabel = "URL",
            description = "The peer's base address, such as http://localhost:7878; the space comes from the file.")
    @SuppressWarnings("NullAway.Init")
    private String url;

    @Option(
            names = "--watch",
            description = "Stay, exchange also what other programs write to the file meanwhile, and try for ever."
                    + " Ends on SIGTERM or Ctrl-C.")
    private boolean watch;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private PeerFlags flags;

    @Override
    public Integer call() {
        URI peer = peer(url);
        return watch ? watch(peer) : once(peer);
    }

    private int once(URI peer) {
        try (Replica replica = Replica.open(file)) {
            SyncOutcome outcome = replica.sync(peer, flags.options());
            if (outcome instanceof SyncOutcome.Settled settled) {
                out().println(Outcomes.settled(settled, peer));
                return 0;
            }
            throw new Failure("cannot sync " + file + " with " + peer + ": " + Outcomes.why(outcome));
        }
    }

    private int watch(URI peer) {
        try (UntilStopped untilStopped = new UntilStopped();
                Replica replica = Replica.open(file);
                PeerLink link = replica.connect(peer, flags.options(), new Watch(peer)::tell)) {
            untilStopped.await();
        }
        return 0;
    }

    /** Says what moves, and once when a peer is lost or found again. Confined to the link's thread. */
    private final class Watch {
        private final URI peer;
        private String lastTrouble = "";
        private boolean settledBefore;

        Watch(URI peer) {
            this.peer = peer;
        }

        void tell(SyncOutcome outcome) {
            if (outcome instanceof SyncOutcome.Settled settled) {
                boolean moved = settled.sent() + settled.received() > 0;
                if (moved || !settledBefore || !lastTrouble.isEmpty()) {
                    out().println(Outcomes.settled(settled, peer));
                    out().flush();
                }
                settledBefore = true;
                lastTrouble = "";
                return;
            }
            String why = Outcomes.why(outcome);
            // A relay that stops says so, then nobody listens, then perhaps nobody answers: it is lost once.
            String trouble = outcome instanceof SyncOutcome.Unreachable ? "unreachable" : why;
            if (!trouble.equals(lastTrouble)) {
                err().println("anabranch: cannot sync " + file + " with " + peer + " now: " + why + "; still trying");
                err().flush();
            }
            lastTrouble = trouble;
        }
    }
}
