// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.store.row;

import io.anabranch.sync.change.Value;
import io.anabranch.sync.store.schema.EnrolledTable;

/**
 * A hash of what the application's table shows of a row, by the numbers of its columns. It tells rows that were written while
 * no trigger was there from those that were not; nobody else ever sees it.
 *
 * <p>48 bits, which SQLite stores in six bytes: of a million rows changed behind its back, one escapes in 280 million such
 * events.
 */
final class ImageHash {
    private static final long BITS = (1L << 48) - 1;
    private static final long PRIME = 0x9E3779B97F4A7C15L;

    private ImageHash() {}

    static long of(EnrolledTable table, Value[] image) {
        long sum = 0;
        for (int i = 0; i < image.length; i++) {
            sum += mix(table.shown().get(i).id() + 1, image[i]);
        }
        return sum & BITS;
    }

    private static long mix(long column, Value value) {
        long hash = column * PRIME;
        if (value instanceof Value.Int integer) {
            return mix(hash + 1, integer.value());
        }
        if (value instanceof Value.Real real) {
            return mix(hash + 2, Double.doubleToLongBits(real.value()));
        }
        if (value instanceof Value.Text text) {
            return mix(hash + 3, text.utf8());
        }
        return value instanceof Value.Blob blob ? mix(hash + 4, blob.bytes()) : mix(hash + 5, 0);
    }

    private static long mix(long hash, byte[] bytes) {
        long mixed = mix(hash, bytes.length);
        int i = 0;
        for (; i + 8 <= bytes.length; i += 8) {
            long word = 0;
            for (int j = 0; j < 8; j++) {
                word = word << 8 | bytes[i + j] & 0xff;
            }
            mixed = mix(mixed, word);
        }
        long rest = 0;
        for (; i < bytes.length; i++) {
            rest = rest << 8 | bytes[i] & 0xff;
        }
        return mix(mixed, rest);
    }

    private static long mix(long hash, long word) {
        long mixed = (hash ^ word) * PRIME;
        return mixed ^ mixed >>> 29;
    }
}
