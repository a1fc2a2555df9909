// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

/** Numbers with the word for what was counted, as people read them. */
final class Count {
    private Count() {}

    /** Returns such as "1 row" and "2 rows". */
    static String of(long number, String word) {
        return number + " " + word + (number == 1 ? "" : "s");
    }
}
