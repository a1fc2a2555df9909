// SPDX-License-Identifier: Apache-2.0
package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProgressLinesTest {
    private final List<String> lines = new ArrayList<>();
    private final ProgressLines progress = new ProgressLines(lines::add);

    @Test
    void saysEachTenthOfALargeTableOnce() {
        for (long done = 0; done <= 200_000; done += 10_000) {
            progress.enrolled("item", done, 200_000);
        }

        assertThat(lines)
                .containsExactly(
                        "enrolling item: 20,000 of 200,000 rows",
                        "enrolling item: 40,000 of 200,000 rows",
                        "enrolling item: 60,000 of 200,000 rows",
                        "enrolling item: 80,000 of 200,000 rows",
                        "enrolling item: 100,000 of 200,000 rows",
                        "enrolling item: 120,000 of 200,000 rows",
                        "enrolling item: 140,000 of 200,000 rows",
                        "enrolling item: 160,000 of 200,000 rows",
                        "enrolling item: 180,000 of 200,000 rows",
                        "enrolling item: 200,000 of 200,000 rows");
    }

    @Test
    void beginsAnewWithTheNextTable() {
        progress.enrolled("one", 0, 100_000);
        progress.enrolled("one", 100_000, 100_000);
        progress.enrolled("two", 0, 100_000);
        progress.enrolled("two", 50_000, 100_000);

        assertThat(lines)
                .containsExactly("enrolling one: 100,000 of 100,000 rows", "enrolling two: 50,000 of 100,000 rows");
    }

    @Test
    void saysNothingOfSmallTables() {
        progress.enrolled("item", 0, 99_999);
        progress.enrolled("item", 99_999, 99_999);
        progress.enrolled("empty", 0, 0);

        assertThat(lines).isEmpty();
    }
}
