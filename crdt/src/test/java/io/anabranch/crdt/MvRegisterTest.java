// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.crdt.causality.Origin;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MvRegisterTest {
    private static final Origin A = Origin.of(0, 1);
    private static final Origin B = Origin.of(0, 2);
    private static final Resolver<String> JOINED =
            siblings -> siblings.stream().map(LwwRegister::value).collect(Collectors.joining("+"));

    private final MvRegister<String> start = MvRegister.<String>empty().write(A, 1, "start");

    @Test
    void concurrentWritesAreSiblingsUntilAWriteReplacesThem() {
        MvRegister<String> both = start.write(B, 9, "b").merge(start.write(A, 5, "a"));

        assertThat(both.siblings()).extracting(LwwRegister::value).containsExactly("a", "b");
        assertThat(both.write(A, 2, "solved").siblings())
                .extracting(LwwRegister::value)
                .containsExactly("solved");
    }

    @Test
    void aResolverIsAskedInTheSameOrderEverywhereAndNeverWritesBack() {
        MvRegister<String> a = start.write(A, 5, "a");
        MvRegister<String> b = start.write(B, 9, "b");

        assertThat(a.merge(b).resolve(JOINED)).isEqualTo("a+b");
        assertThat(b.merge(a).resolve(JOINED)).isEqualTo("a+b");
        assertThat(b.merge(a)).isEqualTo(a.merge(b));
        assertThat(MvRegister.<String>empty().resolve(JOINED)).isNull();
    }

    @Test
    void theLatestIsTheOneOfTheHighestRank() {
        MvRegister<String> both = start.write(B, 9, "b").merge(start.write(A, 5, "a"));

        assertThat(both.resolve(Resolver.latest())).isEqualTo("b");
        assertThat(both.write(A, 2, "saw b").merge(both).resolve(Resolver.latest()))
                .isEqualTo("saw b");
    }
}
