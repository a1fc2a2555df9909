// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import org.junit.jupiter.api.Test;

class OrMapTest {
    private static final Origin A = Origin.of(0, 1);
    private static final Origin B = Origin.of(0, 2);

    @Test
    void aCounterThatWasRemovedAndAddedAgainStartsAtZero() {
        OrMap<String, PnCounter> map = add(OrMap.empty(), A, 10);
        OrMap<String, PnCounter> again = add(map.remove("likes"), A, 1);

        assertThat(again.get("likes").value()).isEqualTo(1);
        assertThat(again.merge(map).get("likes").value()).isEqualTo(1);
        assertThat(map.merge(again).get("likes").value()).isEqualTo(1);
    }

    @Test
    void aRemoveEndsWhatItSawWithWhatIsConcurrentlyWrittenIntoIt() {
        OrMap<String, PnCounter> map = add(OrMap.empty(), A, 10);

        assertThat(map.remove("likes").merge(add(map, B, 5)).containsKey("likes"))
                .isFalse();
        OrMap<String, PnCounter> again = add(map.remove("likes"), A, 1);
        assertThat(again.merge(add(map, B, 5)).get("likes").value()).isEqualTo(1);
    }

    @Test
    void aKeyThatARemoveHadNotSeenLivesOn() {
        OrMap<String, PnCounter> a = add(OrMap.empty(), A, 10);
        OrMap<String, PnCounter> b = add(OrMap.empty(), B, 5);

        assertThat(a.merge(b).get("likes").value()).isEqualTo(15);
        assertThat(a.remove("likes").merge(b).get("likes").value()).isEqualTo(5);
    }

    @Test
    void countersOfAKeyAddedTwiceAddUpHoweverTheEditsGoOn() {
        OrMap<String, PnCounter> both = add(OrMap.empty(), A, 1).merge(add(OrMap.empty(), B, 2));
        OrMap<String, PnCounter> edited = add(add(both, B, 10), A, 20);

        assertThat(edited.get("likes").value()).isEqualTo(33);
    }

    @Test
    void mapsNest() {
        OrMap<String, OrMap<String, PnCounter>> map = OrMap.empty();
        OrMap<String, OrMap<String, PnCounter>> a = addInner(map, A, "x");
        OrMap<String, OrMap<String, PnCounter>> b = addInner(a, B, "x");
        b = addInner(b, B, "y");

        assertThat(b.get("outer").get("x").value()).isEqualTo(2);
        assertThat(b.get("outer").get("y").value()).isEqualTo(1);
        assertThat(addInner(b.remove("outer"), A, "x")
                        .merge(b)
                        .get("outer")
                        .get("x")
                        .value())
                .isEqualTo(1);
    }

    @Test
    void registersAreWrittenUnderTheNameInTheValue() {
        OrMap<String, LwwRegister<String>> a = write(OrMap.empty(), A, 5, "a");
        OrMap<String, LwwRegister<String>> b = write(OrMap.empty(), B, 6, "b");

        assertThat(a.merge(b).get("k").value()).isEqualTo("b");
        assertThat(write(a.merge(b), A, 1, "saw b").get("k").value()).isEqualTo("saw b");
    }

    @Test
    void everyLifeGivesAnOriginAnotherName() {
        assertThat(A.within(new Dot(B, 1)))
                .isEqualTo(A.within(new Dot(B, 1)))
                .isNotEqualTo(A.within(new Dot(B, 2)))
                .isNotEqualTo(B.within(new Dot(B, 1)))
                .isNotEqualTo(A.within(new Dot(A, 1)));
        assertThat(A.within(new Dot(B, 1))).hasToString("3093ce90cb514646b47f6b0019f53c69");
    }

    private static OrMap<String, PnCounter> add(OrMap<String, PnCounter> map, Origin origin, long amount) {
        return map.update(
                origin,
                "likes",
                (counter, self) -> (counter == null ? PnCounter.ZERO : counter).addDelta(self, amount));
    }

    private static OrMap<String, OrMap<String, PnCounter>> addInner(
            OrMap<String, OrMap<String, PnCounter>> map, Origin origin, String key) {
        return map.update(
                origin,
                "outer",
                (inner, self) -> (inner == null ? OrMap.<String, PnCounter>empty() : inner)
                        .updateDelta(
                                self,
                                key,
                                (counter, editor) -> (counter == null ? PnCounter.ZERO : counter).addDelta(editor, 1)));
    }

    private static OrMap<String, LwwRegister<String>> write(
            OrMap<String, LwwRegister<String>> map, Origin origin, long stamp, String value) {
        return map.update(
                origin,
                "k",
                (register, self) -> register == null
                        ? new LwwRegister<>(new Dot(self, stamp), stamp, value)
                        : register.write(new Dot(self, stamp), stamp, value));
    }
}
