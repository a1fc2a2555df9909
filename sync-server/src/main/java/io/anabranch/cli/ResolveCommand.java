// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.sync.Conflict;
import io.anabranch.sync.Replica;
import io.anabranch.sync.Resolution;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "resolve", description = "Decides a conflict, as an ordinary write: it goes wherever that is heard of.")
final class ResolveCommand extends ReplicaCommand {
    @Parameters(index = "1", paramLabel = "ID", description = "The conflict's number; see 'anabranch conflicts'.")
    private long id;

    @Parameters(
            index = "2",
            paramLabel = "keep-other|accept|set=VALUE|set-null",
            description = "Keep the value that lost, accept the one that shows, or set another one, or NULL.")
    @SuppressWarnings("NullAway.Init")
    private String decision;

    @Override
    int run(Replica replica) {
        Resolution resolution;
        try {
            resolution = Resolution.parse(decision);
        } catch (IllegalArgumentException e) {
            throw wrongUsage(String.valueOf(e.getMessage()));
        }
        Conflict conflict = replica.resolve(id, resolution);
        if (json()) {
            Map<String, @Nullable Object> document = ConflictText.document(conflict);
            document.put("resolution", resolution.choice().label());
            Json.print(out(), document);
        } else {
            out().println("resolved " + id + ": " + resolution);
        }
        return 0;
    }
}
