// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.Dot;
import io.anabranch.crdt.causality.Origin;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LiveDotsTest {
    private static final Origin A = Origin.of(0, 1);
    private static final Origin B = Origin.of(0, 2);

    @Test
    void dotsAscendInWhateverOrderTheyCome() {
        LiveDots dots = of(new Dot(B, 1), new Dot(A, 2), new Dot(B, 3), new Dot(A, 1), new Dot(B, 2));

        assertThat(list(dots))
                .containsExactly(new Dot(A, 1), new Dot(A, 2), new Dot(B, 1), new Dot(B, 2), new Dot(B, 3));
    }

    @Test
    void aDotThatIsHereChangesNothing() {
        LiveDots dots = of(new Dot(A, 1), new Dot(A, 2), new Dot(B, 1));

        assertThat(LiveDots.with(dots, A, 1)).isSameAs(dots);
        assertThat(LiveDots.with(dots, A, 2)).isSameAs(dots);
        assertThat(LiveDots.with(dots, B, 1)).isSameAs(dots);
    }

    @Test
    void whatStaysKeepsItsOrder() {
        LiveDots dots = of(new Dot(A, 1), new Dot(A, 2), new Dot(B, 1));

        assertThat(list(LiveDots.without(dots, A, 2))).containsExactly(new Dot(A, 1), new Dot(B, 1));
        assertThat(list(LiveDots.without(dots, B, 2))).containsExactly(new Dot(A, 1), new Dot(A, 2), new Dot(B, 1));
        assertThat(LiveDots.without(LiveDots.with(null, A, 1), A, 1)).isNull();
    }

    private static LiveDots of(Dot... dots) {
        LiveDots all = null;
        for (Dot dot : dots) {
            all = LiveDots.with(all, dot.origin(), dot.seq());
        }
        return all;
    }

    private static List<Dot> list(LiveDots dots) {
        List<Dot> all = new ArrayList<>();
        for (LiveDots dot = dots; dot != null; dot = dot.next) {
            all.add(dot.dot());
        }
        return all;
    }
}
