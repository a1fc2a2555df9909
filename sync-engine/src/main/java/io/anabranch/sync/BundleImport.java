// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import io.anabranch.crdt.causality.VersionVector;
import io.anabranch.crdt.codec.DecodeException;
import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.Hash128;
import io.anabranch.sync.change.Head;
import io.anabranch.sync.change.Heads;
import io.anabranch.sync.session.Aside;
import io.anabranch.sync.session.BundleHead;
import io.anabranch.sync.session.MessageCodec;
import io.anabranch.sync.session.SyncReply;
import io.anabranch.sync.store.ReplicaFile;
import io.anabranch.sync.store.apply.Taken;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.List;

/**
 * Takes a bundle: all of it, or, if it is damaged or leads from where this file is not, nothing. Its bytes are hostile until they hash to
 * what the bundle ends with, and after that as those of any peer. Memory O(batch). Confined to one thread.
 */
final class BundleImport {
    private static final int MAX_MESSAGE_BYTES = MessageCodec.MAX_INFLATED_BYTES + 1024;
    private static final int MOST_RANGES_TOLD = 10;

    private final ReplicaFile file;
    private final Path from;

    BundleImport(ReplicaFile file, Path from) {
        this.file = file;
        this.from = from;
    }

    BundleReport take() {
        try {
            long size = checkWhole();
            try (DataInputStream in = open()) {
                in.readFully(new byte[BundleHead.start().length]);
                BundleHead head = BundleHead.decode(blob(in, BundleHead.MAX_BYTES));
                requireFits(head);
                return takeAll(head, in, size);
            }
        } catch (DecodeException e) {
            throw damaged("it holds what no bundle does: " + e.getMessage(), e);
        } catch (EOFException e) {
            throw damaged("it ends too soon", e);
        } catch (IOException e) {
            throw new SyncException.BadFile(
                    "cannot import " + from + ": it cannot be read (" + e.getMessage() + "); is that its name?", e);
        }
    }

    private DataInputStream open() throws IOException {
        return new DataInputStream(new BufferedInputStream(Files.newInputStream(from)));
    }

    private SyncException.BadFile damaged(String how, Exception cause) {
        return new SyncException.BadFile(
                "cannot import " + from + ": it is no bundle, or damaged (" + how
                        + "); nothing was taken, copy it again",
                cause);
    }

    /** Reads the file to its end before anything of it is believed. Returns its size. */
    private long checkWhole() throws IOException {
        long size = Files.size(from);
        byte[] start = new byte[BundleHead.start().length];
        try (DataInputStream in = open()) {
            in.readFully(start);
            if (!Arrays.equals(start, BundleHead.start())) {
                throw new DecodeException(0, "a bundle of version 1", "something else");
            }
            MessageDigest digest = Hash128.sha256();
            digest.update(start);
            byte[] chunk = new byte[1 << 16];
            long left = size - start.length - Hash128.SIZE_BYTES;
            while (left > 0) {
                int read = in.read(chunk, 0, (int) Math.min(left, chunk.length));
                if (read < 0) {
                    throw new EOFException();
                }
                digest.update(chunk, 0, read);
                left -= read;
            }
            byte[] end = new byte[Hash128.SIZE_BYTES];
            in.readFully(end);
            if (!Hash128.finish(digest).equals(Hash128.of(end))) {
                throw new DecodeException(0, "a hash of all before it", "another: it was damaged, or is not whole");
            }
        }
        return size;
    }

    private static byte[] blob(DataInputStream in, int maxBytes) throws IOException {
        long length = 0;
        for (int shift = 0; ; shift += 7) {
            int next = in.readUnsignedByte();
            length |= (long) (next & 0x7f) << shift;
            if (length > maxBytes || shift > 28) {
                throw new DecodeException(0, "at most " + maxBytes + " bytes", "more");
            }
            if (next < 0x80) {
                break;
            }
        }
        byte[] bytes = new byte[(int) length];
        in.readFully(bytes);
        return bytes;
    }

    private void requireFits(BundleHead head) {
        if (!head.space().equals(file.space())) {
            throw new SyncException.WrongSpace("cannot import " + from + ": it is of space '" + head.space() + "', and "
                    + file.path() + " is a replica of '" + file.space() + "'");
        }
        Heads mine = file.heads();
        List<VersionVector.Range> gaps = head.base().minus(mine.vector().union(head.snapshot()));
        if (!gaps.isEmpty()) {
            throw new SyncException.CannotImport("cannot import " + from + ": it follows on change sets that "
                    + file.path() + " lacks: " + words(gaps)
                    + ". Export another that begins earlier: --since the version of this"
                    + " file, as 'anabranch status --json' says it");
        }
        head.heads().entries().forEach((origin, theirs) -> {
            Head known = mine.get(origin);
            if (known.seq() == theirs.seq() && !known.equals(theirs)) {
                throw refused(new Admission.Fork(origin, known.seq()));
            }
        });
        boolean brings = !mine.vector().dominates(head.heads().vector());
        if (brings && !head.purged().dominates(file.purged())) {
            throw new SyncException.CannotImport("cannot import " + from
                    + ": it may hold edits of what is forgotten here, made without having seen that; sync the replica that made it"
                    + " with a peer that has, then export again");
        }
        if (brings) {
            file.noteHearsay();
        }
    }

    private static String words(List<VersionVector.Range> gaps) {
        StringBuilder words = new StringBuilder();
        for (VersionVector.Range gap : gaps.subList(0, Math.min(gaps.size(), MOST_RANGES_TOLD))) {
            words.append(words.length() == 0 ? "" : ", ").append(gap.first());
            words.append(gap.first() == gap.last() ? "" : " to " + gap.last());
            words.append(" of ").append(gap.origin());
        }
        int more = gaps.size() - MOST_RANGES_TOLD;
        return words + (more > 0 ? ", and of " + more + " more origins" : "");
    }

    private BundleReport takeAll(BundleHead head, DataInputStream in, long size) throws IOException {
        long changeSets = 0;
        VersionVector before = file.vector();
        for (byte[] bytes = blob(in, MAX_MESSAGE_BYTES); bytes.length > 0; bytes = blob(in, MAX_MESSAGE_BYTES)) {
            SyncReply reply = MessageCodec.decodeReply(bytes);
            Aside.Part part = reply.aside().part();
            if (part != null && !before.dominates(head.snapshot())) {
                file.receive(part.id(), part.from(), part.bytes());
                changeSets += file.vector().countMinus(before);
                before = file.vector();
            }
            Taken taken = file.take(reply.changeSets(), reply.parts());
            changeSets += taken.changeSets();
            before = file.vector();
            if (!(taken.admission() instanceof Admission.Next)) {
                throw refused(taken.admission());
            }
        }
        file.holdAgainst(head.purged(), head.heads().vector());
        file.heard(head.maker(), head.heads());
        file.settled();
        return new BundleReport(changeSets, !head.snapshot().isEmpty(), size);
    }

    private SyncException.CannotImport refused(Admission why) {
        return new SyncException.CannotImport("cannot import " + from + ": "
                + (why instanceof Admission.Fork fork
                        ? "it holds another history of " + fork.origin() + " than " + file.path() + ", from change set "
                                + fork.seq() + " on; sync both with a common peer, which repairs that"
                        : "its change sets do not follow on each other (" + why
                                + "); what fitted was taken, and is whole"));
    }
}
