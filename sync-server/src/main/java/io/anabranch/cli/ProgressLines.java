// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import io.anabranch.sync.EnrolProgress;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * Says how far the enrolment of a large table has come, a line for each tenth of it. Says nothing of small ones, which are
 * done before anybody has read it. Confined to one thread.
 */
final class ProgressLines implements EnrolProgress {
    static final long LARGE = 100_000;

    private final Consumer<String> out;
    private long nextTenth;

    ProgressLines(Consumer<String> out) {
        this.out = out;
    }

    @Override
    public void enrolled(String table, long done, long total) {
        if (done == 0) {
            nextTenth = 1;
        }
        if (total >= LARGE && done >= total * nextTenth / 10) {
            out.accept(String.format(Locale.ROOT, "enrolling %s: %,d of %,d rows", table, done, total));
            nextTenth = done * 10 / total + 1;
        }
    }
}
