// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.sync.HiddenRow;
import io.anabranch.sync.RenamedRow;
import io.anabranch.sync.Replica;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;

@Command(
        name = "hidden",
        description = {
            "Lists the rows that replicate and that their table's constraints would not have beside others: why, with their"
                    + " values, and what would show them.",
            "They come back on their own when the reason goes. Listed too are rows that show under another name while an older"
                    + " row holds theirs (rule rename)."
        })
final class HiddenCommand extends ReplicaCommand {
    @Override
    boolean onlyReads() {
        return true;
    }

    @Override
    int run(Replica replica) {
        List<HiddenRow> hidden = replica.hidden();
        List<RenamedRow> renamed = replica.renamed();
        if (json()) {
            List<Map<String, @Nullable Object>> documents = new ArrayList<>(HiddenText.documents(hidden));
            renamed.forEach(row -> documents.add(HiddenText.document(row)));
            Json.print(out(), documents);
        } else {
            hidden.forEach(row -> HiddenText.print(row, "", out()));
            renamed.forEach(row -> HiddenText.print(row, out()));
        }
        return 0;
    }
}
