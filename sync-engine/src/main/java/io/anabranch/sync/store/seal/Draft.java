// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.seal;

import io.anabranch.crdt.RowOp;
import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.HybridTime;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.sync.SyncException;
import io.anabranch.sync.change.BodyLimits;
import io.anabranch.sync.change.ChangeSetHeader;
import io.anabranch.sync.change.ChangeSetWriter;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.TableDefinition;
import io.anabranch.sync.change.TableOp;
import io.anabranch.sync.change.Value;
import io.anabranch.sync.store.catalog.Catalog;
import io.anabranch.sync.store.log.ChangeLog;
import io.anabranch.sync.store.log.Origins;
import io.anabranch.sync.store.schema.EnrolledTable;
import io.anabranch.sync.store.schema.Key;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The change set that a seal is writing, and after it the next: what other programs wrote may take several. Confined to one
 * connection and one seal.
 */
final class Draft {
    private final Origins origins;
    private final ChangeLog log;
    private final Catalog catalog;
    private final BodyLimits limits;
    private final Origin self;
    private final long lastWriteMillis;
    private final boolean oneTransaction;
    private final List<TableDefinition> declared = new ArrayList<>();

    private @Nullable ChangeSetWriter writer;
    private Head head;
    private HybridTime last;
    private boolean sealed;

    /**
     * @param clock the stamp of what this file stamped or saw last
     * @param lastWriteMillis when the last of what is to be sealed was written
     * @param oneTransaction whether all of it must stay together
     */
    Draft(
            HybridTime clock,
            Origins origins,
            ChangeLog log,
            Catalog catalog,
            BodyLimits limits,
            Origin self,
            long lastWriteMillis,
            boolean oneTransaction) {
        this.origins = origins;
        this.log = log;
        this.catalog = catalog;
        this.limits = limits;
        this.self = self;
        this.lastWriteMillis = lastWriteMillis;
        this.oneTransaction = oneTransaction;
        head = origins.head(self);
        last = clock;
    }

    Dot dot() {
        return new Dot(self, head.seq() + 1);
    }

    /** Returns the stamp of the change set: the time of the last write, which is known before the first is sealed. */
    HybridTime stamp() {
        return last.tick(lastWriteMillis);
    }

    /** Returns the stamp of a write in it. */
    HybridTime stampOf(long millis) {
        return last.tick(millis);
    }

    /** Returns whether anything was sealed. */
    boolean isSealed() {
        return sealed;
    }

    /** What other programs wrote goes on in a further change set: there is nobody to refuse. */
    void makeRoom(CapturedRow row) {
        long most = limits.totalBytes() - limits.totalBytes() / 8;
        if (!oneTransaction && writer != null && writer.sizeBytes() + row.sizeBytes() > most) {
            seal();
        }
    }

    /** The declaration ranks by its change set's stamp, so it is taken here once that is known. */
    void declare(TableDefinition definition) {
        add(new TableOp.Declare(definition));
        declared.add(definition);
    }

    void add(EnrolledTable table, Key key, RowOp<String, Value> op) {
        add(new TableOp.Change(table.name(), key.values(), op, true));
    }

    private ChangeSetWriter begin() {
        ChangeSetWriter begun = writer;
        if (begun == null) {
            ChangeSetHeader header =
                    new ChangeSetHeader(self, head.seq() + 1, head.hash(), stamp().bits(), origins.news(self));
            begun = new ChangeSetWriter(header, limits, log.parts().writing(header.dot()));
            writer = begun;
        }
        return begun;
    }

    private void add(TableOp op) {
        try {
            begin().add(op);
        } catch (ChangeSetWriter.TooLarge e) {
            throw tooLarge();
        }
    }

    /** Seals a change set without operations: all it says is what this replica had seen. */
    void sealEmpty() {
        begin();
        seal();
    }

    /** Ends the change set, if anything was said in it. */
    void seal() {
        if (writer == null) {
            return;
        }
        EncodedChangeSet changeSet;
        try {
            changeSet = writer.finish();
        } catch (ChangeSetWriter.TooLarge e) {
            throw tooLarge();
        }
        log.appendOwn(changeSet, head);
        origins.markSeen();
        head = changeSet.head();
        last = new HybridTime(changeSet.header().stamp());
        declared.forEach(definition -> catalog.declarations().declare(definition, last.bits(), self));
        declared.clear();
        writer = null;
        sealed = true;
    }

    private SyncException tooLarge() {
        return new SyncException.TransactionTooLarge("cannot commit: the transaction writes more than "
                + limits.totalBytes()
                + " bytes, which is all that one change set may hold; write it in several."
                + " Nothing of it was kept");
    }
}
