// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.server.ServerOptions;
import java.nio.file.Path;
import java.time.Clock;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "doctor",
        description = {
            "Looks for what can be wrong with a replica, a relay's file, or a relay, and says what to do about it.",
            "Changes nothing but what opening a replica does. Exits with 1 if something is wrong; warnings alone are 0."
        })
final class DoctorCommand extends BaseCommand {
    @Parameters(
            index = "0",
            arity = "0..1",
            paramLabel = "FILE|URL",
            description = "A replica or a relay's file, or the address of a relay, such as http://localhost:7878."
                    + " Without it, " + ServerOptions.DEFAULT_DATA + " in this folder.")
    private String target = ServerOptions.DEFAULT_DATA;

    @Option(names = "--json", description = "Print one JSON document.")
    private boolean json;

    @Option(
            names = "--space",
            paramLabel = "S",
            description = "Of a relay: also what the token may do in this space, and whether events get through.")
    private @Nullable String space;

    @Mixin
    @SuppressWarnings("NullAway.Init")
    private PeerFlags flags;

    @Override
    public Integer call() {
        boolean isUrl = target.startsWith("http://") || target.startsWith("https://");
        Checkup checkup = isUrl
                ? RelayDoctor.look(peer(target), space, flags.token(), flags.trusted(), Clock.systemUTC())
                : FileDoctor.look(Path.of(target), Clock.systemUTC());
        if (json) {
            Json.print(out(), checkup.document());
        } else {
            checkup.print(out());
        }
        return checkup.isHealthy() ? 0 : 1;
    }
}
