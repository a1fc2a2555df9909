// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync.change;

import java.math.BigDecimal;

/** SQLite's order of values, made total. */
final class ValueOrder {
    private ValueOrder() {}

    static int compare(Value a, Value b) {
        int byClass = Integer.compare(storageClass(a), storageClass(b));
        if (byClass != 0) {
            return byClass;
        }
        if (a instanceof Value.Text mine && b instanceof Value.Text theirs) {
            return compare(mine.utf8(), theirs.utf8());
        }
        if (a instanceof Value.Blob mine && b instanceof Value.Blob theirs) {
            return compare(mine.bytes(), theirs.bytes());
        }
        return a instanceof Value.Null ? 0 : compareNumbers(a, b);
    }

    private static int storageClass(Value value) {
        if (value instanceof Value.Null) {
            return 0;
        }
        if (value instanceof Value.Text) {
            return 2;
        }
        return value instanceof Value.Blob ? 3 : 1;
    }

    private static int compareNumbers(Value a, Value b) {
        if (a instanceof Value.Int mine && b instanceof Value.Int theirs) {
            return Long.compare(mine.value(), theirs.value());
        }
        if (a instanceof Value.Real mine && b instanceof Value.Real theirs) {
            return Double.compare(mine.value(), theirs.value());
        }
        return a instanceof Value.Int mine
                ? compare(mine.value(), ((Value.Real) b).value())
                : -compare(((Value.Int) b).value(), ((Value.Real) a).value());
    }

    /** Exactly: a double holds no integer beyond 2^53 faithfully. */
    private static int compare(long integer, double real) {
        if (Double.isInfinite(real)) {
            return real > 0 ? -1 : 1;
        }
        int order = BigDecimal.valueOf(integer).compareTo(new BigDecimal(real));
        return order == 0 ? -1 : order;
    }

    private static int compare(byte[] a, byte[] b) {
        int common = Math.min(a.length, b.length);
        for (int i = 0; i < common; i++) {
            int order = Integer.compare(a[i] & 0xff, b[i] & 0xff);
            if (order != 0) {
                return order;
            }
        }
        return Integer.compare(a.length, b.length);
    }
}
