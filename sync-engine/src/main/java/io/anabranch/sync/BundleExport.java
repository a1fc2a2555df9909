// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.ByteWriter;
import io.anabranch.sync.change.EncodedChangeSet;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.change.Part;
import io.anabranch.sync.change.PartsHeld;
import io.anabranch.sync.session.Aside;
import io.anabranch.sync.session.Batch;
import io.anabranch.sync.session.BundleHead;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.Responder;
import io.anabranch.sync.session.SyncReply;
import io.anabranch.sync.store.ReplicaFile;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down what a peer would be told who holds a base, so that it can be carried on anything that holds a file. Memory O(batch).
 * Confined to one thread.
 */
final class BundleExport {
    private static final Logger LOG = LoggerFactory.getLogger(BundleExport.class);

    private final ReplicaFile file;
    private final Origin self;
    private final Path to;
    private final Path draft;
    private final MessageDigest digest = Hash128.sha256();
    private long written;
    private long changeSets;
    /** How many parts the change set has that is under way. */
    private int partsOfComing;

    BundleExport(ReplicaFile file, Path to) {
        this.file = file;
        this.self = file.self();
        this.to = to;
        this.draft = to.resolveSibling(to.getFileName() + ".part");
    }

    BundleReport write(VersionVector base) {
        if (Files.exists(to)) {
            throw new SyncException.CannotWrite(
                    "cannot export to " + to + ": there is a file already; name another, or delete it", null);
        }
        try {
            boolean withSnapshot;
            try (OutputStream out = new BufferedOutputStream(
                    Files.newOutputStream(draft, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING))) {
                withSnapshot = writeAll(base, out);
            }
            Files.move(draft, to, StandardCopyOption.ATOMIC_MOVE);
            return new BundleReport(changeSets, withSnapshot, written);
        } catch (IOException e) {
            throw new SyncException.CannotWrite(
                    "cannot export to " + to + ": " + e.getMessage() + "; is there room, and may it be written?", e);
        } finally {
            deleteDraft();
        }
    }

    private void deleteDraft() {
        try {
            Files.deleteIfExists(draft);
        } catch (IOException e) {
            LOG.debug("{} stays: {}", draft, e.getMessage());
        }
    }

    private boolean writeAll(VersionVector base, OutputStream out) throws IOException {
        Heads heads = heads();
        VersionVector purged = file.purged();
        Aside.Offer offer = file.offer(base);
        VersionVector snapshot = offer == null ? VersionVector.EMPTY : offer.vector();
        emit(BundleHead.start(), out);
        emitBlob(new BundleHead(file.space(), self, base, snapshot, heads, purged).encode(), out);
        if (offer != null) {
            writeSnapshot(offer, out);
        }
        writeChangeSets(base.union(snapshot), out);
        emit(new byte[1], out); // An empty blob, where no reply follows.
        byte[] hash = Hash128.finish(digest).bytes();
        out.write(hash);
        written += hash.length;
        return offer != null;
    }

    /** Seals first; of a file of which that cannot be read any more, what is sealed can be carried all the same. */
    private Heads heads() {
        try {
            return file.heads();
        } catch (SyncException.BadFile e) {
            LOG.warn("what was written and not sealed yet is not in {}: {}", to, e.getMessage());
            return file.damagedLog().heads();
        }
    }

    private void writeSnapshot(Aside.Offer offer, OutputStream out) throws IOException {
        for (long at = 0; at < offer.id().sizeBytes(); ) {
            byte[] bytes = file.readSnapshot(offer.id(), at, Aside.MAX_PART_BYTES);
            if (bytes.length == 0) {
                throw new SyncException("cannot export from " + file.path()
                        + ": its log was cut again meanwhile; nothing was written, export again");
            }
            reply(Batch.EMPTY, Aside.of(new Aside.Part(offer.id(), at, bytes)), out);
            at += bytes.length;
        }
    }

    /** As to a peer that takes all that it is given. */
    private void writeChangeSets(VersionVector from, OutputStream out) throws IOException {
        VersionVector theirs = from;
        List<PartsHeld> theyHold = List.of();
        while (true) {
            Batch batch = file.missing(theirs, theyHold, Responder.MAX_REPLY_BYTES);
            if (batch.changeSets().isEmpty() && batch.parts().isEmpty()) {
                return;
            }
            reply(batch, Aside.NOTHING, out);
            changeSets += batch.changeSets().size();
            EncodedChangeSet coming = null;
            for (EncodedChangeSet changeSet : batch.changeSets()) {
                coming = changeSet.isInParts() ? changeSet : null;
                if (coming == null) {
                    theirs = theirs.with(
                            changeSet.header().origin(), changeSet.header().seq());
                }
            }
            PartsHeld held = held(theyHold, coming, batch.parts());
            partsOfComing = coming == null ? partsOfComing : coming.parts().count();
            if (held != null && held.count() == partsOfComing) {
                theirs = theirs.with(held.origin(), held.seq());
                held = null;
            }
            theyHold = held == null ? List.of() : List.of(held);
        }
    }

    /** Returns what a reader has of the change set in parts that is under way; null if none is. */
    private static @Nullable PartsHeld held(
            List<PartsHeld> before, @Nullable EncodedChangeSet coming, List<Part> parts) {
        if (coming != null) {
            return new PartsHeld(coming.header().origin(), coming.header().seq(), coming.hash(), parts.size());
        }
        if (before.isEmpty()) {
            return null;
        }
        PartsHeld known = before.get(0);
        return new PartsHeld(known.origin(), known.seq(), known.hash(), known.count() + parts.size());
    }

    private void reply(Batch batch, Aside aside, OutputStream out) throws IOException {
        emitBlob(
                MessageCodec.encode(new SyncReply(
                        self,
                        Hash128.ZERO,
                        0,
                        false,
                        Hash128.ZERO,
                        new TreeMap<>(),
                        Head.NONE,
                        batch.changeSets(),
                        batch.more(),
                        List.of(),
                        batch.parts(),
                        aside)),
                out);
    }

    private void emitBlob(byte[] bytes, OutputStream out) throws IOException {
        emit(new ByteWriter(bytes.length + 5).blob(bytes).toByteArray(), out);
    }

    private void emit(byte[] bytes, OutputStream out) throws IOException {
        digest.update(bytes);
        out.write(bytes);
        written += bytes.length;
    }
}
