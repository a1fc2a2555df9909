// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import java.util.stream.LongStream;

/** The seeds of random histories: {@code -Danabranch.seed=N} for one alone, {@code -Danabranch.first=N -Danabranch.count=N} for others. */
final class Seeds {
    private Seeds() {}

    /**
     * Returns the first so many.
     *
     * @param many how many there are under {@code -Plong}
     */
    static LongStream of(int few, int many) {
        Long one = Long.getLong("anabranch.seed");
        if (one != null) {
            return LongStream.of(one);
        }
        long first = Long.getLong("anabranch.first", 1);
        long count = Long.getLong("anabranch.count", Boolean.getBoolean("anabranch.long") ? many : few);
        return LongStream.range(first, first + count);
    }
}
