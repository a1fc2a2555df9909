// SPDX-License-Identifier: Apache-2.0
package io.anabranch.sync;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.sync.change.Admission;
import io.anabranch.sync.change.EncodedChangeSet;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Much that comes at once is applied in slices, and the file is anybody's to write to between two of them. */
class YieldTest {
    @TempDir
    Path folder;

    private World world;
    private TestReplica a;
    private TestReplica b;

    @BeforeEach
    void fill() {
        world = new World(folder);
        a = world.replica("a");
        a.sql("CREATE TABLE item(id INTEGER PRIMARY KEY, title TEXT)");
        a.enrol("item", TableRules.defaults());
        b = world.replica("b");
        world.settle(a, b);
        for (int i = 0; i < 10; i++) {
            a.sql("WITH RECURSIVE c(i) AS (SELECT " + 1_000 * i + " UNION ALL SELECT i + 1 FROM c WHERE i < "
                    + (1_000 * i + 999) + ") INSERT INTO item SELECT i, 'a title of thirty characters, ' || i FROM c");
            a.seal();
        }
    }

    @AfterEach
    void close() {
        world.close();
    }

    private List<EncodedChangeSet> lackedByB() {
        return a.file().missing(b.file().heads().vector(), Long.MAX_VALUE).changeSets();
    }

    @Test
    void noSliceHasMoreThanAThousandRowsOfLargeChangeSets() {
        List<Integer> slices = new ArrayList<>();
        b.file().feed().follow(applied -> slices.add(applied.changes().size()));

        b.file().accept(lackedByB());

        assertThat(slices).hasSize(10).containsOnly(1_000);
    }

    /** With a lock that is held, this would wait ten seconds and fail. */
    @Test
    void anotherProgramMayWriteBetweenAnyTwoSlices() {
        int[] written = new int[1];
        b.file().feed().follow(applied -> b.sql("INSERT INTO item VALUES (" + (100_000 + written[0]++) + ", 'mine')"));

        b.file().accept(lackedByB());

        assertThat(b.sqlValue("SELECT count(*) FROM item WHERE title = 'mine'")).isEqualTo("10");
        world.settle(a, b);
        world.assertConverged(a, b);
    }

    /** Nobody can have meant to write to tables that are just coming. The clock stands still here, so that commits take no time. */
    @Test
    void aFileThatGetsItsTablesTakesMoreAndMoreSlicesAtOnce() {
        TestReplica c = world.replica("c");
        List<Integer> slices = new ArrayList<>();
        c.file().feed().follow(applied -> slices.add(applied.changes().size()));

        c.file().accept(a.changeSets());

        assertThat(slices).containsExactly(1_000, 2_000, 4_000, 3_000);
        assertThat(c.rows("item")).isEqualTo(a.rows("item"));
    }

    @Test
    void onceSomebodyHasWrittenToThemEachSliceIsForItself() {
        TestReplica c = world.replica("c");
        List<Integer> slices = new ArrayList<>();
        c.file().feed().follow(applied -> {
            slices.add(applied.changes().size());
            if (slices.size() == 3) {
                c.sql("INSERT INTO item VALUES (100000, 'mine')");
            }
        });

        c.file().accept(a.changeSets());

        assertThat(slices.subList(3, slices.size())).containsOnly(1_000);
    }

    @Test
    void whatDoesNotFitAfterMuchThatDoesRefusesAllOfIt() {
        List<EncodedChangeSet> broken = new ArrayList<>(lackedByB());
        broken.remove(8);
        long before = b.file().heads().get(a.file().self()).seq();

        assertThat(b.file().accept(broken)).isInstanceOf(Admission.Gap.class);
        assertThat(b.file().heads().get(a.file().self()).seq()).isEqualTo(before);
        assertThat(b.rows("item")).isEmpty();
    }
}
