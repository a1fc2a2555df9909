// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.sync.Digests;
import io.anabranch.sync.Replica;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;

@Command(
        name = "digest",
        description = "Prints a digest of each enrolled table's rows, equal on replicas that hold the same."
                + " Writes nothing.")
final class DigestCommand extends ReplicaCommand {
    @Override
    boolean onlyReads() {
        return true;
    }

    @Override
    int run(Replica replica) {
        Digests digests = replica.digest();
        if (json()) {
            Map<String, Object> document = new LinkedHashMap<>();
            document.put("tables", digests.tables());
            document.put("total", digests.total());
            Json.print(out(), document);
        } else {
            digests.tables().forEach((table, digest) -> out().println(table + " " + digest));
            out().println("total " + digests.total());
        }
        if (digests.unsealed() > 0) {
            err().println("note: " + digests.unsealed()
                    + " captured rows are not sealed yet, so no other replica can"
                    + " hold the same; 'anabranch sync' seals and sends them");
        }
        return 0;
    }
}
