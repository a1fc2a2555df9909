// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.snapshot;

import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.Snapshot;
import io.anabranch.sync.change.SnapshotWriter;
import io.anabranch.sync.store.catalog.Catalog;
import io.anabranch.sync.store.log.ChangeLog;
import io.anabranch.sync.store.log.Meta;
import io.anabranch.sync.store.log.Origins;
import io.anabranch.sync.store.row.RowStore;
import io.anabranch.sync.store.schema.EnrolledTable;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Writes the state of a file as a snapshot, in the caller's transaction. Confined to one connection. */
public final class SnapshotBuilder {
    private final Meta meta;
    private final Origins origins;
    private final ChangeLog log;
    private final Catalog catalog;
    private final RowStore rows;

    public SnapshotBuilder(Meta meta, Origins origins, ChangeLog log, Catalog catalog, RowStore rows) {
        this.meta = meta;
        this.origins = origins;
        this.log = log;
        this.catalog = catalog;
        this.rows = rows;
    }

    /** Writes all to {@code sink} and returns the snapshot's name. Costs O(rows). */
    public Snapshot.Id write(SnapshotWriter.Sink sink) {
        try (SnapshotWriter writer = new SnapshotWriter(sink)) {
            writer.head(new Snapshot.Head(origins.heads(), meta.getVector("purged"), meta.getLong("hlc")));
            catalog.declarations().all().forEach(writer::declared);
            List<EnrolledTable> tables = new ArrayList<>(catalog.all());
            tables.sort(Comparator.comparing(EnrolledTable::name));
            for (EnrolledTable table : tables) {
                rows.forEach(
                        table,
                        (key, lives, image) ->
                                writer.row(table.name(), key.values(), rows.resolved(table, key, lives)));
            }
            log.held().forEach(changeSet -> writeHeld(changeSet, writer));
            return writer.end();
        }
    }

    private void writeHeld(EncodedChangeSet changeSet, SnapshotWriter writer) {
        writer.held(changeSet);
        for (int i = 0; i < changeSet.parts().count(); i++) {
            writer.heldPart(new Part(
                    changeSet.header().origin(),
                    changeSet.header().seq(),
                    i,
                    log.parts().of(changeSet).part(i)));
        }
    }
}
