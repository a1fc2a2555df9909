// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import io.anabranch.crdt.codec.Codec;
import io.anabranch.crdt.codec.Codecs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The code of the module's README, which is checked to be this code. */
class ReadmeTest {
    private final Origin me = Origin.random(new Random(1));
    private final Origin you = Origin.random(new Random(2));
    private final long now = 1_800_000_000_000L << 16;

    @Test
    void theReadmeShowsThisCode() throws IOException {
        String code = squeezed(Files.readString(Path.of("src/test/java/io/anabranch/crdt/ReadmeTest.java")));
        Matcher blocks =
                Pattern.compile("```java\n(.*?)```", Pattern.DOTALL).matcher(Files.readString(Path.of("README.md")));
        int count = 0;
        while (blocks.find()) {
            assertThat(code).contains(squeezed(blocks.group(1)));
            count++;
        }
        assertThat(count).isEqualTo(8);
    }

    private static String squeezed(String code) {
        return code.replaceAll("\\s+", "");
    }

    @Test
    void deltas() {
        OrSet<String> mine = OrSet.<String>empty().add(me, "milk");
        OrSet<String> delta = mine.addDelta(me, "bread"); // small, whatever the size of the set
        assertThat(mine.merge(delta)).isEqualTo(mine.add(me, "bread"));
    }

    @Test
    void bytes() {
        Codec<OrMap<String, PnCounter>> codec = OrMap.codec(Codecs.text(), PnCounter.codec());
        byte[] bytes = codec.encode(OrMap.empty());
        assertThat(codec.decode(bytes)).isEqualTo(OrMap.empty());
    }

    @Test
    void counters() {
        GCounter visits = GCounter.ZERO.add(me, 2).merge(GCounter.ZERO.add(you, 3));
        assertThat(visits.value()).isEqualTo(5);

        PnCounter likes = PnCounter.ZERO.add(me, 2).add(you, -1);
        assertThat(likes.value()).isEqualTo(1);

        ResettableCounter unread = ResettableCounter.ZERO.add(me, 3);
        assertThat(unread.reset().merge(unread.add(you, 1)).value()).isEqualTo(1); // the reset had not seen it

        BoundedCounter stock = BoundedCounter.atLeast(0).add(me, 5).transfer(me, you, 2);
        assertThat(stock.take(you, 2).merge(stock.take(me, 3)).value()).isZero(); // one more would be refused
    }

    @Test
    void registers() {
        LwwRegister<String> title = new LwwRegister<>(new Dot(me, 1), now, "Tea");
        assertThat(title.write(new Dot(you, 1), 0, "Coffee").merge(title).value())
                .isEqualTo("Coffee"); // it saw "Tea"

        FirstWriteRegister<String> creator = new FirstWriteRegister<>(new Dot(me, 1), now, "Ann");
        assertThat(creator.merge(new FirstWriteRegister<>(new Dot(you, 1), now + 1, "Bob"))
                        .value())
                .isEqualTo("Ann");

        MaxRegister<Long> highScore = new MaxRegister<>(new Dot(me, 1), 100L);
        assertThat(highScore.write(new Dot(you, 1), 90L).value()).isEqualTo(100);

        MinRegister<Long> bestTime = new MinRegister<>(new Dot(me, 1), 59L);
        assertThat(bestTime.write(new Dot(you, 1), 57L).value()).isEqualTo(57);

        MvRegister<String> note = MvRegister.<String>empty().write(me, now, "a");
        MvRegister<String> both = note.merge(MvRegister.<String>empty().write(you, now + 1, "b"));
        assertThat(both.resolve(Resolver.latest())).isEqualTo("b"); // and both.siblings() has "a" too
    }

    @Test
    void flags() {
        EwFlag starred = EwFlag.OFF.enable(me);
        assertThat(starred.disable().merge(starred.enable(you)).isEnabled()).isTrue();

        DwFlag shared = DwFlag.OFF.enable(me);
        assertThat(shared.disable(me).merge(shared.enable(you)).isEnabled()).isFalse();
    }

    @Test
    void sets() {
        OrSet<String> tags = OrSet.<String>empty().add(me, "red");
        assertThat(tags.remove("red").merge(tags.add(you, "red")).contains("red"))
                .isTrue(); // add wins

        RwSet<String> members = RwSet.<String>empty().add(me, "Eve");
        assertThat(members.remove(me, "Eve").merge(members.add(you, "Eve")).contains("Eve"))
                .isFalse(); // remove wins

        GSet<String> seen =
                GSet.<String>empty().add("a").merge(GSet.<String>empty().add("b"));
        assertThat(seen.elements()).isEqualTo(Set.of("a", "b"));

        TwoPhaseSet<String> coupons = TwoPhaseSet.<String>empty().add("X1").remove("X1");
        assertThat(coupons.add("X1").contains("X1")).isFalse(); // removed is removed
    }

    @Test
    void maps() {
        OrMap<String, PnCounter> votes = OrMap.<String, PnCounter>empty()
                .update(me, "tea", (counter, self) -> (counter == null ? PnCounter.ZERO : counter).addDelta(self, 1));
        assertThat(votes.get("tea").value()).isEqualTo(1); // `self` stands for you within this entry

        Sequence<String> todo = Sequence.<String>empty().insert(me, 0, "wash").insert(me, 1, "dry");
        assertThat(todo.move(you, now, 1, 0).values()).isEqualTo(List.of("dry", "wash"));
    }

    @Test
    void rows() {
        RowLives<String, String> none = RowLives.none();
        Map<String, CellWrite<String>> title = Map.of("title", new CellWrite.Assign<>("Tea"));
        RowLives<String, String> row = none.apply(none.insert(new Dot(me, 1), now, DeletePolicy.EDIT_WINS, title));
        RowOp<String, String> edit = row.edit(new Dot(you, 1), now, Map.of("title", new CellWrite.Assign<>("Coffee")));
        assertThat(row.apply(row.delete(new Dot(me, 2))).apply(edit).isShown()).isTrue(); // the delete had not seen it
    }
}
