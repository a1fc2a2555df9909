// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import io.anabranch.crdt.codec.ByteWriter;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes one change set, operation by operation, with as much in memory as one part and one section take. A body that
 * fits stays in the change set. One that does not is a sequence of sections, each a body by itself behind its length,
 * and that sequence is cut into parts which go to a sink as they fill. Confined to one thread.
 */
public final class ChangeSetWriter {
    private final ChangeSetHeader header;
    private final BodyLimits limits;
    private final PartSink sink;
    private final List<Hash128> hashes = new ArrayList<>();

    private ChangeSetCodec.BodyWriter section;
    private ByteWriter part = new ByteWriter(16);
    private long totalBytes;
    private boolean isEmpty = true;

    public ChangeSetWriter(ChangeSetHeader header, BodyLimits limits, PartSink sink) {
        this.header = header;
        this.limits = limits;
        this.sink = sink;
        section = new ChangeSetCodec.BodyWriter(header);
    }

    public ChangeSetHeader header() {
        return header;
    }

    /** Returns whether nothing was added. */
    public boolean isEmpty() {
        return isEmpty;
    }

    /** Returns about how long the body is so far. */
    public long sizeBytes() {
        return totalBytes + section.sizeBytes();
    }

    /** Appends one operation. Throws {@link TooLarge} if the body gets too long. */
    public void add(TableOp op) {
        isEmpty = false;
        section.add(op);
        if (section.sizeBytes() > limits.inlineBytes()) {
            endSection(section.toBody());
        }
    }

    /** Ends the body and returns the change set. */
    public EncodedChangeSet finish() {
        byte[] rest = section.toBody();
        if (totalBytes == 0 && rest.length <= limits.inlineBytes()) {
            return ChangeSetCodec.encode(header, rest, PartList.NONE);
        }
        if (!section.isEmpty()) {
            endSection(rest);
        }
        if (part.size() > 0) {
            endPart();
        }
        PartList parts = new PartList(totalBytes, limits.partBytes(), hashes);
        return ChangeSetCodec.encode(header, parts.encode(), parts);
    }

    private void endSection(byte[] body) {
        section = new ChangeSetCodec.BodyWriter(header);
        byte[] length = new ByteWriter(16).varint(body.length).toByteArray();
        totalBytes += length.length + body.length;
        if (totalBytes > limits.totalBytes()) {
            throw new TooLarge(limits.totalBytes());
        }
        append(length);
        append(body);
    }

    private void append(byte[] bytes) {
        int from = 0;
        while (from < bytes.length) {
            int length = Math.min(bytes.length - from, limits.partBytes() - part.size());
            part.raw(bytes, from, length);
            from += length;
            if (part.size() == limits.partBytes()) {
                endPart();
            }
        }
    }

    private void endPart() {
        byte[] bytes = part.toByteArray();
        part.clear();
        sink.take(hashes.size(), bytes);
        hashes.add(Hash128.of(bytes, new byte[0]));
    }

    /** Keeps parts. */
    public interface PartSink {
        void take(int index, byte[] bytes);
    }

    /** The body is longer than a change set may have. */
    public static final class TooLarge extends RuntimeException {
        private static final long serialVersionUID = 1;

        TooLarge(long limitBytes) {
            super("a change set of more than " + limitBytes + " bytes");
        }
    }
}
