// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import io.anabranch.crdt.codec.DecodeException;
import org.jspecify.annotations.Nullable;

/** Reads the sections of a body in parts, with one part and one section in memory. Confined to one thread. */
final class SectionReader {
    /** A row of 16 MiB, its key, and what came before it in the section: no writer makes longer ones. */
    static final int MAX_SECTION_BYTES = 40 << 20;

    private final PartList parts;
    private final PartSource source;
    private int next;
    private byte[] part = new byte[0];
    private int position;
    private long read;

    SectionReader(PartList parts, PartSource source) {
        this.parts = parts;
        this.source = source;
    }

    /** Returns the next section, null at the end. */
    byte @Nullable [] next() {
        if (read == parts.totalBytes()) {
            return null;
        }
        long length = length();
        if (length > Math.min(MAX_SECTION_BYTES, parts.totalBytes() - read)) {
            throw new DecodeException(0, "a section of at most " + MAX_SECTION_BYTES + " bytes", length + " bytes");
        }
        byte[] section = new byte[(int) length];
        int done = 0;
        while (done < section.length) {
            fill();
            int n = Math.min(section.length - done, part.length - position);
            System.arraycopy(part, position, section, done, n);
            position += n;
            done += n;
        }
        read += done;
        return section;
    }

    /** A varint of at most 5 bytes, which may lie across two parts. */
    private long length() {
        long length = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            if (read == parts.totalBytes()) {
                break;
            }
            fill();
            int b = part[position++] & 0xff;
            read++;
            length |= (long) (b & 0x7f) << shift;
            if (b < 0x80) {
                return length;
            }
        }
        throw new DecodeException(0, "the length of a section", "none");
    }

    private void fill() {
        if (position == part.length) {
            part = source.part(next++);
            position = 0;
        }
    }
}
