// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store;

import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.session.DamagedLog;
import io.anabranch.sync.store.log.LogDamage;
import io.anabranch.sync.store.log.Snapshots;
import java.util.ArrayList;
import java.util.List;

/** The log of a replica's file, as what heals it sees it. Thread-safe. */
final class ReplicaLogHealing implements DamagedLog {
    private final Components parts;
    private final Transactions transactions;

    ReplicaLogHealing(Components parts, Transactions transactions) {
        this.parts = parts;
        this.transactions = transactions;
    }

    @Override
    public List<Damaged> damaged() {
        return transactions.read(() -> {
            Snapshots.Kept kept = parts.snapshots.kept();
            List<Damaged> damaged = new ArrayList<>();
            parts.origins.heads().entries().forEach((origin, head) -> {
                long floor = parts.origins.floor(origin);
                Head cut = kept == null ? Head.NONE : kept.heads().get(origin);
                damaged.addAll(LogDamage.find(
                        origin,
                        head,
                        cut.seq() == floor ? cut : Head.NONE,
                        parts.db
                                .prepare("SELECT seq, hash, bytes FROM _ab_log WHERE origin = ? AND seq > ?"
                                        + " ORDER BY seq DESC")
                                .bind(1, parts.origins.id(origin))
                                .bind(2, floor)));
            });
            return damaged;
        });
    }

    @Override
    public Heads heads() {
        return transactions.read(() -> parts.origins.heads());
    }

    @Override
    public void replace(EncodedChangeSet whole) {
        transactions.writeAsIs(() -> parts.log.replace(whole));
    }
}
