// SPDX-License-Identifier: Apache-2.0
package io.anabranch.crdt.laws;

import static org.assertj.core.api.Assertions.assertThat;

import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/**
 * The laws of a merge function, for whoever writes one. Extend it, say what states can occur, and run it like any test:
 * what breaks a law is shown shrunk. States that cannot really occur find faults that are none.
 */
public abstract class MergeLaws<S> {
    protected abstract S merge(S a, S b);

    /** Returns states that can really occur. */
    @Provide
    protected abstract Arbitrary<S> states();

    @Property
    protected void mergeIsCommutative(@ForAll("states") S a, @ForAll("states") S b) {
        assertThat(merge(a, b)).isEqualTo(merge(b, a));
    }

    @Property
    protected void mergeIsAssociative(@ForAll("states") S a, @ForAll("states") S b, @ForAll("states") S c) {
        assertThat(merge(merge(a, b), c)).isEqualTo(merge(a, merge(b, c)));
    }

    @Property
    protected void mergeIsIdempotent(@ForAll("states") S a) {
        assertThat(merge(a, a)).isEqualTo(a);
    }

    @Property
    protected void mergeKeepsBoth(@ForAll("states") S a, @ForAll("states") S b) {
        S both = merge(a, b);
        assertThat(merge(both, a)).isEqualTo(both);
        assertThat(merge(both, b)).isEqualTo(both);
    }
}
